"""Keep what the current version of a resource can be found by.

In      A connection inside a writing; for each resource what it can be found by now.
Rule    What it was found by before goes in the same transaction, before anything is added: a
        statement between two that add would part them (store.database.postgres).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store.clear.columns import Place
from gateway.store.clear.search_index import Indexed
from gateway.store.database.engine import Connection, Delete, Insert


@dataclass(frozen=True, slots=True)
class Found:
    """A resource, and what it can be found by."""

    patient_id: str
    resource_id: str
    by: Indexed


_DATE: Final = Insert("search_date", "patient_id, resource_id, name, low, high")
_LINK: Final = Insert("search_link", "patient_id, resource_id, name, kind, target")
_OF: Final = ("patient_id =", "resource_id =")
_BEFORE: Final = (Delete("search_date", _OF), Delete("search_link", _OF))


def forgotten(places: Collection[Place]) -> dict[Delete, list[Place]]:
    """What these resources were found by, to be taken away."""
    return dict.fromkeys(_BEFORE, sorted(places))


async def write_index(conn: Connection, several: Sequence[Found]) -> None:
    """Keep these; what was kept of them before is gone."""
    kept = {(one.patient_id, one.resource_id): one.by for one in several}
    await conn.add(
        _DATE,
        [(*place, *row) for place, by in kept.items() for row in by.dates],
    )
    await conn.add(
        _LINK,
        [(*place, *row) for place, by in kept.items() for row in by.links],
    )
