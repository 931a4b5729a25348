"""Deliveries that come at one moment are applied as one batch: each is answered, kept and recorded
as if it had come alone, and whatever keeps one from that keeps back no other."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from consent.feeds import FeedState
from gateway.audit.events import Event
from gateway.flows.intake import side_by_side
from gateway.store.commit import writer
from gateway.store.intake import apply
from gateway.store.intake.work import AlteredError
from gateway.store.site import feed_standing
from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    taken,
    upgraded,
    verified,
    wiped,
)
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_ingest_merges import at, identity_event
from tests.integration.test_replay import entries_of


def visit(local: str, number: str = "", day: int = 1) -> Delivery:
    return seen_by("RAX", number, "19430304", f"202610{day:02d}090000", local)


CROWD = [visit(str(one)) for one in range(1, 7)]
NO_PERSON = Delivery("hospital", b"MSH|^~\\&|EPR|RAX|GW|GW|20261001||ADT^A01|X|P|2.4\r", org="RAX")


class Batches:
    """How many deliveries were applied together, each time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self.fault: Exception | None = None
        whole = apply.apply_parts

        async def counted(conn: Any, vault: Any, parts: Any) -> Any:
            self.sizes.append(len(parts))
            if self.fault:
                raise self.fault
            return await whole(conn, vault, parts)

        monkeypatch.setattr(side_by_side, "apply_parts", counted)


@pytest.fixture
def batches(monkeypatch) -> Batches:
    return Batches(monkeypatch)


def _ran(url: str, folder: Any, scenario: Any) -> Any:
    upgraded(url)

    async def running() -> Any:
        async with opened(url, provider(folder)) as store:
            return await scenario(store)

    return asyncio.run(running())


async def _at_once(store: Any, sent: Iterable[Delivery]) -> list[dict[str, Any]]:
    return await asyncio.gather(*(taken(store, one) for one in sent))


async def _seen(store: Any, sent: list[Delivery], take: Any) -> Any:
    """All that a sender, a reader and a governance lead can tell of these deliveries."""
    before = len(await entries_of(store, Event.PUSH))
    answers = await take(store, sent)
    bodies = {name: body for name, (body, _) in (await resources(store)).items()}
    for body in bodies.values():
        del body["meta"]["lastUpdated"]
    entries = [one.entry for one in (await entries_of(store, Event.PUSH))[before:]]
    recorded = sorted(
        (str(one.outcome), one.patient_ids, sorted(one.resources), one.reasons) for one in entries
    )
    again = [_told(await taken(store, one)) for one in sent]
    return [_told(one) for one in answers], await state_of(store), bodies, recorded, again


def _told(answer: dict[str, Any]) -> Any:
    """What a sender is answered, but for the id that is new each time."""
    return {name: said for name, said in answer.items() if name != "delivery"}


@pytest.mark.parametrize(
    ("sent", "most"),
    [
        (CROWD, 6),
        ([*CROWD, visit("1", day=2), NO_PERSON], 7),
        ([CROWD[0], CROWD[0], CROWD[1], NO_PERSON, NO_PERSON], 3),
        ([visit("1", NORMA), visit("2", NORMA), visit("3", OTHER), visit("4", day=5)], 4),
        ([*CROWD[:3], identity_event("A40", "1", "2", at(2)), visit("7")], 4),
    ],
    ids=["apart", "one of a person twice", "the same twice", "one number", "a merge beside"],
)
def test_each_is_taken_as_if_it_had_come_alone(sent, most, database_url, tmp_path, batches):
    async def scenario(store: Any) -> Any:
        alone = await _seen(store, sent, all_taken)
        assert not batches.sizes
        await wiped(store)
        together = await _seen(store, sent, _at_once)
        assert await verified(store)
        return alone, together

    alone, together = _ran(database_url, tmp_path, scenario)
    assert 2 <= max(batches.sizes) <= most
    assert together == alone


@pytest.mark.parametrize("fault", [AlteredError(["one"]), RuntimeError("whatever")])
def test_where_that_fails_each_is_taken_by_itself(fault, database_url, tmp_path, batches):
    batches.fault = fault

    async def scenario(store: Any) -> Any:
        answers = await _at_once(store, CROWD)
        return answers, len(await resources(store)), await verified(store)

    answers, found, is_true = _ran(database_url, tmp_path, scenario)
    assert batches.sizes
    assert [one["status"] for one in answers] == ["taken"] * len(CROWD)
    assert found == 2 * len(CROWD)
    assert is_true


def test_what_a_paused_feed_sends_is_kept_and_not_applied(database_url, tmp_path, batches):
    async def scenario(store: Any) -> Any:
        paused = FeedState.PAUSED
        await store.write(
            lambda conn: feed_standing.change(conn, "RAX", "hospital", paused, 1, "x")
        )
        return await _at_once(store, CROWD), await resources(store)

    answers, found = _ran(database_url, tmp_path, scenario)
    assert [one["status"] for one in answers] == ["accepted"] * len(CROWD)
    assert (found, batches.sizes) == ({}, [])


def test_feeds_and_organisations_are_not_mixed_and_no_batch_is_long(
    database_url, tmp_path, batches, monkeypatch
):
    monkeypatch.setattr(writer, "MOST_AHEAD", 3)
    others = [replace(seen_by("RJ7", NORMA, local=str(one)), org="RJ7") for one in range(4)]

    async def scenario(store: Any) -> Any:
        answers = await _at_once(
            store, [one for pair in zip(CROWD[:4], others, strict=True) for one in pair]
        )
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT source_org, COUNT(*) FROM item GROUP BY source_org")
        return answers, dict(rows)

    answers, items = _ran(database_url, tmp_path, scenario)
    assert {one["status"] for one in answers} == {"taken"}
    assert items == {"RAX": 4, "RJ7": 4}
    assert max(batches.sizes) <= 3


def test_each_version_names_the_delivery_that_it_came_in(database_url, tmp_path, batches):
    async def scenario(store: Any) -> Any:
        await _at_once(store, CROWD)
        async with store.engine.reading() as conn:
            return await conn.fetch(
                "SELECT v.author_id, 'delivery:' || i.delivery_id FROM resource_version v"
                " JOIN item_resource r ON r.patient_id = v.patient_id"
                " AND r.resource_id = v.resource_id"
                " JOIN item i ON i.patient_id = r.patient_id AND i.item_id = r.item_id"
            )

    rows = _ran(database_url, tmp_path, scenario)
    assert max(batches.sizes) > 1
    assert len({author for author, _ in rows}) == len(CROWD)
    assert all(author == delivery for author, delivery in rows)
