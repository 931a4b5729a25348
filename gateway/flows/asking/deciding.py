"""What every decision on whose a record is has in common: who decides, why, and whom it is told of.

Rule    A decision needs a reason. It stands in the log with an entry for each person whose view it
        may change and each organisation that has records of them, which names these records: who
        reads an organisation's entries learns of no other organisation's records.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError, ForbiddenError
from gateway.flows.site.site import Asking, Site
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.identity.source_records import Record


class Decider(Protocol):
    """Somebody who may decide, at one moment: at the command line, or by their role."""

    @property
    def name(self) -> str:
        """Who, as kept with the decision."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def agent(self) -> Agent:
        """Who, as the log names them."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who decides over HTTP, by their token: a Decider, as an operator is at the command line."""

    asking: Asking

    @property
    def name(self) -> str:
        """The user at their organisation."""
        return f"{self.asking.caller.user_id}@{self.asking.caller.org}"

    @property
    def at(self) -> datetime:
        """When it was asked."""
        return self.asking.at

    @property
    def agent(self) -> Agent:
        """The caller."""
        return self.asking.agent


async def officer(site: Site, asking: Asking, event: Event, *, may: bool) -> Officer:
    """The caller, where their role decides. Errors: ForbiddenError, once it is in the log."""
    if may:
        return Officer(asking)
    refused = AuditEntry(
        asking.at, event, Outcome.REFUSED, asking.agent,
        request_id=asking.request_id, reasons=("role",),
    )  # fmt: skip
    await site.store.log.append(refused)
    raise ForbiddenError


def check_reason(reason: str) -> None:
    """Errors: FaultyRequestError where there is none."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a decision needs a reason")])


async def linked(conn: Connection, records: Mapping[str, Record]) -> dict[str, Record]:
    """Every record of the people these records are of."""
    people = {one.person_id for one in records.values()}
    return await source_records.records(conn, "person_id", people) if people else {}


def told(
    decider: Decider,
    event: Event,
    records: Collection[Record],
    detail: Iterable[tuple[str, str]],
    reason: str,
) -> list[AuditEntry]:
    """An entry for each person that these records are of, and each organisation they are from."""
    held: dict[tuple[str, str], list[str]] = {}
    for one in sorted(records, key=lambda one: one.patient_id):
        held.setdefault((one.person_id, one.source_org), []).append(one.patient_id)
    return [
        AuditEntry(
            decider.at, event, Outcome.STORED, decider.agent,
            person_id=person_id,
            patient_ids=tuple(patient_ids),
            detail=(("owners", org), *detail),
            sensitive=Sensitive(free_text=reason.strip()),
        )
        for (person_id, org), patient_ids in sorted(held.items())
    ]  # fmt: skip
