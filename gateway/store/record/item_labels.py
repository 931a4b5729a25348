"""The clear labels of resources as they stand; nothing sealed is opened.

Rule    Of one resource, or of all of a person for whom a policy is tried: for governance and
        operators. For a caller: of what passes that caller's Filter, which is in the WHERE.
"""

from typing import Final, NamedTuple

from consent.filter import EVERYTHING, Filter
from consent.terms import Labels
from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection, placeholders
from gateway.store.record.reads import Group, is_id

_COLUMNS: Final = (
    "r.category, r.confidentiality, r.sensitivities, r.holds, r.legal, r.source_org, r.author,"
    " r.starts, r.ends, r.resource_type, r.resource_id, r.feed"
)
WHOLE: Final = Filter(grants=(EVERYTHING,))
"""Every row there is: for what nobody is shown a row of."""


class Labelled(NamedTuple):
    """One stored version, by its labels alone."""

    version: int
    labels: Labels


async def labels_of_item(
    conn: Connection, resource_type: str, resource_id: str
) -> tuple[str, list[Labels]]:
    """The person it is about, and the labels of its row; of a Patient, of each source's row."""
    if not is_id(resource_id):
        return "", []
    column = "s.person_id = (SELECT person_id FROM source_record WHERE patient_id = $2)"
    if resource_type != "Patient":
        column = "r.resource_id = $2"
    rows = await conn.fetch(
        f"SELECT s.person_id, {_COLUMNS} FROM resource r"
        " JOIN source_record s ON s.patient_id = r.patient_id"
        f" WHERE r.resource_type = $1 AND r.deleted = 0 AND {column} ORDER BY r.resource_id",
        (resource_type, resource_id),
    )
    return (rows[0][0] if rows else ""), [Labels(*row[1:]) for row in rows]


async def link_state_of_item(conn: Connection, resource_type: str, resource_id: str) -> str:
    """How the source record that it stands on is linked to others; empty where there is none."""
    rows = await conn.fetch(
        "SELECT s.link_state FROM resource r JOIN source_record s ON s.patient_id = r.patient_id"
        " WHERE r.resource_type = $1 AND r.resource_id = $2",
        (resource_type, resource_id),
    )
    return str(rows[0][0]) if rows else ""


async def labelled(conn: Connection, group: Group, most: int) -> list[Labelled]:
    """What passes, in the order of ids; at most `most`."""
    inside = placeholders(len(group.patient_ids))
    condition, more = where(group.allowed, "r", len(group.patient_ids) + 1)
    args = [*group.patient_ids, *more]
    rows = await conn.fetch(
        f"SELECT r.version, {_COLUMNS} FROM resource r WHERE r.patient_id IN ({inside})"
        f" AND {condition} AND r.deleted = 0 ORDER BY r.resource_id LIMIT ${len(args) + 1}",
        [*args, most],
    )
    return [Labelled(row[0], Labels(*row[1:])) for row in rows]


async def people_after(conn: Connection, person_id: str, count: int) -> list[str]:
    """People in the order of their ids, from after the one named."""
    rows = await conn.fetch(
        "SELECT person_id FROM person WHERE person_id > $1 ORDER BY person_id LIMIT $2",
        (person_id, count),
    )
    return [row[0] for row in rows]
