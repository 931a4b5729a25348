"""A first load: what it says of the past folds in its place, and outranks nothing said live.

Rule    An extract is dated by the day it was made, and may be older than that in what it says. So
        its items count as said no later than the moment the feed joined: its first delivery that
        was no back-fill. What stands gets no new version but where the load says something that
        nobody said.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.clock import from_micros
from gateway.store import feed_standing
from gateway.store.apply import Prepared
from gateway.store.deliveries import DeliveryRow
from gateway.store.engine import Connection
from mappings.core.dates import utc_text


async def in_place(
    conn: Connection, row: DeliveryRow, batch: Sequence[Prepared]
) -> Sequence[Prepared]:
    """The items of a delivery, those of a back-fill no later than its feed joined."""
    if not row.back_fill:
        return batch
    standing = await feed_standing.find(conn, row.source_org, row.feed)
    if standing is None or not standing.joined_at:
        return batch
    joined = utc_text(from_micros(standing.joined_at))
    return [_no_later(one, joined) for one in batch]


def _no_later(one: Prepared, joined: str) -> Prepared:
    outcome = one.outcome
    if outcome.source_time <= joined:
        return one
    return replace(one, outcome=replace(outcome, source_time=joined))
