"""Business identifiers of what was written over REST, each with the organisation that gave it.

Rule    An organisation finds what it wrote by an identifier; another's with the same one is not
        found. Whoever writes the same one at the same moment is tried again, and sees the first:
        the next number is that of the moment at which it was looked for, and is taken by then.
        One that nobody may see does not stand in the way: the next one gets the next number.
"""

from collections.abc import Collection, Iterable

from gateway.store.database.engine import Connection
from gateway.store.keyring.keys import KeyedHasher

Identifier = tuple[str, str]
"""System and value."""
Numbers = dict[tuple[str, str], int]
"""The number that comes next, of each identifier of an organisation that a writing looked for."""


async def bearing(
    conn: Connection,
    hasher: KeyedHasher,
    org: str,
    resource_type: str,
    given: Identifier,
    numbers: Numbers,
) -> list[str]:
    """The resources to which this organisation gave the identifier."""
    name = _hash(hasher, resource_type, given)
    rows = await conn.fetch(
        "SELECT resource_id, number FROM written_identifier WHERE source_org = $1"
        " AND identifier_hash = $2 ORDER BY number",
        (org, name),
    )
    numbers.setdefault((org, name), rows[-1][1] + 1 if rows else 0)
    return [row[0] for row in rows]


async def replace(
    conn: Connection,
    hasher: KeyedHasher,
    org: str,
    place: tuple[str, str, str],
    given: Iterable[Identifier],
    numbers: Numbers,
) -> None:
    """The resource (type, source record, id) bears these identifiers from now on."""
    resource_type, patient_id, resource_id = place
    wanted = {_hash(hasher, resource_type, one) for one in given}
    rows = await conn.fetch(
        "SELECT identifier_hash, number FROM written_identifier"
        " WHERE patient_id = $1 AND resource_id = $2",
        (patient_id, resource_id),
    )
    gone = [(org, name, number) for name, number in rows if name not in wanted]
    await conn.executemany(
        "DELETE FROM written_identifier WHERE source_org = $1 AND identifier_hash = $2"
        " AND number = $3",
        gone,
    )
    await _add(conn, org, place, wanted - {row[0] for row in rows}, numbers)


async def give(
    conn: Connection,
    hasher: KeyedHasher,
    org: str,
    place: tuple[str, str, str],
    given: Iterable[Identifier],
    numbers: Numbers,
) -> None:
    """The new resource (type, source record, id) bears these identifiers."""
    await _add(conn, org, place, {_hash(hasher, place[0], one) for one in given}, numbers)


async def _add(
    conn: Connection,
    org: str,
    place: tuple[str, str, str],
    names: Collection[str],
    numbers: Numbers,
) -> None:
    """What was not looked for gets the number that is next as it is written."""
    _, patient_id, resource_id = place
    for name in sorted(names):
        number = numbers.get((org, name))
        if number is not None:
            numbers[org, name] = number + 1
        await conn.execute(
            "INSERT INTO written_identifier"
            " (source_org, identifier_hash, number, patient_id, resource_id)"
            " VALUES ($1, $2, COALESCE($3, (SELECT MAX(number) + 1 FROM written_identifier"
            " WHERE source_org = $4 AND identifier_hash = $5), 0), $6, $7)",
            (org, name, number, org, name, patient_id, resource_id),
        )


def _hash(hasher: KeyedHasher, resource_type: str, given: Identifier) -> str:
    """The same for ever: an id, and not a hash for look-ups, whose key may change."""
    return hasher.keyed_uuid("identifier", resource_type, *given)
