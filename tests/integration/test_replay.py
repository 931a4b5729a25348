"""Replaying what waited: it comes to stand where it would have stood, once, and is recorded."""

import asyncio
import io
import json
import random
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.audit.entry import decode
from gateway.audit.events import Event
from gateway.errors import FaultyRequestError, NotTheFormatError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.discard import discard
from gateway.flows.feeds.feed_errors import Choice, errors
from gateway.flows.feeds.replay import replay
from gateway.flows.intake.expire_deliveries import expire_deliveries
from gateway.flows.intake.push_update import Push, push
from gateway.store.audit import audit_opening, audit_reads
from gateway.store.intake import deliveries
from mappings.core.model.outcome import error
from mappings.registry import FEEDS
from tests.integration.taking import (
    ORGS,
    START,
    Delivery,
    all_taken,
    authored,
    opened,
    provider,
    sender,
    state_of,
    taken,
    upgraded,
    verified,
    wiped,
)

ALL = Choice(FEEDS)
OPERATOR = Operator("an-operator", START)


def faulty(name: str, kinds=()):
    """The feed as a mapping with a fault makes it: nothing of these kinds passes its rules."""
    feed = FEEDS[name]
    broken = {
        kind: replace(one, check=lambda _facts: [error("rule", "unmapped-code", "not known")])
        if not kinds or kind in kinds
        else one
        for kind, one in feed.kinds.items()
    }
    return replace(feed, kinds=broken)


async def pushed(store, delivery: Delivery, feed=None):
    """Push it while the mapping has its fault."""
    what = Push(
        feed or faulty(delivery.feed), sender(delivery.org or ORGS[delivery.feed]),
        delivery.body, delivery.media_type, "r", store.vault._clock(),
    )  # fmt: skip
    try:
        return await push(store, what)
    except NotTheFormatError:
        return {"status": "refused"}


async def items_of(store):
    async with store.engine.reading() as conn:
        return await conn.fetch("SELECT item_id, delivery_id, number, state FROM item ORDER BY 1")


async def entries_of(store, event: Event):
    entries = audit_reads.entries(store.engine, 0)
    found = [decode(record) async for _, record, _, _ in entries]
    return [one for one in found if one.entry.event is event]


def waiting(store):
    return errors(store.engine, FEEDS, 10_000)


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_whatever_waited_comes_to_stand_where_it_would_have_stood(
    feed, database_url, tmp_path, whole
):
    """Any part of a feed's deliveries, in any order, under a mapping with a fault: once it is
    mended and they are replayed, nothing tells the state from that of no fault at all."""
    upgraded(database_url)
    given = authored(feed)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, given)
            right, ids = await state_of(store), {row[0] for row in await items_of(store)}
            for seed in range(4 if whole else 1):
                await wiped(store)
                order = random.Random(seed).sample(given, len(given))
                for place, delivery in enumerate(order):
                    if (place + seed) % 2:
                        await taken(store, delivery)
                    else:
                        await pushed(store, delivery)
                assert feed == "gp" or await state_of(store) != right  # gp keeps the rest
                before = await items_of(store)
                first = await replay(store, ALL, OPERATOR)
                assert first["mended"] > 0
                assert await state_of(store) == right
                after = await items_of(store)
                assert {row[0] for row in after} == ids
                assert [row[:3] for row in after] == [row[:3] for row in before]
                again = await replay(store, ALL, OPERATOR)
                assert again["mended"] == 0
                assert again["waiting"] == first["waiting"]
                assert await state_of(store) == right
                assert await items_of(store) == after
            assert await verified(store)

    asyncio.run(scenario())


def plan(number: int, **changes) -> bytes:
    """A support plan of a person of their own."""
    (made,) = [one for one in authored("social-care") if one.name == "norma-support-plan.json"]
    content = json.loads(made.body)
    content["person"]["local_id"] = f"SC-{number}"
    del content["person"]["nhs_number"]
    content["plan"] |= {"id": f"SP-{number}"} | changes
    return json.dumps(content).encode()


def unnamed() -> bytes:
    content = json.loads(plan(0))
    del content["person"]["local_id"]
    return json.dumps(content).encode()


