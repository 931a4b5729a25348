"""Items that came before: what became of them, and what they spoke of that stands.

In      A connection in a writing; the hashes that a sender's items are known by.
Out     Seen, by hash. Two statements, however many items there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.store.database.engine import Connection, placeholders


@dataclass(frozen=True, slots=True)
class Seen:
    """An item that came before."""

    item_id: str
    patient_id: str
    state: str
    issues: bytes
    standing: dict[str, int] = field(default_factory=dict)
    """`Type/id` of what it spoke of and stands, in order -> version."""


async def seen_of(conn: Connection, org: str, hashes: Sequence[str]) -> dict[str, Seen]:
    """Those of the items that came before; one whose row is gone was taken."""
    rows = await conn.fetch(
        "SELECT s.item_hash, s.item_id, s.patient_id, COALESCE(i.state, 'taken'), i.issues"
        " FROM item_seen s LEFT JOIN item i"
        " ON i.patient_id = s.patient_id AND i.item_id = s.item_id"
        f" WHERE s.source_org = $1 AND s.item_hash IN ({placeholders(len(hashes), 2)})",
        [org, *hashes],
    )
    found = {row[0]: Seen(row[1], row[2], row[3], bytes(row[4] or b"")) for row in rows}
    if found:
        await _read_standing(conn, {(one.patient_id, one.item_id): one for one in found.values()})
    return found


async def _read_standing(conn: Connection, items: dict[tuple[str, str], Seen]) -> None:
    owners = sorted({owner for owner, _ in items})
    rows = await conn.fetch(
        "SELECT i.patient_id, i.item_id, r.resource_type, r.resource_id, r.version"
        " FROM item_resource i JOIN resource r"
        " ON r.patient_id = i.patient_id AND r.resource_id = i.resource_id"
        f" WHERE i.patient_id IN ({placeholders(len(owners))})"
        f" AND i.item_id IN ({placeholders(len(items), len(owners) + 1)}) AND r.deleted = 0"
        " ORDER BY r.resource_type, r.resource_id",
        [*owners, *(item_id for _, item_id in items)],
    )
    for owner, item_id, kind, resource_id, version in rows:
        if (owner, item_id) in items:
            items[owner, item_id].standing[f"{kind}/{resource_id}"] = version
