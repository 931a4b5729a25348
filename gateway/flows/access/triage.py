"""Misuse triage over a stretch of the log: what nothing explains, as alerts by reference.

    record that it is looked for -> entries -> facts held, the log before -> rules -> alerts

Rule    Twenty alerts to ten thousand accesses is what people can follow up: the most suspicious
        are raised, once each however often triage runs. An alert says by codes why; who and whom
        stands in the entry that it names. How much is usual, and who wrote in a record, is taken
        from the log before the stretch too; days and hours are those of London. Names and
        addresses are compared here, only where the deployment named its staff file, and go nowhere.
Errors  AuditUnavailableError.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

from consent.terms import CallerKind, Pds
from consent.users import one_form
from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.audit.habits import Access, habits_of
from gateway.audit.triage import PersonKnown, StaffKnown, Suspicion, triage
from gateway.clock import to_micros
from gateway.flows.asking.alerts import Kind, alert_of
from gateway.flows.asking.search_log import Operator, record
from gateway.setting_parts import StaffMember
from gateway.store.access import alerts, facts, triage_facts
from gateway.store.access.held import Held, HeldCache
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.commit.log import is_break_glass
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.sealed.vault import Vault
from mappings.core.model.dates import LONDON
from mappings.core.shaping.identifiers import is_usable_nhs_number, normalised

BUDGET: Final = 20
"""Alerts to ten thousand accesses."""
_EVERY: Final = 10_000
_USUAL: Final = timedelta(days=28)
"""So much of the log before the stretch says how users usually work."""
_WROTE: Final = timedelta(days=365)
"""Who wrote in a record so long before the stretch is explained."""


@dataclass(slots=True)
class _Read:
    """What a stretch of the log says."""

    first: dict[tuple[str, str, str], tuple[int, AuditEntry]]
    """User, person and day: number and entry of the first look."""
    accesses: int
    failed: list[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Found:
    """The accesses that were looked at, and the suspicions within the budget with their entries."""

    accesses: int
    suspicions: tuple[tuple[Suspicion, AuditEntry], ...]


async def look_for_misuse(
    store: Store,
    operator: Operator,
    staff: Sequence[StaffMember],
    since: datetime,
    until: datetime,
    budget: int = BUDGET,
) -> Found:
    """The most suspicious accesses of staff between two moments; the look is recorded first."""
    await record(store, operator, Event.AUDIT_VIEW, ("what", "triage"), ("budget", str(budget)))
    async with store.engine.reading() as conn:
        read = await _read(conn, since, until)
        accesses = [_access(number, entry) for number, entry in read.first.values()]
        first, end = to_micros(since - _WROTE), to_micros(until)
        known = await _people(conn, store.vault, read, (first, end), compared=bool(staff))
        as_people = await _staff(conn, store.vault, staff)
        users = {one.user_id for one in accesses}
        seen = await triage_facts.last_seen(conn, users, to_micros(since))
        before = await _before(conn, since)
    last = {user: at.astimezone(LONDON).date() for user, at in seen.items()}
    found = triage(accesses, known, as_people, habits_of(accesses, read.failed, last, before))
    most = max(1, read.accesses * budget // _EVERY) if found else 0
    entries = dict(read.first.values())
    told = tuple((one, entries[one.access.number]) for one in found[:most])
    return Found(read.accesses, told)


async def _before(conn: Connection, since: datetime) -> dict[tuple[str, date], int]:
    """How many people each user saw on each day of the weeks before."""
    found: dict[tuple[str, date], int] = {}
    day = (since - _USUAL).astimezone(LONDON).date()
    while (starts := _midnight(day)) < since:
        ends = min(_midnight(day + timedelta(days=1)), since)
        seen = await triage_facts.people_seen(conn, to_micros(starts), to_micros(ends))
        found |= {(user, day): number for user, number in seen.items()}
        day += timedelta(days=1)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


async def raise_alerts(store: Store, operator: Operator, found: Found) -> int:
    """An alert for each that has none yet; how many are new."""
    made = [
        alert_of(
            Kind.UNEXPLAINED,
            replace(entry, recorded=operator.at),
            [str(why) for why in one.why],
            alert_id=reference(one),
            number=one.access.number,
        )
        for one, entry in found.suspicions
    ]
    new = await store.write(partial(_add, made))
    await record(store, operator, Event.ALERT, ("what", "triage"), ("alerts", str(new)))
    return new


async def _add(made: list[alerts.AlertRow], conn: Connection) -> int:
    return len(await alerts.add(conn, made))


def reference(one: Suspicion) -> str:
    """What an alert is called: the same for the same access, and nobody's name."""
    return sha256(f"triage {one.access.number}".encode()).hexdigest()[:16]


