"""Rows that a writing adds: there for its next statement, refused as its own, few ways to the
server."""

import asyncio
from typing import Any

import pytest

from gateway.store.database.engine import Insert
from tests.integration.taking import opened, provider, upgraded

_OWNER = Insert("resource_owner", "resource_id, patient_id")
_KEY = Insert("data_key", "owner, number, kek_id, wrapped, created_at")
_FIRST = Insert("resource_owner", "resource_id, patient_id", "ON CONFLICT DO NOTHING")


async def _owned(conn) -> list[tuple[str, str]]:
    rows = await conn.fetch("SELECT resource_id, patient_id FROM resource_owner ORDER BY 1")
    return [tuple(row) for row in rows]


def _run(url: str, tmp_path, scenario) -> Any:
    upgraded(url)

    async def run() -> Any:
        async with opened(url, provider(tmp_path)) as store:
            return await scenario(store)

    return asyncio.run(run())


@pytest.mark.parametrize("count", [1, 2, 300, 301])
def test_what_was_added_is_there_for_the_next_statement_and_after_the_commit(
    database_url, tmp_path, count
):
    rows = [(f"r{n:04}", f"p{n}") for n in range(count)]
    keys = [(f"o{n:04}", n, "", bytes([n % 256]), 1 << 50) for n in range(count)]

    async def scenario(store) -> None:
        async def unit(conn) -> list[tuple[str, str]]:
            await conn.add(_OWNER, rows)
            await conn.add(_KEY, keys)
            return await _owned(conn)

        assert await store.write(unit) == rows
        async with store.engine.reading() as conn:
            assert await _owned(conn) == rows
            kept = await conn.fetch(
                "SELECT owner, number, kek_id, wrapped, created_at FROM data_key"
                " WHERE owner LIKE 'o%' ORDER BY owner"
            )
            assert [(*one[:3], bytes(one[3]), one[4]) for one in kept] == keys

    _run(database_url, tmp_path, scenario)


def test_what_is_added_last_is_there_after_the_commit(database_url, tmp_path):
    async def scenario(store) -> None:
        await store.write(lambda conn: conn.add(_OWNER, [("r", "p")]))
        await store.write(lambda conn: conn.add(_OWNER, []))
        async with store.engine.writing() as conn:
            await conn.add(_OWNER, [("s", "p")])
        async with store.engine.reading() as conn:
            assert await _owned(conn) == [("r", "p"), ("s", "p")]

    _run(database_url, tmp_path, scenario)


def test_rows_are_added_in_the_order_in_which_they_come(database_url, tmp_path):
    async def scenario(store) -> None:
        async def unit(conn) -> None:
            await conn.add(_FIRST, [("r", "first")])
            await conn.add(_FIRST, [("r", "second")])
            await conn.execute("UPDATE resource_owner SET patient_id = 'p' WHERE resource_id = 'r'")
            await conn.add(_FIRST, [("r", "third")])

        await store.write(unit)
        async with store.engine.reading() as conn:
            assert await _owned(conn) == [("r", "p")]

    _run(database_url, tmp_path, scenario)


def test_a_unit_whose_rows_are_refused_falls_alone(database_url, tmp_path):
    async def scenario(store) -> None:
        await store.write(lambda conn: conn.add(_OWNER, [("r2", "before")]))
        told = await asyncio.gather(
            *(
                store.writer.run(lambda conn, n=n: conn.add(_OWNER, [(f"r{n}", "p")]))
                for n in range(5)
            ),
            return_exceptions=True,
        )
        assert [isinstance(one, Exception) for one in told] == [n == 2 for n in range(5)]
        async with store.engine.reading() as conn:
            assert await _owned(conn) == [(f"r{n}", "before" if n == 2 else "p") for n in range(5)]

    _run(database_url, tmp_path, scenario)


def test_rows_of_several_tables_are_one_way_to_the_server(postgres_url, tmp_path):
    async def scenario(store) -> None:
        async with store.engine.writing() as conn:
            sent: list[str] = []
            with conn.raw.query_logger(lambda record: sent.append(record.query)):
                await conn.add(_OWNER, [("r", "p"), ("s", "p")])
                await conn.add(_KEY, [("o", 1, "", b"", 1)])
                assert len(await _owned(conn)) == 2
            assert [text.count("INSERT INTO") for text in sent if "INSERT" in text] == [2]

    _run(postgres_url, tmp_path, scenario)
