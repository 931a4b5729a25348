"""What a writing made, at once: whether its writer may have written it, and what they see of it.

In      A connection of a writing; whose row it is, what its writer may write and see of them.
Out     Both, from one look at the row.
Rule    As everywhere the database decides, by the Filters of the writer. What does not pass the
        one for looking is not opened.
Errors  UnsealError.
"""

from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection
from gateway.store.record.reads import COLUMNS, Group, Opened, open_rows
from gateway.store.sealed.vault import Vault


async def judged(
    conn: Connection, vault: Vault, owner: str, resource_id: str, may: Group, sees: Group
) -> tuple[bool, Opened | None]:
    """Whether the current version passes `may`; itself, if it passes `sees`."""
    args: list[str | int] = [owner, resource_id]
    tests = []
    for group in (may, sees):
        text, values = where(group.allowed, "r", len(args) + 1)
        args += values
        tests.append(f"CASE WHEN {text} THEN 1 ELSE 0 END")
    rows = await conn.fetch(
        f"SELECT {', '.join(tests)}, {COLUMNS} FROM resource r"
        " WHERE r.patient_id = $1 AND r.resource_id = $2 AND r.deleted = 0",
        args,
    )
    passes, seen = (
        bool(rows) and bool(rows[0][place]) and owner in group.patient_ids
        for place, group in enumerate((may, sees))
    )
    opened = await open_rows(conn, vault, [row[2:] for row in rows]) if seen else []
    return passes, opened[0] if opened else None
