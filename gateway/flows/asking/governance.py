"""How far a governance role sees into the log: its own organisation, or the borough.

Rule    Refusals are recorded. A lead of an organisation sees what own staff did and what became of
        own data; the borough-wide view is a role of its own.
Errors  ForbiddenError for every other role; AuditUnavailableError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.policy import AuditScope
from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import ForbiddenError
from gateway.flows.asking.search_log import Operator
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who may look into the log, and how far."""

    agent: Agent
    at: datetime
    within_org: str | None = None
    """The organisation whose data it has to be; None for all."""
    request_id: str = ""
    raw_query: str = ""

    @classmethod
    def of(cls, operator: Operator) -> "Looker":
        """An operator of the deployment."""
        return cls(operator.agent, operator.at)

    def entry(self, event: Event, outcome: Outcome, query: str) -> AuditEntry:
        """An entry of what they do."""
        return AuditEntry(
            self.at,
            event,
            outcome,
            self.agent,
            request_id=self.request_id,
            query=query,
            sensitive=Sensitive(raw_query=self.raw_query),
        )


async def looker_of(site: Site, asking: Asking, query: str) -> Looker:
    """The caller as somebody who may look into the log."""
    role = site.policy.roles.get(asking.caller.role)
    scope = role.audit if role and role.kind == asking.caller.kind else AuditScope.NONE
    org = None if scope is AuditScope.BOROUGH else asking.caller.org
    looker = Looker(asking.agent, asking.at, org, asking.request_id, asking.raw_query)
    if scope is AuditScope.BOROUGH or (scope is AuditScope.OWN_ORGANISATION and org):
        return looker
    await site.store.log.append(looker.entry(Event.AUDIT_VIEW, Outcome.REFUSED, query))
    raise ForbiddenError


async def own_names(conn: Connection, store: Store, user_id: str) -> tuple[str, ...]:
    """The ids that a user goes by as a person of the record; none of whom the staff file knows no
    number."""
    hashes = store.vault.staff.hashes_of(user_id)
    own = await facts.persons_by_number(conn, hashes) if hashes else []
    return await names_of(conn, own) if own else ()


async def names_of(conn: Connection, people: Sequence[str]) -> tuple[str, ...]:
    """The ids given, and those of all records of these people."""
    sources = await source_records.records(conn, "person_id", people)
    return tuple(dict.fromkeys([*people, *sources]))
