"""What a recall is about, and the tasks that it makes.

In      A connection; a resource, a delivery, a decision; tasks.
Out     Versions of resources with their clear columns; tasks as rows. Nothing here opens what is
        sealed.
"""

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from typing import Final

from gateway.store.database.engine import Connection, placeholders

_CHUNK: Final = 300


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a resource, unopened."""

    resource_type: str
    version: int
    deleted: bool
    borne: tuple[tuple[int, int], ...]
    """Confidentiality and every mark that it bears, and bore before it was labelled anew: with
    fewer it was less restricted."""
    delivered: bool
    """Whether something in it is from the delivery that was asked about."""


@dataclass(frozen=True, slots=True)
class Current:
    """How a resource stands now."""

    patient_id: str
    person_id: str
    resource_type: str
    version: int
    deleted: bool
    status: str
    source_org: str
    confidentiality: int
    marks: int


async def current(conn: Connection, resource_id: str) -> Current | None:
    """How the resource of that id stands."""
    rows = await conn.fetch(
        "SELECT r.patient_id, s.person_id, r.resource_type, r.version, r.deleted, r.status,"
        " r.source_org, r.confidentiality, r.sensitivities, r.holds, r.legal"
        " FROM resource_owner o JOIN resource r"
        " ON r.patient_id = o.patient_id AND r.resource_id = o.resource_id"
        " JOIN source_record s ON s.patient_id = r.patient_id WHERE o.resource_id = $1",
        (resource_id,),
    )
    if not rows:
        return None
    owner, person, kind, version, deleted, status, org, level, *marks = rows[0]
    return Current(owner, person, kind, version, bool(deleted), status, org, level, _marks(*marks))


async def versions(conn: Connection, place: tuple[str, str], delivery: str = "") -> list[Kept]:
    """Every version of the resource, oldest first, as it was linked last, with all it bore."""
    rows = await conn.fetch(
        "SELECT resource_type, version, deleted, confidentiality, sensitivities, holds, legal,"
        " lineage FROM resource_version"
        " WHERE patient_id = $1 AND resource_id = $2 ORDER BY version, linking",
        place,
    )
    named = delivery.encode()
    found: dict[int, Kept] = {}
    for row in rows:
        kind, number, deleted, level, *marks, lineage = row
        before = found.get(number)
        delivered = bool(named) and named in bytes(lineage)
        delivered = delivered or (before is not None and before.delivered)
        borne = (*(before.borne if before else ()), (level, _marks(*marks)))
        found[number] = Kept(kind, number, bool(deleted), borne, delivered)
    return list(found.values())


def _marks(sensitivities: int, holds: int, legal: int) -> int:
    return (sensitivities << 64) | (holds << 32) | legal


async def spoken_of(conn: Connection, delivery_id: str) -> list[tuple[str, str]]:
    """Source record and id of each resource that a taken item of the delivery speaks of."""
    rows = await conn.fetch(
        "SELECT DISTINCT l.patient_id, l.resource_id FROM item i JOIN item_resource l"
        " ON l.patient_id = i.patient_id AND l.item_id = i.item_id"
        " WHERE i.delivery_id = $1 ORDER BY 1, 2",
        (delivery_id,),
    )
    return [(row[0], row[1]) for row in rows]


async def received(conn: Connection, delivery_id: str) -> tuple[int, str] | None:
    """When a delivery came, and from whom."""
    rows = await conn.fetch(
        "SELECT received_at, source_org FROM delivery WHERE delivery_id = $1", (delivery_id,)
    )
    return (rows[0][0], rows[0][1]) if rows else None


async def told_of(conn: Connection, decision: str) -> list[str]:
    """The source records that a decision, or an item, said were one person's or were not."""
    rows = await conn.fetch(
        "SELECT patient_id, other_id FROM identity_statement WHERE statement_id = $1", (decision,)
    )
    return sorted({one for row in rows for one in row})


async def owners(
    conn: Connection, resource_ids: Collection[str]
) -> dict[str, tuple[str, str, str]]:
    """Resource id -> its source record, the person it is now, the organisation that sent it."""
    found: dict[str, tuple[str, str, str]] = {}
    wanted = sorted(set(resource_ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = await conn.fetch(
            "SELECT o.resource_id, s.patient_id, s.person_id, s.source_org"
            " FROM resource_owner o JOIN source_record s ON s.patient_id = o.patient_id"
            f" WHERE o.resource_id IN ({placeholders(len(part))})",
            part,
        )
        found |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return found


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What one organisation is asked to do about what it was shown of a source record."""

    patient_id: str
    task_id: str
    version: int
    org: str
    reason: str
    refs: str
    status: str
    due_at: int
    asked_at: int
    changed_at: int
    changed_by: str


_TASK: Final = (
    "patient_id, task_id, version, org, reason, refs, status, due_at, asked_at, changed_at,"
    " changed_by"
)


async def add_tasks(conn: Connection, tasks: Iterable[TaskRow]) -> list[TaskRow]:
    """Keep these tasks; those that were not there yet."""
    new = []
    for one in tasks:
        added = await conn.execute(
            f"INSERT INTO recall_task ({_TASK}) VALUES ({placeholders(11)}) ON CONFLICT DO NOTHING",
            astuple(one),
        )
        new += [one] if added else []
    return new


async def tasks_of(conn: Connection, org: str | None, *, still_open: bool = False) -> list[TaskRow]:
    """The tasks of one organisation; of all, without one."""
    condition = "1 = 1" if org is None else "org = $1"
    condition += " AND status <> 'completed'" if still_open else ""
    rows = await conn.fetch(
        f"SELECT {_TASK} FROM recall_task WHERE {condition} ORDER BY task_id",
        () if org is None else (org,),
    )
    return [TaskRow(*row) for row in rows]


async def task(conn: Connection, task_id: str) -> TaskRow | None:
    """The task of that id."""
    rows = await conn.fetch(f"SELECT {_TASK} FROM recall_task WHERE task_id = $1", (task_id,))
    return TaskRow(*rows[0]) if rows else None


async def move_task(conn: Connection, before: TaskRow, status: str, at: int, who: str) -> bool:
    """Note how far the organisation is; whether the task still was as it was read."""
    done = await conn.execute(
        "UPDATE recall_task SET status = $4, version = version + 1, changed_at = $5,"
        " changed_by = $6 WHERE patient_id = $1 AND task_id = $2 AND version = $3",
        (before.patient_id, before.task_id, before.version, status, at, who),
    )
    return bool(done)
