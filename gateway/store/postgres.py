"""PostgreSQL by asyncpg: binary protocol, prepared statements, a pool.

Rule    Writings run READ COMMITTED and lock what they decide on. A deadlock, a serialization
        failure, or a row another writer put there first is BusyError: the unit is tried again.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from gateway.errors import TooCostlyError
from gateway.store.engine import IN_THE_WAY, BusyError, Row, committed

_BUSY: Final[tuple[type[Exception], ...]] = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
)


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

    async def fetch(
        self, sql: str, args: Sequence[Any] = (), seconds: float | None = None
    ) -> list[Row]:
        """All rows of a query. Errors: TooCostlyError where it takes longer than `seconds`."""
        try:
            rows: list[Row] = await self.raw.fetch(sql, *args, timeout=seconds)
        except TimeoutError:
            if seconds is None:  # the connection's own, not the query's
                raise
            raise TooCostlyError from None
        return rows

    async def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        status: str = await self.raw.execute(sql, *args)
        return int(status.rpartition(" ")[2]) if status[-1].isdigit() else 0

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        given = list(rows)
        if len(given) == 1:
            await self.raw.execute(sql, *given[0])
        elif given:
            await self.raw.executemany(sql, given)


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
            statement_cache_size=1000,
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
        except _BUSY:
            raise BusyError(IN_THE_WAY) from None
        committed(conn)

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()
