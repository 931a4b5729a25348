"""How far each witness was given the log's checkpoints."""

from dataclasses import astuple, dataclass

from gateway.store.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What one witness took last, and when it is tried again. Microseconds UTC."""

    name: str
    size: int = 0
    """Of the newest checkpoint it took; 0 for none yet."""
    taken_at: int = 0
    failures: int = 0
    """How often in a row it did not take one."""
    again_at: int = 0


async def standing(conn: Connection) -> dict[str, Witnessed]:
    """Every witness that was tried so far, by name."""
    rows = await conn.fetch("SELECT name, size, taken_at, failures, again_at FROM log_witness")
    return {row[0]: Witnessed(*row) for row in rows}


async def note(conn: Connection, one: Witnessed) -> None:
    """Keep how far a witness is; it never goes back."""
    await conn.execute(
        "INSERT INTO log_witness (name, size, taken_at, failures, again_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET size = excluded.size,"
        " taken_at = excluded.taken_at, failures = excluded.failures,"
        " again_at = excluded.again_at WHERE log_witness.size <= excluded.size",
        astuple(one),
    )
