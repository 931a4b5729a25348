"""Several senders at once, each in an order of its own, and as many workers beside them."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

from gateway.flows.intake.finish_deliveries import finish_deliveries
from mappings.registry import FEEDS
from tests.integration.taking import Delivery, State, state_of, taken, wiped

WORKERS: Final = (1, 2, 3, 4)
_ANSWERS: Final = ("taken", "partly-taken", "accepted")


async def crowded(store: Any, sent: Sequence[Delivery], seed: int, workers: int) -> State:
    """The state that so many senders and workers come to; the store is empty again after it."""
    await asyncio.gather(*(_told(store, sent, seed * 10 + one) for one in range(workers)))
    at = store.vault._clock()
    for _ in range(3):
        await asyncio.gather(*(finish_deliveries(store, FEEDS, at) for _ in range(workers)))
    made = await state_of(store)
    await wiped(store)
    return made


async def _told(store: Any, sent: Sequence[Delivery], seed: int) -> None:
    """In an order of its own, some again, about half of it accepted for the workers."""
    dice = random.Random(seed)
    order = [*range(len(sent)), *dice.sample(range(len(sent)), min(3, len(sent)))]
    dice.shuffle(order)
    for number in order:
        answer = await taken(store, sent[number], later=dice.random() < 0.5)
        assert answer["status"] in _ANSWERS, answer
