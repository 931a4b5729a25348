"""How keys stand is known before anything is opened or hashed, and costs next to nothing."""

import asyncio

from gateway.cli import keyring
from gateway.custody import keys_of
from gateway.flows.identity import shred
from gateway.settings import Settings
from gateway.store.access import facts
from gateway.store.access.held import HeldCache
from gateway.store.upkeep import shredding
from tests.integration.taking import opened, provider, run, taken
from tests.integration.test_ingest_identity import NORMA, seen_by
from tests.integration.test_shredding import BEN, about, asked, register, two_people

__all__ = ["register"]


def _listening(conn) -> list[str]:
    """Every question to the database from now on."""
    said: list[str] = []
    ask = conn.fetch

    async def fetch(sql, args=(), seconds=None):
        said.append(sql)
        return await ask(sql, args, seconds)

    conn.fetch = fetch
    return said


def test_a_reading_about_a_person_asks_nothing_of_keys_by_itself(database_url, tmp_path):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        for _ in range(2):
            async with store.engine.reading() as conn:
                said = _listening(conn)
                assert await facts.whom(conn, "Patient", norma)
                await store.vault.keys(conn, [norma])
        assert len(said) == 1, "whose it is, and how keys stand"

        async with store.engine.reading() as conn:
            said = _listening(conn)
            await store.vault.keys(conn, [norma])
            await store.vault.keys(conn, [norma])
        assert len(said) == 1, "where nobody was looked up it is asked, once"

    run(database_url, tmp_path, scenario)


def test_an_item_of_one_person_asks_once(database_url, tmp_path, monkeypatch):
    """Whether the person was shredded, and how keys stand, in one question after the locks."""

    async def scenario(store):
        await two_people(store)
        said: list[str] = []
        run_unit = store.writer.run

        async def listening(unit, ahead=None):
            async def heard(conn):
                more = _listening(conn)
                try:
                    return await unit(conn)
                finally:
                    said.extend(more)

            return await run_unit(heard, ahead)

        monkeypatch.setattr(store.writer, "run", listening)
        await taken(store, seen_by("RAX", NORMA, at="20261005090000"))
        assert sum("key_state" in sql for sql in said) == 1
        assert sum("shredded" in sql for sql in said) == 1

    run(database_url, tmp_path, scenario)


def test_a_process_takes_up_the_generation_with_the_person_it_looks_up(database_url, tmp_path):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        settings = Settings(database_url=database_url, key_file=tmp_path / "keys.json")
        async with opened(database_url, keys_of(settings)) as beside:
            await keyring.rotated(settings, beside, "index")
            await keyring.rehashed(settings, beside)
        assert store.vault.hasher.generation == 1
        async with store.engine.reading() as conn:
            await facts.facts_about(conn, store.vault, HeldCache(), [norma])
            await store.vault.keys(conn, [norma])
        assert store.vault.hasher.generation == 2

    run(database_url, tmp_path, scenario)


def test_an_item_that_waits_for_the_shredding_of_its_person_is_refused(
    postgres_url, tmp_path, register, monkeypatch
):
    """It was under way before the shredding ended, and found the person still there."""

    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        begun, go_on = asyncio.Event(), asyncio.Event()
        erase = shredding.erase

        async def slow(conn, records):
            begun.set()
            await go_on.wait()
            return await erase(conn, records)

        monkeypatch.setattr(shredding, "erase", slow)
        async with opened(postgres_url, provider(tmp_path)) as beside:
            going = asyncio.create_task(shred.confirm(store, BEN, request, register))
            await begun.wait()
            item = seen_by("RAX", NORMA, at="20261006090000")
            coming = asyncio.create_task(taken(beside, item))
            async with store.engine.reading() as conn:
                while not await conn.fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
                    await asyncio.sleep(0.01)
            go_on.set()
            assert (await going)["state"] == "done"
            answer = await coming
        assert answer["items"] == {"taken": 0, "quarantined": 1}
        assert [one["code"] for one in answer["issues"]] == ["shredded"]
        assert await about(store, norma, twin) == {"shredded": 2, "shred_request": 1}

    run(postgres_url, tmp_path, scenario)
