"""An information-governance lead searches the log; the search is itself an entry.

    scope of the role -> the log read on -> search -> record the search -> AuditEvents

A lead of an organisation sees accesses by its own staff and to its own data; the borough-wide
view is a role of its own, and each use of it is an alert. No clinical content is in an entry. A
person is searched for under every id that they go by, or went by before records were linked or
parted.

Rule    Who works here and is a person of the record asks as that person who looked at it: by a role
        nobody finds an entry about themselves, and who asks for one raises an alert.
Errors  ForbiddenError for roles without a view of the log; AuditUnavailableError.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from consent.terms import Obligation, Reason
from gateway.audit.entry import AuditEntry, AuditRecord, Sensitive, decode
from gateway.audit.events import Event, Outcome
from gateway.audit.fhir import Server, to_fhir
from gateway.errors import NotFoundError
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.borough_look import alert_of_look
from gateway.flows.asking.governance import looker_of, names_of, own_names
from gateway.flows.asking.refused_seen import NOTHING_SHOWN, known_to, unnamed
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.audit import audit_reads, recalls, shown
from gateway.store.audit.audit_reads import Wanted
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection

NAME: Final = "Integrated care record gateway"
QUERY: Final = "AuditEvent"
"""What is asked for, as the log has it."""
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for: by the columns of the log, of which people, or by one resource."""

    wanted: Wanted
    patients: tuple[str, ...] = ()
    resource: tuple[str, str] | None = None
    """Type and id of what must be among what was shown or stored."""
    count: int = 50


@dataclass(frozen=True, slots=True)
class EventPage:
    """AuditEvents, newest first, with the number of all that match."""

    events: tuple[dict[str, Any], ...]
    total: int
    last: int | None
    """The number before which the next page begins; None on the last page."""


async def search(site: Site, asking: Asking, sought: Sought) -> EventPage:
    """A page of what the caller's role may see of the log."""
    scoped = await scope_of(site, asking, sought.wanted)
    person = ""
    if (sought.patients or sought.resource is not None) and not scoped.apart:
        await shown.catch_up(site.store)
    async with site.store.engine.reading() as conn:
        if sought.patients:
            scoped, person = await about(conn, scoped, sought.patients)
        if sought.resource is not None:
            within = await among(conn, scoped, sought.resource)
            scoped = within or scoped
            total, found = await _naming(conn, within, sought.resource, sought.count + 1)
        else:
            total, found = await _page(conn, scoped, sought.count + 1)
        more, found = len(found) > sought.count, found[: sought.count]
        records = [(seq, decode(record)) for seq, record in found]
        if scoped.within_org is not None:
            records = await narrowed(conn, scoped.within_org, records)
    await _record(site, asking, Outcome.SERVED, len(found), person, own=own_of(scoped))
    server = Server(NAME, site.base_url)
    events = tuple(to_fhir(record, seq, server) for seq, record in records)
    return EventPage(events, total, found[-1][0] if more and found else None)


async def about(conn: Connection, scoped: Wanted, patients: tuple[str, ...]) -> tuple[Wanted, str]:
    """What is wanted of these people alone, and who is asked about."""
    named = [await facts.person_of(conn, one) for one in patients]
    people = tuple(dict.fromkeys([*patients, *(one for one in named if one)]))
    wanted = replace(scoped, people=await names_of(conn, people))
    if scoped.within_org is not None and not await known_to(conn, scoped.within_org, wanted.people):
        wanted, people = replace(wanted, without=NOTHING_SHOWN), patients
    own = own_of(wanted)
    return (replace(wanted, people=wanted.apart), own) if own else (wanted, people[-1])


def own_of(scoped: Wanted) -> str:
    """The caller's id, where they are among those who are asked about: then nothing is found."""
    return "" if set(scoped.apart).isdisjoint(scoped.people) else scoped.apart[0]


async def _page(
    conn: Connection, scoped: Wanted, count: int
) -> tuple[int, list[tuple[int, bytes]]]:
    """How many there are, and the first; the log is not read twice where these are all."""
    found = await audit_reads.search(conn, scoped, count)
    if len(found) < count and scoped.before is None:
        return len(found), found
    return await audit_reads.total(conn, replace(scoped, before=None)), found


async def _naming(
    conn: Connection, within: Wanted | None, resource: tuple[str, str], count: int
) -> tuple[int, list[tuple[int, bytes]]]:
    """Of the entries made from its source record, those that name the resource: how many, and
    the first. What others' staff saw of others' data is not there for a lead of an organisation.
    """
    if within is None:
        return 0, []
    scoped, before, named = replace(within, before=None), within.before, []
    while found := await audit_reads.search(conn, scoped, _AT_ONCE):
        named += [one for one in found if names(one[1], resource)]
        scoped = replace(scoped, before=found[-1][0])
    return len(named), [one for one in named if before is None or one[0] < before][:count]


