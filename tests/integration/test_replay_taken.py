"""What was taken is mapped again: what maps the same stays, the rest is folded in place."""

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.audit.events import Event
from gateway.flows.feeds.feed_errors import Choice
from gateway.flows.feeds.replay_taken import replay_taken
from mappings.registry import FEEDS
from tests.integration.taking import (
    Delivery,
    all_taken,
    authored,
    opened,
    provider,
    resources,
    state_of,
    taken,
    upgraded,
    verified,
    wiped,
)
from tests.integration.test_replay import ALL, OPERATOR, entries_of, faulty, plan, pushed, social


def run(database_url, tmp_path, scenario):
    upgraded(database_url)

    async def all_of_it() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await scenario(store)
            assert await verified(store)

    asyncio.run(all_of_it())


async def versions(store):
    async with store.engine.reading() as conn:
        return await conn.fetch(
            "SELECT patient_id, resource_id, version, linking, deleted, state_hash FROM resource"
            " ORDER BY 1, 2"
        )


def fewer(feed: str, *types: str):
    """The feed as an older mapping had it: it made nothing of these types."""
    whole = FEEDS[feed]
    kinds = {
        name: replace(kind, targets=tuple(t for t in kind.targets if t.type not in types))
        for name, kind in whole.kinds.items()
    }
    return replace(whole, kinds=kinds)


def older_rows(store):
    """Every item as if an older mapping had taken it."""

    async def unit(conn):
        await conn.execute("UPDATE item SET mapping_version = 'older'")

    return store.write(unit)


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_what_maps_the_same_keeps_its_version(feed, database_url, tmp_path):
    async def scenario(store) -> None:
        await all_taken(store, authored(feed))
        await older_rows(store)
        before, state = await versions(store), await state_of(store)
        done = await replay_taken(store, ALL, OPERATOR, older=True)
        told = {one["feed"]: one for one in done["feeds"]}
        assert told[feed]["records"] > 0
        assert {one["new"] + one["changed"] + one["withdrawn"] for one in done["feeds"]} == {0}
        assert await versions(store) == before
        assert await state_of(store) == state
        assert not await entries_of(store, Event.REPLAY)

    run(database_url, tmp_path, scenario)


@pytest.mark.parametrize("seed", range(2))
def test_what_an_older_mapping_left_out_comes_to_stand(database_url, tmp_path, seed):
    """The state is that of no older mapping at all; the older items are named in the log."""

    async def scenario(store) -> None:
        whole = [social(plan(n)) for n in range(4)]
        await all_taken(store, whole)
        right = await state_of(store)
        async with store.engine.reading() as conn:
            goals = (await conn.fetch("SELECT COUNT(*) FROM resource WHERE resource_type='Goal'"))[
                0
            ][0]
        assert goals > 4
        await wiped(store)
        for place, one in enumerate(whole):
            old = fewer("social-care", "Goal") if place % 2 == seed else FEEDS["social-care"]
            assert (await pushed(store, one, old))["status"] in ("taken", "partly-taken")
        assert await state_of(store) != right
        await older_rows(store)
        done = await replay_taken(store, Choice({"social-care": FEEDS["social-care"]}), OPERATOR,
                                  older=True)  # fmt: skip
        (told,) = done["feeds"]
        assert told["new"] == goals / 2
        assert await state_of(store) == right
        entries = [one.entry for one in await entries_of(store, Event.REPLAY)]
        assert len(entries) == 2
        assert {kind for one in entries for kind, _, _ in one.resources} >= {"Goal"}
        again = await replay_taken(store, ALL, OPERATOR, older=True)
        assert sum(one["items"] for one in again["feeds"]) == 0
        every = await replay_taken(store, ALL, OPERATOR, older=False)
        assert sum(one["items"] for one in every["feeds"]) == 4
        assert {one["new"] + one["changed"] for one in every["feeds"]} == {0}

    run(database_url, tmp_path, scenario)


@pytest.mark.parametrize("made", ["2026-12-01T12:00:00Z", "2026-11-20T10:00:00Z"])
def test_what_a_back_fill_said_does_not_come_to_outrank_what_was_said_live(
    database_url, tmp_path, made
):
    """The load is of later than the live word: after the feed joined, or before it, by a word that
    came late."""

    async def scenario(store) -> None:
        live, load = (
            social(json.dumps(json.loads(plan(1, title=title)) | {"written_at": at}).encode())
            for title, at in (("Now", "2026-10-01T10:00:00Z"), ("Then", made))
        )
        await all_taken(store, [live])
        before = await versions(store)
        await taken(store, load, back_fill=True)
        assert await versions(store) == before
        done = await replay_taken(store, ALL, OPERATOR, older=False)
        assert sum(one["items"] for one in done["feeds"]) == 2
        assert sum(one["changed"] for one in done["feeds"]) == 0
        assert await versions(store) == before
        held = (await resources(store)).items()
        assert {body.get("title") for name, (body, _) in held if "CarePlan" in name} == {"Now"}

    run(database_url, tmp_path, scenario)


def test_what_todays_mapping_refuses_stays_as_it_was_taken(database_url, tmp_path, monkeypatch):
    async def scenario(store) -> None:
        await all_taken(store, [social(plan(1))])
        before = await versions(store)
        choice = Choice({"social-care": faulty("social-care")})
        (told,) = (await replay_taken(store, choice, OPERATOR, older=False))["feeds"]
        assert (told["items"], told["refused"], told["withdrawn"]) == (1, 1, 0)
        assert await versions(store) == before

    run(database_url, tmp_path, scenario)


def test_deliveries_are_those_of_the_organisation_that_was_named(database_url, tmp_path):
    async def scenario(store) -> None:
        one, other = social(plan(1)), social(plan(2))
        await all_taken(store, [one, Delivery("social-care", other.body, other.media_type, "X2")])
        choice = Choice({"social-care": FEEDS["social-care"]}, "X2")
        (told,) = (await replay_taken(store, choice, OPERATOR, older=False))["feeds"]
        assert (told["records"], told["items"]) == (1, 1)

    run(database_url, tmp_path, scenario)
