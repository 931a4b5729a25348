"""Where the elements of a stored version came from.

In      A connection; a person's source records; a version that its caller was shown.
Out     Origins and lines, as they were stored with it; nothing is opened.
"""

from collections.abc import Collection

from gateway.store.engine import Connection, placeholders


async def stored(
    conn: Connection, patient_ids: Collection[str], resource_id: str, version: int, linking: int
) -> bytes:
    """Where each element of a version came from, as stored."""
    rows = await conn.fetch(
        "SELECT lineage FROM resource_version WHERE resource_id = $1 AND version = $2"
        f" AND linking = $3 AND patient_id IN ({placeholders(len(patient_ids), 4)})",
        (resource_id, version, linking, *patient_ids),
    )
    return bytes(rows[0][0]) if rows else b"[[],[]]"
