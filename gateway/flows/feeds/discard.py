"""An operator decides that something that waits is not to be taken, and says why.

    what waits, of what is meant -> delivery by delivery: discard, answer anew, record

Rule    The reason is needed, and stands sealed in the log: people are named in such words
        (governance opens it again: flows/discard_reasons). What is
        discarded stays where it is, sealed, until its key dies; replaying it by its id takes it up
        again. Of an item that was taken in part, the part stays out and the item stays taken.
Errors  FaultyRequestError without a reason.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Final

import orjson

from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_errors import Choice, chosen
from gateway.flows.intake.delivery_answer import DISCARDED, discarded
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries, queue
from gateway.store.intake.queue import IN_PART, QUARANTINED, Waiting
from mappings.core.model.outcome import Severity

_MOST: Final = 1_000


async def discard(store: Store, choice: Choice, operator: Operator, reason: str) -> dict[str, Any]:
    """How many were discarded, by delivery; how much of those feeds still waits."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a discard needs a reason")])
    found: dict[str, dict[str, Any]] = {}
    async for items in _by_delivery(chosen(store.engine, choice)):
        first = items[0]
        done = await store.write(partial(_unit, store, first.delivery_id, items, operator, reason))
        told = {"delivery": first.delivery_id, "feed": first.feed, "discarded": 0}
        row = found.setdefault(first.delivery_id, told | {"organisation": first.source_org})
        row["discarded"] += done
    left = [1 async for _ in chosen(store.engine, Choice(choice.feeds, choice.org))]
    total = sum(row["discarded"] for row in found.values())
    listed = [row for _, row in sorted(found.items())]
    return {"deliveries": listed, "discarded": total, "waiting": len(left)}


async def _by_delivery(held: AsyncIterator[Waiting]) -> AsyncIterator[list[Waiting]]:
    """What follows one another of one delivery, so much as one transaction may hold."""
    items: list[Waiting] = []
    async for one in held:
        if items and (one.delivery_id != items[0].delivery_id or len(items) == _MOST):
            yield items
            items = []
        items.append(one)
    if items:
        yield items


async def _unit(
    store: Store,
    delivery_id: str,
    items: Sequence[Waiting],
    operator: Operator,
    reason: str,
    conn: Connection,
) -> int:
    done = await queue.discard(conn, items, DISCARDED)
    if not done:
        return 0
    await _answer_anew(conn, delivery_id, done)
    first = done[0]
    entry = AuditEntry(
        operator.at,
        Event.DISCARD,
        Outcome.STORED,
        operator.agent,
        reasons=tuple(sorted({code for one in done for code in _codes(one)})),
        query=first.feed,
        delivery_id=delivery_id,
        detail=(("owners", first.source_org), ("items", str(len(done)))),
        sensitive=Sensitive(free_text=reason.strip()),
    )
    await append(conn, store.vault, [entry])
    return len(done)


def _codes(one: Waiting) -> set[str]:
    return {issue.code for issue in one.issues if issue.severity is Severity.ERROR}


async def _answer_anew(conn: Connection, delivery_id: str, done: Sequence[Waiting]) -> None:
    """The provider that asks again is told."""
    row = await deliveries.find(conn, delivery_id)
    if row is None or not row.answer:
        return
    whole = [one.number for one in done if one.state == QUARANTINED]
    parts = [one.number for one in done if one.state == IN_PART]
    answer = discarded(orjson.loads(row.answer), whole, parts)
    ended = (answer["status"], answer["items"]["taken"], answer["items"]["quarantined"])
    await deliveries.finish(conn, delivery_id, *ended, orjson.dumps(answer))
