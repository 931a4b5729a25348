"""PostgreSQL by asyncpg: binary protocol, prepared statements, a pool.

Rule    What is added waits, and goes in one statement before the next one or the commit: a way to
        the server costs more than a row.
        Writings run READ COMMITTED and lock what they decide on. A deadlock, a serialization
        failure, or a row another writer put there first is BusyError: the unit is tried again.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from gateway.errors import TooCostlyError
from gateway.store.database.engine import (
    IN_THE_WAY,
    BusyError,
    Delete,
    Insert,
    Row,
    Update,
    committed,
)
from gateway.store.database.inserts import away_in_one, in_one

_BUSY: Final[tuple[type[Exception], ...]] = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
)

_MANY: Final = 300
"""Rows of one table that are not held back: they are sent piece by piece."""
_STATEMENTS: Final = 256
"""Kept prepared on each connection, for minutes; each holds some 30 KB. Many come of which tables a
transaction adds to, and of how many ids are asked for."""
_PLANNING: Final = {"enable_seqscan": "off", "jit": "off"}
"""Every question here is one for an index. A plan is made once for many askings, and often while
the tables are young: without figures of them the server would read each from end to end."""


class _Raw(asyncpg.Connection):
    """A connection whose session nothing here ever changes: there is nothing to put back."""

    def get_reset_query(self) -> str:
        return ""


class PostgresConnection:
    """One pooled connection."""

    lock_rows = " FOR UPDATE"
    busy = _BUSY

    def __init__(self, raw: Any, *, writes: bool = False) -> None:
        self.raw = raw
        self.writes = writes
        self.own: dict[str, Any] = {}
        self._added: dict[Insert | Update, list[Sequence[Any]]] = {}

    async def fetch(
        self, sql: str, args: Sequence[Any] = (), seconds: float | None = None
    ) -> list[Row]:
        """All rows of a query. Errors: TooCostlyError where it takes longer than `seconds`."""
        await self.settle()
        try:
            rows: list[Row] = await self.raw.fetch(sql, *args, timeout=seconds)
        except TimeoutError:
            if seconds is None:  # the connection's own, not the query's
                raise
            raise TooCostlyError from None
        return rows

    async def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        await self.settle()
        status: str = await self.raw.execute(sql, *args)
        return int(status.rpartition(" ")[2]) if status[-1].isdigit() else 0

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        given = list(rows)
        if given:
            await self.settle()
        if len(given) == 1:
            await self.raw.execute(sql, *given[0])
        elif given:
            await self.raw.executemany(sql, given)

    async def add(self, insert: Insert | Update, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, at once where they are many."""
        given = list(rows)
        if len(given) > _MANY:
            await self.executemany(insert.of_one(), given)
        elif given:
            if insert in self._added:  # it may be of the same row
                await self.settle()
            self._added[insert] = given

    async def remove(self, several: Mapping[Delete, Sequence[Sequence[Any]]]) -> None:
        """Take away what rows of values name, in one statement."""
        given = {delete: rows for delete, rows in several.items() if rows}
        if given:
            await self.settle()
            sql, args = away_in_one(given)
            await self.raw.execute(sql, *args)

    async def settle(self) -> None:
        """Add what waits."""
        if self._added:
            added, self._added = self._added, {}
            sql, args = in_one(added)
            await self.raw.execute(sql, *args)


class PostgresEngine:
    """A database server's database."""

    one_writer = False

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, url: str, largest: int = 16) -> "PostgresEngine":
        """Open a pool of at most `largest` connections."""
        plain = url.replace("postgresql+asyncpg://", "postgresql://")
        pool = await asyncpg.create_pool(
            plain,
            min_size=1,
            max_size=largest,
            statement_cache_size=_STATEMENTS,
            server_settings=_PLANNING,
            connection_class=_Raw,
        )
        return cls(pool)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[PostgresConnection]:
        """A connection outside a transaction: each statement is a snapshot of its own."""
        async with self._pool.acquire() as raw:
            yield PostgresConnection(raw)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[PostgresConnection]:
        """One READ COMMITTED transaction."""
        try:
            async with self._pool.acquire() as raw:
                conn = PostgresConnection(raw, writes=True)
                async with raw.transaction():
                    yield conn
                    await conn.settle()
        except _BUSY:
            raise BusyError(IN_THE_WAY) from None
        committed(conn)

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()
