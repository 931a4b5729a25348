"""Whether the clear labels of stored rows are those they were written with: a sample.

In      A connection, the vault, how many rows at most.
Out     How many rows were looked at, and how many of them have other labels, or another lineage,
        than they were given, or a decision on their labels that is not as it was made.
Rule    A row that was put back to an earlier version or linking, or is marked as withdrawn though
        its version is not, was altered as well, and so was one that is under no key of its own.
        What is opened to see it is looked at by nobody. The sample begins anywhere and goes round,
        so that asking again looks elsewhere.
"""

from typing import Final

from gateway.store.database.engine import Connection, Row
from gateway.store.keyring.keys import KeyUnavailableError, random_bytes
from gateway.store.sealed.label_decisions import unreadable
from gateway.store.sealed.lineage_seal import Told, lineage_opened, of_column
from gateway.store.sealed.row_seal import bound_columns, row_aad
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.vault import Keys, Vault

_PUT_BACK: Final = (
    "EXISTS (SELECT 1 FROM resource_version v WHERE v.patient_id = resource.patient_id"
    " AND v.resource_id = resource.resource_id"
    " AND ((v.version, v.linking) > (resource.version, resource.linking)"
    " OR v.version = resource.version AND v.deleted <> resource.deleted))"
)
_ROW: Final = "patient_id, resource_id, resource_type, version, linking, sealed"
_MADE: Final = ", ".join(
    f"(SELECT v.{name} FROM resource_version v WHERE v.patient_id = resource.patient_id"
    " AND v.resource_id = resource.resource_id AND v.version = resource.version"
    " AND v.linking = resource.linking)"
    for name in ("author_id", "lineage")
)
_COLUMNS: Final = f"{_ROW}, {_MADE}, {_PUT_BACK}, {bound_columns('resource')}"


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
    altered = {(row[0], row[1]) for row in rows if not _is_as_written(keys, row)}
    decided = await unreadable(conn, keys, [(row[0], row[1]) for row in rows])
    return len(rows), len(altered | decided)


def _is_as_written(keys: Keys, row: Row) -> bool:
    owner, name, kind, version, linking, sealed, author, lineage, put_back, *labels = row
    try:
        keys.open(owner, sealed, row_aad(kind, name, version, owner, labels))
        of = Told(owner, kind, name, version, linking, author or "")
        lineage_opened(keys, of, of_column(lineage))
    except (UnsealError, KeyUnavailableError):
        return False
    return not put_back
