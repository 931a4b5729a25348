"""SQLite in one file: readers on the event loop, one writer, commits in a thread.

Rule    WAL with full synchronisation: a commit is on disk before it is answered. Every writing
        begins IMMEDIATE, so that no transaction reads first and then fails to write.
Source  docs/adr (engines); SQLite's documentation of WAL and of busy handling.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any

from gateway.errors import TooCostlyError
from gateway.store.database.engine import (
    BusyError,
    Delete,
    Insert,
    Row,
    Update,
    committed,
    goes_for_good,
)

_BUSY_SECONDS = 20.0
_STEPS = 10_000
"""Of the database's own machine, between two looks at the time."""
_SHORTEST_PAUSE_SECONDS = 0.0005
_LONGEST_PAUSE_SECONDS = 0.02
_WRITER_CACHE_KB = 16_000
"""Ids are random, so that a long delivery writes all over the file: with less room the same pages
are read and let go again and again."""
_LOG_PAGES = 4_000
"""Of the write-ahead log before they go to their places: a page that is written again and again
goes there once (docs/adr/0077)."""
_EMPTY_AGAIN_SECONDS = 1.0
"""Between two tries to empty that log: where many read, each goes through all of it."""
_STATEMENTS = 128
"""That a connection keeps prepared: one that names many values takes as much memory as they do."""
_LONG = 20_000
"""Characters of a statement that is not kept: those of searches differ from each other."""
_NUMBERED = re.compile(r"\$(\d+)")


def _bound(sql: str, args: Sequence[Any], most: int) -> tuple[str, Sequence[Any]]:
    """A statement in SQLite's words, and the values of its placeholders. To bind by number takes
    time by the square of how many there are: a long statement has one `?` for each value it
    names, where it may name so many."""
    if len(sql) < _LONG:
        return _kept(sql), args
    named = [args[int(number) - 1] for number in _NUMBERED.findall(sql)]
    return (_NUMBERED.sub("?", sql), named) if len(named) <= most else (_written(sql), args)


def _written(sql: str) -> str:
    return _NUMBERED.sub(r"?\1", sql)


_kept = lru_cache(maxsize=2 * _STATEMENTS)(_written)


def _is_busy(fault: sqlite3.OperationalError) -> bool:
    return fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class SqliteConnection:
    """One connection; its statements run at once, they are short."""

    lock_rows = ""
    busy: tuple[type[Exception], ...] = ()

    def __init__(self, raw: sqlite3.Connection, *, writes: bool = False) -> None:
        self.raw = raw
        self.writes = writes
        self.own: dict[str, Any] = {}
        self._most = raw.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)

    async def fetch(
        self, sql: str, args: Sequence[Any] = (), seconds: float | None = None
    ) -> list[Row]:
        """All rows of a query. Errors: TooCostlyError where it takes longer than `seconds`."""
        text, values = _bound(sql, args, self._most)
        if seconds is None:
            return self.raw.execute(text, values).fetchall()
        end = monotonic() + seconds
        self.raw.set_progress_handler(lambda: monotonic() > end, _STEPS)
        try:
            return self.raw.execute(text, values).fetchall()
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TooCostlyError from None
            raise
        finally:
            self.raw.set_progress_handler(None, 0)

    async def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        return self.raw.execute(*_bound(sql, args, self._most)).rowcount

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        given = list(rows)
        if len(given) == 1:
            self.raw.execute(_kept(sql), given[0])
        elif given:
            self.raw.executemany(_kept(sql), given)

    async def add(self, insert: Insert | Update, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, at once."""
        await self.executemany(insert.of_one(), rows)

    async def remove(self, several: Mapping[Delete, Sequence[Sequence[Any]]]) -> None:
        """Take away what rows of values name."""
        for delete, rows in several.items():
            await self.executemany(delete.of_one(), rows)

    async def settle(self) -> None:
        """Nothing waits."""


class SqliteEngine:
    """A database file."""

    one_writer = True

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer = SqliteConnection(self._connect(), writes=True)
        self._writer.raw.execute("PRAGMA busy_timeout = 0")
        self._writer.raw.execute(f"PRAGMA cache_size = {-_WRITER_CACHE_KB}")
        self._writer.raw.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        self._writer.raw.execute("PRAGMA secure_delete = ON")
        self._empty_at = inf
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._idle: list[SqliteConnection] = []

    def _connect(self) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self._path,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA case_sensitive_like = ON")
        return raw

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqliteConnection]:
        """A snapshot: everything read in the block is of one moment."""
        connection = self._idle.pop() if self._idle else SqliteConnection(self._connect())
        connection.own = {}
        connection.raw.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.raw.execute("ROLLBACK")
            self._idle.append(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[SqliteConnection]:
        """The one writer's transaction. Errors: BusyError where another process never ends."""
        async with self._lock:
            raw = self._writer.raw
            await self._begin(raw)
            self._writer.own = {}
            try:
                yield self._writer
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            await self._commit(raw)
            committed(self._writer)
            if goes_for_good(self._writer) or monotonic() >= self._empty_at:
                await self._empty_log(raw)

    async def _begin(self, raw: sqlite3.Connection) -> None:
        """Become the file's one writer; while another process is, this one serves its reads."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + _BUSY_SECONDS, _SHORTEST_PAUSE_SECONDS
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as fault:
                if not _is_busy(fault):
                    raise
                if loop.time() > until:
                    raise BusyError("another process is writing") from None
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _commit(self, raw: sqlite3.Connection) -> None:
        """Commit, or undo it all."""
        try:
            await self._in_thread(raw, "COMMIT")
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")

    async def _empty_log(self, raw: sqlite3.Connection) -> None:
        """What went stands in the write-ahead log until then. It waits for nobody who reads: a
        later writing tries it again. What was committed is so, whatever comes of this."""
        self._empty_at = monotonic() + _EMPTY_AGAIN_SECONDS
        with suppress(sqlite3.OperationalError):
            (busy, _, _) = await self._in_thread(raw, "PRAGMA wal_checkpoint(TRUNCATE)")
            if not busy:
                self._empty_at = inf

    async def _in_thread(self, raw: sqlite3.Connection, sql: str) -> Any:
        """A statement's first row; it comes to its end even where whoever waits is called off."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, lambda: raw.execute(sql).fetchone())
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise

    async def close(self) -> None:
        """Close every connection."""
        async with self._lock:
            self._thread.shutdown(wait=True)
            for connection in (*self._idle, self._writer):
                connection.raw.close()
            self._idle.clear()
