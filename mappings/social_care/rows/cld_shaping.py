"""Named functions of the Client Level Data rows: persons, keys, statuses, notes.

In      Values of the return's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out.
Errors  UnreadableValueError, without the value.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept, decides_by
from mappings.core.model.outcome import Facts, Issue, PersonClaim, UnreadableValueError, error
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import confidentiality_coding, local_reference
from mappings.core.shaping.identifiers import normalised
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld
from mappings.terms import support
from mappings.terms.synonyms import SERVICE_TYPES

OLDEST: Final = 115
"""Years; a birth date that makes the person older is a dummy (DHSC's method)."""
_FIRST_YEAR: Final = 2023
"""The year of the first returns: no row is of an earlier period, also where it names none."""


_REFUGE: Final = re.compile(r"\brefuges?\b", re.IGNORECASE)
"""In whatever words: one that is in no table is kept as text, and is no less a refuge."""

CQC_LOCATION: Final = f"{systems.OWN}/Id/cqc-location"


def person(facts: Facts) -> PersonClaim:
    """Whom a row is about."""
    local, council = facts.get("LA Person Unique Identifier"), facts.get("LA Code")
    number = facts.get("NHS Number")
    return PersonClaim(
        local_id=":".join(part for part in (council, local) if part) if local else None,
        nhs_numbers=(normalised(number),) if number else (),
        birth_date=birth_date(facts),
        deceased=True if dates.day_said(facts.get("Date of Death")) else None,
    )


def birth_date(facts: Facts) -> str | None:
    """The birth date for identity; None where it is a dummy or no date."""
    try:
        return born(facts.get("Date of Birth"), facts.get("Reporting Period End Date"))
    except UnreadableValueError:
        return None


def time(facts: Facts) -> str:
    """The end of the reporting period, for ordering."""
    return dates.ordering_time(facts.get("Reporting Period End Date"))


def born(day: Any, period_end: Any) -> str | None:
    """The birth date, unless it is a dummy."""
    if day is None:
        return None
    on = dates.fhir_date(str(day))
    last = dates.fhir_date(str(period_end)) if period_end else ""
    if last and on > last:
        raise UnreadableValueError("dummy-date", "after the return; taken as not known")
    year = int(last[:4]) if last else _FIRST_YEAR
    if year - int(on[:4]) >= OLDEST:
        raise UnreadableValueError("dummy-date", "older than anyone alive; taken as not known")
    return on


def postcode(text: Any, accommodation: Any) -> str | None:
    """A postcode, unless it says only that none is known (ZZ99), or is that of a refuge.

    A refuge's would tell everyone who may see the person's details where they are hidden.
    """
    if text is None:
        return None
    if _is_refuge(accommodation):
        raise UnreadableValueError("not-stored", "where this is stays with the delivery")
    code = " ".join(str(text).upper().split())
    return None if code.startswith("ZZ99") else code


def of_council(person: Any, council: Any) -> dict[str, Any] | None:
    """The council's number for the person."""
    if person is None:
        return None
    made: dict[str, Any] = {"system": systems.LOCAL_ID, "value": str(person)}
    return made | {"assigner": {"display": f"Council {council}"}} if council else made


def event_key(scope: Scope) -> str:
    """DHSC's unique event."""
    return cld.event_key(scope.facts, cld.kind_of(scope.facts))


def request_faults(facts: Facts) -> Iterator[Issue]:
    """A request that ends before it begins; of other events FHIR's own period says so."""
    begins, ends = (dates.day_said(facts.get(f"Event {one} Date")) for one in ("Start", "End"))
    if begins and ends and ends < begins:
        yield error("Event End Date", "contradiction", "a request does not end before it begins")


class PersonKey:
    """A named function: a key for what is said once of a person, whichever event says it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.__name__ = f"person_key_{what.replace('-', '_')}"

    def __call__(self, scope: Scope) -> str:
        """Council, person and what is said."""
        said = scope.facts.get
        person = said("LA Person Unique Identifier") or said("NHS Number") or ""
        return f"{said('LA Code', '')}|{person}|{self.what}"


class IsSaid:
    """A named function: whether a column says something other than "unknown"."""

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.__name__ = f"is_said_{heading.replace(' ', '_').lower()}"

    def __call__(self, scope: Scope) -> bool:
        """Filled, and not with "unknown"."""
        said = scope.facts.get(self.heading)
        return said is not None and said.casefold() != "unknown"


def refuge(scope: Scope) -> list[dict[str, str]]:
    """That somebody lives in a refuge says what they fled from, and where they are."""
    if not _is_refuge(scope.facts.get("Accommodation Status")):
        return []
    return [confidentiality_coding("R"), {"system": systems.ACT_CODE, "code": "SDV"}]


def _is_refuge(accommodation: Any) -> bool:
    return bool(_REFUGE.search(str(accommodation or "")))


def ended(end: Any, died: Any, period_end: Any) -> bool:
    """Whether a service is over by the end of the period."""
    day = dates.fhir_date(str(end)) if end else None
    until = dates.fhir_date(str(period_end)) if period_end else None
    if day is not None and (until is None or day <= until):
        return True
    return dates.day_said(died) is not None


def service_status(end: Any, died: Any, period_end: Any, _start: Any) -> str:
    """A service runs until its end is past, or the person has died."""
    return "completed" if ended(end, died, period_end) else "active"


def episode_status(end: Any, died: Any, period_end: Any, _start: Any) -> str:
    """As for the service."""
    return "finished" if ended(end, died, period_end) else "active"


def service_type(text: Any) -> dict[str, Any]:
    """The service type of an episode; the service itself reports an unknown one."""
    found = codes.SERVICE_TYPE.find(codes.plain(text))
    words = codes.plain(text)
    return found.concept(words) if isinstance(found, Concept) else {"text": words}


@decides_by(SERVICE_TYPES)
def service_kind(text: Any) -> dict[str, Any] | None:
    """The kind of service in the one language; the component itself reports an unknown one."""
    found = codes.SERVICE_COMPONENT.find(codes.plain(text))
    if not isinstance(found, Concept):
        return None
    kind = SERVICE_TYPES.get(found.code, found.code)
    return support.service_kind(kind).concept() if kind in support.SERVICE_KINDS else None


def provider(location: Any, name: Any) -> dict[str, Any]:
    """Who provides the service, by its Care Quality Commission location."""
    made: dict[str, Any] = {"type": "Organization"}
    if location:
        made["identifier"] = {"system": CQC_LOCATION, "value": str(location)}
    return made | {"display": str(name)} if name else made


def outcome_note(text: Any) -> dict[str, str]:
    """The outcome in the council's words, as a note."""
    return {"text": f"Outcome: {codes.plain(text)}"}


def method_note(text: Any) -> dict[str, str]:
    """Who took part, as a note."""
    return {"text": f"Took part: {text}"}


def took_part(text: Any) -> dict[str, str]:
    """Who took part, as a type of participant."""
    return {"text": f"Took part: {text}"}


class EventKey:
    """A named function: the event's key, and what is said of it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.__name__ = f"event_key_{what.replace('-', '_')}"

    def __call__(self, scope: Scope) -> str:
        """DHSC's unique event, and which of its resources this is."""
        return f"{event_key(scope)}|{self.what}"


_EXTENSION: Final = f"{systems.OWN}/StructureDefinition"
_MONEY: Final = re.compile(r"(£\s*)?\d{1,3}((,\d{3}){1,3}|\d{0,9})(\.\d{1,4})?", re.ASCII)
_MONEY_HEADINGS: Final = (
    "Delivery Mechanism",
    "Client Funding Status",
    "Unit Cost",
    "Planned units per week",
    "Full cost client",
)


def says_money(scope: Scope) -> bool:
    """Whether the row says anything of cost or of who pays."""
    return any(scope.facts.get(heading) for heading in _MONEY_HEADINGS)


def service_paid(scope: Scope) -> Iterator[Found]:
    """The key of the service the money is for."""
    yield Found(("Event Type",), event_key(scope))


def pays_for(key: Any) -> dict[str, Any]:
    """The service that money is for, as an extension of our own."""
    target = {"reference": local_reference("ServiceRequest", str(key))}
    return {"url": f"{_EXTENSION}/pays-for", "valueReference": target}


def cost(amount: Any, per: Any) -> dict[str, Any] | None:
    """What a unit costs; an amount that is none, or negative, is reported."""
    if amount is None:
        return None
    money = {"url": "amount", "valueMoney": {"value": _amount(amount), "currency": "GBP"}}
    unit = [{"url": "per", "valueString": str(per)}] if per else []
    return {"url": f"{_EXTENSION}/cost", "extension": [money, *unit]}


def planned_units(text: Any) -> dict[str, Any]:
    """How many units a week are planned."""
    return {"url": f"{_EXTENSION}/planned-units-per-week", "valueDecimal": _amount(text)}


def full_cost(text: Any) -> dict[str, Any]:
    """Whether the person pays the whole cost, in the council's word."""
    return {"url": f"{_EXTENSION}/full-cost-client", "valueString": str(text)}


def _amount(text: Any) -> float:
    bare = str(text).strip()
    if not _MONEY.fullmatch(bare):
        raise UnreadableValueError("invalid-number", "no amount, or below nothing; left out")
    return float(bare.replace("£", "").replace(",", ""))


def payor(council: Any, mechanism: Any, status: Any) -> dict[str, str]:
    """Who pays: the council, unless the person pays all of it."""
    found = (
        codes.FUNDING.find(codes.plain(mechanism or "")),
        codes.FUNDING_STATUS.find(codes.plain(status or "")),
    )
    if any(isinstance(one, Concept) and one.code == "self-funder" for one in found):
        return {"display": "The person"}
    return {"display": f"Council {council}" if council else "The council"}
