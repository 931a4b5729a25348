"""HL7 v2 dates and times to FHIR's, without inventing precision or a zone.

In      A TS, DTM, DT or date field: `YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]`, and what real
        senders write instead: an ISO time, a plus sign after the digits, sixteen digits, `^D`
        alone.
Out     FHIR date or dateTime text. A date of birth is the day as written, whatever its zone.
Errors  UnreadableValueError, without the value.
Source  HL7 v2 chapters 2.10.1 (sequence numbers) and 2.A; a bare local time is Europe/London
        (design decision D12).
"""

import re
from collections.abc import Mapping
from typing import Final

from mappings.core.model import dates
from mappings.core.model.outcome import UnreadableValueError
from mappings.hospital.message.fields import component

_STAMP: Final = re.compile(
    r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d*(?:\.\d*)?)\s*([+-]\d{4})?\+?"
)
_COUNTED: Final = re.compile(r"0*([1-9][0-9]{0,17})")
_WIDEST: Final = 18
"""Digits of a number that messages are counted by."""
_STAMPED: Final = 20
"""Digits of a moment as ordering text."""
_NEVER: Final = "9999"
_UNREADABLE: Final = "not a date or time: expected YYYYMMDD or YYYYMMDDHHMMSS with an optional zone"


def when(field: str) -> str | None:
    """FHIR dateTime; None where the field holds no time (`^D`)."""
    text = component(field, 1)
    return dates.fhir_date_time(_iso(text)) if text else None


def is_time(field: str | None) -> bool:
    """Whether a field holds a time that can be read."""
    try:
        return bool(field and when(field))
    except UnreadableValueError:
        return False


def day(field: str) -> str | None:
    """FHIR date: the day as written; year or month alone where no more was sent."""
    text = component(field, 1)
    if not text:
        return None
    iso = _iso(text).partition("T")[0]
    return dates.fhir_date(iso) if len(iso) == 10 else dates.fhir_date_time(iso)


def whole_day(field: str | None) -> str | None:
    """The day where it is complete and real; None otherwise. Never raises."""
    try:
        made = day(field) if field else None
    except UnreadableValueError:
        return None
    return made if made and len(made) == 10 else None


def ordering(*candidates: str | None) -> str:
    """The first of some fields that is a time, as ordering text in UTC; empty if none is.

    One that says the day alone is taken at the time that the next of the same day says. The year
    9999 says that there is no time: it would stand after everything that is ever told.
    """
    told = (text for text in map(_exact, candidates) if not text.startswith(_NEVER))
    said = [text for text in told if dates.ordering_time(text)]
    if not said:
        return ""
    day = said[0]
    timed = (text for text in said if len(day) == 10 and text[:11] == f"{day}T")
    return dates.ordering_time(next(timed, day))


def in_order(at: str, header: Mapping[str, str], *, takes_back: bool) -> str:
    """The ordering text of a message, apart from others told in one second, or in one minute by
    a sender that gives no seconds.

    By MSH-13 where its sender counts what it sends; else what takes back comes last, then by when
    the message was made (MSH-7), and by the number at the end of its own id (MSH-10).
    """
    if not at:
        return ""
    counted = _COUNTED.fullmatch(component(header.get("13"), 1))
    if counted:
        return f"{at}1{counted[1]:0>{_WIDEST}}"
    made = re.sub(r"\D", "", ordering(header.get("7"))) or "0" * _STAMPED
    number = re.search(r"[0-9]*$", component(header.get("10"), 1).strip())
    last = number[0][-_WIDEST:] if number else ""
    return f"{_after(at) if takes_back else at}0{made}{last:0>{_WIDEST}}"


def _after(at: str) -> str:
    return at.replace(".000000Z", ".000001Z")


def _exact(field: str | None) -> str:
    """A day or a moment as ISO text, with parts of a second; empty where it is neither."""
    text = component(field, 1)
    try:
        iso = _iso(text, exact=True) if text else ""
    except UnreadableValueError:
        return ""
    return iso if len(iso) >= 10 else ""


def _iso(text: str, *, exact: bool = False) -> str:
    found = _STAMP.fullmatch(text)
    if not found:
        if text[4:5] == "-":
            return text
        raise UnreadableValueError("invalid-date", _UNREADABLE)
    year, month, date, hour, minute, second, parts, zone = found.groups()
    if year == "0000":
        raise UnreadableValueError("invalid-date", "no such year in the calendar")
    if not month or month == "00":
        return year
    if not date or date == "00":
        _check_month(month)
        return f"{year}-{month}"
    iso = f"{year}-{month}-{date}"
    if not hour:
        return iso
    digits = parts.replace(".", "") if exact and second else ""
    return f"{iso}T{hour}:{minute or '00'}:{second or '00'}{digits and f'.{digits}'}{zone or ''}"


def _check_month(month: str) -> None:
    if not 1 <= int(month) <= 12:
        raise UnreadableValueError("invalid-date", "no such month in the calendar")
