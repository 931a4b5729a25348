"""Dates and times of five feeds to FHIR's, without inventing precision or a zone.

In      The source's text. A bare local time is Europe/London (design decision D12).
Out     FHIR date, dateTime or instant text; or aware datetimes in UTC for ordering.
Errors  UnreadableValueError, without the value.
Pure    Nothing here asks what time it is.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from mappings.core.model.outcome import UnreadableValueError

LONDON: Final = ZoneInfo("Europe/London")

_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_UK_DATE: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}:\d{2})(:\d{2}(?:\.\d+)?)?)?", re.ASCII
)
_CLOCK: Final = re.compile(
    r"(?:(?:\d{4}-\d{2}-\d{2}[T ]|\d{1,2}/\d{1,2}/\d{4} ))?"
    r"((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:\.\d+)?",
    re.ASCII,
)
_FHIR_MONTH: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
_ISO_TIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def fhir_date(text: str) -> str:
    """An ISO calendar date (YYYY-MM-DD), a UK date (DD/MM/YYYY), or the date of a timestamp."""
    bare = text.strip()
    if len(bare) == 10 and _is_real(bare):
        return bare
    found = _ISO_DATE.match(bare)
    if found and (len(bare) == 10 or _ISO_TIME.fullmatch(bare)):
        return _real_date(*(int(part) for part in found.groups())).isoformat()
    uk = _UK_DATE.fullmatch(bare)
    if uk:
        return _uk_day(uk)
    raise UnreadableValueError("invalid-date", "not a date: expected YYYY-MM-DD or DD/MM/YYYY")


def fhir_date_in_part(text: str) -> str:
    """The same; a year, or a year and a month alone, stays what it is."""
    bare = text.strip()
    return bare if _FHIR_MONTH.fullmatch(bare) else fhir_date(bare)


def fhir_date_time(text: str) -> str:
    """A FHIR dateTime: a date stays a date (year and month alone too), a time gets its zone."""
    bare = text.strip()
    at = _timed(bare)
    return fhir_date_in_part(bare) if at is None else _iso(at)


def one_spelling(text: str) -> str:
    """The same for every spelling of a day or moment; a text that is neither, as it stands."""
    try:
        at = _timed(text.strip())
        return fhir_date_time(text) if at is None else utc_text(at)
    except UnreadableValueError:
        return text


def day_said(said: object, read: Callable[[str], str] = fhir_date) -> str | None:
    """A day, as `read` reads it; None where nothing is said, or nothing that is a date: nobody is
    dead, and nothing over, by a word."""
    try:
        return read(said) if isinstance(said, str) and said else None
    except UnreadableValueError:
        return None


def clock(text: str) -> str:
    """The time of day (HH:MM, or HH:MM:SS) of a time, or of a whole timestamp."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise UnreadableValueError("invalid-time", "not a time: expected HH:MM or HH:MM:SS")
    return found[1]


def fhir_instant(text: str) -> str:
    """A FHIR instant, in UTC."""
    return _iso(_utc(instant(text)))


def instant(text: str) -> datetime:
    """The aware moment of an ISO timestamp or date; without a zone it is London's."""
    bare = text.strip()
    at = _timed(bare)
    if at is None:
        day = date.fromisoformat(fhir_date(bare))
        return datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return at


def _timed(bare: str) -> datetime | None:
    """The moment that is said, or None where a day alone is; at midnight a UK date is a day."""
    found = _ISO_TIME.fullmatch(bare)
    if found:
        day, minute, second, zone = found.groups()
        return _moment(day, minute, second, zone)
    uk = _UK_DATE.fullmatch(bare)
    if uk is None or uk[4] is None or not (uk[4] + (uk[5] or "")).strip("0:."):
        return None
    return _moment(_uk_day(uk), uk[4].zfill(5), uk[5], None)


def _uk_day(found: re.Match[str]) -> str:
    day, month, year = (int(part) for part in found.groups()[:3])
    return _real_date(year, month, day).isoformat()


def _moment(day_text: str, minute: str, second: str | None, zone: str | None) -> datetime:
    try:
        local = datetime.fromisoformat(f"{day_text}T{minute}{(second or ':00')[:10]}")
    except ValueError:
        raise UnreadableValueError("invalid-date", "not a real date and time") from None
    return local.replace(tzinfo=_zone(zone))


def ordering_time(text: str | None) -> str:
    """ISO instant in UTC with microseconds, fit for ordering as text; empty if unreadable."""
    if not text:
        return ""
    try:
        return utc_text(instant(text))
    except UnreadableValueError:
        return ""


def utc_text(at: datetime) -> str:
    """An aware moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`: text order is time order."""
    return _utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise UnreadableValueError("invalid-date", "no such moment in the calendar") from None


def _iso(at: datetime) -> str:
    """Before 1847 London's clocks differed from UTC by seconds too, which FHIR cannot say."""
    offset = at.utcoffset()
    fit = _utc(at) if offset is not None and offset.seconds % 60 else at
    return fit.isoformat().replace("+00:00", "Z") if fit.tzinfo is UTC else fit.isoformat()


@lru_cache(maxsize=256)
def _zone(zone: str | None) -> timezone | ZoneInfo:
    if zone is None:
        return LONDON
    if zone == "Z":
        return UTC
    sign = -1 if zone[0] == "-" else 1
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise UnreadableValueError("invalid-date", "not a real time zone")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _is_real(text: str) -> bool:
    """A day of the calendar as YYYY-MM-DD."""
    if text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _real_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableValueError("invalid-date", "no such day in the calendar") from None
