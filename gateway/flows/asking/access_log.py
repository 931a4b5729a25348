"""An access as the log keeps it: who, why, exactly which versions.

Rule    The entry is durable before the first byte of the answer leaves, for refusals too.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from consent.filter import Filter
from consent.labels import HOME_ACCESS
from consent.scopes import types_in_scope
from consent.terms import Action, CallerKind
from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import ForbiddenError, TooCostlyError
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.looking_together import words_of
from gateway.flows.asking.sight import Sight
from gateway.flows.asking.views import View
from gateway.flows.site.site import Asking, Site

CHOICE: Final = "choice"
"""What an entry calls what became of a Consent."""
SAID: Final = "said"
"""What an entry calls the day of a conversation with the person about it."""


async def record(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
    *,
    counted: bool = False,
    told: bool = False,
) -> None:
    """The access, durable before its first byte leaves; `counted`: how many there are is told;
    `told`: that something is withheld is."""
    owed = sight.allowed.obligations if sight else ()
    entry = _saying(entry_of(site, asking, event, sight, served, query), told=told)
    if counted and not served:
        entry = replace(entry, outcome=Outcome.SERVED, reasons=entry.reasons if sight else ())
    shown, owing = ways_in(entry, served), record_owing(site.store, owed, entry)
    if shown:
        await asyncio.gather(owing, *(site.store.log.append(one) for one in shown))
    else:
        await owing  # of nearly every read: without a task of its own


async def record_many(
    site: Site,
    asking: Asking,
    seen: Sequence[Sight],
    served: Sequence[View],
    query: str,
    *,
    counted: bool = False,
    told: bool = False,
) -> None:
    """A search over several people: an entry for each whose record was served, or one."""
    by_person: dict[str, list[View]] = {}
    for one in served:
        by_person.setdefault(one.person_id, []).append(one)
    touched = [sight for sight in seen if sight.subject.person_id in by_person]
    if not touched:
        await record(site, asking, Event.SEARCH, None, [], query, counted=counted, told=told)
        return
    entries = []
    for sight in touched:
        views = by_person[sight.subject.person_id]
        entry = _saying(entry_of(site, asking, Event.SEARCH, sight, views, query), told=told)
        entries += [entry, *ways_in(entry, views)]
    await asyncio.gather(*(site.store.log.append(entry) for entry in entries))


@asynccontextmanager
async def failures_recorded(
    site: Site, asking: Asking, event: Event, query: str
) -> AsyncIterator[None]:
    """What goes wrong inside is in the log before it is answered."""
    try:
        yield
    except Exception as fault:
        outcome = Outcome.REFUSED if isinstance(fault, TooCostlyError) else Outcome.FAILED
        entry = entry_of(site, asking, event, None, [], query)
        reasons = ("too-costly",) if outcome is Outcome.REFUSED else ("internal",)
        await site.store.log.append(replace(entry, outcome=outcome, reasons=reasons))
        raise


async def require_scope(
    site: Site, asking: Asking, event: Event, action: Action, resource_type: str
) -> None:
    """Refuse what the token's scopes leave out, whoever the person is. Errors: ForbiddenError."""
    types = types_in_scope(asking.caller.scopes, action)
    if types is None or resource_type in types:
        return
    entry = entry_of(site, asking, event, None, [], resource_type)
    await site.store.log.append(replace(entry, reasons=("scope",)))
    raise ForbiddenError


def entry_of(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
) -> AuditEntry:
    """The entry of one access to one person's record (or to nobody's, without a sight)."""
    allowed = sight.allowed if sight else None
    nothing = not served and (allowed is None or allowed.is_nothing)
    outcome = Outcome.SERVED if served else Outcome.NOT_FOUND
    if nothing:
        outcome = Outcome.REFUSED
    owners = sorted({org for one in served for org in one.orgs if org})
    said = (
        ("owners", "|".join(owners)),
        ("scopes", " ".join(sorted(asking.caller.scopes))),
        ("present", " ".join(map(words_of, asking.caller.present))),
    )
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=_agent_of(asking, allowed),
        request_id=asking.request_id,
        reasons=tuple(str(reason) for reason in allowed.reasons) if allowed else ("no-such",),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        evidence=" ".join(allowed.evidence) if allowed else "",
        resources=tuple(part for one in served for part in one.parts),
        query=query,
        filter_hash=allowed.hash if allowed else "",
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        access_epoch=sight.held.epoch if sight else 0,
        consents=sight.held.consents if sight else (),
        detail=tuple(pair for pair in said if pair[1]),
        sensitive=Sensitive(raw_query=asking.raw_query),
    )


def _saying(entry: AuditEntry, *, told: bool) -> AuditEntry:
    """The entry, with that the caller was told that something is withheld."""
    return replace(entry, detail=(*entry.detail, ("withheld", "told"))) if told else entry


def ways_in(entry: AuditEntry, served: Sequence[View]) -> list[AuditEntry]:
    """That a way into the person's home was shown, as an entry of its own kind."""
    parts = tuple(part for one in served if one.marks & HOME_ACCESS for part in one.parts)
    return [replace(entry, event=Event.HOME_ACCESS, resources=parts)] if parts else []


def _agent_of(asking: Asking, allowed: Filter | None) -> Agent:
    """Who asks; of a proxy also the consent on which they act for the person."""
    if allowed is None or asking.caller.kind is not CallerKind.PROXY:
        return asking.agent
    return replace(asking.agent, on_behalf_of="".join(allowed.evidence[:1]))
