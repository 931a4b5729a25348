"""Where the elements of a stored version came from, for whoever is shown the version.

In      A connection; a person's source records; a version that its caller was shown.
Out     Origins and lines, as they were stored with it. None where they were altered since: then
        nothing is told of them, and operators are told.
"""

from collections.abc import Collection

import structlog

from gateway.store.database.engine import Connection, placeholders
from gateway.store.sealed.lineage_seal import Told, lineage_opened, of_column
from gateway.store.sealed.vault import UNREADABLE, Keys, Vault
from gateway.store.team.team_lineage import NOTHING

_log = structlog.get_logger()


async def stored(
    conn: Connection,
    vault: Vault,
    patient_ids: Collection[str],
    resource_id: str,
    version: int,
    linking: int,
) -> bytes | None:
    """Where each element of a version came from."""
    rows = await conn.fetch(
        "SELECT patient_id, resource_type, author_id, lineage FROM resource_version"
        " WHERE resource_id = $1 AND version = $2"
        f" AND linking = $3 AND patient_id IN ({placeholders(len(patient_ids), 4)})",
        (resource_id, version, linking, *patient_ids),
    )
    if not rows:
        return NOTHING
    owner, kind, author_id, lineage = rows[0]
    keys = await vault.keys(conn, [owner])
    of = Told(owner, kind, resource_id, version, linking, author_id)
    return as_written(keys, of, of_column(lineage))


def as_written(keys: Keys, of: Told, stored: bytes) -> bytes | None:
    """The lineage of this version, where it is as it was written."""
    try:
        return lineage_opened(keys, of, stored)
    except UNREADABLE:
        _log.error("altered-lineage-met", resource_type=of.resource_type)
        return None
