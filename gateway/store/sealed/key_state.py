"""What every process goes by before it opens, hashes or labels: how far shredding, the index keys
and the reference sets are.

Rule    Read once in each reading or transaction, before anything is opened: with the person that it
        is about, or with what is refused of whom a feed speaks; alone where there is neither. A
        writing that goes by what people are linked by holds the generation until it ends: whoever
        raises it waits for such writings, and later ones see the new one. PostgreSQL; SQLite has
        one writer.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from gateway.store.database.engine import Connection, Row, placeholders

_NOTED: Final = "how keys stand"
LOCK: Final = -53
"""Of the advisory lock; those of numbers and records are never below 0."""


class KeyState(NamedTuple):
    """The one row."""

    epoch: int
    generation: int
    sets: int
    """The epoch of the reference sets that items are labelled by."""


COLUMNS: Final = "k.epoch, k.generation, (SELECT epoch FROM label_epoch)"
"""How it stands, over `key_state k`."""


def note(conn: Connection, row: Row) -> KeyState:
    """A statement of this reading or transaction said how it stands."""
    conn.own[_NOTED] = noted = KeyState._make(row)
    return noted


async def noted(conn: Connection) -> KeyState:
    """How it stands, as this reading or transaction knows."""
    found: KeyState | None = conn.own.get(_NOTED)
    return found or await read(conn)


async def read(conn: Connection) -> KeyState:
    """How it stands now."""
    rows = await conn.fetch(f"SELECT {COLUMNS} FROM key_state k WHERE k.id = 1")
    return note(conn, rows[0])


async def with_refused(conn: Connection, records: Collection[str]) -> tuple[KeyState, set[str]]:
    """How it stands now, and which of these records were shredded and may not come again."""
    wanted = sorted(set(records))
    rows = await conn.fetch(
        f"SELECT s.patient_id, {COLUMNS} FROM key_state k LEFT JOIN shredded s"
        f" ON s.refused = 1 AND s.patient_id IN ({placeholders(len(wanted))}) WHERE k.id = 1",
        wanted,
    )
    return note(conn, rows[0][1:]), {row[0] for row in rows if row[0]}


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
