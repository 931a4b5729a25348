"""An operator proves that the log is as it was written.

    end of the log -> every entry in order -> leaves, roots, head, checkpoints -> verdict

Beside what gateway.audit.verify checks, the columns a search reads must say what the record
says: they are not under the leaf's hash, and a changed one would hide an entry from a search.

Out     A Verdict. Nothing is recorded: verifying shows nothing of anybody.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from gateway.audit.canonical import EntryFormatError
from gateway.audit.entry import decode
from gateway.audit.merkle import Frontier
from gateway.audit.verify import Head, StoredEntry, Verdict, verify
from gateway.errors import Fault, NotTheFormatError
from gateway.store import operations
from gateway.store.engine import Engine
from gateway.store.log import columns_of
from gateway.store.operations import LogRow

_COLUMNS = "the columns that searches read do not say what the record says"
_HEAD = "the stored head cannot be read"


@dataclass(slots=True)
class _Walk:
    """A pass over the log: what verify is given, and what the columns gave away."""

    first_untrue: int | None = None

    def entries(self, rows: Iterator[LogRow]) -> Iterator[StoredEntry]:
        """The rows as verify takes them."""
        for row in rows:
            if self.first_untrue is None and not _says_the_same(row):
                self.first_untrue = row.seq
            yield row.seq, row.record, row.leaf_hash, row.root_after


async def verify_log(engine: Engine, checkpoints: Mapping[int, bytes] | None = None) -> Verdict:
    """The verdict over the whole log of a database."""
    async with engine.reading() as conn:
        size, stored, entries = await operations.log_end(conn)
    try:
        frontier = Frontier.from_bytes(stored)
    except ValueError:
        return Verdict(False, 0, b"", 0, _HEAD)
    if frontier.size != size:
        return Verdict(False, 0, b"", min(size, frontier.size), _HEAD)
    head: Head = (size, frontier.root())
    end = None if entries > size else size
    walk = _Walk()
    rows = _in_thread(operations.log_rows(engine, end), asyncio.get_running_loop())
    verdict = await asyncio.to_thread(verify, walk.entries(rows), head, checkpoints)
    return _with_columns(verdict, walk.first_untrue)


def verify_file(path: Path, checkpoints: Mapping[int, bytes] | None = None) -> Verdict:
    """The verdict over an exported log: one JSON object a line. Errors: NotTheFormatError."""
    with path.open("rb") as lines:
        return verify(map(_exported, lines), None, checkpoints)


def _exported(line: bytes) -> StoredEntry:
    try:
        row = orjson.loads(line)
        record = base64.b64decode(row["record"], validate=True)
        return int(row["seq"]), record, bytes.fromhex(row["leaf"]), bytes.fromhex(row["root"])
    except (ValueError, KeyError, TypeError):
        raise NotTheFormatError([Fault("structure", "", "not an exported log")]) from None


def _in_thread(
    chunks: AsyncIterator[list[LogRow]], loop: asyncio.AbstractEventLoop
) -> Iterator[LogRow]:
    """Rows for a thread, read on the loop a chunk at a time."""

    async def following() -> list[LogRow]:
        return await anext(chunks, [])

    while rows := asyncio.run_coroutine_threadsafe(following(), loop).result():
        yield from rows


def _says_the_same(row: LogRow) -> bool:
    try:
        return columns_of(decode(row.record).entry) == row.columns
    except EntryFormatError:
        return False


def _with_columns(verdict: Verdict, first_untrue: int | None) -> Verdict:
    """The verdict, or the earlier entry whose columns are not its record's."""
    if first_untrue is None:
        return verdict
    if verdict.first_bad is not None and verdict.first_bad <= first_untrue:
        return verdict
    return replace(verdict, ok=False, first_bad=first_untrue, reason=_COLUMNS)
