"""What subscriptions are to be told, and were: ids alone; and where changes are found.

In      A connection; numbers of the log; a person's source records.
Out     Changes by id, unopened; events in their order.
Rule    Changes are found by reading the log on: it names, in the order of commits, whose record
        was written to. What changed of it is asked of the record itself. Nothing here is shown:
        who is told of a change is decided under their Filter
        (`gateway.flows.subscriptions.subscription_sight`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import orjson

from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection, placeholders
from gateway.store.record.reads import Group

_CHUNK: Final = 300
_LOG: Final = "log"
NOT_YET: Final = -1
REVIEWED: Final = ("activity-date", "occurrence")
"""The dates of plans and requests that name a day."""


@dataclass(frozen=True, slots=True)
class Change:
    """A resource that was written."""

    patient_id: str
    resource_id: str
    resource_type: str
    version: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a subscription is to be told of, or was."""

    patient_id: str
    subscription_id: str
    resource_id: str
    occasion: int
    resource_type: str
    position: int
    at: int
    number: int = 0
    recorded: int = NOT_YET
    """The person's access epoch at which the log has that it is told."""


Dated = tuple[str, str, str]
"""Person, source record and resource."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A resource that passes, unopened, and withdrawn perhaps."""

    resource_id: str
    resource_type: str
    version: int
    updated_at: int
    source_org: str


_NAMES: Final = (
    "patient_id, subscription_id, resource_id, occasion, resource_type, position, at, number,"
    " recorded"
)


async def position(conn: Connection) -> int:
    """How far the log was read."""
    rows = await conn.fetch("SELECT position FROM subscription_reader WHERE name = $1", (_LOG,))
    return int(rows[0][0]) if rows else 0


async def read_to(conn: Connection, end: int) -> None:
    """Note how far it was read; never less."""
    await conn.execute(
        "INSERT INTO subscription_reader (name, position) VALUES ($1, $2) ON CONFLICT (name)"
        " DO UPDATE SET position = excluded.position"
        " WHERE subscription_reader.position < excluded.position",
        (_LOG, end),
    )


async def written(conn: Connection, first: int, end: int) -> dict[str, int]:
    """Each source record that was written to, by entries from `first` and before `end`, with the
    earliest moment of that."""
    rows = await conn.fetch(
        "SELECT record, recorded_at FROM audit_entry WHERE seq >= $1 AND seq < $2"
        " AND outcome = 'stored'",
        (first, end),
    )
    found: dict[str, int] = {}
    for record, at in rows:
        for patient_id in orjson.loads(record).get("patient_ids", ()):
            found[patient_id] = min(at, found.get(patient_id, at))
    return found


async def changed(
    conn: Connection, since: Mapping[str, int], types: Collection[str]
) -> list[Change]:
    """What was written of these source records since, of these types; the withdrawn too."""
    found: list[Change] = []
    owners, kinds = sorted(since), sorted(types)
    for start in range(0, len(owners), _CHUNK):
        part = owners[start : start + _CHUNK]
        rows = await conn.fetch(
            "SELECT patient_id, resource_id, resource_type, version, updated_at FROM resource"
            f" WHERE patient_id IN ({placeholders(len(part))})"
            f" AND resource_type IN ({placeholders(len(kinds), len(part) + 1)})",
            [*part, *kinds],
        )
        found += [Change(*row) for row in rows if row[4] >= since[row[0]]]
    return found


async def passing(
    conn: Connection, group: Group, resource_ids: Collection[str]
) -> dict[str, Passing]:
    """Those of these resources that pass."""
    found: dict[str, Passing] = {}
    count, wanted = len(group.patient_ids), sorted(set(resource_ids))
    if group.allowed.is_nothing or not count:
        return found
    condition, args = where(group.allowed, "r", count + 1)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = await conn.fetch(
            "SELECT r.resource_id, r.resource_type, r.version, r.updated_at, r.source_org"
            f" FROM resource r WHERE r.patient_id IN ({placeholders(count)}) AND {condition}"
            f" AND r.resource_id IN ({placeholders(len(part), count + len(args) + 1)})",
            [*group.patient_ids, *args, *part],
        )
        found |= {row[0]: Passing(*row) for row in rows}
    return found