def shown(one: Suspicion) -> dict[str, Any]:
    """A suspicion by reference."""
    return {
        "alert": reference(one),
        "entry": one.access.number,
        "organisation": one.access.org,
        "points": one.points,
        "why": [str(why) for why in one.why],
    }


async def _read(conn: Connection, since: datetime, until: datetime) -> _Read:
    read = _Read({}, 0, [])
    wanted = Wanted(start=to_micros(since), end=to_micros(until))
    async for number, stored in audit_reads.every(conn, wanted):
        _note(read, number, decode(stored).entry)
    return read


_NO_LOOK: Final = (Event.AUDIT_VIEW, Event.ALERT, Event.NOTIFY, Event.HOME_ACCESS)
"""What nobody looked at a record by; a notice leaves at its own hour, and that a way in was shown
stands beside the entry of its look."""


def _note(read: _Read, number: int, entry: AuditEntry) -> None:
    """Entries come newest first, so that the last one noted is the first look."""
    agent = entry.agent
    if agent.kind != CallerKind.STAFF or entry.event in _NO_LOOK:
        return
    if entry.outcome is Outcome.NOT_FOUND or (
        entry.outcome is Outcome.REFUSED and not entry.person_id
    ):
        read.failed.append((agent.user_id, entry.recorded.astimezone(LONDON)))
    if entry.outcome is Outcome.SERVED and entry.person_id:
        read.accesses += 1
        day = str(entry.recorded.astimezone(LONDON).date())
        read.first[agent.user_id, entry.person_id, day] = (number, entry)


def _access(number: int, entry: AuditEntry) -> Access:
    agent = entry.agent
    return Access(
        number=number,
        at=entry.recorded.astimezone(LONDON),
        user_id=agent.user_id,
        org=agent.org,
        role=agent.role,
        person_id=entry.person_id,
        reasons=frozenset(entry.reasons),
        break_glass=is_break_glass(entry),
        acting_for=bool(agent.on_behalf_of),
    )


async def _people(
    conn: Connection, vault: Vault, read: _Read, wrote: tuple[int, int], *, compared: bool
) -> dict[str, PersonKnown]:
    """What is held about everybody who was looked at, by the id that the log names them by."""
    ids = {person_id for _, person_id, _ in read.first}
    now = {one: await facts.person_of(conn, one) or one for one in ids}
    held = await facts.facts_about(conn, vault, HeldCache(), set(now.values()))
    records = {one for each in held.values() for one in each.sources}
    met = await triage_facts.encounters(conn, records)
    named = await triage_facts.named(conn, vault, records) if compared else {}
    writers = await triage_facts.writers(conn, records, *wrote)
    return {
        one: _known(held[person_id], met, named, writers)
        for one, person_id in now.items()
        if person_id in held
    }


def _known(
    held: Held,
    met: Mapping[str, tuple[triage_facts.Encounter, ...]],
    named: Mapping[str, triage_facts.Named],
    writers: Mapping[str, Collection[str]],
) -> PersonKnown:
    those = [named[one] for one in held.sources if one in named]
    return PersonKnown(
        ties=held.facts.relationships,
        encounters=tuple(each for one in held.sources for each in met.get(one, ())),
        writers=frozenset(each for one in held.sources for each in writers.get(one, ())),
        restricted=held.facts.pds in (Pds.RESTRICTED, Pds.VERY_RESTRICTED),
        deceased=held.facts.deceased,
        families=frozenset().union(*(one.families for one in those)),
        districts=frozenset().union(*(one.districts for one in those)),
        postcodes=frozenset().union(*(one.postcodes for one in those)),
        addresses=frozenset().union(*(one.addresses for one in those)),
    )


async def _staff(
    conn: Connection, vault: Vault, staff: Sequence[StaffMember]
) -> dict[str, StaffKnown]:
    """Users as people, with the ids of the people that their numbers are of."""
    found = {}
    for one in staff:
        own = await _persons(conn, vault, [one.nhs_number])
        found[one_form(one.user_id)] = StaffKnown(
            org=one.org,
            person_id=min(own, default=""),
            kin=frozenset(await _persons(conn, vault, one.kin)),
            family=triage_facts.folded(one.family_name),
            district=triage_facts.district(one.postcode),
            postcode=triage_facts.whole(one.postcode),
            address=triage_facts.house(one.house, one.postcode),
        )
    return found


async def _persons(conn: Connection, vault: Vault, numbers: Sequence[str]) -> list[str]:
    keyed = vault.hasher.keyed_hashes
    hashes = [
        each
        for one in numbers
        if is_usable_nhs_number(one)
        for each in keyed("nhs-number", normalised(one))
    ]
    return await facts.persons_by_number(conn, hashes) if hashes else []
