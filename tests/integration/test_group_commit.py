"""Units that wait at the same moment share a commit; each stands or falls alone."""

import asyncio
from typing import Any

import pytest

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.store.commit.log import append
from tests.integration.taking import START, opened, provider, upgraded, verified

_ENTRY = AuditEntry(START, Event.PUSH, Outcome.STORED, Agent("u", "system", "provider"))


class _RefusedError(Exception):
    """What a unit of these tests raises."""


def _unit(store, owner: str, *, refused: bool = False):
    """Make a key and an audit entry, and fail after that if it is to."""

    async def unit(conn):
        await store.vault.ensure(conn, [owner])
        (noted,) = await append(conn, store.vault, [_ENTRY])
        if refused:
            raise _RefusedError
        return noted

    return unit


async def _owners(store) -> set[str]:
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT owner FROM data_key")
    return {row[0] for row in rows}


async def _logged(store) -> list[int]:
    async with store.engine.reading() as conn:
        return [row[0] for row in await conn.fetch("SELECT seq FROM audit_entry ORDER BY seq")]


def test_a_unit_that_fails_takes_nothing_of_the_others_with_it(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            before = len(await _logged(store))
            told: Any = await asyncio.gather(
                *(store.write(_unit(store, f"owner-{n}", refused=n % 3 == 1)) for n in range(9)),
                *(store.log.append(_ENTRY) for _ in range(5)),
                return_exceptions=True,
            )
            failed = [n for n, one in enumerate(told) if isinstance(one, _RefusedError)]
            assert failed == [1, 4, 7]
            kept = {f"owner-{n}" for n in range(9) if n not in failed}
            assert {o for o in await _owners(store) if o.startswith("owner-")} == kept
            numbers = [one.number for n, one in enumerate(told[:9]) if n not in failed]
            assert sorted([*numbers, *told[9:]]) == (await _logged(store))[before:]
            assert len(numbers) + 5 == len(await _logged(store)) - before
            assert await verified(store)

    asyncio.run(scenario())


def test_a_key_of_an_undone_unit_seals_nothing_in_the_next_of_its_group(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:

            async def sealing(conn):
                keys = await store.vault.ensure(conn, ["somebody"])
                return keys.seal("somebody", b"words", b"row")

            ended: Any = await asyncio.gather(
                store.write(_unit(store, "somebody", refused=True)),
                store.write(sealing),
                return_exceptions=True,
            )
            undone, sealed = ended
            assert isinstance(undone, _RefusedError)
            async with store.engine.reading() as conn:
                keys = await store.vault.keys(conn, ["somebody"])
            assert keys.open("somebody", sealed, b"row") == b"words"

    asyncio.run(scenario())


def test_units_of_sqlite_that_wait_together_are_one_transaction(tmp_path):
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            seen: list[Any] = []
            engine: Any = store.engine
            engine._writer.raw.set_trace_callback(seen.append)
            await asyncio.gather(*(store.write(_unit(store, f"o-{n}")) for n in range(10)))
            await asyncio.gather(*(store.log.append(_ENTRY) for _ in range(10)))
            assert seen.count("COMMIT") == 2
            assert sum(text.startswith("UPDATE audit_head") for text in seen) == 2

    asyncio.run(scenario())


def test_units_of_postgresql_that_wait_together_share_a_transaction(postgres_url, tmp_path):
    upgraded(postgres_url)

    async def scenario() -> None:
        async with opened(postgres_url, provider(tmp_path)) as store:

            async def transaction(conn):
                return (await conn.fetch("SELECT pg_current_xact_id()::text"))[0][0]

            made = await asyncio.gather(*(store.write(transaction) for _ in range(10)))
            assert len(set(made)) == 1

    asyncio.run(scenario())


def test_a_unit_that_got_in_anothers_way_is_tried_again_and_leaves_its_group_be(
    postgres_url, tmp_path
):
    upgraded(postgres_url)

    async def scenario() -> None:
        async with opened(postgres_url, provider(tmp_path)) as store:
            await store.write(_unit(store, "there"))
            tries: list[int] = []

            async def crossing(conn):
                tries.append(len(tries))
                if len(tries) == 1:
                    await conn.execute("INSERT INTO data_key SELECT * FROM data_key")
                return "done"

            told: Any = await asyncio.gather(
                store.write(crossing), *(store.write(_unit(store, f"o-{n}")) for n in range(3))
            )
            assert told[0] == "done"
            assert tries == [0, 1]
            assert {"o-0", "o-1", "o-2"} <= await _owners(store)
            assert await verified(store)

    asyncio.run(scenario())


def test_whoever_goes_away_leaves_the_others_served(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            for steps in range(8):
                work = [
                    asyncio.create_task(store.write(_unit(store, f"o-{steps}-{n}")))
                    for n in range(4)
                ]
                for _ in range(steps):
                    await asyncio.sleep(0)
                work[1].cancel()
                told: Any = await asyncio.gather(*work, return_exceptions=True)
                made = await _owners(store)
                for n in (0, 2, 3):
                    assert told[n].number >= 0
                    assert f"o-{steps}-{n}" in made
            assert await verified(store)

    asyncio.run(scenario())


def test_closing_waits_for_what_is_being_written(tmp_path):
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            writing = asyncio.create_task(store.write(_unit(store, "late")))
            await asyncio.sleep(0)
        assert (await writing).number >= 0

    asyncio.run(scenario())


def test_a_transaction_that_writes_no_entries_notes_none(tmp_path):
    url = upgraded(f"sqlite:///{tmp_path}/x.db")

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            with pytest.raises(KeyError):
                async with store.engine.writing() as conn:
                    await append(conn, store.vault, [_ENTRY])

    asyncio.run(scenario())