async def reviews(conn: Connection, people: Sequence[str], after: int, until: int) -> list[Dated]:
    """Plans and requests of these people that name a time which ends after the one moment and no
    later than the other."""
    found: list[Dated] = []
    for start in range(0, len(people), _CHUNK):
        part = people[start : start + _CHUNK]
        count = len(part)
        rows = await conn.fetch(
            "SELECT DISTINCT s.person_id, d.patient_id, d.resource_id FROM source_record s"
            " JOIN search_date d ON d.patient_id = s.patient_id"
            f" WHERE s.person_id IN ({placeholders(count)})"
            f" AND d.name IN ({placeholders(len(REVIEWED), count + 1)})"
            f" AND d.high > ${count + 3} AND d.high <= ${count + 4} ORDER BY 1, 3",
            [*part, *REVIEWED, after, until],
        )
        found += [(row[0], row[1], row[2]) for row in rows]
    return found


async def add(conn: Connection, events: Iterable[Event]) -> None:
    """Keep these to be told; what is known is known."""
    await conn.executemany(
        f"INSERT INTO subscription_event ({_NAMES}) VALUES ({placeholders(9)})"
        " ON CONFLICT DO NOTHING",
        [astuple(one) for one in events],
    )


async def waiting(conn: Connection, subscription_id: str, count: int) -> list[Event]:
    """What it is still to be told, the oldest first."""
    rows = await conn.fetch(
        f"SELECT {_NAMES} FROM subscription_event WHERE subscription_id = $1 AND number = 0"
        " ORDER BY position, at, resource_id, occasion LIMIT $2",
        (subscription_id, count),
    )
    return [Event(*row) for row in rows]


async def told(
    conn: Connection, subscription_id: str, first: int, last: int, count: int
) -> list[Event]:
    """What it was told under these numbers."""
    rows = await conn.fetch(
        f"SELECT {_NAMES} FROM subscription_event WHERE subscription_id = $1 AND number > 0"
        " AND number >= $2 AND number <= $3 ORDER BY number LIMIT $4",
        (subscription_id, first, last, count),
    )
    return [Event(*row) for row in rows]


async def number(conn: Connection, events: Iterable[Event]) -> None:
    """Note under which number each was told."""
    await conn.executemany(
        "UPDATE subscription_event SET number = $5 WHERE patient_id = $1"
        " AND subscription_id = $2 AND resource_id = $3 AND occasion = $4",
        [
            (one.patient_id, one.subscription_id, one.resource_id, one.occasion, one.number)
            for one in events
        ],
    )


async def record(conn: Connection, events: Iterable[tuple[Event, int]]) -> None:
    """Note that the log has of each that it is told, and at which epoch."""
    await conn.executemany(
        "UPDATE subscription_event SET recorded = $5 WHERE patient_id = $1"
        " AND subscription_id = $2 AND resource_id = $3 AND occasion = $4",
        [
            (one.patient_id, one.subscription_id, one.resource_id, one.occasion, epoch)
            for one, epoch in events
        ],
    )


async def record_anew(conn: Connection, subscription_id: str) -> None:
    """What waits is told under another authority from now on."""
    await conn.execute(
        "UPDATE subscription_event SET recorded = $2 WHERE subscription_id = $1",
        (subscription_id, NOT_YET),
    )


async def drop(conn: Connection, events: Iterable[Event]) -> None:
    """These are told to nobody."""
    await conn.executemany(
        "DELETE FROM subscription_event WHERE patient_id = $1 AND subscription_id = $2"
        " AND resource_id = $3 AND occasion = $4",
        [(one.patient_id, one.subscription_id, one.resource_id, one.occasion) for one in events],
    )


async def drop_all(conn: Connection, subscription_id: str) -> None:
    """It is told nothing of what waits, nor again of what it was told."""
    await conn.execute(
        "DELETE FROM subscription_event WHERE subscription_id = $1", (subscription_id,)
    )


async def forget(conn: Connection, before: int) -> None:
    """What is older is told no more, nor told again."""
    await conn.execute("DELETE FROM subscription_event WHERE at < $1", (before,))
