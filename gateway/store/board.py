"""The log and the alerts counted by organisation, for governance boards.

In      A connection; a span of microseconds; an organisation, or none for all.
Out     Counts and lengths of time; nothing of any person or user.
"""

from typing import Any, Final

from gateway.store.alerts import UNSETTLED
from gateway.store.engine import Connection

_LOOKS: Final = "('read', 'vread', 'search', 'history', 'operation', 'page', 'print', 'export')"
_SETTLED: Final = "status NOT IN ({})".format(", ".join(f"'{one}'" for one in UNSETTLED))
COUNTED: Final = {
    "accesses": f"event IN {_LOOKS} AND outcome = 'served' AND person_id <> ''",
    "break_glass": "event = 'break-glass-open' AND outcome = 'stored'",
    "self_claims": "event = 'self-claim' AND outcome = 'stored'",
    "refusals": "outcome = 'refused'",
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
        f"SELECT org, kind, status, COUNT(*) FROM access_alert WHERE {sql}"
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
        f"SELECT org, changed_at - raised_at FROM access_alert WHERE {sql} AND {_SETTLED}", args
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
        f"SELECT org, COUNT(*) FROM access_alert WHERE {sql} AND NOT ({_SETTLED})"
        f" AND due_at < ${len(args) + 1} GROUP BY org",
        [*args, now],
    )
    return {row[0]: int(row[1]) for row in rows}


def _within(column: str, start: int, end: int, org: str | None) -> tuple[str, list[Any]]:
    text, args = f"{column} >= $1 AND {column} < $2", [start, end]
    if org is None:
        return f"{text} AND org <> ''", args
    return f"{text} AND org = $3", [*args, org]