def run(database_url, tmp_path, scenario):
    upgraded(database_url)

    async def all_of_it() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await scenario(store)
            assert await verified(store)

    asyncio.run(all_of_it())


def social(body: bytes) -> Delivery:
    return Delivery("social-care", body, "application/json")


def test_a_replay_is_recorded_for_each_person_and_answers_its_provider_anew(database_url, tmp_path):
    async def scenario(store) -> None:
        first = await pushed(store, social(plan(1)))
        assert first["status"] == "quarantined"
        assert not await entries_of(store, Event.REPLAY)
        await replay(store, ALL, OPERATOR)
        again = await taken(store, social(plan(1)))
        assert again["delivery"] == first["delivery"]
        assert (again["status"], again["duplicate"]) == ("taken", True)
        assert {one["version"] for one in again["resources"]} == {1}
        (entry,) = [one.entry for one in await entries_of(store, Event.REPLAY)]
        assert entry.agent.user_id == "an-operator"
        assert entry.delivery_id == first["delivery"]
        assert len(entry.patient_ids) == 1
        named = {f"{kind}/{name}" for kind, name, _ in entry.resources}
        assert named == {one["reference"] for one in again["resources"]}

    run(database_url, tmp_path, scenario)


def test_what_is_replayed_does_not_outrank_what_was_said_later(database_url, tmp_path):
    async def scenario(store) -> None:
        late = json.loads(plan(1, title="As it was")) | {"written_at": "2026-10-02T09:00:00Z"}
        await pushed(store, social(json.dumps(late).encode()))
        await taken(store, social(plan(1, title="As it is")))
        before = await state_of(store)
        found = await replay(store, ALL, OPERATOR)
        assert found["mended"] == 1
        assert (await state_of(store)).standing == before.standing

    run(database_url, tmp_path, scenario)


def test_what_is_still_wrong_waits_on_with_its_reasons_of_today(database_url, tmp_path):
    async def scenario(store) -> None:
        first = await pushed(store, social(plan(1, state="no such state")))
        assert {one["code"] for one in first["issues"]} >= {"unmapped-code"}
        found = await replay(store, ALL, OPERATOR)
        assert (found["mended"], found["waiting"]) == (0, 1)
        (rule,) = (await waiting(store))["rules"]
        assert rule["rule"] == "unmapped-code:plan.state"
        assert rule["example"] == {
            "delivery": first["delivery"],
            "item": 1,
            "path": "plan.state",
        }

    run(database_url, tmp_path, scenario)


def test_two_operators_at_once_and_a_provider_who_sends_again_take_it_once(database_url, tmp_path):
    async def scenario(store) -> None:
        bodies = [plan(number) for number in range(30)]
        for body in bodies:
            await pushed(store, social(body))
        found = await asyncio.gather(
            replay(store, ALL, OPERATOR),
            replay(store, ALL, OPERATOR),
            *(taken(store, social(body)) for body in bodies[::3]),
            *(taken(store, social(body + b"\n")) for body in bodies[1::3]),
        )
        assert sum(one["mended"] for one in found[:2]) == 30
        await replay(store, ALL, OPERATOR)
        assert (await waiting(store))["waiting"] == 0
        items = await items_of(store)
        assert [row[3] for row in items] == ["taken"] * 30
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT MAX(version) FROM resource")
            open_ones = await conn.fetch("SELECT 1 FROM delivery WHERE state <> 'taken'")
        assert (rows[0][0], open_ones) == (1, [])

    run(database_url, tmp_path, scenario)


def test_what_waits_on_by_another_rule_is_told(database_url, tmp_path):
    async def scenario(store) -> None:
        await pushed(store, social(plan(1, state="no such state")))
        found = await replay(store, Choice(FEEDS, rule="unmapped-code:rule"), OPERATOR)
        assert (len(found["deliveries"]), found["mended"], found["waiting"]) == (1, 0, 1)

    run(database_url, tmp_path, scenario)


