"""Keep what the current version of a resource can be found by.

In      A connection inside a writing; for each resource what it can be found by now.
Rule    What it was found by before goes in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store.clear.search_index import Indexed
from gateway.store.database.engine import Connection, Insert


@dataclass(frozen=True, slots=True)
class Found:
    """A resource, and what it can be found by; `first`: nothing was kept of it before."""

    patient_id: str
    resource_id: str
    by: Indexed
    first: bool


_DATE: Final = Insert("search_date", "patient_id, resource_id, name, low, high")
_LINK: Final = Insert("search_link", "patient_id, resource_id, name, kind, target")
_OF: Final = "WHERE patient_id = $1 AND resource_id = $2"


async def write_index(conn: Connection, several: Sequence[Found]) -> None:
    """Keep these."""
    kept = {(one.patient_id, one.resource_id): one.by for one in several}
    before = sorted({(one.patient_id, one.resource_id) for one in several if not one.first})
    await conn.executemany(f"DELETE FROM search_date {_OF}", before)
    await conn.executemany(f"DELETE FROM search_link {_OF}", before)
    await conn.add(
        _DATE,
        [(*place, *row) for place, by in kept.items() for row in by.dates],
    )
    await conn.add(
        _LINK,
        [(*place, *row) for place, by in kept.items() for row in by.links],
    )
