"""Whether the clear labels of stored rows are those they were written with: a sample.

In      A connection, the vault, how many rows at most.
Out     How many rows were looked at, and how many of them have other labels than they were given.
Rule    A row that was put back to an earlier version or linking, or is marked as withdrawn though
        its version is not, was altered as well, and so was one that is under no key of its own.
        What is opened to see it is looked at by nobody. The sample begins anywhere and goes round,
        so that asking again looks elsewhere.
"""

from typing import Final

from gateway.store.engine import Connection, Row
from gateway.store.keys import KeyUnavailableError, random_bytes
from gateway.store.row_seal import bound_columns, row_aad
from gateway.store.sealing import UnsealError
from gateway.store.vault import Keys, Vault

_PUT_BACK: Final = (
    "EXISTS (SELECT 1 FROM resource_version v WHERE v.patient_id = resource.patient_id"
    " AND v.resource_id = resource.resource_id"
    " AND ((v.version, v.linking) > (resource.version, resource.linking)"
    " OR v.version = resource.version AND v.deleted <> resource.deleted))"
)
_ROW: Final = "patient_id, resource_id, resource_type, version, sealed"
_COLUMNS: Final = f"{_ROW}, {_PUT_BACK}, {bound_columns('resource')}"


async def altered_labels(conn: Connection, vault: Vault, most: int) -> tuple[int, int]:
    """Rows looked at, and rows whose labels were altered."""
    start = random_bytes(2).hex()  # ids are hexadecimal, and as good as random
    rows: list[Row] = []
    for side in (">=", "<"):
        rows += await conn.fetch(
            f"SELECT {_COLUMNS} FROM resource WHERE patient_id {side} $1"
            " ORDER BY patient_id, resource_id LIMIT $2",
            (start, most - len(rows)),
        )
    keys = await vault.keys(conn, {row[0] for row in rows})
    return len(rows), sum(not _is_as_written(keys, row) for row in rows)


def _is_as_written(keys: Keys, row: Row) -> bool:
    patient_id, resource_id, resource_type, version, sealed, put_back, *labels = row
    try:
        aad = row_aad(resource_type, resource_id, version, patient_id, labels)
        keys.open(patient_id, sealed, aad)
    except (UnsealError, KeyUnavailableError):
        return False
    return not put_back
