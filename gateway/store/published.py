"""The published log: the hashes of its complete subtrees, and its signed checkpoints.

In      Connections; the store, to add what is missing.
Out     Hashes of a level in order; the latest checkpoint.
Rule    What is stored here follows from the log's leaves and is added, never changed. It is a
        convenience: whoever verifies works from the leaves.
"""

from dataclasses import dataclass
from typing import Final

from gateway.audit.merkle import EMPTY_ROOT, tree_root
from gateway.audit.tiles import LEVELS, WIDTH, complete
from gateway.store.engine import Connection
from gateway.store.units import Store

_AT_ONCE: Final = 64
_ADD_ROOT: Final = (
    "INSERT INTO log_subtree (level, number, root) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint as it was signed: the size it speaks of, the note, the moment (microseconds)."""

    size: int
    note: str
    signed_at: int


async def latest(conn: Connection) -> Published | None:
    """The newest checkpoint; None before the first."""
    rows = await conn.fetch(
        "SELECT size, note, signed_at FROM log_checkpoint ORDER BY size DESC LIMIT 1"
    )
    return Published(int(rows[0][0]), rows[0][1], int(rows[0][2])) if rows else None


async def add_checkpoint(conn: Connection, made: Published) -> None:
    """Keep a checkpoint; one of that size that is there already stays."""
    await conn.execute(
        "INSERT INTO log_checkpoint (size, note, signed_at) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        [made.size, made.note, made.signed_at],
    )


async def root_at(conn: Connection, size: int) -> bytes:
    """The root that the log had at that size; empty where it is not that long any more."""
    if size == 0:
        return EMPTY_ROOT
    rows = await conn.fetch("SELECT root_after FROM audit_entry WHERE seq = $1", [size - 1])
    return bytes(rows[0][0]) if rows else b""


async def hashes(conn: Connection, level: int, start: int, end: int) -> list[bytes]:
    """The hashes [start, end) of a level: of leaves at level 0, above it of complete subtrees."""
    if level == 0:
        rows = await conn.fetch(
            "SELECT leaf_hash FROM audit_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq",
            [start, end],
        )
    else:
        rows = await conn.fetch(
            "SELECT root FROM log_subtree WHERE level = $1 AND number >= $2 AND number < $3"
            " ORDER BY number",
            [level, start, end],
        )
    return [bytes(row[0]) for row in rows]


async def add_subtrees(store: Store, size: int) -> None:
    """Work out the complete subtrees of a log of that size that are not stored yet."""
    for level in range(1, LEVELS):
        wanted = complete(level, size)
        if not wanted:
            return
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT COALESCE(MAX(number), -1) + 1 FROM log_subtree WHERE level = $1", [level]
            )
        for start in range(int(rows[0][0]), wanted, _AT_ONCE):
            await _add(store, level, start, min(start + _AT_ONCE, wanted))


async def _add(store: Store, level: int, start: int, end: int) -> None:
    async with store.engine.reading() as conn:
        below = await hashes(conn, level - 1, start * WIDTH, end * WIDTH)
    made = [
        (level, start + place, tree_root(below[place * WIDTH : (place + 1) * WIDTH]))
        for place in range(end - start)
    ]

    async def unit(conn: Connection) -> None:
        await conn.executemany(_ADD_ROOT, made)

    await store.write(unit)
