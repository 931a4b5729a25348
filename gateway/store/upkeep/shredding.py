"""Everything that is kept of a shredded record goes: its keys, its rows, bodies that brought it.

In      A connection; ids of source records, each with when the last of its keys was made.
Out     How many rows went. What stays is an id that says so.
Rule    Keys go first of all meaning: what was sealed opens no more, in no process, from the next
        reading on. Then the clear rows. The log is not changed: its sealed parts were sealed under
        the keys that went. What suspends somebody from sight of the person stays on the records
        that they keep. Doing it again does nothing more. An older copy of the database is known
        by its keys: they were made by then, however clocks differ.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from gateway.store.access import grants
from gateway.store.database.engine import Connection, gone_for_good, placeholders
from gateway.store.identity import together
from gateway.store.sealed import key_state

EMPTIED: Final = (
    "resource_owner", "item_seen", "resource_version", "resource", "search_date", "search_link",
    "item_resource", "item", "label_decision", "caseload", "permission", "pull_person",
    "snapshot_item", "absence_mark", "absence_left", "lapse", "access_grant", "access_alert",
    "shown", "recall_task", "subscription_event", "written_identifier", "written_together",
    "home_visit", "identity_statement", "person_fact", "source_record",
)  # fmt: skip
"""The tables of a record, in the order they are emptied: look-ups before what leads to them, whose
record it is last."""
KEPT: Final = ("outbound_given", "shred_hold", "shred_request", "shredded")
"""What an organisation has from its files stays until it was told to drop it."""
_OTHERWISE: Final = {
    "resource_owner": "resource_id IN (SELECT resource_id FROM resource WHERE patient_id = $1)",
    "item_seen": (
        "(source_org, item_hash) IN"
        " (SELECT source_org, content_hash FROM item WHERE patient_id = $1)"
    ),
    "identity_statement": "patient_id = $1 OR other_id = $1",
}
_BROUGHT: Final = (
    "UPDATE delivery SET sealed = $2, answer = $2, body_hash = '!' || delivery_id"
    " WHERE state <> 'accepted' AND delivery_id IN"
    " (SELECT delivery_id FROM item WHERE patient_id = $1)"
    " AND NOT EXISTS (SELECT 1 FROM item q WHERE q.delivery_id = delivery.delivery_id"
    " AND q.state = 'quarantined')"
)
"""Bodies that brought something of the record, of others too: what those hold of others lives on as
items. One of which an item still waits is needed for that one, and goes with its day."""
_FOUND_ELSE: Final = ("resource_owner", "item_seen", "identity_statement")
"""What is written with a resource or an item, and what others may say: no sign by itself."""
_LEFT: Final = (
    "SELECT s.patient_id, s.keys_until FROM shredded s WHERE EXISTS"
    " (SELECT 1 FROM data_key k WHERE k.owner = s.patient_id AND k.created_at <= s.keys_until)"
    " OR (s.refused = 1 AND ("
    "EXISTS (SELECT 1 FROM data_key k WHERE k.owner = s.patient_id)"
    + "".join(
        f" OR EXISTS (SELECT 1 FROM {table} t WHERE t.patient_id = s.patient_id)"
        for table in EMPTIED
        if table not in _FOUND_ELSE
    )
    + ")) ORDER BY s.patient_id"
)


class Erased(NamedTuple):
    """What went."""

    keys: int
    rows: int
    bodies: int


async def keys_until(conn: Connection, records: Collection[str]) -> dict[str, int]:
    """When the last key of each of these records was made; 0 where it has none."""
    wanted = sorted(records)
    rows = await conn.fetch(
        "SELECT owner, MAX(created_at) FROM data_key"
        f" WHERE owner IN ({placeholders(len(wanted))}) GROUP BY owner",
        wanted,
    )
    return dict.fromkeys(wanted, 0) | {row[0]: row[1] for row in rows}


async def erase(conn: Connection, records: Mapping[str, int]) -> Erased:
    """Shred these source records. Who else is linked with them is for the caller to link anew."""
    keys = rows = bodies = 0
    for patient_id, until in sorted(records.items()):
        await conn.execute(
            "INSERT INTO shredded (patient_id, keys_until, refused) VALUES ($1, $2, 1)"
            " ON CONFLICT (patient_id) DO UPDATE SET"
            " keys_until = excluded.keys_until, refused = 1",
            (patient_id, until),
        )
        await grants.leave_to_others(conn, patient_id)
        await together.leave_behind(conn, patient_id)
        keys += await conn.execute("DELETE FROM data_key WHERE owner = $1", (patient_id,))
        bodies += await conn.execute(_BROUGHT, (patient_id, b""))
        for table in EMPTIED:
            whose = _OTHERWISE.get(table, "patient_id = $1")
            rows += await conn.execute(f"DELETE FROM {table} WHERE {whose}", (patient_id,))
    await key_state.move(conn)
    gone_for_good(conn)
    return Erased(keys, rows, bodies)


async def refused(conn: Connection, records: Collection[str]) -> set[str]:
    """Which of these records were shredded and may not come again."""
    wanted = sorted(set(records))
    if not wanted:
        return set()
    rows = await conn.fetch(
        "SELECT patient_id FROM shredded WHERE refused = 1"
        f" AND patient_id IN ({placeholders(len(wanted))})",
        wanted,
    )
    return {row[0] for row in rows}


async def allow(conn: Connection, patient_id: str) -> bool:
    """What is sent of a shredded record is taken again; whether it was refused."""
    sql = "UPDATE shredded SET refused = 0 WHERE patient_id = $1 AND refused = 1"
    return bool(await conn.execute(sql, (patient_id,)))


async def all_shredded(conn: Connection) -> dict[str, int]:
    """Every shredded record, and when the last of its keys was made."""
    rows = await conn.fetch("SELECT patient_id, keys_until FROM shredded ORDER BY patient_id")
    return {row[0]: row[1] for row in rows}


async def left(conn: Connection) -> dict[str, int]:
    """Shredded records of which something is there all the same: a writing that was under way
    ended after it, or an older copy was put back."""
    return {row[0]: row[1] for row in await conn.fetch(_LEFT)}


async def readers(conn: Connection, records: Collection[str]) -> list[str]:
    """The organisations that have something of these records from their files."""
    wanted = sorted(records)
    rows = await conn.fetch(
        "SELECT DISTINCT org FROM outbound_given"
        f" WHERE patient_id IN ({placeholders(len(wanted))}) ORDER BY org",
        wanted,
    )
    return [row[0] for row in rows]


async def last_body(conn: Connection, orgs: Collection[str]) -> int:
    """When the last delivery came whose body is kept and may hold something of them; 0 for none."""
    wanted = sorted(orgs)
    rows = await conn.fetch(
        "SELECT COALESCE(MAX(d.received_at), 0) FROM delivery d"
        " JOIN data_key k ON k.owner = d.key_owner"
        f" WHERE d.source_org IN ({placeholders(len(wanted))}) AND d.state <> 'refused'",
        wanted,
    )
    return int(rows[0][0])
