"""Two engines, one way to speak to them.

In      SQL with numbered placeholders (`$1`); ids text, times microseconds, flags integers.
Out     Rows as tuples. A `reading` gives a connection to read with; a `writing` is one
        transaction that commits when its block ends without an error, and is durable then.
Errors  `BusyError` after retries are used up; database errors otherwise, which hold no values of
        ours because placeholders carry them.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from gateway.errors import GatewayError

Row = tuple[Any, ...]
_AFTER: Final = "after the commit"
_FOR_GOOD: Final = "out of the files"
IN_THE_WAY: Final = "two writings got in each other's way"


class BusyError(GatewayError):
    """Two writings got in each other's way; the whole unit may be tried again."""


@dataclass(frozen=True, slots=True, eq=False)
class Insert:
    """What is added to a table: its columns, separated by commas, and what happens to a row that is
    there by then (`ON CONFLICT ...`)."""

    table: str
    columns: str
    conflict: str = ""

    def of(self, source: str) -> str:
        """The statement that adds what `source` gives."""
        return f"INSERT INTO {self.table} ({self.columns}) {source} {self.conflict}".rstrip()

    def of_one(self, first: int = 1) -> str:
        """The statement that adds one row, its values bound from `first` on."""
        return self.of(f"VALUES ({placeholders(self.columns.count(',') + 1, first)})")


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """What is written over the one row of a table: its columns, separated by commas, and which."""

    table: str
    columns: str
    where: str

    def of_one(self, first: int = 1) -> str:
        """The statement that writes it, its values bound from `first` on."""
        named = enumerate(self.columns.split(", "), first)
        values = ", ".join(f"{column} = ${n}" for n, column in named)
        return f"UPDATE {self.table} SET {values} WHERE {self.where}"


@dataclass(frozen=True, slots=True, eq=False)
class Delete:
    """What goes from a table: each test is a column and how it compares with one value."""

    table: str
    tests: tuple[str, ...]

    def of_one(self, first: int = 1) -> str:
        """The statement that takes away what one row of values names."""
        named = (f"{test} ${n}" for n, test in enumerate(self.tests, first))
        return f"DELETE FROM {self.table} WHERE {' AND '.join(named)}"

    def of(self, source: str) -> str:
        """PostgreSQL's statement that takes away what `source g` names, its columns `v0`, `v1` and
        on: each row is looked up by itself (`OFFSET 0`), however small the table was when the
        server made its plan. Whoever takes away holds the records that the rows are of."""
        named = " AND ".join(f"t.{test} g.v{n}" for n, test in enumerate(self.tests))
        rows = f"SELECT t.ctid FROM {self.table} t WHERE {named} OFFSET 0"
        found = f"SELECT d.ctid FROM {source}, LATERAL ({rows}) d"
        return f"DELETE FROM {self.table} WHERE ctid = ANY (ARRAY ({found}))"


class Connection(Protocol):
    """What the store's modules are given inside a reading or a writing."""

    lock_rows: str
    """` FOR UPDATE` where the engine has row locks; empty where one writer holds them all."""
    writes: bool
    """Whether this is a writing: what is read in it may yet be undone."""
    busy: tuple[type[Exception], ...]
    """What the engine raises where two writings got in each other's way."""
    own: dict[str, Any]
    """What this transaction made and others may not rely on before it commits."""

    async def fetch(
        self, sql: str, args: Sequence[Any] = (), seconds: float | None = None
    ) -> list[Row]:
        """All rows of a query. Errors: TooCostlyError where it takes longer than `seconds`."""
        ...

    async def execute(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it changed."""
        ...

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        ...

    async def add(self, insert: Insert | Update, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, or write over one: those of several tables may go in one statement, which runs
        before any other."""
        ...

    async def remove(self, several: Mapping[Delete, Sequence[Sequence[Any]]]) -> None:
        """Take away what rows of values name, of several tables at once; none may stand on
        another."""
        ...

    async def settle(self) -> None:
        """Have written what was added: the database refuses here what it does not take."""
        ...


class Engine(Protocol):
    """A database."""

    one_writer: bool
    """Whether writings go one after the other in any case."""

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """A connection to read with."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction; committed and durable when the block ends, undone on an error."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


async def open_engine(url: str) -> Engine:
    """The engine of a database URL: `sqlite:///file` or `postgresql://...`."""
    if url.startswith("sqlite:"):
        from gateway.store.database.sqlite import SqliteEngine

        return SqliteEngine(url.removeprefix("sqlite:///"))
    from gateway.store.database.postgres import PostgresEngine

    return await PostgresEngine.connect(url)


@asynccontextmanager
async def closing(engine: Engine) -> AsyncIterator[Engine]:
    """The engine, closed at the end of the block."""
    try:
        yield engine
    finally:
        await engine.close()


def after_commit(conn: Connection, work: Callable[[], object]) -> None:
    """Have something done once what this transaction holds is durable; never if it is undone."""
    conn.own.setdefault(_AFTER, []).append(work)


def committed(conn: Connection) -> None:
    """Do what waited for the commit."""
    for work in conn.own.pop(_AFTER, ()):
        work()


def gone_for_good(conn: Connection) -> None:
    """Have what this transaction takes away leave SQLite's files too, whose write-ahead log would
    hold it until other pages are written over it. A server's files are its own."""
    conn.own[_FOR_GOOD] = True


def goes_for_good(conn: Connection) -> bool:
    """Whether something in this transaction has to leave the files."""
    return _FOR_GOOD in conn.own


def placeholders(count: int, first: int = 1) -> str:
    """`$1, $2, $3`."""
    return ", ".join(f"${number}" for number in range(first, first + count))