def test_one_message_and_one_rule_are_replayed_and_nothing_else(database_url, tmp_path):
    async def scenario(store) -> None:
        one, other = [await pushed(store, social(plan(n))) for n in (1, 2)]
        await taken(store, social(unnamed()))
        found = await replay(store, Choice(FEEDS, message=one["delivery"]), OPERATOR)
        assert [row["delivery"] for row in found["deliveries"]] == [one["delivery"]]
        found = await replay(store, Choice(FEEDS, rule="names-nobody"), OPERATOR)
        assert len(found["deliveries"]) == 1
        assert found["waiting"] == 1
        found = await replay(store, Choice(FEEDS, rule="unmapped-code:rule"), OPERATOR)
        assert [row["delivery"] for row in found["deliveries"]] == [other["delivery"]]
        assert found["waiting"] == 0
        assert (await replay(store, Choice(FEEDS, org="NOBODY"), OPERATOR))["deliveries"] == []

    run(database_url, tmp_path, scenario)


def test_a_body_that_no_format_knew_is_taken_once_one_does(database_url, tmp_path):
    async def scenario(store) -> None:
        feed = FEEDS["social-care"]
        blind = replace(
            feed,
            formats=tuple(replace(one, recognises=lambda _members: False) for one in feed.formats),
        )
        await pushed(store, social(plan(1)), blind)
        (held,) = (await waiting(store))["quarantined"]
        assert (held["state"], held["issues"][0]["code"]) == ("refused", "structure")
        found = await replay(store, ALL, OPERATOR)
        assert (found["mended"], found["waiting"]) == (1, 0)
        async with store.engine.reading() as conn:
            row = await deliveries.find(conn, held["delivery"])
        assert row is not None
        assert (row.state, row.format, row.taken) == ("taken", "support-plan", 1)

    run(database_url, tmp_path, scenario)


def test_the_same_item_in_another_delivery_is_settled_with_it(database_url, tmp_path):
    async def scenario(store) -> None:
        first = await pushed(store, social(plan(1)))
        second = await pushed(store, social(plan(1) + b"\n"))
        assert second["status"] == "quarantined"
        assert (await waiting(store))["waiting"] == 1
        await replay(store, ALL, OPERATOR)
        async with store.engine.reading() as conn:
            rows = [await deliveries.find(conn, one["delivery"]) for one in (first, second)]
        assert [row.state for row in rows if row] == ["taken", "taken"]
        assert len(await items_of(store)) == 1

    run(database_url, tmp_path, scenario)


def test_a_body_whose_key_has_died_is_gone_and_another_copy_of_it_is_not(database_url, tmp_path):
    async def scenario(store) -> None:
        await pushed(store, social(plan(1)))
        async with store.engine.writing() as conn:
            await conn.execute("UPDATE delivery SET key_owner = 'deliveries:2020-01-01'")
        found = await replay(store, ALL, OPERATOR)
        assert [one["status"] for one in found["deliveries"]] == ["gone"]
        assert (await waiting(store))["quarantined"][0]["kept"] is False
        copy = await taken(store, social(plan(1) + b"\n"))
        assert copy["status"] == "quarantined"
        found = await replay(store, Choice(FEEDS, message=copy["delivery"]), OPERATOR)
        assert (found["mended"], found["waiting"]) == (1, 0)
        assert (await waiting(store))["waiting"] == 0

    run(database_url, tmp_path, scenario)


def test_keys_that_die_take_what_waits_with_them_and_the_log_says_how_many(database_url, tmp_path):
    async def scenario(store) -> None:
        for number in range(3):
            await pushed(store, social(plan(number)))
        await taken(store, social(plan(9)))
        assert await expire_deliveries(store, START + timedelta(days=40), 30) == 1
        (entry,) = [one.entry for one in await entries_of(store, Event.SHRED)]
        assert dict(entry.detail) == {"owner": "deliveries:2026-12-01", "waiting": "3"}
        found = await replay(store, ALL, OPERATOR)
        assert {one["status"] for one in found["deliveries"]} == {"gone"}
        assert (found["mended"], found["waiting"]) == (0, 3)
        assert (await discard(store, ALL, OPERATOR, "too old"))["discarded"] == 3

    run(database_url, tmp_path, scenario)


