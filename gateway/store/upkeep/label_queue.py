"""Items whose labels a governance lead has yet to decide on.

Out     Ids, types, shelves and times: nothing of any person.
"""

from typing import Final, NamedTuple

from consent.labels import WAITING
from gateway.store.database.engine import Connection

_WAITS: Final = f"(holds & {WAITING}) <> 0 AND deleted = 0"


class Waiting(NamedTuple):
    """One item that waits: whose it is to decide, and since when it stands."""

    source_org: str
    since: int
    resource_type: str
    resource_id: str
    category: str
    feed: str


async def waiting(conn: Connection, org: str, limit: int) -> list[Waiting]:
    """What waits, the longest first; of one organisation, if one is named."""
    rows = await conn.fetch(
        "SELECT source_org, since, resource_type, resource_id, category, feed FROM resource"
        f" WHERE {_WAITS} AND ($1 = '' OR source_org = $1) ORDER BY since, resource_id LIMIT $2",
        (org, limit),
    )
    return [Waiting(*row) for row in rows]


async def numbers(conn: Connection, before: int) -> tuple[int, int]:
    """How many items wait, and how many of them have stood since before a moment."""
    rows = await conn.fetch(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN since < $1 THEN 1 ELSE 0 END), 0)"
        f" FROM resource WHERE {_WAITS}",
        (before,),
    )
    return int(rows[0][0]), int(rows[0][1])
