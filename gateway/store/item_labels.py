"""The clear labels of one resource as it stands, for governance; nothing sealed is opened."""

from consent.terms import Labels
from gateway.store.engine import Connection
from gateway.store.reads import is_id


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
        "SELECT s.person_id, r.category, r.confidentiality, r.sensitivities, r.holds, r.legal,"
        " r.source_org, r.author, r.starts, r.ends, r.resource_type, r.resource_id, r.feed"
        " FROM resource r JOIN source_record s ON s.patient_id = r.patient_id"
        f" WHERE r.resource_type = $1 AND r.deleted = 0 AND {column} ORDER BY r.resource_id",
        (resource_type, resource_id),
    )
    return (rows[0][0] if rows else ""), [Labels(*row[1:]) for row in rows]
