"""Patients opened to be compared, or asked for by number; they are shown to nobody.

In      A connection; ids of source records.
Out     The Patients that stand, as stored. Those whose key was destroyed or that were
        altered are left out and counted: neither stops what is done for others.
"""

from collections.abc import Collection
from typing import Any, Final

import orjson
import structlog

from gateway.store.database.engine import Connection, placeholders
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.sealed.row_seal import bound_columns, row_aad
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.vault import Vault

_CHUNK: Final = 400
_log = structlog.get_logger()


async def patients_of(
    conn: Connection, vault: Vault, patient_ids: Collection[str]
) -> list[tuple[str, dict[str, Any]]]:
    """Source record and Patient, in the order of their ids."""
    wanted = sorted(set(patient_ids))
    found: list[tuple[str, dict[str, Any]]] = []
    unread = 0
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = await conn.fetch(
            f"SELECT patient_id, resource_id, version, sealed, {bound_columns('resource')}"
            f" FROM resource WHERE patient_id IN ({placeholders(len(part))}) AND deleted = 0"
            " AND resource_type = 'Patient' ORDER BY patient_id, resource_id",
            part,
        )
        keys = await vault.keys(conn, {row[0] for row in rows})
        for patient_id, resource_id, version, sealed, *labels in rows:
            aad = row_aad("Patient", resource_id, version, patient_id, labels)
            try:
                opened = keys.open(patient_id, bytes(sealed), aad)
            except (UnsealError, KeyUnavailableError):
                unread += 1
                continue
            found.append((patient_id, orjson.loads(opened)))
    if unread:
        _log.warning("patients-unreadable", count=unread)
    return found
