"""Accepted now and applied later, interrupted and taken up again; keys of what was undone."""

import asyncio
import tracemalloc

import pytest

from gateway.audit.entry import decode
from gateway.audit.events import Outcome
from gateway.flows.intake import absence, push_update
from gateway.flows.intake import batches as cutting
from gateway.flows.intake.delivery_answer import MOST_LISTED
from gateway.flows.intake.finish_deliveries import finish_deliveries
from gateway.flows.intake.prepare import prepared
from gateway.flows.intake.recognise import recognised
from gateway.store.audit import audit_reads
from gateway.store.database import sqlite
from gateway.store.database.engine import BusyError
from gateway.store.sealed.vault import Vault
from mappings.registry import FEEDS
from tests.integration.taking import (
    Delivery,
    all_taken,
    authored,
    opened,
    provider,
    state_of,
    taken,
    upgraded,
    verified,
    wiped,
)
from tests.integration.test_ingest_crash import _message


class StoppedError(Exception):
    """Stands for the process being ended between two batches."""


def _large(messages: int = 120) -> Delivery:
    return Delivery("hospital", b"\r".join(_message(number) for number in range(messages)))


def test_a_delivery_accepted_for_later_is_applied_by_the_worker(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            now = await taken(store, _large())
            direct = await state_of(store)
            await wiped(store)
            answer = await taken(store, _large(), later=True)
            assert answer["status"] == "accepted"
            assert not (await state_of(store)).standing
            again = await taken(store, _large(), later=True)
            assert again == answer | {"duplicate": True}
            done, failed = await finish_deliveries(store, FEEDS, store.vault._clock())
            assert (done, failed) == (1, frozenset())
            assert await state_of(store) == direct
            last = await taken(store, _large())
            assert last["duplicate"] is True
            assert last["items"] == now["items"]
            assert await finish_deliveries(store, FEEDS, store.vault._clock()) == (
                0,
                frozenset(),
            )
            assert await verified(store)

    asyncio.run(scenario())


@pytest.mark.parametrize("batches", [1, 2])
def test_a_worker_that_is_stopped_between_batches_is_taken_over(
    batches, database_url, tmp_path, monkeypatch
):
    upgraded(database_url)
    monkeypatch.setattr(cutting, "BATCH", 50)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await taken(store, _large())
            direct = await state_of(store)
            await wiped(store)
            await taken(store, _large(), later=True)
            real, count = absence.apply_whole, iter(range(99))

            async def stopping(*args, **given):
                if next(count) == batches:
                    raise StoppedError
                return await real(*args, **given)

            monkeypatch.setattr(push_update, "apply_whole", stopping)
            with pytest.raises(StoppedError):
                await finish_deliveries(store, FEEDS, store.vault._clock())
            monkeypatch.setattr(push_update, "apply_whole", real)
            assert 0 < len((await state_of(store)).standing) < len(direct.standing)
            assert (await finish_deliveries(store, FEEDS, store.vault._clock()))[0] == 1
            assert await state_of(store) == direct
            assert await verified(store)

    asyncio.run(scenario())


def test_two_workers_at_once_apply_a_delivery_once(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await taken(store, _large(), later=True)
            at = store.vault._clock()
            await asyncio.gather(*(finish_deliveries(store, FEEDS, at) for _ in range(2)))
            async with store.engine.reading() as conn:
                rows = await conn.fetch("SELECT COUNT(*), COUNT(DISTINCT item_id) FROM item")
                versions = await conn.fetch("SELECT MAX(version) FROM resource")
            assert tuple(rows[0]) == (120, 120)
            assert versions[0][0] == 1
            assert await verified(store)

    asyncio.run(scenario())


def test_a_key_made_in_an_undone_transaction_seals_nothing(database_url, tmp_path):
    """Else what it sealed would be lost: the key was never stored."""
    upgraded(database_url)
    keys = provider(tmp_path)

    async def scenario() -> None:
        async with opened(database_url, keys) as store:

            async def undone(conn):
                await store.vault.ensure(conn, ["somebody"])
                await store.vault.ensure(conn, ["somebody"])
                raise StoppedError

            with pytest.raises(StoppedError):
                await store.write(undone)
            async with store.engine.writing() as conn:
                made = await store.vault.ensure(conn, ["somebody"])
                sealed = made.seal("somebody", b"words", b"row")
            async with store.engine.reading() as conn:
                fresh = await Vault(keys, store.vault._clock).keys(conn, ["somebody"])
            assert fresh.open("somebody", sealed, b"row") == b"words"

    asyncio.run(scenario())


def test_a_file_whose_writer_never_ends_is_busy_and_not_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.1)
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> None:
        async with (
            opened(url, provider(tmp_path)) as one,
            opened(url, provider(tmp_path)) as other,
        ):
            async with one.engine.writing():
                with pytest.raises(BusyError):
                    async with other.engine.writing():
                        pass
            (answer,) = await all_taken(other, [_large(1)])
            assert answer["status"] == "taken"

    asyncio.run(scenario())


def test_a_caller_who_goes_away_at_the_commit_leaves_the_writer_usable(tmp_path):
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            for steps in range(12):
                task = asyncio.create_task(taken(store, _large(1 + steps)))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            (answer,) = await all_taken(store, [_large(20)])
            assert answer["items"]["taken"] == 20
            assert await verified(store)

    asyncio.run(scenario())


def _rows(count: int) -> bytes:
    """A CLD file of so many rows about so many people, from the authored example."""
    source = next(d for d in authored("social-care") if d.name == "norma-cld.csv").body
    head, *lines = source.decode("utf-8-sig").splitlines()
    first = lines[0]
    made = [first.replace("9990000077", "").replace("20417", f"{n:07}") for n in range(count)]
    return "\n".join([head, *made]).encode()


def test_a_long_file_is_read_as_a_stream_and_the_lists_of_its_answer_are_capped(tmp_path, whole):
    """A row costs little more than its bytes, though each is another person."""
    keys = provider(tmp_path)
    feed = FEEDS["social-care"]

    def peak(count: int) -> tuple[int, int]:
        body = _rows(count)
        members = {"": body}
        contents = recognised(feed, members, "text/csv")
        tracemalloc.start()
        found = sum(1 for _ in prepared(feed, contents, keys.hasher))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found >= count
        return most, len(body)

    few = 200 if whole else 60
    small, small_size = peak(few)
    large, large_size = peak(6 * few)
    assert large - small < 3 * (large_size - small_size)

    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> dict:
        async with opened(url, keys) as store:
            return await taken(store, Delivery("social-care", _rows(700), "text/csv"))

    answer = asyncio.run(scenario())
    assert len(answer["resources"]) <= MOST_LISTED
    assert len(answer["issues"]) <= MOST_LISTED
    assert answer["items"]["taken"] + answer["items"]["quarantined"] >= 700


def test_a_body_that_was_refused_and_comes_to_be_applied_later_is_accepted(database_url, tmp_path):
    upgraded(database_url)
    cut_short = Delivery("gp", b'{"resourceType": "Bundle", "entry": [')

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            assert (await taken(store, cut_short))["status"] == "refused"
            answer = await taken(store, cut_short, later=True)
            assert (answer["status"], answer["issues"]) == ("accepted", [])
            await taken(store, cut_short)
            entries = [decode(one[1]).entry async for one in audit_reads.entries(store.engine)]
            assert {one.delivery_id for one in entries} == {answer["delivery"]}

    asyncio.run(scenario())


def test_a_delivery_of_items_that_came_before_is_not_noted_as_quarantined(database_url, tmp_path):
    upgraded(database_url)
    again = Delivery("hospital", _message(1) + b"\r\r")

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await taken(store, Delivery("hospital", _message(1)))
            answer = await taken(store, again)
            assert (answer["status"], answer["duplicate"]) == ("taken", False)
            entries = [decode(one[1]).entry async for one in audit_reads.entries(store.engine)]
            assert [one.outcome for one in entries] == [Outcome.STORED] * 2

    asyncio.run(scenario())
