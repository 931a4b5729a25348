"""Who is told of what, today: a subscription's owner, their person, the Filter between them.

    source records -> people -> facts, without emergencies -> Filter -> what passes

Rule    The authority is that of the moment of telling: relationships, consents, labels, what is
        switched off. An emergency that somebody opened is for looking, and tells nobody anything.
        What does not pass is not told, and not counted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson
import structlog

from consent.terms import Action, Caller
from gateway.flows.asking.edits_seen import is_told
from gateway.flows.asking.sight import Sight, seen
from gateway.flows.asking.views import View
from gateway.flows.reading.query_record import view_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.subscriptions.subscription_topics import (
    STAYS,
    Topic,
    Version,
    reviews_due,
    turned,
)
from gateway.store.access import facts
from gateway.store.access.held import Held
from gateway.store.database.engine import Connection
from gateway.store.identity.source_records import people_of
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.leaving import subscription_events
from gateway.store.leaving.subscription_events import Change, Event
from gateway.store.record import reads
from gateway.store.sealed.sealing import UnsealError
from gateway.store.team.team_statements import tells_apart

NOBODY: Final = ""
_UNREADABLE: Final = (UnsealError, KeyUnavailableError)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    """An event whose resource passes, with the person's sight and what is told of it."""

    event: Event
    sight: Sight
    view: View


async def held_people(conn: Connection, site: Site, people: Collection[str]) -> dict[str, Held]:
    """The people as decisions for subscriptions know them: of no emergency. Nobody is told of who
    was altered in the store, and of the others all the same."""
    try:
        found = await facts.facts_about(conn, site.store.vault, site.known, people)
    except _UNREADABLE as fault:
        if len(people) == 1:
            _log.error("subscription-passes-over", what="person", fault=type(fault).__name__)
            return {}
        several = [await held_people(conn, site, [one]) for one in sorted(people)]
        return {name: held for part in several for name, held in part.items()}
    return {name: _calm(held) for name, held in found.items()}


def _calm(held: Held) -> Held:
    if not held.facts.emergencies:
        return held
    return replace(held, facts=replace(held.facts, emergencies=()), decided={})


async def sights_of(
    conn: Connection, site: Site, owner: Caller, people: Mapping[str, Held], at: datetime
) -> dict[str, Sight]:
    """What the owner may see of each of these people, of those of whom they may see anything."""
    kept = Asking(replace(owner, keeps=True), at, "")
    found = await seen(conn, site, kept, people.values(), Action.READ)
    return {one.person_id: one for one in found if not one.allowed.is_nothing}


def is_about(sight: Sight, asked: Sequence[Collection[str]]) -> bool:
    """Whether the person is one of those that each filter names, by an id that the owner sees."""
    named = {*sight.subject.patient_ids, sight.subject.person_id}
    return all(not named.isdisjoint(ids) for ids in asked)


async def told_of(
    conn: Connection,
    site: Site,
    owner: Caller,
    topic: Topic,
    events: Sequence[Event],
    at: datetime,
) -> tuple[list[Shown], dict[str, int]]:
    """Those of the events that the owner may be told of now, in their order; the epochs that was
    decided at. A review has to be due still in what of the plan passes now."""
    people = await people_of(conn, {one.patient_id for one in events})
    held = await held_people(conn, site, set(people.values()))
    sights = await sights_of(conn, site, owner, held, at)
    epochs = {name: one.epoch for name, one in held.items()}
    passing: dict[str, dict[str, View]] = {}
    shown = []
    for event in events:
        person = people.get(event.patient_id, NOBODY)
        sight = sights.get(person)
        if sight is None:
            continue
        if person not in passing:
            ids = {one.resource_id for one in events if people.get(one.patient_id) == person}
            passing[person] = await _passing(conn, sight, ids)
        view = passing[person].get(event.resource_id)
        if view is not None and (
            topic is not Topic.REVIEW_DUE or await _is_due(conn, site, sight, event)
        ):
            shown.append(Shown(event, sight, view))
    return shown, epochs


async def _is_due(conn: Connection, site: Site, sight: Sight, event: Event) -> bool:
    moment = event.occasion
    return bool(await reviews_of(conn, site, sight, event.resource_id, moment - 1, moment))


async def _passing(conn: Connection, sight: Sight, ids: Collection[str]) -> dict[str, View]:
    """What passes of these, as the log names it: unopened."""
    rows = await subscription_events.passing(conn, sight.group, ids)
    return {
        name: View(
            one.resource_type, name, one.version, one.updated_at, b"",
            parts=((one.resource_type, name, one.version),),
            person_id=sight.subject.person_id, orgs=frozenset({one.source_org}),
        )
        for name, one in rows.items()
    }  # fmt: skip


async def events_of(
    conn: Connection,
    site: Site,
    sight: Sight,
    topic: Topic,
    changes: Sequence[Change],
    since: Mapping[str, int],
) -> list[tuple[Change, int, int]]:
    """Of these changes those that the topic is about, with their occasion and moment; `since` is
    when the source records were first written to."""
    of_topic = [one for one in changes if one.resource_type in topic.types]
    ids = {one.resource_id for one in of_topic}
    passing = await subscription_events.passing(conn, sight.group, ids)
    found = []
    for one in of_topic:
        if one.resource_id not in passing:
            continue
        if topic not in STAYS:
            found += await _newest(conn, site, sight, one, since[one.patient_id])
            continue
        stays = await _stays(conn, site, sight, one.resource_id)
        turns = turned(topic, stays, since[one.patient_id])
        found += [(one, turn.number, turn.updated_at) for turn in turns]
    return found


async def _stays(conn: Connection, site: Site, sight: Sight, resource_id: str) -> list[Version]:
    """The versions of a stay that pass, the oldest first; none of one that was altered."""
    try:
        kept = await reads.versions(conn, site.store.vault, sight.group, resource_id)
    except _UNREADABLE as fault:
        _log.error("subscription-passes-over", what="resource", fault=type(fault).__name__)
        return []
    return [
        Version(row.version, row.updated_at, None if gone else orjson.loads(row.body))
        for row, gone in reversed(kept)
    ]


async def _newest(
    conn: Connection, site: Site, sight: Sight, one: Change, since: int
) -> list[tuple[Change, int, int]]:
    """The change with its newest version since then that the owner may be told of; none, where
    edits that are kept from them made it."""
    if not tells_apart(sight.allowed.grants, sight.allowed.denies):
        return [(one, one.version, one.updated_at)]
    kept = await reads.versions(conn, site.store.vault, sight.group, one.resource_id)
    denies = sight.subject.denies
    told = [row for row, gone in kept if row.updated_at >= since and (gone or is_told(row, denies))]
    return [(one, row.version, row.updated_at) for row in told[:1]]


async def reviews_of(
    conn: Connection, site: Site, sight: Sight, resource_id: str, after: int, until: int
) -> list[tuple[str, int]]:
    """When a plan or request, as the owner sees it, is to be reviewed in that time; its type. Never
    of one that was altered."""
    for kind in sorted(Topic.REVIEW_DUE.types):
        try:
            view = await view_of(conn, site, sight, kind, resource_id)
        except _UNREADABLE as fault:
            _log.error("subscription-passes-over", what="resource", fault=type(fault).__name__)
            return []
        if view is not None:
            return [(kind, due) for due in reviews_due(orjson.loads(view.body), after, until)]
    return []