def test_a_discard_needs_a_reason_and_is_recorded_with_it_sealed(database_url, tmp_path):
    async def scenario(store) -> None:
        first = await taken(store, social(unnamed()))
        for empty in ("", "  "):
            with pytest.raises(FaultyRequestError):
                await discard(store, ALL, OPERATOR, empty)
        assert (await waiting(store))["waiting"] == 1
        found = await discard(store, ALL, OPERATOR, "sent by Norma as a test")
        assert (found["discarded"], found["waiting"]) == (1, 0)
        (record,) = await entries_of(store, Event.DISCARD)
        assert record.entry.delivery_id == first["delivery"]
        assert record.entry.reasons == ("names-nobody",)
        async with store.engine.reading() as conn:
            opened_part = await audit_opening.opened(conn, store.vault, record)
            rows = await conn.fetch("SELECT record FROM audit_entry")
        assert opened_part.free_text == "sent by Norma as a test"
        assert not any(b"Norma" in bytes(row[0]) for row in rows)
        assert (await discard(store, ALL, OPERATOR, "again"))["discarded"] == 0

    run(database_url, tmp_path, scenario)


def test_what_was_discarded_stays_out_until_it_is_asked_for_by_its_id(database_url, tmp_path):
    async def scenario(store) -> None:
        first = await pushed(store, social(plan(1)))
        await discard(store, ALL, OPERATOR, "a trial")
        for again in (plan(1), plan(1) + b"\n"):
            answer = await taken(store, social(again))
            assert answer["status"] == "discarded"
            assert answer["items"] == {"taken": 0, "quarantined": 0, "discarded": 1}
            assert answer["issues"][-1]["code"] == "discarded"
        assert (await replay(store, ALL, OPERATOR))["mended"] == 0
        assert not (await state_of(store)).standing
        choice = Choice(FEEDS, message=first["delivery"])
        assert (await replay(store, choice, OPERATOR))["mended"] == 1
        assert (await taken(store, social(plan(1))))["status"] == "taken"

    run(database_url, tmp_path, scenario)


def test_an_item_asked_for_by_its_id_takes_up_nothing_else_that_was_discarded(
    database_url, tmp_path
):
    async def scenario(store) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as both:
            for number in (1, 2):
                both.writestr(f"{number}.json", plan(number))
        await pushed(store, Delivery("social-care", archive.getvalue(), "application/zip"))
        first, second = (await waiting(store))["quarantined"]
        await discard(store, ALL, OPERATOR, "a trial")
        choice = Choice(FEEDS, message=first["item_id"])
        assert (await replay(store, choice, OPERATOR))["mended"] == 1
        states = {row[0]: row[3] for row in await items_of(store)}
        assert states == {first["item_id"]: "taken", second["item_id"]: "discarded"}

    run(database_url, tmp_path, scenario)


def test_an_item_that_was_taken_in_part_is_replayed_by_its_id(database_url, tmp_path):
    async def scenario(store) -> None:
        (one,) = [d for d in authored("gp") if d.name == "minimal"]
        await pushed(store, one)
        (held,) = (await waiting(store))["quarantined"]
        choice = Choice(FEEDS, message=held["item_id"])
        found = await replay(store, choice, OPERATOR)
        assert (found["mended"], found["waiting"]) == (1, 0)

    run(database_url, tmp_path, scenario)


def test_the_refused_part_of_what_was_taken_is_left_out_by_a_discard(database_url, tmp_path):
    async def scenario(store) -> None:
        (one,) = [d for d in authored("gp") if d.name == "minimal"]
        first = await pushed(store, one)
        assert first["status"] == "partly-taken"
        assert (await waiting(store))["quarantined"][0]["state"] == "taken in part"
        await discard(store, ALL, OPERATOR, "theirs to mend")
        assert (await waiting(store))["waiting"] == 0
        assert {row[3] for row in await items_of(store)} == {"taken"}
        choice = Choice(FEEDS, message=first["delivery"])
        assert (await replay(store, choice, OPERATOR))["mended"] == 1
        assert (await taken(store, one))["status"] == "taken"

    run(database_url, tmp_path, scenario)
