"""What a care team proves, as the team changes: members come, stay and go.

Rule    Nothing is removed: what ended says when. A member who stays keeps the evidence, so that
        what the log names still stands.
"""

from collections.abc import Collection

from gateway.store.access.caseload import Entry, insert
from gateway.store.database.engine import Connection, Row


async def replace(
    conn: Connection,
    patient_id: str,
    evidence: str,
    members: Collection[Entry],
    at: int,
    *,
    new: bool = False,
) -> list[Entry]:
    """From now on the team proves this and no more; what it did not prove before, which is all
    where the team is `new`."""
    rows = [] if new else await _standing(conn, patient_id, evidence, at)
    wanted = {(one.org, one.user_id, max(one.starts, at), one.ends): one for one in members}
    for entry_id, org, user_id, starts, ends in rows:
        if wanted.pop((org, user_id, max(starts, at), ends), None) is None:
            await conn.execute(
                "UPDATE caseload SET ends = $3 WHERE patient_id = $1 AND entry_id = $2",
                (patient_id, entry_id, max(starts, at)),
            )
    added = list(wanted.values())
    await insert(conn, added)
    return added


async def _standing(conn: Connection, patient_id: str, evidence: str, at: int) -> list[Row]:
    return await conn.fetch(
        "SELECT entry_id, org, user_id, starts, ends FROM caseload"
        " WHERE patient_id = $1 AND evidence = $2 AND ends > $3 AND ends > starts",
        (patient_id, evidence, at),
    )
