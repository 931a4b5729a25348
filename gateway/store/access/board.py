"""The log and the alerts counted by organisation, for governance boards.

In      A connection; a span of microseconds; an organisation, or none for all.
Out     Counts and lengths of time; nothing of any person or user.
"""

from collections.abc import Iterable
from typing import Any, Final

from gateway.audit.events import Event, Outcome
from gateway.store.access.alerts import OF_OTHERS, UNSETTLED
from gateway.store.database.engine import Connection

LOOKS: Final = (
    *(Event.READ, Event.VREAD, Event.SEARCH, Event.HISTORY, Event.OPERATION),
    *(Event.PAGE, Event.PRINT, Event.EXPORT),
)
"""By which somebody is shown a record."""


def _among(names: Iterable[str]) -> str:
    return "({})".format(", ".join(f"'{name}'" for name in names))


_SETTLED: Final = f"status NOT IN {_among(UNSETTLED)}"
COUNTED: Final = {
    "accesses": f"event IN {_among(LOOKS)} AND outcome = '{Outcome.SERVED}' AND person_id <> ''",
    "break_glass": f"event = '{Event.BREAK_GLASS_OPEN}' AND outcome = '{Outcome.STORED}'",
    "self_claims": f"event = '{Event.SELF_CLAIM}' AND outcome = '{Outcome.STORED}'",
    "refusals": f"outcome = '{Outcome.REFUSED}'",
}
"""What is counted of the log, each by its condition."""


async def of_the_log(
    conn: Connection, start: int, end: int, org: str | None
) -> dict[str, dict[str, int]]:
    """By organisation of whoever asked: how many of each."""
    sums = ", ".join(f"SUM(CASE WHEN {one} THEN 1 ELSE 0 END)" for one in COUNTED.values())
    sql, args = _within("recorded_at", start, end, org)
    rows = await conn.fetch(f"SELECT org, {sums} FROM audit_entry WHERE {sql} GROUP BY org", args)
    return {row[0]: dict(zip(COUNTED, map(int, row[1:]), strict=True)) for row in rows}


async def of_alerts(
    conn: Connection, start: int, end: int, org: str | None
) -> list[tuple[str, str, str, int]]:
    """Organisation, kind, status, how many: of the alerts that were raised then."""
    sql, args = _within("raised_at", start, end, org)
    rows = await conn.fetch(
        f"SELECT org, kind, status, COUNT(*) FROM access_alert WHERE {OF_OTHERS} AND {sql}"
        " GROUP BY org, kind, status",
        args,
    )
    return [(row[0], row[1], row[2], int(row[3])) for row in rows]


async def until_settled(
    conn: Connection, start: int, end: int, org: str | None
) -> dict[str, list[int]]:
    """By organisation: how long each alert that was raised then stood until it was settled."""
    sql, args = _within("raised_at", start, end, org)
    rows = await conn.fetch(
        "SELECT org, changed_at - raised_at FROM access_alert"
        f" WHERE {OF_OTHERS} AND {sql} AND {_SETTLED}",
        args,
    )
    found: dict[str, list[int]] = {}
    for whose, length in rows:
        found.setdefault(whose, []).append(int(length))
    return found


async def overdue(
    conn: Connection, start: int, end: int, org: str | None, now: int
) -> dict[str, int]:
    """By organisation: alerts that were raised then, are unsettled now, and were due before."""
    sql, args = _within("raised_at", start, end, org)
    rows = await conn.fetch(
        f"SELECT org, COUNT(*) FROM access_alert WHERE {OF_OTHERS} AND {sql} AND NOT ({_SETTLED})"
        f" AND due_at < ${len(args) + 1} GROUP BY org",
        [*args, now],
    )
    return {row[0]: int(row[1]) for row in rows}


def _within(column: str, start: int, end: int, org: str | None) -> tuple[str, list[Any]]:
    text, args = f"{column} >= $1 AND {column} < $2", [start, end]
    if org is None:
        return f"{text} AND org <> ''", args
    return f"{text} AND org = $3", [*args, org]
