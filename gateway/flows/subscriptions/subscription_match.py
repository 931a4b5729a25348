"""What happened since the last look, for whom it is: the log is read on, and the calendar.

    entries since -> whose record was written to -> what of it changed -> who subscribes, and may
    see it now -> events that wait to be told
    the day of a review -> the same

Rule    Nothing is noted on the way in: the log says whose record was written to, in the order of
        commits, and the record what changed. An event is kept for who may be told of it now, and is
        looked at again as it is told. Found twice, it is one event. A subscription that was altered
        in the store is switched off, and stops no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from consent.terms import Caller
from gateway.clock import to_micros
from gateway.flows.asking.alerts import to_micros_of
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Site
from gateway.flows.subscriptions.subscription_resource import stored
from gateway.flows.subscriptions.subscription_sight import (
    events_of,
    held_people,
    is_about,
    reviews_of,
    sights_of,
)
from gateway.flows.subscriptions.subscription_terms import Terms, owner_of, set_aside
from gateway.flows.subscriptions.subscription_topics import CHANGED_TYPES, CHANGING, Topic
from gateway.store.access import facts
from gateway.store.access.held import Held
from gateway.store.audit import audit_reads
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.leaving import subscription_events, subscriptions
from gateway.store.leaving.subscription_events import Change, Event
from gateway.store.leaving.subscriptions import Kept, Standing

_AT_ONCE: Final = 2_000
_DAY: Final = 86_400_000_000
_LATE: Final = 7 * _DAY
"""A review that fell due longer ago is told of no more, nor one whose event may be forgotten."""
_MOST_PEOPLE: Final = 1_000_000
_PEOPLE_AT_ONCE: Final = 200


async def match(site: Site, terms: Terms, at: datetime) -> int:
    """Read the log to its end; how many events were found."""
    found = 0
    while True:
        async with site.store.engine.reading() as conn:
            if not await subscriptions.is_any_live(conn):
                return found
            first = await subscription_events.position(conn)
            size, _ = await audit_reads.head(conn)
            end = min(size, first + _AT_ONCE)
            if first >= end:
                return found
            events, altered = await _found(conn, site, terms, (first, end), at)
        await site.store.write(partial(_keep, events, altered, end, at))
        found += len(events)


async def _keep(
    events: Sequence[Event], altered: Sequence[str], end: int, at: datetime, conn: Connection
) -> None:
    await subscription_events.add(conn, events)
    await subscription_events.read_to(conn, end)
    await _set_aside(altered, at, conn)


async def _set_aside(altered: Sequence[str], at: datetime, conn: Connection) -> None:
    for name in altered:
        await set_aside(name, at, conn)


async def _found(
    conn: Connection, site: Site, terms: Terms, stretch: tuple[int, int], at: datetime
) -> tuple[list[Event], list[str]]:
    """The events of this stretch of the log; the ids of subscriptions that do not open."""
    since = await subscription_events.written(conn, *stretch)
    changes = await subscription_events.changed(conn, since, CHANGED_TYPES)
    if not changes:
        return [], []
    owners = await source_records.people_of(conn, {one.patient_id for one in changes})
    held = await held_people(conn, site, set(owners.values()))
    matching = _Matching(conn, site, at, since, held)
    for one in changes:
        if one.patient_id in owners:
            matching.changes.setdefault(owners[one.patient_id], []).append(one)
    events: list[Event] = []
    kept, altered = await subscriptions.live(conn, site.store.vault)
    for row, content in kept:
        owner = owner_of(row, terms, at)
        if owner is not None and Topic(row.topic) in CHANGING:
            people = stored(content.resource, terms.reach).people
            events += await matching.of(row, owner, people, stretch[1])
    return events, altered


@dataclass(slots=True)
class _Matching:
    """Changes, held against one subscription after the other."""

    conn: Connection
    site: Site
    at: datetime
    since: Mapping[str, int]
    held: Mapping[str, Held]
    changes: dict[str, list[Change]] = field(default_factory=dict)
    """By person."""
    _sights: dict[Caller, dict[str, Sight]] = field(default_factory=dict)
    _known: dict[tuple[str, str, str, Topic], list[tuple[Change, int, int]]] = field(
        default_factory=dict
    )

    async def of(
        self, row: Standing, owner: Caller, asked: Sequence[frozenset[str]], position: int
    ) -> list[Event]:
        """What this subscription is to be told."""
        if owner not in self._sights:
            people = self.held
            self._sights[owner] = await sights_of(self.conn, self.site, owner, people, self.at)
        topic, events = Topic(row.topic), []
        for person, sight in self._sights[owner].items():
            if not is_about(sight, asked):
                continue
            for change, occasion, moment in await self._of_person(person, sight, topic):
                if moment >= row.created_at:
                    events.append(_event(row, change, occasion, moment, position))
        return events

    async def _of_person(
        self, person: str, sight: Sight, topic: Topic
    ) -> list[tuple[Change, int, int]]:
        """The same for everybody under the same Filter."""
        key = (person, sight.allowed.hash, sight.own_org, topic)
        if key not in self._known:
            changes = self.changes.get(person, [])
            self._known[key] = await events_of(
                self.conn, self.site, sight, topic, changes, self.since
            )
        return self._known[key]


def _event(row: Standing, of: Change, occasion: int, moment: int, position: int) -> Event:
    return Event(
        of.patient_id, row.subscription_id, of.resource_id, occasion, of.resource_type, position,
        moment,
    )  # fmt: skip


async def match_reviews(site: Site, terms: Terms, at: datetime) -> int:
    """Find the reviews whose day has come; how many events."""
    found = 0
    async with site.store.engine.reading() as conn:
        kept, altered = await subscriptions.live(conn, site.store.vault)
    if altered:
        await site.store.write(partial(_set_aside, altered, at))
    for one in kept:
        if one[0].topic == Topic.REVIEW_DUE:
            async with site.store.engine.reading() as conn:
                events = await _reviews(conn, site, terms, one, at)
            if events:
                await site.store.write(partial(_add, events))
            found += len(events)
    return found


async def _add(events: Sequence[Event], conn: Connection) -> None:
    await subscription_events.add(conn, events)


async def _reviews(
    conn: Connection, site: Site, terms: Terms, kept: Kept, at: datetime
) -> list[Event]:
    row, content = kept
    owner = owner_of(row, terms, at)
    if owner is None:
        return []
    asked = stored(content.resource, terms.reach)
    until = to_micros(at)
    after = max(until - min(_LATE, to_micros_of(terms.keep)), row.created_at)
    people = await _people(conn, owner, asked.people, at)
    dated = await subscription_events.reviews(conn, people, after + _DAY, until + _DAY)
    position, _ = await audit_reads.head(conn)
    persons = sorted({person for person, _, _ in dated})
    events = []
    for start in range(0, len(persons), _PEOPLE_AT_ONCE):
        held = await held_people(conn, site, persons[start : start + _PEOPLE_AT_ONCE])
        sights = await sights_of(conn, site, owner, held, at)
        for person, patient_id, name in dated:
            if person not in sights or not is_about(sights[person], asked.people):
                continue
            due = await reviews_of(conn, site, sights[person], name, after, until)
            events += [
                Event(patient_id, row.subscription_id, name, moment, kind, position, moment)
                for kind, moment in due
            ]
    return events


async def _people(
    conn: Connection, owner: Caller, asked: Sequence[frozenset[str]], at: datetime
) -> list[str]:
    """Whom it can be about: those that are named, else everybody the owner has a tie to."""
    if not asked:
        return await facts.caseload_of(conn, owner, at, _MOST_PEOPLE)
    named = [await facts.person_of(conn, one) for one in sorted(asked[0])]
    return sorted({one for one in named if one})


async def forget(site: Site, keep: timedelta, at: datetime) -> None:
    """What is older is told no more."""
    before = to_micros(at - keep)
    await site.store.write(lambda conn: subscription_events.forget(conn, before))
