"""A month of accesses in figures, for the board of an organisation or of the borough.

    whose? -> record the look -> counts by organisation -> rounded, small numbers not told

Rule    No person and no user is in them. A count of one to four is told as fewer than five, every
        other to the nearest five, and no sums are told: nothing is found by taking one from
        another. A lead of an organisation is told of its own staff. A month that is not over is
        said to be running, without figures: whoever asked again and again would else see each
        access as it comes.
Errors  ForbiddenError; FaultyRequestError for what is no month; AuditUnavailableError.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.governance import Looker
from gateway.store.access import board
from gateway.store.commit.units import Store

FEW: Final = "fewer than 5"
_FEW: Final = 5
_HOUR: Final = 3_600_000_000
_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
Told = int | str


async def board_figures(store: Store, looker: Looker, month: str) -> dict[str, Any]:
    """The figures of a month (`2026-11`), an organisation a row."""
    start, end = span_of(month)
    entry = looker.entry(Event.AUDIT_VIEW, Outcome.SERVED, "board-figures")
    await store.log.append(replace(entry, detail=(("month", month),)))
    now = to_micros(looker.at)
    return {
        "month": month,
        "running": start <= now < end,
        "as_of": instant(now),
        "small_numbers": f"one to four are told as {FEW!r}; the rest to the nearest five",
        "organisations": await _figures(store, looker, start, end) if end <= now else [],
    }


async def _figures(store: Store, looker: Looker, start: int, end: int) -> list[dict[str, Any]]:
    org = looker.within_org
    async with store.engine.reading() as conn:
        counted = await board.of_the_log(conn, start, end, org)
        alerts = await board.of_alerts(conn, start, end, org)
        lengths = await board.until_settled(conn, start, end, org)
        late = await board.overdue(conn, start, end, org, to_micros(looker.at))
    orgs = sorted({*counted, *(one[0] for one in alerts), *([org] if org else [])})
    return [
        {
            "organisation": one,
            **{name: told(counted.get(one, {}).get(name, 0)) for name in board.COUNTED},
            **_alerts([row[1:] for row in alerts if row[0] == one]),
            "overdue": told(late.get(one, 0)),
            "median_hours_to_settle": _median(lengths.get(one, [])),
        }
        for one in orgs
    ]


def span_of(month: str) -> tuple[int, int]:
    """The first moment of a month, and of the next. Errors: FaultyRequestError."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise FaultyRequestError([Fault("value", "month", "a month, such as 2026-11")])
    year, number = int(found[1]), int(found[2])
    first = datetime(year, number, 1, tzinfo=UTC)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return to_micros(first), to_micros(after)


def told(count: int) -> Told:
    """A count as a board is told it."""
    if 0 < count < _FEW:
        return FEW
    return (count + _FEW // 2) // _FEW * _FEW


def _alerts(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, Told]]:
    """By what they are about, and by what became of them."""
    kinds: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for kind, status, count in rows:
        kinds[kind] = kinds.get(kind, 0) + count
        outcomes[status] = outcomes.get(status, 0) + count
    return {
        "alerts": {name: told(kinds[name]) for name in sorted(kinds)},
        "outcomes": {name: told(outcomes[name]) for name in sorted(outcomes)},
    }


def _median(lengths: list[int]) -> float | str | None:
    """None where nothing was settled."""
    if 0 < len(lengths) < _FEW:
        return FEW
    return round(median(lengths) / _HOUR, 1) if lengths else None
