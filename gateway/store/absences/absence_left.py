"""What a file has to state anew, and was left because it was altered in the database.

In      A connection in a writing; the file; places.
Out     Rows of `absence_left`: each is tried again the next day, until it was put right.
"""

from collections.abc import Collection
from typing import Final

from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Insert

_DAY: Final = 24 * 3_600_000_000
"""Microseconds."""
_LEFT: Final = Insert(
    "absence_left",
    "patient_id, resource_id, snapshot_id, due_at",
    "ON CONFLICT (patient_id, resource_id, snapshot_id) DO UPDATE SET due_at = excluded.due_at",
)


async def note(conn: Connection, snapshot_id: str, places: Collection[Place], at: int) -> None:
    """These are tried again the next day."""
    await conn.add(_LEFT, [(*place, snapshot_id, at + _DAY) for place in sorted(places)])


async def due(conn: Connection, at: int, most: int) -> dict[str, list[Place]]:
    """What was to be tried again by now, the longest left first: file -> places."""
    rows = await conn.fetch(
        "SELECT snapshot_id, patient_id, resource_id FROM absence_left WHERE due_at <= $1"
        " ORDER BY due_at, snapshot_id, resource_id LIMIT $2",
        (at, most),
    )
    found: dict[str, list[Place]] = {}
    for snapshot_id, owner, resource_id in rows:
        found.setdefault(snapshot_id, []).append((owner, resource_id))
    return found


async def done(conn: Connection, snapshot_id: str, places: Collection[Place]) -> None:
    """These are tried now."""
    await conn.executemany(
        "DELETE FROM absence_left WHERE patient_id = $1 AND resource_id = $2 AND snapshot_id = $3",
        [(*place, snapshot_id) for place in sorted(places)],
    )
