"""What a council's return says by leaving something out.

In      One row's facts; a resource that a service became, and a day.
Out     Where the row stands in its return; the elements of a service that ended, or began, on a
        day that no row states.
Rule    A return covers a rolling year. What is no longer in it although its day is inside the
        window was a mistake; older events have aged out, which says nothing. A service that went
        on and is no longer named ended with the last period that named it. A service that began
        on 1 April, of a kind that went on until then, is that service: some systems give new
        numbers and first days with the financial year.
Source  DHSC's and NHS England's published methods for Client Level Data.
"""

from typing import Any, Final

from mappings.core.model.outcome import Facts, Resource
from mappings.core.model.snapshots import Change, Placed, Snapshot, day
from mappings.core.sets import national
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld
from mappings.social_care.rows.cld_shaping import ended as is_over

_EVENTS: Final = (cld.REQUEST, cld.ASSESSMENT, cld.REVIEW)
_OF_SERVICE: Final = {
    "ServiceRequest": ("completed", "occurrencePeriod"),
    "EpisodeOfCare": ("finished", "period"),
    "Coverage": (None, "period"),
}
"""Resource type -> its status once the service is over, and where its days stand."""


def placed(kind: str, facts: Facts) -> Placed | None:
    """Where a row stands; None where it is no row of a return, or does not say of which period."""
    ends = day(facts.get("Reporting Period End Date"))
    if not kind.startswith("cld-") or not ends:
        return None
    starts = day(facts.get("Reporting Period Start Date")) or ends
    begins, end = day(facts.get("Event Start Date")), day(facts.get("Event End Date"))
    scope = str(facts.get("LA Code", ""))
    if kind == cld.SERVICE:
        lasts = not is_over(end, facts.get("Date of Death"), ends)
        thread = _thread(facts)
        return Placed(scope, starts, ends, "", _TABLE, "", lasts, begins, thread)
    falls = (end or begins) if kind in _EVENTS else ""
    return Placed(scope, starts, ends, "", _TABLE, falls)


def _thread(facts: Facts) -> str:
    """A service without its first day."""
    said = facts.get
    person = said("LA Person Unique Identifier") or said("NHS Number", "")
    words = (
        (codes.CLIENT_TYPE, "Client Type"),
        (codes.SERVICE_TYPE, "Service Type"),
        (codes.SERVICE_COMPONENT, "Service Component"),
        (codes.DELIVERY, "Delivery Mechanism"),
    )
    parts = [codes.word_key(table, said(heading)) for table, heading in words]
    return "|".join((said("LA Code", ""), person, *parts, said("Provider CQC Location ID", "")))


def ended(resource: Resource, on: str) -> tuple[Change, ...]:
    """A service that a later return no longer names."""
    rule = "absence.not-in-later-return"
    text = f"Not in the return after the one to {on}; shown as ended that day, which no row says."
    return (*_days(resource, "end", on, rule), *_status(resource, rule), *_told(resource, text))


def begun(resource: Resource, on: str) -> tuple[Change, ...]:
    """A service whose first day was set anew with the financial year."""
    text = f"The return gives 1 April; earlier returns name this service from {on} on."
    return (*_days(resource, "start", on, "absence.new-year"), *_told(resource, text))


def _days(resource: Resource, end: str, on: str, rule: str) -> tuple[Change, ...]:
    _, element = _OF_SERVICE[resource["resourceType"]]
    return (Change(f"{element}.{end}", on, rule),)


def _status(resource: Resource, rule: str) -> tuple[Change, ...]:
    status, _ = _OF_SERVICE[resource["resourceType"]]
    return (Change("status", status, rule),) if status else ()


def _told(resource: Resource, text: str) -> tuple[Change, ...]:
    """That it was worked out here: a tag, and words where the type has a place for them."""
    made: tuple[Change, ...] = (Change("meta.tag[+]", national.DERIVED_STATUS, "absence.derived"),)
    if resource["resourceType"] == "ServiceRequest":
        note: dict[str, Any] = {"text": text}
        made += (Change("note[+]", note, "absence.words"),)
    return made


_TABLE: Final = "CLD"

SNAPSHOT: Final = Snapshot(_TABLE, placed, rolling=True, ended=ended, begun=begun)
