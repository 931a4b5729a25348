"""Whom a description may be of: people with a record of its NHS number or its birth date.

In      Keyed hashes.
Out     Ids of people, at most so many.
Rule    Nothing is opened: who may be told of whom is not decided here.
"""

from collections.abc import Collection

from gateway.store.database.engine import Connection, placeholders


async def persons_like(
    conn: Connection, numbers: Collection[str], births: Collection[str], limit: int
) -> list[str]:
    """Everyone whose source records have one of these numbers, or one of these birth dates."""
    asked = [
        (f"nhs_hash IN ({placeholders(len(numbers), 2)}) AND number_counts = 1", numbers),
        (f"birth_hash IN ({placeholders(len(births), 2 + len(numbers))})", births),
    ]
    wanted = [f"SELECT person_id FROM source_record WHERE {sql}" for sql, given in asked if given]
    if not wanted:
        return []
    rows = await conn.fetch(
        f"{' UNION '.join(wanted)} ORDER BY person_id LIMIT $1", [limit, *numbers, *births]
    )
    return [row[0] for row in rows]
