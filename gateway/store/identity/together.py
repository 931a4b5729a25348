"""Of which source records something was written, and what is uncertain of it once they are parted.

In      A connection; what was written: kind, id, version; the records that were one person's.
Out     SQL that says of a row whether it is uncertain whose it is; what waits to be settled.
Rule    What is written of a person with several records is noted on each of them. While they are
        one person, that changes nothing. Once they are not, what narrows (a Consent) binds each of
        them, in the version that was written of them; what widens counts for none. Another version
        is of the records that are one person's by then; for the others the earlier one stands until
        it is settled. What ends by itself is opened anew, and never settled.
Source  docs/adr/0063-what-was-written-of-people-who-are-parted.md
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from consent.periods import MAX_MICROS
from gateway.store.database.engine import Connection, placeholders
from gateway.store.sealed.row_seal import bound_columns

CONSENT, TEAM, PERMISSION, GRANT = "Consent", "CareTeam", "permission", "access-grant"
KINDS: Final = frozenset({CONSENT, TEAM, PERMISSION, GRANT})
Written = tuple[str, str, int]
"""Kind, id and version."""
_NOW: Final = (
    "EXISTS (SELECT 1 FROM written_together t LEFT JOIN source_record o"
    " ON o.patient_id = t.patient_id"
    f" WHERE t.name = {{name}} AND t.version = {{version}} AND t.settled_at = {MAX_MICROS}"
    " AND (o.person_id IS NULL OR o.person_id <> s.person_id))"
)
_THEN: Final = (
    "EXISTS (SELECT 1 FROM written_together t WHERE t.name = {name} AND t.version = {version}"
    " AND t.written_at <= {{at}} AND t.settled_at > {{at}} AND t.patient_id NOT IN ({{owners}}))"
)
_OF: Final = {
    CONSENT: ("{row}.resource_id", "{row}.version"),
    TEAM: ("SUBSTR({row}.evidence, 10)", "t.version"),  # after `CareTeam/`
    PERMISSION: ("{row}.permission_id", "1"),
    GRANT: ("{row}.grant_id", "1"),
}
BINDING: Final = (
    "SELECT s.person_id, COALESCE(w.patient_id, ''), b.name, b.version, v.sealed, 1,"
    f" {bound_columns('v')}"
    " FROM source_record s JOIN written_together b ON b.patient_id = s.patient_id"
    " LEFT JOIN resource_owner w ON w.resource_id = b.name"
    " LEFT JOIN source_record h ON h.patient_id = w.patient_id"
    " LEFT JOIN resource r ON r.patient_id = w.patient_id AND r.resource_id = b.name"
    " LEFT JOIN resource_version v ON v.patient_id = w.patient_id AND v.resource_id = b.name"
    " AND v.version = b.version AND v.linking = (SELECT MAX(x.linking) FROM resource_version x"
    " WHERE x.patient_id = v.patient_id AND x.resource_id = v.resource_id"
    " AND x.version = v.version)"
    f" WHERE s.person_id IN ({{people}}) AND b.kind = '{CONSENT}' AND b.settled_at = {MAX_MICROS}"
    " AND (h.person_id IS NULL OR h.person_id <> s.person_id OR r.version <> b.version)"
)
"""Consents that bind these people beside their own: of records that they were parted from, or as
they were before another version was written of those alone. Nothing is sealed where the record was
shredded."""


def uncertain(kind: str, row: str) -> str:
    """SQL: whether a row of that kind, on a record `s`, is not of that record's person for sure."""
    name, version = _OF[kind]
    return _NOW.format(name=name.format(row=row), version=version.format(row=row))


def uncertain_then(kind: str, row: str) -> str:
    """SQL: the same as it was for the person of the records `{owners}` at the moment `{at}`."""
    name, version = _OF[kind]
    return _THEN.format(name=name.format(row=row), version=version.format(row=row))


async def note(conn: Connection, written: Written, records: Collection[str], at: int) -> None:
    """It is written of these records, which are one person's. One alone needs no note."""
    kind, name, version = written
    if kind in KINDS and len(records) > 1:
        await conn.executemany(
            "INSERT INTO written_together"
            " (patient_id, name, version, kind, written_at, settled_at)"
            f" VALUES ($1, $2, $3, $4, $5, {MAX_MICROS}) ON CONFLICT DO NOTHING",
            [(one, name, version, kind, at) for one in sorted(records)],
        )


