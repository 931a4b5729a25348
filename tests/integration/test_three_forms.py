"""The decision in three forms over drawn worlds: a predicate, SQL on both engines, and a plain
reference that never compiles anything."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from random import Random

import asyncpg
import pytest

from consent.decision import compile_filter
from consent.filter import Filter
from consent.terms import Labels
from gateway.store.clear.filter_sql import COLUMNS, where
from tests.contract.reference import reference
from tests.unit.consent import drawn
from tests.unit.consent.world import policy

WORLDS, SOME_WORLDS = 100_000, 500
ROWS, ROWS_ONCE = 16, 100
"""So many rows are held; after so many worlds, others."""
_FIELDS = {"starts": "start", "ends": "end"}
_TEXTS = {"category", "source_org", "author", "resource_type", "resource_id", "feed"}
_TYPES = ", ".join(f"{c} {'TEXT' if c in _TEXTS else 'BIGINT'} NOT NULL" for c in COLUMNS)
_CREATE = f"CREATE TABLE held (n BIGINT, {_TYPES})"
_PLACES = ", ".join(f"${n}" for n in range(1, len(COLUMNS) + 2))
_INSERT = f"INSERT INTO held VALUES ({_PLACES})"  # noqa: S608 - our own column names

Held = Callable[[list[Labels]], None]
Selected = Callable[[Filter], list[int]]


def _values(rows: list[Labels]) -> list[tuple]:
    return [(n, *(getattr(one, _FIELDS.get(c, c)) for c in COLUMNS)) for n, one in enumerate(rows)]


def _query(allowed: Filter) -> tuple[str, tuple]:
    text, parameters = where(allowed, "t", 1)
    return f"SELECT n FROM held t WHERE {text} ORDER BY n", parameters  # noqa: S608


def _on_sqlite() -> Iterator[tuple[Held, Selected]]:
    connection = sqlite3.connect(":memory:")
    connection.execute(_CREATE)

    def hold(rows: list[Labels]) -> None:
        connection.execute("DELETE FROM held")
        connection.executemany(_INSERT.replace("$", "?"), _values(rows))

    def select(allowed: Filter) -> list[int]:
        text, parameters = _query(allowed)
        return [n for (n,) in connection.execute(text.replace("$", "?"), parameters)]

    yield hold, select
    connection.close()


def _on_postgres(url: str) -> Iterator[tuple[Held, Selected]]:
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url, statement_cache_size=0))
        runner.run(connection.execute(_CREATE))

        async def put(rows: list[Labels]) -> None:
            await connection.execute("DELETE FROM held")
            await connection.executemany(_INSERT, _values(rows))

        def select(allowed: Filter) -> list[int]:
            text, parameters = _query(allowed)
            return [one["n"] for one in runner.run(connection.fetch(text, *parameters))]

        yield lambda rows: runner.run(put(rows)), select
        runner.run(connection.close())


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[Held, Selected]]:
    if request.param == "sqlite":
        yield from _on_sqlite()
    else:
        yield from _on_postgres(request.getfixturevalue("empty_postgres_url"))


def test_s67_predicate_sql_and_reference_agree_over_worlds(engine, whole):
    hold, select = engine
    shown = hidden = 0
    rows: list[Labels] = []
    for number in range(WORLDS if whole else SOME_WORLDS):
        r = Random(number)
        if number % ROWS_ONCE == 0:
            rows = [drawn.row(r) for _ in range(ROWS)]
            hold(rows)
        world = drawn.world(r)
        rules = policy(world.settings)
        allowed = compile_filter(world.caller, world.person, world.request, rules)
        asked = (world.caller, world.person, world.request, rules)
        expected = [n for n, one in enumerate(rows) if reference(*asked, one)]
        assert [n for n, one in enumerate(rows) if allowed.allows(one)] == expected, number
        assert select(allowed) == expected, number
        shown, hidden = shown + len(expected), hidden + ROWS - len(expected)
    assert shown > hidden / 25, "so that it is not true of worlds in which nobody sees anything"
