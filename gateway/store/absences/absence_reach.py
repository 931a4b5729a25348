"""Which resources may have to be stated anew after files were judged.

In      A connection in a writing; files by id.
Out     Places: (source record, resource id). A few too many do no harm.
Rule    Nobody's Patient is ever among them.
"""

from collections.abc import Sequence
from typing import Final

from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection

_TOLD: Final = (
    "SELECT DISTINCT t.patient_id, t.resource_id FROM snapshot_item s"
    " JOIN item i ON i.patient_id = s.patient_id AND i.item_id = s.item_id"
    " JOIN item_resource t ON t.patient_id = s.patient_id AND t.item_id = s.item_id"
    " LEFT JOIN resource r ON r.patient_id = t.patient_id AND r.resource_id = t.resource_id"
    " WHERE s.snapshot_id = $1 AND s.patient_id <> '' AND t.resource_id <> t.patient_id"
)
_NEWEST: Final = " AND r.deleted = 0 AND r.content_hash = i.content_hash"
_GONE: Final = " AND (r.resource_id IS NULL OR r.deleted = 1)"


async def replaced(conn: Connection, snapshot_id: str, names: Sequence[str]) -> set[Place]:
    """Where tables of a file no longer count: what stands as it says, and what is gone because of
    what it stated whole."""
    found: set[Place] = set()
    for name in names:
        found |= await _places(conn, _TOLD + _NEWEST + " AND s.name = $2", snapshot_id, name)
        found |= await _places(conn, _WITHDRAWN, snapshot_id, name)
    return found


_WITHDRAWN: Final = (
    "SELECT DISTINCT t.patient_id, t.resource_id FROM snapshot_item s"
    " JOIN item i ON i.patient_id = s.patient_id AND i.item_id = s.item_id"
    " JOIN item j ON j.patient_id = i.patient_id"
    " AND j.container IN (i.container, '~' || i.container)"
    " JOIN item_resource t ON t.patient_id = j.patient_id AND t.item_id = j.item_id"
    " JOIN resource r ON r.patient_id = t.patient_id AND r.resource_id = t.resource_id"
    " WHERE s.snapshot_id = $1 AND s.name = $2 AND s.patient_id <> '' AND i.container <> ''"
    " AND t.resource_id <> t.patient_id AND r.deleted = 1"
)


async def all_told(conn: Connection, snapshot_id: str) -> set[Place]:
    """Everything a file speaks of: where it counts again."""
    return await _places(conn, _TOLD, snapshot_id)


async def missed(conn: Connection, snapshot_id: str) -> set[Place]:
    """What a file speaks of, and does not stand: something that no longer counts may have kept
    it out."""
    return await _places(conn, _TOLD + _GONE, snapshot_id)


async def aging(conn: Connection, snapshot_id: str) -> set[Place]:
    """What a later window may judge: it was told last by this file, or is gone."""
    where = " AND (s.lasts = 1 OR s.falls <> '')"
    return await _places(conn, _TOLD + where + _NEWEST, snapshot_id) | await _places(
        conn, _TOLD + where + _GONE, snapshot_id
    )


async def begun_in_april(conn: Connection, snapshot_id: str) -> set[Place]:
    """What a file says began on the first day of a financial year, and may have begun before."""
    before = (
        " AND s.begins LIKE '%-04-01' AND s.thread <> '' AND EXISTS (SELECT 1 FROM snapshot_item o"
        " WHERE o.patient_id = s.patient_id AND o.thread = s.thread AND o.lasts = 1"
        " AND o.begins < s.begins)"
    )
    return await _places(conn, _TOLD + before, snapshot_id)


async def _places(conn: Connection, sql: str, *args: str) -> set[Place]:
    return {(row[0], row[1]) for row in await conn.fetch(sql, args)}