async def note_next(
    conn: Connection, written: Written, before: int, records: Collection[str], at: int
) -> None:
    """The same of another version, or of the one that stands, sent again: then a team is of these
    records alone."""
    kind, name, version = written
    if kind not in (CONSENT, TEAM):
        return
    among = f"patient_id IN ({placeholders(len(records), 3)})"
    stands = f"NOT {among} OR version >= {version:d}"  # for others, what was said of them before
    if kind == TEAM:
        stands = f"{among} AND version = {version:d}"
    await conn.execute(  # every row is written, so that the epochs of all of them move
        f"UPDATE written_together SET settled_at = CASE WHEN {stands} THEN settled_at ELSE $1 END"
        f" WHERE name = $2 AND settled_at = {MAX_MICROS}",
        [at, name, *records],
    )
    if version != before:
        await note(conn, written, records, at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is uncertain since records were parted: until it is settled, or is written anew."""

    kind: str
    name: str
    version: int
    owner: str
    """The organisation that wrote it; empty where nothing of it is left."""
    records: tuple[str, ...]


_WAITS: Final = (
    " FROM written_together t LEFT JOIN source_record o ON o.patient_id = t.patient_id"
    " LEFT JOIN resource_owner w ON w.resource_id = t.name"
    " LEFT JOIN resource r ON r.patient_id = w.patient_id AND r.resource_id = t.name"
    " LEFT JOIN permission p ON p.patient_id = t.patient_id AND p.permission_id = t.name"
    f" WHERE t.settled_at = {MAX_MICROS} AND t.kind <> '{GRANT}'"
)
_WHO: Final = "COALESCE(o.person_id, '')"
_ALL: Final = (
    f"SELECT t.name{_WAITS} GROUP BY t.name, t.version HAVING MIN({_WHO}) <> MAX({_WHO})"
    f" OR MIN({_WHO}) = '' OR MAX(r.version) <> t.version"
)


async def waiting(conn: Connection) -> list[Waiting]:
    """All that waits to be settled."""
    return await _waiting(conn, _ALL, [])


async def waiting_of(conn: Connection, column: str, values: Collection[str]) -> list[Waiting]:
    """What waits to be settled, by its `name` or by the `patient_id` of its records."""
    wanted = sorted(values)
    names = (
        f"SELECT m.name FROM written_together m WHERE m.{column} IN ({placeholders(len(wanted))})"
    )
    return await _waiting(conn, names, wanted)


async def _waiting(conn: Connection, names: str, args: list[str]) -> list[Waiting]:
    rows = await conn.fetch(
        "SELECT t.kind, t.name, t.version, t.patient_id, o.person_id, r.version,"
        f" COALESCE(r.source_org, p.org, ''){_WAITS} AND t.name IN ({names})"
        " ORDER BY t.kind, t.name, t.version, t.patient_id",
        args,
    )
    found = []
    for (kind, name, version), group in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        of = list(group)
        is_older = of[0][5] is not None and of[0][5] != version
        if is_older or len({row[4] for row in of}) > 1 or of[0][4] is None:
            owner = max(row[6] for row in of)
            records = tuple(row[3] for row in of if row[3])
            found.append(Waiting(kind, name, version, owner, records))
    return found


async def settle(conn: Connection, settled: Collection[Waiting], at: int) -> None:
    """From now on each of these is of its own record, and binds no other."""
    await conn.executemany(
        "UPDATE written_together SET settled_at = $1"
        f" WHERE name = $2 AND version = $3 AND settled_at = {MAX_MICROS}",
        [(at, one.name, one.version) for one in settled],
    )


_STAYS: Final = (
    "INSERT INTO written_together (patient_id, name, version, kind, written_at, settled_at)"
    " SELECT '', t.name, t.version, t.kind, t.written_at, t.settled_at FROM written_together t"
    " JOIN source_record s ON s.patient_id = t.patient_id WHERE t.patient_id = $1"
    f" AND t.settled_at = {MAX_MICROS} AND EXISTS (SELECT 1 FROM written_together u"
    " LEFT JOIN source_record o ON o.patient_id = u.patient_id WHERE u.name = t.name"
    " AND u.version = t.version AND u.settled_at = t.settled_at"
    " AND (o.person_id IS NULL OR o.person_id <> s.person_id)) ON CONFLICT DO NOTHING"
)
_CONSENTS_OF: Final = (
    f" WHERE kind = '{CONSENT}' AND name IN"
    " (SELECT resource_id FROM resource WHERE patient_id = $1)"
)
_GOES: Final = (
    f"DELETE FROM written_together{_CONSENTS_OF} AND patient_id IN"
    " (SELECT o.patient_id FROM source_record s JOIN source_record o ON o.person_id = s.person_id"
    " WHERE s.patient_id = $1)"
)
_CLOSES: Final = f"UPDATE written_together SET settled_at = settled_at{_CONSENTS_OF}"


async def leave_behind(conn: Connection, patient_id: str) -> None:
    """Before a record goes: what may be its person's stays uncertain for who was parted from them;
    a Consent of it goes for its own person, and closes the record of who was parted from them."""
    await conn.execute(_STAYS, (patient_id,))
    for sql in (_GOES, _CLOSES):  # the second moves the epochs of whose rows are left
        await conn.execute(sql, (patient_id,))
