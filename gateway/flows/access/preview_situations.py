"""In which situations somebody is asked for, when one policy is compared with another.

In      Who asks; the person's facts under the policy as it is and as it may come; the moment.
Out     Each situation the caller's role can be in, with the facts of it under either policy.
Rule    A policy says more than what is seen on an ordinary day: what an emergency opens, how long,
        and for whom; who may claim a relationship; what is told near a visit, to whom a team
        names, and that something is withheld. Each is supposed to have come about as its own policy
        lets it; where its time differs, it is asked for at the edges, too.
Pure    No clock: the moment is an argument.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from consent.filter import Filter
from consent.terms import (
    BEGINNING,
    FOREVER,
    Action,
    Caller,
    CallerKind,
    Labels,
    Relationship,
    RelationshipKind,
    Request,
)
from consent.visiting import HomeVisit
from consent.withheld import beyond
from gateway.flows.access.preview_effects import World, sight_in

ANYBODY: Final = "somebody"
OTHERS: Final = "any-other"
"""Stands for every organisation that is not named: no code of one has small letters."""
_EVIDENCE: Final = "supposed"
_INSTANT: Final = timedelta(microseconds=1)


class Situation(StrEnum):
    """What has come about as somebody looks."""

    ORDINARY = "ordinary"
    EMERGENCY = "emergency"
    SELF_CLAIM = "self-claim"
    VISIT = "home-visit"
    NAMED = "named"
    TOLD = "told-withheld"


def situations(
    caller: Caller, before: World, after: World, at: datetime
) -> Iterator[tuple[Situation, World, World]]:
    """The situations, each under either policy; one comes several times where its time differs."""
    yield Situation.ORDINARY, before, after
    if caller.kind is not CallerKind.STAFF:
        return
    roles = [one.policy.roles[caller.role] for one in (before, after)]
    if any(role.break_glass for role in roles):
        for since in _ages([one.policy.break_glass.hours for one in (before, after)]):
            opened = partial(_opened, caller, at - since)
            yield Situation.EMERGENCY, opened(before), opened(after)
    if any(role.self_claim for role in roles) and caller.org == OTHERS:
        for since in _ages([one.policy.self_claim.hours for one in (before, after)]):
            claimed = partial(_claimed, caller, at - since)
            yield Situation.SELF_CLAIM, claimed(before), claimed(after)
    if caller.org != OTHERS:
        yield from _at_work(caller, before, after, at)


def _ages(hours: Sequence[int]) -> list[timedelta]:
    """How long it is open: just now, and where one policy is longer, at its end."""
    last = [timedelta(hours=max(hours)) - _INSTANT] if min(hours) != max(hours) else []
    return [timedelta(0), *last]


def _opened(caller: Caller, since: datetime, world: World) -> World:
    """With an emergency access as the policy lets one be opened."""
    opened = world.policy.break_glass.opened(caller, world.facts.person_id, since)
    return world._replace(opened=opened)


def _claimed(caller: Caller, since: datetime, world: World) -> World:
    rules = world.policy.self_claim
    if not rules.reasons:
        return world
    ends = since + timedelta(hours=rules.hours)
    return _related(caller, RelationshipKind.SELF_CLAIM, since, ends, world)


def _at_work(
    caller: Caller, before: World, after: World, at: datetime
) -> Iterator[tuple[Situation, World, World]]:
    """Somebody of an organisation that the person is known to: near a visit, and by name."""
    both = (before, after)
    if any(caller.role in one.policy.home_access.roles for one in both):
        for visit in dict.fromkeys(_visits(caller.org, both, at)):
            yield Situation.VISIT, _visited(before, visit), _visited(after, visit)
    if caller.user_id == ANYBODY and any(
        caller.role in one.policy.aftercare.named_roles for one in both
    ):
        named = partial(_related, caller, RelationshipKind.CASELOAD, BEGINNING, FOREVER)
        yield Situation.NAMED, named(before), named(after)


def _visited(world: World, visit: HomeVisit) -> World:
    return world._replace(facts=replace(world.facts, visits=(visit,)))


def _visits(org: str, worlds: Sequence[World], at: datetime) -> Iterator[HomeVisit]:
    """Visits such that it is the first or the last moment about them, by one of the policies."""
    for world in worlds:
        rules = world.policy.home_access
        yield HomeVisit(org, at + rules.before, FOREVER, _EVIDENCE)
        for lasts in (rules.assumed, rules.longest):
            start = at - lasts - rules.after + _INSTANT
            end = FOREVER if lasts == rules.assumed else start + lasts
            yield HomeVisit(org, start, end, _EVIDENCE)


def _related(
    caller: Caller, kind: RelationshipKind, start: datetime, end: datetime, world: World
) -> World:
    made = Relationship(kind, caller.org, caller.user_id, start, end, _EVIDENCE)
    facts = world.facts
    return world._replace(facts=replace(facts, relationships=(*facts.relationships, made)))


def is_told(caller: Caller, world: World, rows: Sequence[Labels], at: datetime) -> bool:
    """Whether this caller would hear, as they look, that something of the person is withheld."""
    request = Request(Action.READ, caller.purpose, at)
    shown = sight_in(caller, world, at)
    more: Filter = beyond(caller, world.facts, request, world.policy, shown)
    return not more.is_nothing and any(more.allows(row) for row in rows)
