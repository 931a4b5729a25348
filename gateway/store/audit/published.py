"""The published log: the hashes of its complete subtrees, and its signed checkpoints.

In      Connections; the store, to add what is missing.
Out     Hashes of a level in order; the latest checkpoint, and all of them; what is known of its
        length.
Rule    What is stored here follows from the log's leaves and is added, never changed. It is a
        convenience: whoever verifies works from the leaves.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.merkle import EMPTY_ROOT, tree_root
from gateway.audit.tiles import LEVELS, WIDTH, complete
from gateway.errors import ConfigurationError
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection, Engine
from gateway.store.keyring.keys import FileKeyProvider

_AT_ONCE: Final = 64
_WALK: Final = 1_000
_KINDS: Final = ("head", "signed", "listed", "read", "serving", "witness", "subtree")
_KNOWN: Final = (
    "SELECT 'head', 0, size FROM audit_head"
    " UNION ALL SELECT 'signed', 0, COALESCE(MAX(size), 0) FROM log_checkpoint"
    " UNION ALL SELECT 'listed', 0, COALESCE(MAX(seq), -1) + 1 FROM shown"
    " UNION ALL SELECT 'read', 0, COALESCE(MAX(seq), 0) FROM log_reader WHERE name = 'shown'"
    " UNION ALL SELECT 'serving', 0, COALESCE(MAX(reached), 0) FROM serving"
    " UNION ALL SELECT 'witness', size, size FROM log_witness WHERE size > 0"
    " UNION ALL SELECT 'subtree', level, MAX(number) + 1 FROM log_subtree GROUP BY level"
)
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


async def alone(conn: Connection) -> None:
    """Nobody else signs the log, or adds to it, until this transaction ends."""
    await conn.fetch(f"SELECT size FROM audit_head WHERE id = 1{conn.lock_rows}")


def signing_key(provider: FileKeyProvider, last: Published | None, size: int) -> Ed25519PrivateKey:
    """The key that signs the log at that size, for whoever holds it alone since its newest
    checkpoint was read. Errors: ConfigurationError where the key file does not have the key that
    signed that one."""
    provider.notice()
    if last is not None and not any(key.signed(last.note) for key in provider.log_public_keys):
        raise ConfigurationError("the key file lacks the key that signed the log last")
    return provider.log_keys.at(size)


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
    if level:
        return list((await subtrees(conn, level, start, end)).values())
    rows = await conn.fetch(
        "SELECT leaf_hash FROM audit_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq",
        [start, end],
    )
    return [bytes(row[0]) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored beside the entries says of the log's length, at one moment."""

    size: int
    """The head's."""
    signed: int
    """Of the newest checkpoint."""
    listed: int
    """The number after the last entry of which it is listed whom it shows."""
    read: int
    """So far the list is made."""
    longest: int
    """What is stored says that the log was so long."""
    subtrees: dict[int, int]
    """Of each level, the number after the last one."""
    witnessed: tuple[int, ...]
    """Sizes of the checkpoints that witnesses took last."""


async def known_of(conn: Connection) -> Known:
    """In one statement, of one moment: what is added meanwhile speaks of a longer log."""
    rows = await conn.fetch(_KNOWN)
    of = {what: {key: int(value) for kind, key, value in rows if kind == what} for what in _KINDS}
    subtrees, witnessed = of["subtree"], tuple(of["witness"].values())
    ends = (number * WIDTH**level for level, number in subtrees.items())
    size, signed = max(of["head"].values(), default=0), of["signed"][0]
    listed, read = of["listed"][0], of["read"][0]
    longest = max((signed, listed, read, of["serving"][0], *witnessed, *ends))
    return Known(size, signed, listed, read, longest, subtrees, witnessed)


async def subtrees(conn: Connection, level: int, start: int, end: int) -> dict[int, bytes]:
    """The stored roots [start, end) of a level, by number."""
    rows = await conn.fetch(
        "SELECT number, root FROM log_subtree WHERE level = $1 AND number >= $2 AND number < $3"
        " ORDER BY number",
        [level, start, end],
    )
    return {int(number): bytes(root) for number, root in rows}


async def checkpoints(engine: Engine) -> AsyncIterator[list[tuple[Published, bytes | None]]]:
    """Every checkpoint by size, some at a time, with the root that the log had then; None where it
    has no such entry."""
    last = -1
    while True:
        async with engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT c.size, c.note, c.signed_at, a.root_after FROM log_checkpoint c"
                " LEFT JOIN audit_entry a ON a.seq = c.size - 1 WHERE c.size > $1"
                " ORDER BY c.size LIMIT $2",
                (last, _WALK),
            )
        if not rows:
            return
        yield [
            (
                Published(size, note, at),
                (None if root is None else bytes(root)) if size else EMPTY_ROOT,
            )
            for size, note, at, root in rows
        ]
        last = int(rows[-1][0])


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
