"""An operator looks at what links could not tell: which records may be one person's, best first.

    record the look -> records that wait -> who they may be -> weigh -> rank

Rule    A weight ranks, and never links: somebody decides (`decide_identity`). What was compared is
        opened for the comparison and shown to nobody: the answer holds ids, states and weights.
        A record that nobody looks like waits on its own: its source has to correct it. One that
        came without a number, as from a charity, waits only where somebody looks like it.
        Of those that share no more than a birth date with a record, the five likeliest are told.
        Weighing is worked out in a thread: answers to others do not wait for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Set
from heapq import nsmallest
from typing import Any, Final, NamedTuple

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros
from gateway.flows.asking.deciding import Decider
from gateway.flows.identity.tell_parted import tell_parted
from gateway.identity.linking import LinkState
from gateway.identity.weights import Traits, Weight, total, weights
from gateway.store.commit.units import Store
from gateway.store.identity import review
from gateway.store.identity.review import Pair
from gateway.store.identity.source_records import Record, said_of_both, trace_of

_NOTHING: Final = Traits()
_MOST: Final = 5
"""The bench finds the right one among the first five, or not at all (docs/identity.md)."""


class _Ranked(NamedTuple):
    """A pair by its weight, the heaviest first."""

    rank: float
    pair: Pair


async def work(store: Store, operator: Decider, limit: int) -> dict[str, Any]:
    """The queue, and what waits since people were parted."""
    found = await queue(store, operator, limit)
    return {"queue": found, "unsettled": await tell_parted(store, operator.at)}


async def queue(store: Store, operator: Decider, limit: int) -> list[dict[str, Any]]:
    """Pairs to decide on, the likeliest first; then records that look like nobody's."""
    detail = (("limit", str(limit)),)
    looked = AuditEntry(operator.at, Event.REVIEW, Outcome.SERVED, operator.agent, detail=detail)
    await store.log.append(looked)
    async with store.engine.reading() as conn:
        to_correct = await review.waiting(conn, limit)
        bare = await review.waiting(conn, limit, (LinkState.NO_NUMBER,))
        found, pairs = await review.candidates(conn, {**bare, **to_correct})
        named = {patient_id for pair in pairs for patient_id in pair}
        said = await review.traits_of(conn, store.vault, named)
    likely = await asyncio.to_thread(_likely, found, pairs, said)
    told = _told(likely, bare.keys() | to_correct.keys())
    alone = sorted(to_correct.keys() - {one for ranked in told for one in ranked.pair})
    return [
        *(_row(found[one], found[other], _weighed(said, (one, other))) for _, (one, other) in told),
        *(_row(to_correct[one], None, []) for one in alone),
    ]


def _likely(
    found: Mapping[str, Record], pairs: Mapping[Pair, bool], said: Mapping[str, Traits]
) -> dict[_Ranked, bool]:
    """The likeliest pair of each record and person; whether it is to be told in any case."""
    best: dict[Pair, _Ranked] = {}
    certain: set[Pair] = set()
    for (one, other), always in pairs.items():
        ranked = _Ranked(-total(_weighed(said, (one, other))), (one, other))
        person = one, found[other].person_id
        if always or ranked.rank < 0:
            best[person] = min(best.get(person, ranked), ranked)
        if always:
            certain.add(person)
    return {ranked: person in certain for person, ranked in best.items()}


def _told(likely: Mapping[_Ranked, bool], waiting: Set[str]) -> list[_Ranked]:
    """The pairs that are told, the likeliest first: of each record that waits no more than the few
    likeliest of those that need not be told."""
    told = {ranked for ranked, always in likely.items() if always}
    others: defaultdict[str, list[_Ranked]] = defaultdict(list)
    for ranked in likely.keys() - told:
        for one in ranked.pair:
            others[one].append(ranked)
    return sorted(told.union(*(nsmallest(_MOST, others[one]) for one in waiting & others.keys())))


def _weighed(said: Mapping[str, Traits], pair: Pair) -> list[Weight]:
    one, other = pair
    return weights(said.get(one, _NOTHING), said.get(other, _NOTHING))


def _row(one: Record, other: Record | None, weighed: list[Weight]) -> dict[str, Any]:
    return {
        "weight": total(weighed),
        "why": [found._asdict() for found in weighed],
        "record": _named(one),
        "other": _named(other) if other else None,
        "seen": said_of_both(one, other) if other else None,
    }


def _named(one: Record) -> dict[str, Any]:
    return {
        "source_record": one.patient_id,
        "organisation": one.source_org,
        "feed": one.feed,
        "state": one.link_state,
        "trace": trace_of(one),
        "since": from_micros(one.created_at).isoformat(),
    }
