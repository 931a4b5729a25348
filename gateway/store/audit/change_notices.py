"""Which plans and goals changed since somebody last looked: found by reading the log on.

In      A connection; numbers of the log; source records.
Out     Changes by id with their labels; nothing sealed is opened.
Rule    The log names, in the order of commits, whose record was written to; what changed of it is
        asked of the record itself. Two workers at once tell it once: one of them moves on.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import orjson

from gateway.store.database.engine import Connection, placeholders
from gateway.store.labels.labelling import TEAM
from gateway.store.sealed.row_seal import LABELS

QUERY: Final = "something-changed"
"""How the log calls what is written here: it is no change to be told."""
_READER: Final = "change-notices"
_CHUNK: Final = 300
_TYPES: Final = ("CarePlan", "Goal")
_OPEN: Final = ("requested", "received", "accepted", "ready", "in-progress", "on-hold")


class Changed(NamedTuple):
    """A resource that reads otherwise than it did."""

    person_id: str
    resource_type: str
    resource_id: str
    by: str
    """The organisation that changed it."""
    author: str
    """Who of it edited what is another's; empty where that is no edit."""
    at: int
    labels: tuple[Any, ...]
    """The columns of LABELS."""


async def position(conn: Connection) -> int | None:
    """How far the log was read; None before the first time."""
    rows = await conn.fetch("SELECT seq FROM log_reader WHERE name = $1", (_READER,))
    return int(rows[0][0]) if rows else None


async def moves_on(conn: Connection, first: int | None, end: int) -> bool:
    """Note that it is read to the end from here on; False where another did meanwhile."""
    if first is None:
        sql = "INSERT INTO log_reader (name, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        return await conn.execute(sql, (_READER, end)) > 0
    sql = "UPDATE log_reader SET seq = $2 WHERE name = $1 AND seq = $3"
    return await conn.execute(sql, (_READER, end, first)) > 0


async def written(conn: Connection, first: int, end: int) -> dict[str, int]:
    """Each source record that was written to, with the earliest moment of that."""
    rows = await conn.fetch(
        "SELECT record, recorded_at FROM audit_entry WHERE seq >= $1 AND seq < $2"
        " AND outcome = 'stored'",
        (first, end),
    )
    found: dict[str, int] = {}
    for record, at in rows:
        read = orjson.loads(record)
        if read.get("query") == QUERY:
            continue
        for patient_id in read.get("patient_ids", ()):
            found[patient_id] = min(at, found.get(patient_id, at))
    return found


async def changed(conn: Connection, since: Mapping[str, int]) -> list[Changed]:
    """Plans and goals of these source records that were changed since, and stand. What a feed
    states for the first time is no change; what a member of a team writes is one."""
    found: list[Changed] = []
    owners = sorted(since)
    names = ", ".join(f"r.{name}" for name in LABELS)
    for start in range(0, len(owners), _CHUNK):
        part = owners[start : start + _CHUNK]
        count = len(part)
        rows = await conn.fetch(
            "SELECT r.patient_id, s.person_id, r.resource_type, r.resource_id, r.version,"
            f" r.updated_at, v.author_id, {names} FROM resource r"
            " JOIN source_record s ON s.patient_id = r.patient_id"
            " JOIN resource_version v ON v.patient_id = r.patient_id"
            " AND v.resource_id = r.resource_id AND v.version = r.version AND v.linking = 0"
            f" WHERE r.patient_id IN ({placeholders(count)}) AND r.deleted = 0"
            f" AND r.resource_type IN ({placeholders(len(_TYPES), count + 1)})"
            " ORDER BY r.resource_type, r.resource_id",
            [*part, *_TYPES],
        )
        for owner, person_id, kind, name, version, at, author_id, *labels in rows:
            who, _, rest = author_id.partition(":")
            org, _, user = rest.partition(":") if who == "user" else (labels[_ORG], "", "")
            is_own = (org, TEAM) == (labels[_ORG], labels[_FEED])
            author = "" if is_own else user
            if at >= since[owner] and (version > 1 or who == "user"):
                found.append(Changed(person_id, kind, name, org, author, at, tuple(labels)))
    return found


async def is_waiting(conn: Connection, patient_id: str, resource_ids: Collection[str]) -> bool:
    """Whether one of these Tasks is there that nobody has closed."""
    if not resource_ids:
        return False
    rows = await conn.fetch(
        "SELECT 1 FROM resource WHERE patient_id = $1 AND deleted = 0"
        f" AND status IN ({placeholders(len(_OPEN), 2)})"
        f" AND resource_id IN ({placeholders(len(resource_ids), len(_OPEN) + 2)})",
        [patient_id, *_OPEN, *resource_ids],
    )
    return bool(rows)


_ORG: Final = LABELS.index("source_org")
_FEED: Final = LABELS.index("feed")
