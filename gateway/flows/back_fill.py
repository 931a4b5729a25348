"""A first load: what it says of the past folds in its place, and outranks nothing said live.

Rule    An extract is dated by the day it was made, and may be older than that in what it says. So
        its items count as said no later than the moment the feed joined: its first delivery that
        was no back-fill. What stands gets no new version but where the load says something that
        nobody said.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.store import feed_standing
from gateway.store.apply import Prepared
from gateway.store.deliveries import DeliveryRow
from gateway.store.engine import Connection


async def in_place(
    conn: Connection, row: DeliveryRow, batch: Sequence[Prepared]
) -> Sequence[Prepared]:
    """The items of a delivery, those of a back-fill no later than its feed joined."""
    if not row.back_fill:
        return batch
    joined = await feed_standing.joined(conn, row.source_org, row.feed)
    return [_placed(one, feed_standing.no_later(one.outcome.source_time, joined)) for one in batch]


def _placed(one: Prepared, source_time: str) -> Prepared:
    return replace(one, outcome=replace(one.outcome, source_time=source_time))
