"""A batch is written without what speaks of a row that somebody altered in the database.

    write -> nothing stands where such a row is met -> those items aside -> write again

In      The store; a batch; the unit that applies a batch.
Out     What the unit returns. An item that was set aside is in quarantine with the reason, and
        every part of it; operators are told. Replayed once the row is put right, it is taken.
Errors  Those of the unit.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import structlog

from gateway.flows.intake.map_items import kept
from gateway.store.commit.units import Store
from gateway.store.commit.writer import Ahead
from gateway.store.database.engine import Connection
from gateway.store.intake.work import AlteredError, Prepared
from mappings.core.model.outcome import error

_ALTERED: Final = error(
    "",
    "altered-in-store",
    "what is stored of this is not as it was written, and nothing is laid over it until whoever"
    " runs the gateway has put it right; they were told, and will replay this",
)
_Result = TypeVar("_Result")
Applying = Callable[[Sequence[Prepared]], Callable[[Connection], Awaitable[_Result]]]
_log = structlog.get_logger()


async def written(
    store: Store,
    batch: Sequence[Prepared],
    applying: Applying[_Result],
    ahead: Ahead | None = None,
) -> _Result:
    """What the unit of this batch returns, once it is durable."""
    aside: frozenset[str] = frozenset()
    while True:
        try:
            return await store.write(applying(_without(batch, aside)), None if aside else ahead)
        except AlteredError as fault:
            if fault.items <= aside:
                raise
            aside |= fault.items
            _log.error("altered-row-met", items=len(fault.items))


def _without(batch: Sequence[Prepared], aside: Collection[str]) -> list[Prepared]:
    """The batch; what is set aside is kept, and not applied."""
    numbers = {one.item.number for one in batch if one.item_hash in aside}
    return [
        replace(one, outcome=kept((*one.outcome.issues, _ALTERED)))
        if one.item.number in numbers
        else one
        for one in batch
    ]
