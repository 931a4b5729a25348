"""An operator looks at what links could not tell: which records may be one person's, best first.

    record the look -> records that wait -> who they may be -> weigh -> rank

Rule    A weight ranks, and never links: somebody decides (`decide_identity`). What was compared is
        opened for the comparison and shown to nobody: the answer holds ids, states and weights.
        A record that nobody looks like waits on its own: its source has to correct it. One that
        came without a number, as from a charity, waits only where somebody looks like it.
"""

from typing import Any, Final

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros
from gateway.flows.deciding import Decider
from gateway.identity.linking import LinkState
from gateway.identity.weights import Traits, Weight, total, weights
from gateway.store import review
from gateway.store.source_records import Record
from gateway.store.units import Store

_NOTHING: Final = Traits()


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
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for (one, other), always in pairs.items():
        weighed = weights(said.get(one, _NOTHING), said.get(other, _NOTHING))
        row = _row(found[one], found[other], weighed)
        person = one, found[other].person_id
        if always or row["weight"] > 0:
            best[person] = min(best.get(person, row), row, key=_rank)
    paired = {row[side]["source_record"] for row in best.values() for side in ("record", "other")}
    alone = [
        _row(one, None, []) for patient_id, one in to_correct.items() if patient_id not in paired
    ]
    return sorted([*best.values(), *alone], key=_rank)


def _rank(row: dict[str, Any]) -> tuple[bool, float, str, str]:
    other = row["other"] or {"source_record": ""}
    named = row["record"]["source_record"], other["source_record"]
    return row["other"] is None, -row["weight"], *named


def _row(one: Record, other: Record | None, weighed: list[Weight]) -> dict[str, Any]:
    return {
        "weight": total(weighed),
        "why": [found._asdict() for found in weighed],
        "record": _named(one),
        "other": _named(other) if other else None,
    }


def _named(one: Record) -> dict[str, Any]:
    return {
        "source_record": one.patient_id,
        "organisation": one.source_org,
        "feed": one.feed,
        "state": one.link_state,
        "trace": one.trace,
        "since": from_micros(one.created_at).isoformat(),
    }
