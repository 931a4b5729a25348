"""The reference sets a site has loaded, by the names that label rules know.

Rule    A set is replaced whole. The epoch moves with it in the same transaction, to the moment of
        the change: a labelling that is kept in memory by its epoch is never another's.
"""

from collections.abc import Collection
from typing import NamedTuple

from gateway.store.database.engine import Connection


class Loaded(NamedTuple):
    """One set as it is loaded."""

    name: str
    release: str
    dated: str
    loaded_at: int
    loaded_by: str
    members: int


async def loaded(conn: Connection) -> list[Loaded]:
    """Every set that is loaded."""
    rows = await conn.fetch(
        "SELECT name, release, dated, loaded_at, loaded_by, members FROM reference_set"
        " ORDER BY name"
    )
    return [Loaded(*row) for row in rows]


async def replace(
    conn: Connection, one: Loaded, codes: Collection[tuple[str, str]]
) -> tuple[int, int]:
    """Load a set in place of its earlier release: how many codes it gained and lost."""
    rows = await conn.fetch(
        "SELECT system, code FROM reference_set_member WHERE name = $1", (one.name,)
    )
    before, now = {(row[0], row[1]) for row in rows}, set(codes)
    await conn.executemany(
        "DELETE FROM reference_set_member WHERE name = $1 AND system = $2 AND code = $3",
        [(one.name, *code) for code in sorted(before - now)],
    )
    await conn.executemany(
        "INSERT INTO reference_set_member (name, system, code) VALUES ($1, $2, $3)",
        [(one.name, *code) for code in sorted(now - before)],
    )
    await conn.execute(
        "INSERT INTO reference_set (name, release, dated, loaded_at, loaded_by, members)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET"
        " release = excluded.release, dated = excluded.dated, loaded_at = excluded.loaded_at,"
        " loaded_by = excluded.loaded_by, members = excluded.members",
        one,
    )
    return len(now - before), len(before - now)


async def move_epoch(conn: Connection, at: int) -> None:
    """What was labelled before this moment was labelled by other sets."""
    await conn.execute(
        "UPDATE label_epoch SET epoch = CASE WHEN epoch < $1 THEN $1 ELSE epoch + 1 END", (at,)
    )


async def standing(conn: Connection) -> int:
    """How many resources there are to be labelled anew."""
    rows = await conn.fetch("SELECT COUNT(*) FROM resource")
    return int(rows[0][0])
