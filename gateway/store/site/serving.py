"""Processes that serve: how far each is, as it last said.

In      A connection; what a process says of itself.
Out     Processes that were not heard of for long.
Rule    Moments are microseconds. Who takes a lost process away is alone in that: the others find
        it gone.
"""

from dataclasses import dataclass

from gateway.store.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a process is: of its entries before `reached`, all answers but those under way were
    handed over."""

    process_id: str
    seen_at: int
    reached: int
    under_way: tuple[int, ...] = ()


async def keep(conn: Connection, one: Standing) -> None:
    """What a process says of itself, in place of what it said before."""
    await conn.execute(
        "INSERT INTO serving (process_id, seen_at, reached, under_way) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at,"
        " reached = excluded.reached, under_way = excluded.under_way",
        (one.process_id, one.seen_at, one.reached, " ".join(map(str, one.under_way))),
    )


async def silent(conn: Connection, since: int) -> list[Standing]:
    """Processes that were not heard of since that moment."""
    rows = await conn.fetch(
        "SELECT process_id, seen_at, reached, under_way FROM serving WHERE seen_at < $1"
        " ORDER BY process_id",
        (since,),
    )
    return [Standing(row[0], row[1], row[2], tuple(map(int, row[3].split()))) for row in rows]


async def take(conn: Connection, one: Standing) -> bool:
    """Whether the process was still there as it was found; it is no more."""
    rows = await conn.fetch(
        "DELETE FROM serving WHERE process_id = $1 AND seen_at = $2 RETURNING process_id",
        (one.process_id, one.seen_at),
    )
    return bool(rows)


async def forget(conn: Connection, process_id: str) -> None:
    """The process ends in order."""
    await conn.execute("DELETE FROM serving WHERE process_id = $1", (process_id,))
