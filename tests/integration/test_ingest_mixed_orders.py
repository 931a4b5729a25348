"""One person told of by every sector: any order, any re-sending, any workers give one state.

The messages: a GP record with medicines and the record after it, a hospital's goals, a therapy
plan, a council's plan and the same plan with a goal less, a voluntary group's spreadsheet.
"""

import asyncio
import itertools
import json
from typing import Any

import pytest

from tests.golden.cases import GOLDEN
from tests.integration.crowds import WORKERS, crowded
from tests.integration.taking import (
    ROOT,
    Delivery,
    State,
    all_taken,
    digest,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    verified,
    wiped,
)
from tests.sampling import part

EXAMPLES = ROOT / "examples"


def _gp(day: int, *gone: str) -> Delivery:
    """The medicines case as the record stood that day, without some of its entries."""
    sent = json.loads((GOLDEN / "gp/medicines/input/bundle.json").read_bytes())
    sent["meta"]["lastUpdated"] = f"2026-10-{day:02}T08:00:00Z"
    sent["entry"] = [one for one in sent["entry"] if one["resource"].get("id") not in gone]
    return Delivery("gp", json.dumps(sent).encode(), name=f"record of day {day}")


def _council(written: str, **parts: Any) -> Delivery:
    plan = json.loads((EXAMPLES / "social-care/norma-support-plan.json").read_bytes())
    plan["goals"][0]["sharing"] = ["very restricted"]
    body = json.dumps(plan | {"written_at": written} | parts).encode()
    return Delivery("social-care", body, "application/json", name=f"plan of {written[:10]}")


def _example(feed: str, name: str, media_type: str = "", org: str = "") -> Delivery:
    return Delivery(feed, (EXAMPLES / feed / name).read_bytes(), media_type, org, name)


SENT = [
    _gp(5),
    _gp(9, "v-2", "i-1"),
    _example("hospital", "norma-goals.hl7"),
    _example("community", "norma-therapy-plan.json", "application/json"),
    _council("2026-11-10T09:00:00Z"),
    _council("2026-11-11T09:00:00Z", goals=[], actions=[], needs=[]),
    _example("social-care", "norma-community-group.csv", "text/csv", "VM4YY"),
]
EVERY = list(itertools.permutations(range(len(SENT))))
SAMPLED = [*part(EVERY, 10, whole=False), (*range(7), *range(6, -1, -1))]


async def _in_order(store: Any, order: tuple[int, ...]) -> State:
    answers = await all_taken(store, [SENT[number] for number in order])
    assert {answer["status"] for answer in answers} <= {"taken", "partly-taken"}, answers
    made = await state_of(store)
    await wiped(store)
    return made


async def _orders(url: str, keys: Any, orders: list[tuple[int, ...]]) -> None:
    async with opened(url, keys) as store:
        first = await _in_order(store, orders[0])
        assert len(first.standing) > 30
        assert len(first.groups) == 1, "every sector's record of her is linked"
        for order in orders[1:]:
            made = await _in_order(store, order)
            assert digest(made) == digest(first), order
            assert made == first, order


def test_each_sampled_order_gives_one_state(database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_orders(database_url, provider(tmp_path), SAMPLED))


@pytest.mark.soak
def test_every_order_gives_one_state(database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_orders(database_url, provider(tmp_path), EVERY))


async def _resent(url: str, keys: Any, seeds: range) -> None:
    async with opened(url, keys) as store:
        serial = await _in_order(store, EVERY[0])
        for seed, workers in itertools.product(seeds, WORKERS):
            made = await crowded(store, SENT, seed, workers)
            assert digest(made) == digest(serial), (seed, workers)
            assert made == serial, (seed, workers)
        assert await verified(store)


def test_senders_and_workers_at_once_come_to_the_serial_state(database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_resent(database_url, provider(tmp_path), range(1)))


@pytest.mark.soak
def test_many_seeds_of_senders_and_workers_come_to_the_serial_state(database_url, tmp_path):
    upgraded(database_url)
    asyncio.run(_resent(database_url, provider(tmp_path), range(40)))


def test_what_stands_is_what_was_last_said_of_each_thing(tmp_path):
    """That one state is also the right one."""
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> list[dict[str, Any]]:
        async with opened(url, provider(tmp_path)) as store:
            await all_taken(store, SENT[::-1])
            return [body for body, _ in (await resources(store)).values()]

    stands = asyncio.run(scenario())
    kinds = [one["resourceType"] for one in stands]
    assert kinds.count("Immunization") == 2, "a record in part withdraws nothing"
    gone = json.loads(SENT[4].body)["goals"][0]["words"]
    assert gone not in json.dumps(stands), "the council's later plan has no goal"
    assert kinds.count("MedicationRequest") == 3
    assert {"Goal", "CarePlan", "ServiceRequest", "Flag"} <= set(kinds)
