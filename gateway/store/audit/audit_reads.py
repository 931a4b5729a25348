"""Read the audit log: searched by its columns, or walked in order.

Rule    The log's records are read here and nowhere else; what they seal stays sealed. What is of
        safeguarding is not found by a search that is not for it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from gateway.audit.events import Event
from gateway.store.database.engine import Connection, Engine, placeholders

_WALK = 2_000
_CHUNK = 400
# By number, for which there is an index: with `event <>` that of another single criterion would
# have each of its records read from the table, to look at the event.
_SAFEGUARDING = f"seq IN (SELECT seq FROM audit_entry WHERE event = '{Event.SAFEGUARDING}')"
_OF = (  # the entries about these people, or made from their source records
    "SELECT seq FROM audit_entry WHERE person_id IN ({0})"
    " UNION SELECT seq FROM shown WHERE patient_id IN ({0})"
)
Stored = tuple[int, bytes, bytes, bytes]
"""seq, record, leaf hash, root after it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. Empty fields narrow nothing; times are microseconds, end excluded."""

    people: tuple[str, ...] = ()
    """Ids that people go by, or went by: an entry is about one of them, or was made from the source
    record of that id (as far as gateway.store.audit.shown has read the log)."""
    apart: tuple[str, ...] = ()
    """Ids of people of whom there is to be no entry, as those of `people`."""
    users: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Outcomes of which there is to be none."""
    orgs: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    break_glass: bool | None = None
    start: int | None = None
    end: int | None = None
    within_org: str | None = None
    """Entries of this organisation's staff, or of its data."""
    before: int | None = None
    """Entries with a smaller number."""
    after: int | None = None
    """Entries with a greater number."""
    safeguarding: bool = False
    """Entries of safeguarding, and no others."""


async def search(conn: Connection, wanted: Wanted, count: int) -> list[tuple[int, bytes]]:
    """Newest first: number and record.

    The numbers come from an index that holds every column searched by; only the records shown are
    read.
    """
    condition, args = _condition(wanted)
    newest = "seq + 0" if wanted.people else "seq"  # a person's few are sorted, the log not walked
    rows = await conn.fetch(
        "SELECT a.seq, a.record FROM (SELECT seq FROM audit_entry"
        f" WHERE {condition} ORDER BY {newest} DESC LIMIT ${len(args) + 1}) f"
        " JOIN audit_entry a ON a.seq = f.seq ORDER BY a.seq DESC",
        [*args, count],
    )
    return [(row[0], bytes(row[1])) for row in rows]


async def every(conn: Connection, wanted: Wanted) -> AsyncIterator[tuple[int, bytes]]:
    """All of them, newest first, a few thousand at a time."""
    while rows := await search(conn, wanted, _WALK):
        for row in rows:
            yield row
        wanted = replace(wanted, before=rows[-1][0])


async def total(conn: Connection, wanted: Wanted) -> int:
    """How many there are, exactly."""
    condition, args = _condition(wanted)
    rows = await conn.fetch(f"SELECT COUNT(*) FROM audit_entry WHERE {condition}", args)
    return int(rows[0][0])


async def sent_by(conn: Connection, org: str, resource_ids: Sequence[str]) -> set[str]:
    """Those of these resources that the organisation sent."""
    found: set[str] = set()
    wanted = sorted(set(resource_ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = await conn.fetch(
            "SELECT o.resource_id FROM resource_owner o JOIN resource r"
            " ON r.patient_id = o.patient_id AND r.resource_id = o.resource_id"
            f" WHERE r.source_org = $1 AND o.resource_id IN ({placeholders(len(part), 2)})",
            [org, *part],
        )
        found |= {row[0] for row in rows}
    return found


async def stretch(conn: Connection, first: int, end: int) -> list[tuple[int, bytes]]:
    """Number and record of the entries from `first` to before `end`."""
    rows = await conn.fetch(
        "SELECT seq, record FROM audit_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq",
        (first, end),
    )
    return [(row[0], bytes(row[1])) for row in rows]


async def came_at(conn: Connection, number: int) -> int | None:
    """When the entry of that number was recorded; None where the log is not that long."""
    rows = await conn.fetch("SELECT recorded_at FROM audit_entry WHERE seq = $1", (number,))
    return int(rows[0][0]) if rows else None


async def head(conn: Connection) -> tuple[int, bytes]:
    """The log's size and stored frontier."""
    rows = await conn.fetch("SELECT size, frontier FROM audit_head WHERE id = 1")
    return int(rows[0][0]), bytes(rows[0][1])


async def entries(engine: Engine, first: int = 0) -> AsyncIterator[Stored]:
    """Every entry from that number on, in order."""
    last = first - 1
    while True:
        async with engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT seq, record, leaf_hash, root_after FROM audit_entry WHERE seq > $1"
                " ORDER BY seq LIMIT $2",
                (last, _WALK),
            )
        if not rows:
            return
        for row in rows:
            yield row[0], bytes(row[1]), bytes(row[2]), bytes(row[3])
        last = rows[-1][0]


def _condition(wanted: Wanted) -> tuple[str, list[object]]:
    """What the columns must be. Where several criteria narrow the log together, the index that
    holds every column is read through: one of a single column would have each of a busy caller's
    records read from the table, to look at the other columns."""
    args: list[object] = []
    parts = ["1 = 1"]
    text, number = ("COALESCE({}, '')", "{} + 0") if _is_read_through(wanted) else ("{}", "{}")

    def among(column: str, values: Sequence[str], inside: str = "{0}") -> None:
        if values:
            names = placeholders(len(values), len(args) + 1)
            args.extend(values)
            parts.append(f"{column} IN ({inside.format(names)})")

    def compare(text: str, value: int | None) -> None:
        if value is not None:
            args.append(value)
            parts.append(f"{text} ${len(args)}")

    among("seq", wanted.people, _OF)
    among("seq NOT", wanted.apart, _OF)
    among(text.format("user_id"), wanted.users)
    among("event", wanted.events)
    among("outcome", wanted.outcomes)
    among("outcome NOT", wanted.without)
    among(text.format("org"), wanted.orgs)
    among("purpose", wanted.purposes)
    compare(f"{number.format('recorded_at')} >=", wanted.start)
    compare(f"{number.format('recorded_at')} <", wanted.end)
    compare("seq <", wanted.before)
    compare("seq >", wanted.after)
    parts.append(_SAFEGUARDING if wanted.safeguarding else f"NOT ({_SAFEGUARDING})")
    compare("break_glass =", None if wanted.break_glass is None else int(wanted.break_glass))
    if wanted.within_org is not None:
        args += [wanted.within_org, f"%|{wanted.within_org}|%"]
        parts.append(f"({text.format('org')} = ${len(args) - 1} OR owner_orgs LIKE ${len(args)})")
    return " AND ".join(parts), args


def _is_read_through(wanted: Wanted) -> bool:
    """Whether more than one criterion narrows, and none of them names a person."""
    criteria = (
        *(wanted.users, wanted.events, wanted.outcomes, wanted.orgs, wanted.purposes),
        *(wanted.break_glass is not None, wanted.start is not None or wanted.end is not None),
        wanted.within_org is not None,
    )
    return not wanted.people and sum(map(bool, criteria)) > 1
