"""What may be stated anew: rows that are as they were written, and what is decided of their labels.

In      A connection in a writing; opened keys; current rows.
Out     Those rows of which nothing was altered in the database; operators are told of the others.
"""

from collections.abc import Collection, Mapping

from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection
from gateway.store.record.resources import Current
from gateway.store.record.versions import is_as_written, left_alone
from gateway.store.sealed import label_decisions
from gateway.store.sealed.vault import Keys


async def as_written(
    conn: Connection,
    keys: Keys,
    rows: Mapping[Place, Current],
    opened_later: Collection[Place] = (),
) -> dict[Place, Current]:
    """The rows that open, whose lineage is one, and of which every decision on labels opens;
    of `opened_later`, by whoever goes on with them, the decisions alone are looked at."""
    decided = await label_decisions.unreadable(conn, keys, rows)
    for place in sorted(decided):
        left_alone(rows[place].type)
    return {
        place: row
        for place, row in rows.items()
        if place not in decided and (place in opened_later or is_as_written(row, place[1], keys))
    }
