"""Moments and periods of an access decision; every period is half-open, the end excluded.

In      aware datetimes; FHIR date and dateTime strings of any precision.
Out     aware datetimes, and microseconds UTC since 1970 for the dates of stored rows.
Errors  ValueError, without text, when a string is no FHIR date or has a time and no zone.
Rule    A bare date is a day in Europe/London. The end of a FHIR period is included at its own
        precision, so "2026-03-31" ends at the next midnight in London, summer time or not. What
        ends with the last day of the calendar, as systems write "no end", never ends.
Source  FHIR R4 datatypes: date, dateTime, Period.
Pure    No clock.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
MIN_MICROS: Final = -(2**63)
MAX_MICROS: Final = 2**63 - 1

LONDON: Final = ZoneInfo("Europe/London")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)


def is_within(start: datetime, end: datetime, at: datetime) -> bool:
    """Whether `at` lies in the half-open period."""
    return start <= at < end


def to_micros(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z; the two far ends give the unknown sentinels."""
    if at == BEGINNING:
        return MIN_MICROS
    if at == FOREVER:
        return MAX_MICROS
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def first_moment(text: str) -> datetime:
    """The first moment that a FHIR date or dateTime covers."""
    return _span(text)[0]


def next_moment(text: str) -> datetime:
    """The first moment after what a FHIR date or dateTime covers."""
    return _span(text)[1]


def after(at: datetime, length: timedelta) -> datetime:
    """That much later, and no later than the calendar goes."""
    return FOREVER if FOREVER - at < length else at + length


@lru_cache(maxsize=4096)
def micros_covered(text: str) -> tuple[int, int]:
    """Both, in microseconds: the same few dates stand in many elements and resources."""
    first, after = _span(text)
    return to_micros(first), to_micros(after)


def age_on(birth_date: date, at: datetime) -> int:
    """Whole years lived at that moment, by the calendar in London."""
    today = at.astimezone(LONDON).date()
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (0 if had_birthday else 1)


def _span(text: str) -> tuple[datetime, datetime]:
    day = _DATE.fullmatch(text)
    if day is not None:
        return _days(*day.groups())
    instant = _INSTANT.fullmatch(text)
    if instant is None:
        raise ValueError
    at = datetime.fromisoformat(text).astimezone(UTC)
    return at, after(at, timedelta(microseconds=1) if instant[1] else timedelta(seconds=1))


def _days(year: str, month: str | None, day: str | None) -> tuple[datetime, datetime]:
    first = date(int(year), int(month or 1), int(day or 1))
    if year == "9999" and month in (None, "12") and day in (None, "31"):
        return _midnight(first), FOREVER
    if day is not None:
        following = first + timedelta(days=1)
    elif month is not None:
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        following = first.replace(year=first.year + 1)
    return _midnight(first), _midnight(following)


@lru_cache(maxsize=4096)
def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
