"""Codes that ask for a review before a person sees new entries of their own record, and lift it.

In      Entries of a record as sent: each with its code and the day it was made.
Out     The day from which new entries wait; `no` once that was lifted; empty where no entry says
        either.
Rule    The latest word counts, and on one day the stricter. An entry without a whole
        day, if it asks, waits for everything and nothing lifts it; if it lifts, it lifts nothing.
        An entry made in error says nothing.
Source  SNOMED CT UK 1364731000000104 (Enhanced review indicated before granting access to own
        health record) and 1364751000000106 (no longer indicated).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.outcome import UnreadableValueError

INDICATED: Final = "1364731000000104"
LIFTED: Final = "1364751000000106"
NO: Final = "no"
_ALWAYS: Final = "0001-01-01"
_MADE: Final = (*("effectiveDateTime", "assertedDate", "recordedDate", "issued", "onsetDateTime"),)
_STATUSES: Final = ("status", "verificationStatus")
_IN_ERROR: Final = "entered-in-error"


def review_from(entries: Iterable[object]) -> str:
    """What these entries say of the person's own access."""
    said = sorted(
        (_day(entry), code == INDICATED)
        for entry in entries
        if isinstance(entry, Mapping)
        for code in _said(entry)
    )
    if not said:
        return ""
    lifted = max((day for day, holds in said if not holds), default="")
    since = [day for day, holds in said if holds and (day >= lifted or day == _ALWAYS)]
    return min(since, default=NO)


def _said(entry: Mapping[str, Any]) -> set[str]:
    if any(_IN_ERROR in str(entry.get(name)) for name in _STATUSES):
        return set()
    code = entry.get("code")
    codings = code.get("coding") if isinstance(code, Mapping) else None
    return {
        str(one.get("code"))
        for one in (codings if isinstance(codings, list) else ())
        if isinstance(one, Mapping) and one.get("system") == systems.SNOMED_CT
    } & {INDICATED, LIFTED}


def _day(entry: Mapping[str, Any]) -> str:
    for name in _MADE:
        value = entry.get(name)
        if isinstance(value, str):
            try:
                return dates.fhir_date(value[:10])
            except UnreadableValueError:
                continue
    return _ALWAYS
