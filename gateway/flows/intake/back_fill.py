"""A first load: what it says of the past folds in its place, and outranks nothing said live.

Rule    An extract is dated by the day it was made, and may be older than that in what it says; a
        live message may come late, and still be what its source said then. So the items of a load
        come, in their own order, before everything that is said live: what stands gets no new
        version but where the load says something that nobody said.
Pure    No connection.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.store.intake.deliveries import DeliveryRow
from gateway.store.intake.work import Prepared
from gateway.store.site.feed_standing import as_first_load


def in_place(row: DeliveryRow, batch: Sequence[Prepared]) -> Sequence[Prepared]:
    """The items of a delivery, those of a back-fill before all that is said live."""
    return [_placed(one) for one in batch] if row.back_fill else batch


def _placed(one: Prepared) -> Prepared:
    time = as_first_load(one.outcome.source_time)
    return replace(one, outcome=replace(one.outcome, source_time=time))