async def among(conn: Connection, scoped: Wanted, resource: tuple[str, str]) -> Wanted | None:
    """Where the entries that name a resource are: those made from its source record. None where
    there is no such resource."""
    name = resource[1]
    owner = (await recalls.owners(conn, [name])).get(name)
    if owner is None:
        return None
    scoped = replace(scoped, people=owner[:1])
    if scoped.within_org is not None and not await audit_reads.sent_by(
        conn, scoped.within_org, [name]
    ):
        return replace(scoped, within_org=None, orgs=_both(scoped.orgs, scoped.within_org))
    return scoped


def _both(orgs: tuple[str, ...], own: str) -> tuple[str, ...]:
    """The lead's own organisation, where it is among those asked for."""
    return (own,) if not orgs or own in orgs else ("",)


def names(record: bytes, resource: tuple[str, str]) -> bool:
    """Whether the record has the resource among what was shown or stored, in any version."""
    if resource[1].encode() not in record:
        return False
    return any(part[:2] == resource for part in decode(record).entry.resources)


async def read(site: Site, asking: Asking, number: str) -> dict[str, Any]:
    """One entry the caller's role may see."""
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        await _record(site, asking, Outcome.NOT_FOUND, 0, "")
        raise NotFoundError
    scoped = await scope_of(site, asking, Wanted(before=int(number) + 1))
    async with site.store.engine.reading() as conn:
        found = await audit_reads.search(conn, scoped, 1)
        records = [(seq, decode(record)) for seq, record in found if seq == int(number)]
        if scoped.within_org is not None:
            records = await narrowed(conn, scoped.within_org, records)
    served = [record for _, record in records]
    await _record(site, asking, Outcome.SERVED if served else Outcome.NOT_FOUND, len(served), "")
    if not served:
        raise NotFoundError
    return to_fhir(served[0], int(number), Server(NAME, site.base_url))


async def scope_of(site: Site, asking: Asking, wanted: Wanted) -> Wanted:
    """What is wanted, as far as the caller's role sees. Errors: ForbiddenError, recorded."""
    looker = await looker_of(site, asking, QUERY)
    if looker.within_org is None:
        await alert_of_look(site, asking, QUERY)
    return await _apart(site, asking, replace(wanted, within_org=looker.within_org))


async def _apart(site: Site, asking: Asking, wanted: Wanted) -> Wanted:
    """What is wanted, without what is of the caller's own record."""
    async with site.store.engine.reading() as conn:
        own = await own_names(conn, site.store, asking.caller.user_id)
    if own:
        await shown.catch_up(site.store)
    return replace(wanted, apart=own)


async def narrowed(
    conn: Connection, org: str, records: list[tuple[int, AuditRecord]]
) -> list[tuple[int, AuditRecord]]:
    """Of what others' staff saw, the part that is of this organisation's own data; what was
    refused to own staff, as it may be told.

    Whose else the person is, and what else is held, is not theirs to learn.
    """
    own_staff = {seq: r.entry for seq, r in records if r.entry.agent.org == org}
    told = dict(zip(own_staff, await unnamed(conn, org, [*own_staff.values()]), strict=True))
    of_others = [r.entry for _, r in records if r.entry.agent.org != org]
    named = [part[1] for entry in of_others for part in entry.resources]
    own = await audit_reads.sent_by(conn, org, named)
    return [
        (seq, replace(record, entry=told.get(seq) or _own_part(record.entry, org, own)))
        for seq, record in records
    ]


def _own_part(entry: AuditEntry, org: str, own: Collection[str]) -> AuditEntry:
    kept = tuple(pair for pair in entry.detail if pair[0] != "owners")
    return replace(
        entry,
        resources=tuple(part for part in entry.resources if part[1] in own),
        patient_ids=(),
        consents=(),
        evidence="",
        detail=(*kept, ("owners", org)),
    )


async def _record(
    site: Site, asking: Asking, outcome: Outcome, shown: int, person_id: str, *, own: str = ""
) -> None:
    detail = (("shown", str(shown)),)
    entry = entry_of(site, asking, Event.AUDIT_VIEW, outcome, person_id, detail)
    await record(site.store, entry, own=own)


def entry_of(
    site: Site,
    asking: Asking,
    event: Event,
    outcome: Outcome,
    person_id: str,
    detail: tuple[tuple[str, str], ...],
) -> AuditEntry:
    """That the log was looked at, or taken."""
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        person_id=person_id,
        query=QUERY,
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        detail=detail,
        sensitive=Sensitive(raw_query=asking.raw_query),
    )


async def record(store: Store, entry: AuditEntry, *, own: str) -> None:
    """The entry; of who asked about themselves (`own`: as whom), as a refusal with its alert."""
    if not own:
        await store.log.append(entry)
        return
    reasons = (str(Reason.STAFF_OWN_RECORD),)
    refused = replace(entry, person_id=own, outcome=Outcome.REFUSED, reasons=reasons)
    await record_owing(store, (Obligation.ALERT_STAFF_OWN_RECORD,), refused)
