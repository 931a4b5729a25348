"""Whether a resource that is held in memory has what a criterion of a search asks.

In      a pair of a query; the FHIR types of the parameters that are taken; the address that
        references to our own begin with. What a resource has where a parameter reads.
Out     a criterion; whether it is met.
Errors  FaultyRequestError for a modifier or a value that is not taken. No fault repeats a value.
Source  http://hl7.org/fhir/R4/search.html: token, string, uri, reference; :missing, :not, :exact.
Pure    Values in, values out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.api.search.search_grammar import (
    Reference,
    Token,
    alternatives,
    fault,
    parse_boolean,
    parse_reference,
    parse_token,
    unescaped,
)
from gateway.flows.reading.person_tests import folded, is_fixed
from mappings.core.r4.codes import RESOURCE_TYPES

MODIFIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "token": ("missing", "not"),
    "string": ("exact", "missing"),
    "uri": ("missing",),
    "reference": ("missing", "type"),
}
"""What each FHIR type of parameter takes, as R4 codes it: a reference's type is `type`."""
_ALWAYS: Final = "_id"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter; its alternatives, each as its type is read."""

    name: str
    kind: str
    modifier: str
    values: tuple[Any, ...]


def criterion(given: str, value: str, taken: Mapping[str, str], base: str) -> Criterion | None:
    """What a pair of a query asks, of parameters with their FHIR types; None for none of them."""
    name, colon, modifier = given.partition(":")
    kind = taken.get(name)
    if kind is None:
        return None
    allowed = () if name == _ALWAYS else MODIFIERS[kind]
    typed = "type" in allowed and modifier in RESOURCE_TYPES
    if colon and not typed and (modifier == "type" or modifier not in allowed):
        raise fault(given, f"takes as modifier: {', '.join(allowed) or 'none'}")
    read = _boolean if modifier == "missing" else _READ[kind]
    several = alternatives(given, value)
    return Criterion(name, kind, modifier, tuple(read(given, one, base) for one in several))


def is_met(asked: Criterion, held: Iterable[Any]) -> bool:
    """Whether one of what is held has one of the values; by `:not`, none has."""
    if asked.modifier == "missing":
        return (next(iter(held), None) is None) in asked.values
    matches = _MATCHES[asked.kind]
    found = any(matches(asked.modifier, one, wanted) for one in held for wanted in asked.values)
    return found != (asked.modifier == "not")


def _boolean(name: str, text: str, _base: str) -> bool:
    return parse_boolean(name, text)


def _token(name: str, text: str, _base: str) -> Token:
    return parse_token(name, text)


def _text(_name: str, text: str, _base: str) -> str:
    return unescaped(text)


def _reference(_name: str, text: str, base: str) -> Reference:
    return parse_reference(text, base)


def _has_token(_modifier: str, held: Any, wanted: Token) -> bool:
    return any(
        (not wanted.code or wanted.code == code) and _is_of(wanted.system, system)
        for system, code in _codes(held)
    )


def _is_of(wanted: str | None, system: str | None) -> bool:
    """A plain code has no system of its own: one that is named has to be one of FHIR's."""
    if wanted is None:
        return True
    return is_fixed(wanted) if system is None else wanted == system


def _codes(held: Any) -> Iterator[tuple[str | None, str]]:
    """System (None for a plain code) and code of a boolean, a code, an Identifier, a ContactPoint,
    a Coding or a CodeableConcept."""
    if isinstance(held, bool | str):
        yield None, str(held).lower() if isinstance(held, bool) else held
    elif "value" in held:
        yield held.get("system", ""), held["value"]
        if held.get("system") in _POINTS:
            yield "", held["value"]
    else:
        for coding in held.get("coding", (held,)):
            yield coding.get("system", ""), coding.get("code", "")


_POINTS: Final = ("phone", "email")
"""Of a ContactPoint, which has no URI: it is found with its kind as the system, and without."""


def _has_words(modifier: str, held: str, wanted: str) -> bool:
    return wanted == held if modifier == "exact" else folded(held).startswith(folded(wanted))


def _is_uri(_modifier: str, held: str, wanted: str) -> bool:
    return wanted == held


def _refers(modifier: str, held: Mapping[str, Any], wanted: Reference) -> bool:
    kind, _, resource_id = str(held["reference"]).partition("/")
    asked = {modifier, wanted.resource_type} - {""}
    return wanted.resource_id == resource_id and asked <= {kind}


_READ: Final[Mapping[str, Callable[[str, str, str], Any]]] = {
    "token": _token,
    "string": _text,
    "uri": _text,
    "reference": _reference,
}
_MATCHES: Final[Mapping[str, Callable[[str, Any, Any], bool]]] = {
    "token": _has_token,
    "string": _has_words,
    "uri": _is_uri,
    "reference": _refers,
}
