"""Of each scenario: senders and workers at once come to the state of one after another."""

import asyncio
import itertools
from typing import Any

import pytest

from tests.integration.crowds import WORKERS, crowded
from tests.integration.taking import (
    Delivery,
    all_taken,
    digest,
    opened,
    provider,
    state_of,
    upgraded,
    verified,
    wiped,
)
from tests.integration.test_ingest_folds import HL7, PLANS
from tests.integration.test_ingest_merges import SCENARIOS
from tests.integration.test_ingest_orders import SENT
from tests.integration.test_ingest_stay_orders import SCENARIO

EVERY: dict[str, list[Delivery]] = {
    "a stay": list(SCENARIO),
    **{f"orders: {name}": list(sent) for name, sent in SENT.items()},
    **{f"folds: {name}": list(sent) for name, sent in HL7.items()},
    **{f"plans: {name}": list(sent) for name, sent in PLANS.items()},
    **{f"identity: {name}": list(sent) for name, (sent, _) in SCENARIOS.items()},
}
FEW = (
    "a stay",
    "identity: number moved from one person to another",
    "identity: visits merged, and numbered anew",
)


async def _at_once(url: str, keys: Any, sent: list[Delivery], seeds: range) -> None:
    async with opened(url, keys) as store:
        await all_taken(store, sent)
        serial = await state_of(store)
        await wiped(store)
        for seed, workers in itertools.product(seeds, WORKERS):
            made = await crowded(store, sent, seed, workers)
            assert digest(made) == digest(serial), (seed, workers)
        assert await verified(store)


@pytest.mark.parametrize("about", FEW)
def test_senders_and_workers_at_once_come_to_the_serial_state(about, database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_at_once(database_url, provider(tmp_path), EVERY[about], range(1)))


@pytest.mark.soak
@pytest.mark.parametrize("about", EVERY)
def test_many_seeds_of_them_come_to_it_too(about, database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_at_once(database_url, provider(tmp_path), EVERY[about], range(1, 6)))
