"""A worker tries again what a file has to state anew, and was left: it was altered in the database.

    what was due by now -> hold its scopes -> state it as they are judged now -> record

Rule    What somebody has put right is stated as the file would have; what is still altered is told
        to operators again, and waits for the next day. Two workers at once state it once.
Source  docs/adr/0068-one-seal-for-a-row-and-its-labels.md.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake.absence import rules_of, state_left
from gateway.flows.intake.batches import context_of, entries_of
from gateway.store.absences import absence, absence_left
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries
from mappings.core.model.rows import Feed

MOST: Final = 200


async def state_left_out(store: Store, feeds: Mapping[str, Feed], at: datetime) -> int:
    """How many resources were tried again, of those that were due."""
    now = to_micros(at)
    async with store.engine.reading() as conn:
        if not await absence_left.due(conn, now, 1):
            return 0

    async def unit(conn: Connection) -> int:
        due = await absence_left.due(conn, now, MOST)
        files = {name: await absence.find(conn, name) for name in due}
        await absence.one_at_a_time(conn, {one.scope for one in files.values() if one})
        entries: list[AuditEntry] = []
        for name, places in due.items():
            one = files[name]
            row = await deliveries.find(conn, one.delivery_id) if one else None
            if one is None or row is None:
                await absence_left.done(conn, name, places)
                continue
            rules = rules_of(feeds[one.feed], one.title)
            taken = await state_left(conn, store.vault, context_of(row), rules, one, places)
            if taken.absent:
                entries += entries_of(row, taken.absent, partial(_entry, at, one.feed))
        if entries:
            await append(conn, store.vault, entries)
        return sum(map(len, due.values()))

    return await store.write(unit)


def _entry(at: datetime, feed: str, outcome: Outcome, **more: Any) -> AuditEntry:
    agent = Operator("worker", at).agent
    return AuditEntry(at, Event.SYSTEM, outcome, agent, query=feed, **more)
