"""What a search asks of a person, judged on the Patient that the caller is shown.

In      Tests as the API understood them; a composed Patient.
Out     Whether it is so.
Rule    Names, numbers and birth dates are kept sealed: nothing stands at rest to search them by.
        They are read from what this caller is shown, so that what is masked is not found.
Source  http://hl7.org/fhir/R4/search.html: string, token, date.
Pure    No look-ups.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.periods import micros_covered
from gateway.store.clear.search_table import Parameter
from gateway.store.record.conditions import Condition
from gateway.store.record.spans import Span
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised


@dataclass(frozen=True, slots=True)
class Named:
    """One of these ids, whichever of the person's it is."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Having:
    """Something of this type is shown of them, and is so."""

    resource_type: str
    inner: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Some part of a name begins so; `exact`: is exactly so."""

    parameter: Parameter
    values: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """Some of these tokens: system (None: any) and code (empty: any)."""

    parameter: Parameter
    values: tuple[tuple[str | None, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """Some date so."""

    parameter: Parameter
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """Whether there is nothing of the parameter."""

    parameter: Parameter
    missing: bool


Own = Words | Coded | Dated | Absent
"""What is judged on the Patient alone."""
PersonTest = Named | Having | Own


def holds(test: Own, patient: Mapping[str, Any], updated_at: int) -> bool:
    """Whether the Patient, last updated then, is so."""
    match test:
        case Words(parameter, values, exact):
            found = list(_words(parameter.name, patient))
            if exact:
                return any(one in values for one in found)
            begun = tuple(folded(one) for one in values)
            return any(folded(one).startswith(begun) for one in found)
        case Coded(parameter, values, negated):
            codes = list(_codes(parameter.name, patient))
            return negated != any(_is_one(one, value) for one in codes for value in values)
        case Dated(parameter, spans):
            ranges = list(_dates(parameter.name, patient, updated_at))
            return any(in_span(*one, span) for one in ranges for span in spans)
        case _:
            return test.missing != _is_there(test.parameter.name, patient, updated_at)


def folded(text: str) -> str:
    """Without accents and case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


def in_span(low: int, high: int, span: Span) -> bool:
    """FHIR's rules for a prefix; the twin of gateway.store.record.spans.in_span."""
    return _PREFIXES[span.prefix](low, high, span.low, span.high)


_PREFIXES: Final[Mapping[str, Callable[[int, int, int, int], bool]]] = {
    "eq": lambda low, high, first, after: low >= first and high <= after,
    "ne": lambda low, high, first, after: not (low >= first and high <= after),
    "gt": lambda _low, high, _first, after: high > after,
    "lt": lambda low, _high, first, _after: low < first,
    "ge": lambda low, high, first, after: high > after or (low >= first and high <= after),
    "le": lambda low, high, first, after: low < first or (low >= first and high <= after),
    "sa": lambda low, _high, _first, after: low >= after,
    "eb": lambda _low, high, first, _after: high <= first,
    "ap": lambda low, high, first, after: low < after and high > first,
}


def _is_there(name: str, patient: Mapping[str, Any], updated_at: int) -> bool:
    if name in _CODED:
        return any(True for _ in _codes(name, patient))
    if name in _DATES:
        return any(True for _ in _dates(name, patient, updated_at))
    return any(True for _ in _words(name, patient))


def _words(name: str, patient: Mapping[str, Any]) -> Iterator[str]:
    wanted = ("family", "given", "text", "prefix", "suffix") if name == "name" else (name,)
    for one in _listed(patient.get("name")):
        for part in wanted:
            yield from (text for text in _listed(one.get(part)) if isinstance(text, str))


def _codes(name: str, patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _CODED[name](patient)


def _identifiers(patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in _listed(patient.get("identifier")):
        if isinstance(one.get("value"), str):
            system = str(one.get("system", ""))
            plain = system == systems.NHS_NUMBER
            yield system, normalised(one["value"]) if plain else one["value"]


def _plain(name: str) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]:
    def codes(patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        value = patient.get(name)
        if value is not None:
            yield _FIXED, str(value).lower() if isinstance(value, bool) else str(value)

    return codes


def _deceased(patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    dead = patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient
    yield _FIXED, "true" if dead else "false"


_FIXED: Final = "*"
"""Stands for the system that FHIR fixes."""
_CODED: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]]] = {
    "identifier": _identifiers,
    "gender": _plain("gender"),
    "active": _plain("active"),
    "deceased": _deceased,
}
_DATES: Final = {"birthdate": "birthDate", "death-date": "deceasedDateTime"}


def _is_one(found: tuple[str, str], asked: tuple[str | None, str]) -> bool:
    system, code = asked
    if found[0] == _FIXED:
        fits = system is None or is_fixed(system)
    else:
        fits = system is None or system == found[0]
    number = found[0] == systems.NHS_NUMBER
    return fits and (not code or (normalised(code) if number else code) == found[1])


def is_fixed(system: str) -> bool:
    """Whether a system that was named with a plain code can be the one that FHIR fixes for it."""
    return system.startswith("http://hl7.org/fhir/")


def _dates(name: str, patient: Mapping[str, Any], updated_at: int) -> Iterator[tuple[int, int]]:
    if name == "_lastUpdated":
        yield updated_at, updated_at + 1
        return
    value = patient.get(_DATES[name])
    if isinstance(value, str):
        try:
            yield micros_covered(value)
        except (ValueError, OverflowError):
            return


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
