"""What every process goes by before it opens or hashes: how far shredding and the index keys are.

Rule    Read once in each reading or transaction, before anything is opened. A writing that hashes
        what people are linked by holds the generation until it ends: whoever raises it waits for
        such writings, and later ones see the new one. PostgreSQL; SQLite has one writer.
"""

from typing import Final, NamedTuple

from gateway.store.engine import Connection

_LOCK: Final = -53
"""Of the advisory lock; those of numbers and records are never below 0."""


class KeyState(NamedTuple):
    """The one row."""

    epoch: int
    generation: int


async def read(conn: Connection) -> KeyState:
    """How it stands."""
    rows = await conn.fetch("SELECT epoch, generation FROM key_state WHERE id = 1")
    return KeyState(*rows[0])


async def hold(conn: Connection) -> None:
    """Nobody raises the generation before this transaction ends."""
    if conn.lock_rows:
        await conn.fetch("SELECT pg_advisory_xact_lock_shared($1::bigint)", (_LOCK,))


async def take(conn: Connection) -> None:
    """Wait for whoever holds the generation; keep others waiting."""
    if conn.lock_rows:
        await conn.fetch("SELECT pg_advisory_xact_lock($1::bigint)", (_LOCK,))


async def raise_to(conn: Connection, generation: int) -> None:
    """New hashes are of this generation from now on."""
    await conn.execute("UPDATE key_state SET generation = $1 WHERE id = 1", (generation,))


async def move(conn: Connection) -> None:
    """Every process forgets the data keys that it opened."""
    await conn.execute("UPDATE key_state SET epoch = epoch + 1 WHERE id = 1")
