"""What every process goes by before it opens or hashes: how far shredding and the index keys are.

Rule    Read once in each reading or transaction, before anything is opened: with the person that it
        is about, or with what is refused of whom a feed speaks; alone where there is neither. A
        writing that goes by what people are linked by holds the generation until it ends: whoever
        raises it waits for such writings, and later ones see the new one. PostgreSQL; SQLite has
        one writer.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from gateway.store.engine import Connection, placeholders

_NOTED: Final = "how keys stand"
LOCK: Final = -53
"""Of the advisory lock; those of numbers and records are never below 0."""


class KeyState(NamedTuple):
    """The one row."""

    epoch: int
    generation: int


def note(conn: Connection, epoch: int, generation: int) -> None:
    """A statement of this reading or transaction said how it stands."""
    conn.own[_NOTED] = KeyState(epoch, generation)


async def noted(conn: Connection) -> KeyState:
    """How it stands, as this reading or transaction knows."""
    found: KeyState | None = conn.own.get(_NOTED)
    return found or await read(conn)


async def read(conn: Connection) -> KeyState:
    """How it stands now."""
    rows = await conn.fetch("SELECT epoch, generation FROM key_state WHERE id = 1")
    note(conn, *rows[0])
    return KeyState(*rows[0])


async def with_refused(conn: Connection, records: Collection[str]) -> tuple[KeyState, set[str]]:
    """How it stands now, and which of these records were shredded and may not come again."""
    wanted = sorted(set(records))
    rows = await conn.fetch(
        "SELECT k.epoch, k.generation, s.patient_id FROM key_state k LEFT JOIN shredded s"
        f" ON s.refused = 1 AND s.patient_id IN ({placeholders(len(wanted))}) WHERE k.id = 1",
        wanted,
    )
    epoch, generation, _ = rows[0]
    note(conn, epoch, generation)
    return KeyState(epoch, generation), {row[2] for row in rows if row[2]}


async def take(conn: Connection) -> None:
    """Wait for whoever holds the generation; keep others waiting."""
    if conn.lock_rows:
        await conn.fetch("SELECT pg_advisory_xact_lock($1::bigint)", (LOCK,))


async def raise_to(conn: Connection, generation: int) -> None:
    """New hashes are of this generation from now on."""
    await conn.execute("UPDATE key_state SET generation = $1 WHERE id = 1", (generation,))


async def move(conn: Connection) -> None:
    """Every process forgets the data keys that it opened."""
    await conn.execute("UPDATE key_state SET epoch = epoch + 1 WHERE id = 1")
