"""The two engines that every store test runs on are really there, empty and apart."""

import asyncio
import sqlite3

import asyncpg
import pytest

from gateway.errors import TooCostlyError
from gateway.store.database import schema
from gateway.store.database.engine import closing, open_engine

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"


async def _ask(url: str, *statements: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
        rows = await connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
    finally:
        await connection.close()
    return [row["table_name"] for row in rows]


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_postgres_database_of_its_own(empty_postgres_url, turn):
    assert asyncio.run(_ask(empty_postgres_url)) == []
    assert asyncio.run(_ask(empty_postgres_url, "CREATE TABLE left_behind (a TEXT)")) == [
        "left_behind"
    ]


def test_a_connection_left_open_does_not_stop_the_next_test(postgres_url):
    async def leave() -> bool:
        connection = await asyncpg.connect(postgres_url)
        open_now = not connection.is_closed()
        connection.terminate()
        return open_now

    assert asyncio.run(leave())


def test_a_database_is_empty_on_both_engines(empty_database_url):
    if empty_database_url.startswith("sqlite:///"):
        with sqlite3.connect(empty_database_url.removeprefix("sqlite:///")) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        connection.close()
    else:
        names = asyncio.run(_ask(empty_database_url))
    assert names == []


def test_a_sqlite_file_is_made_with_pages_that_sealed_rows_fit(tmp_path):
    path = tmp_path / "new.db"
    schema.upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
    connection.close()


def test_a_query_that_takes_too_long_is_ended_and_its_connection_serves_on(empty_database_url):
    async def ask() -> list[int]:
        async with (
            closing(await open_engine(empty_database_url)) as engine,
            engine.reading() as conn,
        ):
            with pytest.raises(TooCostlyError):
                await conn.fetch(ENDLESS, (), 0.05)
            return [row[0] for row in await conn.fetch("SELECT 1", (), 60.0)]

    assert asyncio.run(ask()) == [1]


@pytest.mark.parametrize("count", [3, 4_000, 20_000])
def test_each_value_stands_where_its_number_does_however_many_there_are(empty_database_url, count):
    """The last one first, and each of the others twice."""

    async def ask() -> list[tuple[str, int]]:
        async with (
            closing(await open_engine(empty_database_url)) as engine,
            engine.reading() as conn,
        ):
            named = ", ".join(f"${number}" for number in range(1, count))
            rows = ", ".join(f"(${number})" for number in range(1, count))
            return await conn.fetch(
                f"WITH asked(name) AS MATERIALIZED (VALUES (${count}), {rows})"  # noqa: S608 - numbers
                f" SELECT MAX(name), COUNT(*) FROM asked WHERE name IN ({named})",
                [f"{number:05}" for number in range(count)],
            )

    ((largest, found),) = asyncio.run(ask())
    assert (largest, found) == (f"{count - 2:05}", count - 1)
