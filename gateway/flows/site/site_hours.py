"""When a service is open: hours as a reviewer writes them, and what they say of a moment.

In      Lines such as `mon-fri 09:00-17:00`, `sat,sun 10:00-13:00`, `daily 22:00-07:00`; days on
        which it is closed, as dates or `2026-12-25 to 2026-12-28`.
Out     Shifts; whether it is open at a moment, until when, or when it opens next; FHIR's own shape.
Rule    Hours are those of the clock on the wall: they move with summer time. An end at or before
        its beginning is of the next day. No shift begins on a closed day. An hour that comes
        twice in autumn belongs to the shift both times; one that spring leaves out begins later.
Errors  ValueError in our own words, which never repeats what stood there.
Pure    No clock.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
LOOK_AHEAD_DAYS: Final = 60
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHOLE_DAY: Final = 24 * 60
_LINE: Final = re.compile(r"(?P<days>[a-z,-]+) (?P<start>[0-9:]{5})-(?P<end>[0-9:]{5})", re.ASCII)
_SHAPE: Final = "days and times, such as mon-fri 09:00-17:00 or daily 00:00-24:00"
_CLOSED_SHAPE: Final = "a date, or two with ` to ` between: 2026-12-25 to 2026-12-28"


@dataclass(frozen=True, slots=True)
class Shift:
    """Open on these days of the week (0 is Monday), from minute to minute after midnight."""

    days: tuple[int, ...]
    start: int
    end: int
    """Above 1440 where it ends on the next day."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open; the moment that ends, or begins again. None: not in the next weeks."""

    is_open: bool
    changes: datetime | None


def shift_of(line: str) -> Shift:
    """A line of hours. Errors: ValueError."""
    found = _LINE.fullmatch(line.strip().lower())
    if found is None:
        raise ValueError(_SHAPE)
    start, end = _minutes(found["start"]), _minutes(found["end"])
    if start == _WHOLE_DAY or (start, end) == (0, 0):
        raise ValueError(_SHAPE)
    return Shift(_days(found["days"]), start, end if end > start else end + _WHOLE_DAY)


def closed_of(text: str) -> tuple[date, date]:
    """The first and the last closed day. Errors: ValueError."""
    first, _, last = text.strip().partition(" to ")
    try:
        found = (date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        raise ValueError(_CLOSED_SHAPE) from None
    if found[1] < found[0]:
        raise ValueError("the last closed day is before the first")
    return found


def opening(hours: Sequence[str], closed: Sequence[str], at: datetime) -> Opening:
    """How it stands at a moment."""
    today = at.astimezone(LONDON).date()
    limit = at + timedelta(days=LOOK_AHEAD_DAYS)
    for start, end in _merged(_spans(hours, closed, today)):
        if start <= at < end:
            return Opening(True, end if end < limit else None)
        if start > at:
            return Opening(False, start)
    return Opening(False, None)


def to_fhir(hours: Sequence[str], closed: Sequence[str]) -> dict[str, Any]:
    """`availableTime` and `notAvailable` of a HealthcareService."""
    times = [part for line in hours for part in _available(shift_of(line))]
    shut = [
        {"description": "Closed", "during": {"start": str(first), "end": str(last)}}
        for first, last in map(closed_of, closed)
    ]
    return {name: rows for name, rows in (("availableTime", times), ("notAvailable", shut)) if rows}


def _available(shift: Shift) -> Iterator[dict[str, Any]]:
    """A night is two rows: until midnight, and from midnight on the days after."""
    if shift.end - shift.start == _WHOLE_DAY and shift.start == 0:
        yield {"daysOfWeek": [DAYS[day] for day in shift.days], "allDay": True}
        return
    yield _row(shift.days, shift.start, min(shift.end, _WHOLE_DAY))
    if shift.end > _WHOLE_DAY:
        yield _row(sorted((day + 1) % 7 for day in shift.days), 0, shift.end - _WHOLE_DAY)


def _row(days: Sequence[int], start: int, end: int) -> dict[str, Any]:
    until = "23:59:59" if end == _WHOLE_DAY else time(*divmod(end, 60)).isoformat()
    return {
        "daysOfWeek": [DAYS[day] for day in days],
        "availableStartTime": time(*divmod(start, 60)).isoformat(),
        "availableEndTime": until,
    }


def _spans(
    hours: Sequence[str], closed: Sequence[str], today: date
) -> list[tuple[datetime, datetime]]:
    shifts = [shift_of(line) for line in hours]
    shut = [closed_of(text) for text in closed]
    days = [today + timedelta(days=n) for n in range(-1, LOOK_AHEAD_DAYS + 2)]
    return sorted(
        (_first(day, shift.start), _last(day, shift.end))
        for day in days
        if not any(first <= day <= last for first, last in shut)
        for shift in shifts
        if day.weekday() in shift.days
    )


def _merged(spans: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that touch are one."""
    held: tuple[datetime, datetime] | None = None
    for start, end in spans:
        if held is not None and start <= held[1]:
            held = (held[0], max(held[1], end))
            continue
        if held is not None:
            yield held
        held = (start, end)
    if held is not None:
        yield held


def _first(day: date, minute: int) -> datetime:
    return _wall(day, minute).astimezone(UTC)


def _last(day: date, minute: int) -> datetime:
    wall = _wall(day, minute)
    return max(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))


def _wall(day: date, minute: int) -> datetime:
    more, rest = divmod(minute, _WHOLE_DAY)
    clock = time(*divmod(rest, 60))
    return datetime.combine(day + timedelta(days=more), clock, tzinfo=LONDON)


def _minutes(text: str) -> int:
    hour, colon, minute = text.partition(":")
    known = colon and len(hour) == len(minute) == 2 and hour.isdigit() and minute.isdigit()
    found = int(hour) * 60 + int(minute) if known and int(minute) < 60 else _WHOLE_DAY + 1
    if found > _WHOLE_DAY:
        raise ValueError(_SHAPE)
    return found


def _days(text: str) -> tuple[int, ...]:
    if text == "daily":
        return tuple(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(_SHAPE)
        start, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return tuple(sorted(found))
