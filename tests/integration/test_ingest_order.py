"""Whatever the order, the repetition and the batching, the same input gives one state."""

import asyncio
import random
import re
from collections.abc import Sequence

import pytest

from gateway.errors import NotTheFormatError
from gateway.flows.intake import batches
from gateway.flows.intake.prepare import prepared
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from gateway.store.keyring.keys import KeyedHasher
from mappings.registry import FEEDS
from tests.integration.taking import (
    Delivery,
    State,
    all_taken,
    authored,
    digest,
    opened,
    provider,
    resources,
    sampled,
    state_of,
    upgraded,
    verified,
    wiped,
)

SEEDS = (1, 2)
_ANSWERED = ("delivery", "status", "items", "resources", "issues")


async def _states(url, keys, deliveries: Sequence[Delivery], *, whole: bool) -> dict[str, State]:
    """The state after each of several ways to send the same deliveries."""
    shuffled = {}
    for seed in SEEDS:
        mixed = list(deliveries)
        random.Random(seed).shuffle(mixed)
        shuffled[f"shuffled-{seed}"] = mixed
    doubled = [one for one in shuffled["shuffled-1"] for _ in range(2)]
    ways = {"once": list(deliveries), "reversed": list(deliveries)[::-1], "doubled": doubled}
    ways |= shuffled if whole else {}
    made = {}
    async with opened(url, keys) as store:
        for name, way in ways.items():
            await all_taken(store, way)
            made[name] = await state_of(store)
            await wiped(store)
        assert await verified(store)
    return made


def _agree(states: dict[str, State]) -> None:
    first = states["once"]
    for name, state in states.items():
        assert digest(state) == digest(first), name
        assert state == first, name


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_any_order_of_authored_deliveries_gives_one_state(feed, database_url, tmp_path, whole):
    upgraded(database_url)
    keys = provider(tmp_path)
    states = asyncio.run(_states(database_url, keys, authored(feed), whole=whole))
    assert states["once"].standing
    _agree(states)


def test_any_order_of_the_samples_gives_one_state(database_url, tmp_path, shared_folder, whole):
    upgraded(database_url)
    keys, sent = provider(tmp_path), sampled(shared_folder)[:: 1 if whole else 4]
    states = asyncio.run(_states(database_url, keys, sent, whole=whole))
    assert len(states["once"].standing) > 250
    _agree(states)


def test_one_by_one_and_in_batches_give_one_state(database_url, tmp_path, monkeypatch, whole):
    every = [one for feed in sorted(FEEDS) for one in authored(feed)]
    deliveries = every[:: 1 if whole else 2]

    upgraded(database_url)

    async def scenario() -> list[State]:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for size in (50, 1, 3) if whole else (50, 1):
                monkeypatch.setattr(batches, "BATCH", size)
                await all_taken(store, deliveries)
                made.append(await state_of(store))
                await wiped(store)
        return made

    fifty, *others = asyncio.run(scenario())
    assert others
    assert all(one == fifty for one in others)


def test_the_same_body_again_is_given_the_first_answer(database_url, tmp_path, whole):
    every = [one for feed in sorted(FEEDS) for one in authored(feed)]
    deliveries = every[:: 1 if whole else 2]

    upgraded(database_url)

    async def scenario() -> None:
        seen = set()
        async with opened(database_url, provider(tmp_path)) as store:
            for delivery in deliveries:
                (first,) = await all_taken(store, [delivery])
                (again,) = await all_taken(store, [delivery])
                if first["status"] == "refused":
                    assert again == first
                    continue
                assert again["duplicate"] is True
                assert first["duplicate"] is ((delivery.feed, delivery.body) in seen), delivery
                assert {k: again[k] for k in _ANSWERED} == {k: first[k] for k in _ANSWERED}
                seen.add((delivery.feed, delivery.body))

    asyncio.run(scenario())


def test_items_are_ordered_by_times_that_sort_as_text():
    """Times of one form: text order is time order, and an item without one is the oldest."""
    hasher = KeyedHasher((b"k" * 32,), b"i" * 32)
    form = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z(1\d{18}|0\d{38})?)?")
    for feed in FEEDS.values():
        for delivery in authored(feed.name):
            members = members_of(delivery.body, 2**28)
            try:
                items = list(prepared(feed, recognised(feed, members, ""), hasher))
            except NotTheFormatError:
                continue
            assert batches.counted(feed, delivery.body, "", 2**28) == len(items)
            for item in items:
                assert form.fullmatch(item.outcome.source_time), (delivery, item.item.kind)


def test_every_element_that_stands_has_a_source(database_url, tmp_path):
    """Lineage holds a line for every element, but labels and what a mapping declares."""
    deliveries = [one for feed in sorted(FEEDS) for one in authored(feed)]

    upgraded(database_url)

    async def scenario() -> dict:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, deliveries)
            return await resources(store)

    for name, (body, (origins, lines)) in asyncio.run(scenario()).items():
        paths = {line[0] for line in lines}
        for path in paths:
            assert _stands(body, path), (name, path)
        assert all(0 <= line[3] < len(origins) for line in lines), name
        assert {line[3] for line in lines} == set(range(len(origins))), name


def _stands(body, path: str) -> bool:
    node = body
    for step in path.replace("[", ".[").split("."):
        try:
            node = node[int(step[1:-1])] if step.startswith("[") else node[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
