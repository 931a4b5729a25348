"""A governance lead decides on labels: what waits, release it or raise it, say why.

    what waits -> the item as it is labelled -> the decision -> labelled anew -> it holds -> record

Rule    A decision may lower a label, and only what was said when it was made; a hard stop never.
        The reason is needed, and stands sealed in the log. It holds from the next request: the
        person's epoch moves with the labels. What an item says is shown to nobody here.
Errors  NotFoundError for an item that is not there; FaultyRequestError without a reason, for a
        label or level that nobody knows, and for a decision that says nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from uuid_utils import uuid7

from consent.label_rules import decided
from consent.policy_reading import PolicyError
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator, record
from gateway.store.access import facts
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.sealed.label_decisions import keep
from gateway.store.upkeep import label_queue, relabelling
from gateway.store.upkeep.relabelling import Count, Standing

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided of one item: its level (empty: as it is), labels to add and to take away."""

    resource_id: str
    level: str = ""
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    release: bool = False
    """It may be shown as it is: it waits no longer."""


async def pending(
    store: Store, operator: Operator, org: str, limit: int, days: int
) -> dict[str, Any]:
    """What waits, the longest first, with its age; who looks is in the log first."""
    await record(store, operator, Event.REVIEW, ("labels", org or "all"), ("limit", str(limit)))
    async with store.engine.reading() as conn:
        rows = await label_queue.waiting(conn, org, limit)
        total, overdue = await label_queue.numbers(conn, _limit(operator.at, days))
    return {
        "waiting": total,
        "overdue": overdue,
        "limit_days": days,
        "items": [_row(one, operator.at, days) for one in rows],
    }


async def numbers(store: Store, at: datetime, days: int) -> dict[str, int]:
    """How many items wait, and how many longer than they may."""
    async with store.engine.reading() as conn:
        total, overdue = await label_queue.numbers(conn, _limit(at, days))
    return {"waiting": total, "overdue": overdue}


def _limit(at: datetime, days: int) -> int:
    return to_micros(at - timedelta(days=days))


def _row(one: label_queue.Waiting, at: datetime, days: int) -> dict[str, Any]:
    since = from_micros(one.since)
    return {
        "resource": f"{one.resource_type}/{one.resource_id}",
        "owner": one.source_org,
        "feed": one.feed,
        "category": one.category,
        "since": since.isoformat(),
        "days": (at - since).days,
        "overdue": at - since > timedelta(days=days),
    }


async def decide(store: Store, operator: Operator, choice: Choice, reason: str) -> dict[str, Any]:
    """The item's labels before and after."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a decision needs a reason")])
    if not (choice.level or choice.add or choice.remove or choice.release):
        text = "say a level, a label to add or remove, or release"
        raise FaultyRequestError([Fault("required", "level", text)])
    decision_id = str(uuid7())

    async def unit(conn: Connection) -> dict[str, Any]:
        whom = await facts.whom(conn, "", choice.resource_id)
        before = await relabelling.standing(conn, store.vault, choice.resource_id)
        if whom is None or before is None:
            raise NotFoundError("there is no such resource")
        level = choice.level or _released(choice, before)
        try:
            made = decided(before.said, before.borne, level, choice.add, choice.remove)
        except PolicyError as fault:
            raise FaultyRequestError([Fault("invalid", fault.path, fault.text)]) from None
        keys = await store.vault.ensure(conn, [before.place[0]])
        await keep(conn, keys, before.place, made)
        await relabelling.relabel(conn, store.vault, [before.place])
        after = await relabelling.standing(conn, store.vault, choice.resource_id)
        entry = _entry(operator, whom.person_id, before, decision_id, reason.strip())
        await append(conn, store.vault, [entry])
        return {
            "decision": decision_id,
            "resource": f"{before.resource_type}/{choice.resource_id}",
            "before": before.codes(),
            "after": after.codes() if after else [],
        }

    return await store.write(unit)


def _released(choice: Choice, before: Standing) -> str:
    """What waited only because nobody had labelled it is normal once it is released."""
    plain = choice.release and before.is_waiting and not before.borne.sensitivities
    return "N" if plain else ""


def _entry(
    operator: Operator, person_id: str, before: Standing, decision_id: str, reason: str
) -> AuditEntry:
    owner, resource_id = before.place
    return AuditEntry(
        operator.at,
        Event.LABEL_CHANGE,
        Outcome.STORED,
        operator.agent,
        person_id=person_id,
        patient_ids=(owner,),
        resources=((before.resource_type, resource_id, before.version),),
        label_version=before.rules,
        detail=(("owners", before.source_org), ("decision", decision_id)),
        sensitive=Sensitive(free_text=reason),
    )


async def relabel_some(store: Store, at: datetime) -> Count:
    """A worker labels anew some of what was labelled by other rules than today's: how many were
    looked at, and how many bear other labels now."""
    async with store.engine.reading() as conn:
        labelling = await store.vault.labels.current(conn)
        places = await relabelling.outdated(conn, labelling)
    if not places:
        return Count(0, 0)

    async def unit(conn: Connection) -> Count:
        count = await relabelling.relabel(conn, store.vault, places)
        detail = (("looked-at", str(count.looked_at)), ("changed", str(count.changed)))
        agent = Operator("worker", at).agent
        entry = AuditEntry(
            at, Event.LABEL_CHANGE, Outcome.STORED, agent,
            label_version=labelling.version, detail=detail,
        )  # fmt: skip
        await append(conn, store.vault, [entry])
        return count

    count = await store.write(unit)
    _log.info("labels-looked-at", count=count.looked_at)
    _log.info("labels-changed", count=count.changed)
    return count


async def relabel_all(store: Store, at: datetime) -> dict[str, int]:
    """Everything that was labelled by other rules than today's."""
    looked_at = changed = 0
    while True:
        seen = await relabel_some(store, at)
        if not seen.looked_at:
            return {"looked_at": looked_at, "changed": changed}
        looked_at, changed = looked_at + seen.looked_at, changed + seen.changed
