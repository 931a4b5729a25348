"""Named functions of the Client Level Data rows: persons, keys, statuses, notes.

In      Values of the return's columns (absent ones as None), or the row's scope.
Out     FHIR elements; None leaves the element out.
Errors  UnreadableValueError, without the value.
"""

from typing import Any, Final

from mappings.core import dates, systems
from mappings.core.codes import Concept
from mappings.core.identifiers import normalised
from mappings.core.outcome import Facts, PersonClaim, UnreadableValueError
from mappings.core.paths import Scope
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld

OLDEST: Final = 115
"""Years; a birth date that makes the person older is a dummy (DHSC's method)."""


CQC_LOCATION: Final = f"{systems.OWN}/Id/cqc-location"


def person(facts: Facts) -> PersonClaim:
    """Whom a row is about."""
    local, council = facts.get("LA Person Unique Identifier"), facts.get("LA Code")
    number = facts.get("NHS Number")
    return PersonClaim(
        local_id=":".join(part for part in (council, local) if part) if local else None,
        nhs_numbers=(normalised(number),) if number else (),
        birth_date=birth_date(facts),
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
    if period_end and int(dates.fhir_date(str(period_end))[:4]) - int(on[:4]) >= OLDEST:
        raise UnreadableValueError("dummy-date", "older than anyone alive; taken as not known")
    return on


def postcode(text: Any) -> str | None:
    """A postcode; ZZ99 pseudo-postcodes say only that none is known."""
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


def ended(end: Any, died: Any, period_end: Any) -> bool:
    """Whether a service is over by the end of the period."""
    day = dates.fhir_date(str(end)) if end else None
    until = dates.fhir_date(str(period_end)) if period_end else None
    if day is not None and (until is None or day <= until):
        return True
    return died is not None


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


class ReviewKey:
    """A named function: the review's key and which result of it this is."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.__name__ = f"review_key_{what.replace('-', '_')}"

    def __call__(self, scope: Scope) -> str:
        """DHSC's unique event, and the result."""
        return f"{event_key(scope)}|{self.what}"
