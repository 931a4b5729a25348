"""An operator proves that the log is as it was written.

    end of the log -> every entry in order -> leaves, roots, head, checkpoints that were kept
    -> what stands beside the entries -> verdict

Beside what gateway.audit.verify checks, the columns a search reads must say what the record
says: they are not under the leaf's hash, and a changed one would hide an entry from a search. So
must the list of whose records an entry shows, and what was published
(gateway.flows.audit.verify_beside).

Out     A Verdict: of what is wrong, the first by number. Nothing is recorded: verifying shows
        nothing of anybody. Where somebody was shredded meanwhile, and the list no longer says what
        was read, it begins again.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from gateway.audit.canonical import EntryFormatError
from gateway.audit.checkpoint import LogKey
from gateway.audit.entry import decode
from gateway.audit.merkle import Frontier
from gateway.audit.verify import Head, StoredEntry, Verdict, verify
from gateway.errors import Fault, NotTheFormatError
from gateway.flows.audit import verify_beside
from gateway.flows.audit.verify_beside import Flaw, Listed
from gateway.store.commit.log import columns_of
from gateway.store.database.engine import Engine
from gateway.store.upkeep import operations
from gateway.store.upkeep.operations import LogRow

_COLUMNS = "the columns that searches read do not say what the record says"
_HEAD = "the stored head cannot be read"


@dataclass(slots=True)
class _Walk:
    """A pass over the log: what verify is given, and what the columns gave away."""

    listed: Listed
    first_untrue: int | None = None

    def entries(self, rows: Iterator[LogRow]) -> Iterator[StoredEntry]:
        """The rows as verify takes them."""
        for row in rows:
            if not self._is_true(row) and self.first_untrue is None:
                self.first_untrue = row.seq
            yield row.seq, row.record, row.leaf_hash, row.root_after

    def _is_true(self, row: LogRow) -> bool:
        try:
            entry = decode(row.record).entry
        except EntryFormatError:
            return False
        self.listed.note_all(entry.patient_ids, row.seq)
        return columns_of(entry) == row.columns


async def verify_log(
    engine: Engine,
    keys: Collection[LogKey],
    checkpoints: Mapping[int, bytes] | None = None,
) -> Verdict:
    """The verdict over the whole log of a database, whose checkpoints these keys signed."""
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
    walk = _Walk(await verify_beside.begin_list(engine, size))
    rows = _in_thread(operations.log_rows(engine, end), asyncio.get_running_loop())
    verdict = await asyncio.to_thread(verify, walk.entries(rows), head, checkpoints)
    flaws = await verify_beside.list_flaws(engine, walk.listed)
    if flaws and await verify_beside.is_outdated(engine, walk.listed):
        return await verify_log(engine, keys, checkpoints)
    if walk.first_untrue is not None:
        flaws.append(Flaw(walk.first_untrue, _COLUMNS))
    verdict = _earliest(verdict, flaws)
    if not verdict.ok:
        return verdict
    return _earliest(verdict, await verify_beside.flaws(engine, size, keys))


def verify_file(path: Path, checkpoints: Mapping[int, bytes] | None = None) -> Verdict:
    """The verdict over an exported log: one JSON object a line. Errors: NotTheFormatError."""
    with path.open("rb") as lines:
        return verify(map(_exported, lines), None, checkpoints)


def _exported(line: bytes) -> StoredEntry:
    try:
        row = orjson.loads(line)
        record, seq = base64.b64decode(row["record"], validate=True), row["seq"]
        if type(seq) is not int:
            raise TypeError
        return seq, record, bytes.fromhex(row["leaf"]), bytes.fromhex(row["root"])
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


def _earliest(verdict: Verdict, flaws: Sequence[Flaw]) -> Verdict:
    """The verdict, or what is wrong with an earlier entry."""
    first = min(flaws, default=None)
    if first is None or (verdict.first_bad is not None and verdict.first_bad <= first.number):
        return verdict
    return replace(verdict, ok=False, first_bad=first.number, reason=first.reason)
