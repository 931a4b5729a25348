"""What the log is searched by: AuditEvent's parameters, and three of our own.

In      Name and value pairs as sent.
Out     Sought: what the log's index is asked for, whose entries, and which resource.
Rule    A criterion that is empty, repeated or unreadable must not widen the search: it is refused.
        `date` may be given twice, for a range. Values with a comma between them: either. A code may
        come with its system before it, which is not looked at.
Source  FHIR R4 AuditEvent, search parameters.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from consent.periods import first_moment, next_moment, to_micros
from consent.terms import Purpose
from gateway.api.search.search_params import MOST, SHAPES_ONLY, TOTALS, shown_name
from gateway.audit.events import Event, Outcome
from gateway.audit.fhir import events_of, outcomes_of
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.review_access import Sought
from gateway.store.audit.audit_reads import Wanted

PARAMETERS: Final = {
    "patient": "reference",
    "entity": "reference",
    "agent": "reference",
    "agent-org": "token",
    "date": "date",
    "action": "token",
    "subtype": "token",
    "outcome": "token",
    "purpose": "token",
    "break-glass": "token",
}
"""Each search parameter with its FHIR type."""
OWN: Final = {
    "agent-org": "The organisation of whoever acted, by its ODS code.",
    "purpose": "The purpose of use that the caller stated.",
    "break-glass": "true: what was done in an emergency access; false: everything else.",
}
"""Those that R4 does not define, and what each asks."""
_PATIENT: Final = "Patient"
_TWICE: Final = 2
_MOST_VALUES: Final = 50
_NONE: Final = ("",)
Users = Mapping[str, tuple[str, ...]]
"""By a reference to a member of staff: the users that the log knows them as."""
_NO_USERS: Final[Users] = {}
_REFERENCE: Final = re.compile(r"(?:([A-Z][A-Za-z]{1,63})/)?([A-Za-z0-9.-]{1,64})", re.ASCII)


def parse(
    pairs: list[tuple[str, str]], open_page: Callable[[str], str], staff: Users = _NO_USERS
) -> Sought:
    """What is sought; `staff`: the users that an agent may be named for. Errors:
    FaultyRequestError, NotFoundError for another's page."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        _check_known(name, value)
        given.setdefault(name, []).append(value)
    _check_given_once(given)
    sought = Sought(_wanted(given, staff), _people(given), _resource(given))
    if "_count" in given:
        sought = replace(sought, count=_number(given["_count"][0]))
    if "_page" in given:
        before = int(open_page(given["_page"][0]))
        sought = replace(sought, wanted=replace(sought.wanted, before=before))
    return sought


def _check_known(name: str, value: str) -> None:
    counted = name == "_total" and value in TOTALS
    sorted_so = (name, value) == ("_sort", "-date")
    if name not in (*PARAMETERS, "_count", "_page", *SHAPES_ONLY) and not (counted or sorted_so):
        text = "takes " + ", ".join(PARAMETERS) + " and _count; see /fhir/R4/metadata"
        raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    blank = not value.replace(",", "").strip()
    if blank or not value.isprintable() or value.count(",") >= _MOST_VALUES:
        raise _faulty(name, "give it once, with a value")


def _check_given_once(given: Mapping[str, list[str]]) -> None:
    for name, values in given.items():
        if len(values) > (_TWICE if name == "date" else 1):
            raise _faulty(name, "give it once, with a value")
    if "patient" in given and "entity" in given:
        raise _faulty("entity", "patient and entity are not taken together")


def _wanted(given: Mapping[str, list[str]], staff: Users) -> Wanted:
    lows, highs = [], []
    for value in given.get("date", ()):
        low, high = _dates(value)
        lows += [low] if low is not None else []
        highs += [high] if high is not None else []
    return Wanted(
        users=tuple(u for one in _values(given, "agent") for u in staff.get(one) or (one,)),
        orgs=tuple(one.upper() for one in _codes(given, "agent-org")),
        events=_events(given),
        outcomes=_outcomes(given),
        purposes=_among(given, "purpose", frozenset(Purpose)),
        break_glass=_flag(given),
        start=max(lows, default=None),
        end=min(highs, default=None),
    )


def _people(given: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Ids of the people named by `patient`, or by `entity` where that is a Patient."""
    named = _references(given, "patient")
    if any(kind != _PATIENT for kind, _ in named):
        raise _faulty("patient", "Patient/id, or the id alone")
    named += _references(given, "entity")
    return tuple(name for kind, name in named if kind == _PATIENT)


def _resource(given: Mapping[str, list[str]]) -> tuple[str, str] | None:
    """Type and id of a resource named by `entity` that is not a Patient."""
    named = _references(given, "entity")
    others = [one for one in named if one[0] != _PATIENT]
    if others and len(named) > 1:
        raise _faulty("entity", "one resource, or Patients")
    return others[0] if others else None


def _references(given: Mapping[str, list[str]], name: str) -> list[tuple[str, str]]:
    """Type and id of each; an id alone is a Patient's."""
    found = [_REFERENCE.fullmatch(one) for one in _values(given, name)]
    if not all(found):
        raise _faulty(name, "Type/id, or the id of a Patient")
    return [(one[1] or _PATIENT, one[2]) for one in found if one]


def _events(given: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Those of the subtypes and of the actions asked for; one that is none where both exclude."""
    subtypes = _among(given, "subtype", frozenset(Event))
    actions = _among(given, "action", frozenset("CRUDE"))
    if not actions:
        return subtypes
    found = [str(event) for action in actions for event in events_of(action)]
    return tuple(one for one in found if not subtypes or one in subtypes) or _NONE


def _outcomes(given: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Our own outcomes, or those that FHIR's number stands for."""
    found: list[str] = []
    for one in _among(given, "outcome", frozenset({*Outcome, "0", "4", "8", "12"})):
        found += [one] if one in set(Outcome) else [str(each) for each in outcomes_of(one)]
    return tuple(found) or (_NONE if "outcome" in given else ())


def _flag(given: Mapping[str, list[str]]) -> bool | None:
    values = _among(given, "break-glass", frozenset({"true", "false"}))
    if len(values) > 1:
        raise _faulty("break-glass", "true or false")
    return values[0] == "true" if values else None


def _among(given: Mapping[str, list[str]], name: str, known: frozenset[Any]) -> tuple[str, ...]:
    values = _codes(given, name)
    if any(one not in known for one in values):
        raise _faulty(name, "a code that is not known here")
    return values


def _codes(given: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Values without the systems before their bars."""
    codes = tuple(one.rpartition("|")[2].strip() for one in _values(given, name))
    if not all(codes):
        raise _faulty(name, "a code, with or without its system and a bar before it")
    return codes


def _values(given: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    return tuple(one for one in given.get(name, [""])[0].split(",") if one)


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise _faulty("_count", "a whole number")
    return min(int(value[:6]), MOST)


def _dates(value: str) -> tuple[int | None, int | None]:
    """From, and before: one of them None for an open range."""
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    try:
        low, high = to_micros(first_moment(text)), to_micros(next_moment(text))
    except (ValueError, OverflowError):
        prefix, low, high = "", 0, 0
    made: dict[str, tuple[int | None, int | None]] = {
        "eq": (low, high),
        "ge": (low, None),
        "gt": (high, None),
        "le": (None, high),
        "lt": (None, low),
    }
    if prefix not in made:
        raise _faulty("date", "a date, with eq ge gt le lt before it")
    return made[prefix]


def _faulty(name: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("invalid", shown_name(name), text)])
