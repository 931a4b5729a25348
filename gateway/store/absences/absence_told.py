"""What is stored of the items that files hold: by place, which count, and what states it whole.

In      A connection in a writing; source records; places.
Out     Told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from gateway.store.absences.absence_threads import Service
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.record.fold import Order


@dataclass(slots=True)
class Told:
    """What is stored of the items of some source records."""

    items: dict[Place, list[tuple[str, Order, str]]] = field(default_factory=dict)
    """Place -> item, its order, its container."""
    replaced: set[tuple[str, str]] = field(default_factory=set)
    """(source record, item) that no longer counts."""
    services: dict[str, dict[str, Service]] = field(default_factory=dict)
    """Source record -> item -> where it stands in the newest file that holds it and counts."""
    wholes: dict[tuple[str, str], Order] = field(default_factory=dict)
    """(source record, container) -> its newest whole statement that counts."""


async def read(conn: Connection, owners: Sequence[str], places: Collection[Place]) -> Told:
    """What is stored of these source records' items, and of these places."""
    told = Told()
    rows = await conn.fetch(
        "SELECT t.patient_id, t.resource_id, i.item_id, i.source_time, i.content_hash,"
        " i.container FROM item_resource t JOIN item i ON i.patient_id = t.patient_id"
        " AND i.item_id = t.item_id"
        f" WHERE t.patient_id IN ({placeholders(len(owners))})",
        owners,
    )
    for owner, resource_id, item_id, time, content_hash, container in rows:
        if (owner, resource_id) in places:
            one = (item_id, (time, content_hash), container)
            told.items.setdefault((owner, resource_id), []).append(one)
    await _read_files(conn, owners, told)
    rows = await conn.fetch(
        "SELECT patient_id, item_id, container, source_time, content_hash FROM item"
        f" WHERE patient_id IN ({placeholders(len(owners))}) AND container <> ''",
        owners,
    )
    for owner, item_id, container, time, content_hash in rows:
        if (owner, item_id) not in told.replaced:
            newest = told.wholes.get((owner, container), ("", ""))
            told.wholes[owner, container] = max(newest, (time, content_hash))
    return told


async def _read_files(conn: Connection, owners: Sequence[str], told: Told) -> None:
    rows: list[Row] = await conn.fetch(
        "SELECT s.patient_id, s.item_id, f.ends, s.falls, s.lasts, s.begins, s.thread,"
        " COALESCE(t.counts, 1) FROM snapshot_item s"
        " JOIN snapshot f ON f.snapshot_id = s.snapshot_id"
        " LEFT JOIN snapshot_table t ON t.snapshot_id = s.snapshot_id AND t.name = s.name"
        f" WHERE s.patient_id IN ({placeholders(len(owners))})",
        owners,
    )
    counting: set[tuple[str, str]] = set()
    for owner, item_id, ends, falls, lasts, begins, thread, counts in rows:
        if not counts:
            told.replaced.add((owner, item_id))
            continue
        counting.add((owner, item_id))
        services = told.services.setdefault(owner, {})
        if item_id not in services or services[item_id].ends < ends:
            services[item_id] = Service(ends, falls, bool(lasts), begins, thread)
    told.replaced -= counting
