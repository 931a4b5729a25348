"""What organisations were given in files, and who is at work on the next one.

In      A connection; an organisation; a person's source records under their Filter.
Out     Rows that pass, unopened; what was given; whether a run may go on.
Rule    One run at a time works for an organisation, for as long as it holds it. Every query over
        resources carries the Filter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Final

from gateway.store.access.facts import epochs_of
from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection, placeholders
from gateway.store.record.reads import Group, Outline

_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class Run:
    """Where an organisation's files stand."""

    org: str
    number: int
    state: str
    file: str
    file_hash: str
    changed: int
    gone: int
    finished_at: int
    held_by: str
    held_until: int


_RUN: Final = "org, number, state, file, file_hash, changed, gone, finished_at, held_by, held_until"


async def runs(conn: Connection) -> dict[str, Run]:
    """Each organisation's, by its code."""
    rows = await conn.fetch(f"SELECT {_RUN} FROM outbound_run ORDER BY org")
    return {row[0]: Run(*row) for row in rows}


async def hold(conn: Connection, org: str, who: str, at: int, until: int) -> Run | None:
    """Become the one that works for the organisation; None where another does."""
    first = Run(org, 0, "none", "", "", 0, 0, 0, "", 0)
    await conn.execute(
        f"INSERT INTO outbound_run ({_RUN}) VALUES ({placeholders(10)}) ON CONFLICT DO NOTHING",
        astuple(first),
    )
    held = await conn.execute(
        "UPDATE outbound_run SET held_by = $2, held_until = $3"
        " WHERE org = $1 AND (held_by = '' OR held_until < $4)",
        (org, who, until, at),
    )
    return (await runs(conn))[org] if held else None


async def let_go(conn: Connection, org: str, who: str) -> None:
    """Let another work for the organisation."""
    await conn.execute(
        "UPDATE outbound_run SET held_by = '', held_until = 0 WHERE org = $1 AND held_by = $2",
        (org, who),
    )


async def record(conn: Connection, made: Run) -> bool:
    """Note the next file of whoever still holds the organisation; whether they do."""
    done = await conn.execute(
        "UPDATE outbound_run SET number = $2, state = $3, file = $4, file_hash = $5,"
        " changed = $6, gone = $7, finished_at = $8"
        " WHERE org = $1 AND held_by = $9 AND number = $2 - 1",
        (
            made.org, made.number, made.state, made.file, made.file_hash, made.changed, made.gone,
            made.finished_at, made.held_by,
        ),
    )  # fmt: skip
    return bool(done)


async def settle(conn: Connection, org: str, number: int, state: str) -> None:
    """Note what became of the file of that number."""
    await conn.execute(
        "UPDATE outbound_run SET state = $3 WHERE org = $1 AND number = $2", (org, number, state)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A resource that passes, unopened."""

    outline: Outline
    version: int
    linking: int


async def rows(conn: Connection, group: Group) -> list[Row]:
    """Everything of these source records that passes, in the order of ids."""
    if group.allowed.is_nothing or not group.patient_ids:
        return []
    count = len(group.patient_ids)
    condition, args = where(group.allowed, "r", count + 1)
    found = await conn.fetch(
        "SELECT r.patient_id, r.resource_id, r.resource_type, r.refs, r.version, r.linking"
        f" FROM resource r WHERE r.patient_id IN ({placeholders(count)}) AND r.deleted = 0"
        f" AND {condition} ORDER BY r.resource_id",
        [*group.patient_ids, *args],
    )
    return [
        Row(Outline(owner, name, kind, tuple(refs.split())), version, linking)
        for owner, name, kind, refs, version, linking in found
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """A resource as an organisation was given it."""

    patient_id: str
    resource_id: str
    resource_type: str
    look_hash: str


async def given(conn: Connection, org: str, patient_ids: Iterable[str]) -> dict[str, Given]:
    """What the organisation has of these source records, by id."""
    wanted = sorted(set(patient_ids))
    found = await conn.fetch(
        "SELECT patient_id, resource_id, resource_type, look_hash FROM outbound_given"
        f" WHERE org = $1 AND patient_id IN ({placeholders(len(wanted), 2)})",
        [org, *wanted],
    )
    return {row[1]: Given(*row) for row in found}


async def people_given(conn: Connection, org: str) -> list[str]:
    """Everyone, as they are linked now, of whom the organisation has something."""
    found = await conn.fetch(
        "SELECT DISTINCT s.person_id FROM outbound_given g"
        " JOIN source_record s ON s.patient_id = g.patient_id WHERE g.org = $1 ORDER BY 1",
        (org,),
    )
    return [row[0] for row in found]


async def ownerless(conn: Connection, org: str) -> list[Given]:
    """What the organisation has of records that were shredded."""
    found = await conn.fetch(
        "SELECT g.patient_id, g.resource_id, g.resource_type, g.look_hash FROM outbound_given g"
        " WHERE g.org = $1 AND EXISTS (SELECT 1 FROM shredded s WHERE s.patient_id = g.patient_id)"
        " AND NOT EXISTS (SELECT 1 FROM source_record r WHERE r.patient_id = g.patient_id)",
        (org,),
    )
    return [Given(*row) for row in found]


async def give(conn: Connection, org: str, now: Iterable[Given], gone: Iterable[Given]) -> None:
    """Note what the organisation has now, and what it is told to drop: that goes from here when
    the file is seen (`dropped`)."""
    await conn.executemany(
        "UPDATE outbound_given SET look_hash = ''"
        " WHERE patient_id = $1 AND org = $2 AND resource_id = $3",
        [(one.patient_id, org, one.resource_id) for one in gone],
    )
    await conn.executemany(
        "INSERT INTO outbound_given (patient_id, org, resource_id, resource_type, look_hash)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (patient_id, org, resource_id)"
        " DO UPDATE SET look_hash = excluded.look_hash",
        [(o.patient_id, org, o.resource_id, o.resource_type, o.look_hash) for o in now],
    )


async def dropped(conn: Connection, org: str) -> None:
    """The organisation was told to drop what it was to drop."""
    await conn.execute("DELETE FROM outbound_given WHERE org = $1 AND look_hash = ''", (org,))


async def forget(conn: Connection, org: str) -> None:
    """Nobody knows how what the organisation has looks: its next file holds everything again, or
    tells that it is gone."""
    await conn.execute("UPDATE outbound_given SET look_hash = '' WHERE org = $1", (org,))


async def moved(conn: Connection, epochs: Mapping[str, int]) -> bool:
    """Whether anything that decides access to one of these people changed since."""
    wanted = sorted(epochs)
    for start in range(0, len(wanted), _CHUNK):
        now = await epochs_of(conn, wanted[start : start + _CHUNK])
        if any(epochs[one.person_id] != one.epoch for one in now):
            return True
    return False
