"""An operator decides that something that waits is not to be taken, and says why.

    what waits, of what is meant -> delivery by delivery: discard, answer anew, record

Rule    The reason is needed, and stands sealed in the log: people are named in such words
        (governance opens it again: flows/discard_reasons). What is
        discarded stays where it is, sealed, until its key dies; replaying it by its id takes it up
        again. Of an item that was taken in part, the part stays out and the item stays taken.
Errors  FaultyRequestError without a reason.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

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


async def discard(store: Store, choice: Choice, operator: Operator, reason: str) -> dict[str, Any]:
    """How many were discarded, by delivery; how much of those feeds still waits."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a discard needs a reason")])
    async with store.engine.reading() as conn:
        held = await chosen(conn, choice)
    by_delivery: dict[str, list[Waiting]] = defaultdict(list)
    for one in held:
        by_delivery[one.delivery_id].append(one)
    found, total = [], 0
    for delivery_id, items in sorted(by_delivery.items()):
        unit = partial(_unit, store, delivery_id, items, operator, reason.strip())
        done = await store.write(unit)
        total += done
        told = {"delivery": delivery_id, "feed": items[0].feed, "discarded": done}
        found.append(told | {"organisation": items[0].source_org})
    async with store.engine.reading() as conn:
        left = await chosen(conn, Choice(choice.feeds, choice.org))
    return {"deliveries": found, "discarded": total, "waiting": len(left)}


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
        sensitive=Sensitive(free_text=reason),
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
