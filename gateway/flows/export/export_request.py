"""What a kick-off asks for, read from a query or a Parameters resource.

In      Pairs of names and values; or the body as sent.
Out     Wanted: types, since when, elements, whom.
Rule    What is not understood is refused, also where `Prefer: handling=lenient` would have it
        ignored: an export that is not narrowed as asked gives more than was asked.
Errors  FaultyRequestError, by the parameter's name, never with its value.
Source  HL7 Bulk Data Access IG 2.0.0, Bulk Data Kick-off Request.
Pure    Yes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.sent_object import sent_object, sent_span
from gateway.flows.export.export_entitled import TYPES
from gateway.store.record.reads import is_id

FORMATS: Final = ("application/fhir+ndjson", "application/ndjson", "ndjson")
MOST_PATIENTS: Final = 5_000
_MOST_ELEMENTS: Final = 100
_ELEMENT: Final = re.compile(r"(?:[A-Z][A-Za-z]{1,63}\.)?[a-z][A-Za-z0-9]{0,63}", re.ASCII)
_SHOWN: Final = re.compile(r"_?[A-Za-z]{1,40}", re.ASCII)
_TAKEN: Final = {
    "_outputFormat": ("valueString", "valueCode"),
    "_type": ("valueString", "valueCode"),
    "_since": ("valueInstant", "valueDateTime"),
    "_elements": ("valueString",),
    "patient": ("valueReference",),
}
"""Each parameter, and as what a Parameters resource may hold it."""
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported."""

    types: tuple[str, ...] = ()
    """Empty: every one that the system's scopes leave."""
    since: int | None = None
    elements: tuple[str, ...] = ()
    patients: tuple[str, ...] | None = None
    """Whom alone, by ids; None: everybody."""


def from_query(pairs: Pairs) -> Wanted:
    """What a GET asks for: it names nobody."""
    given = list(pairs)
    if any(name == "patient" for name, _ in given):
        raise _fault("patient", "is taken in the body of a POST, so that no address names anybody")
    return _wanted(given)


def from_parameters(body: bytes) -> Wanted:
    """What a POST asks for."""
    sent = sent_object(body)
    rows = sent.get("parameter", [])
    if sent.get("resourceType") != "Parameters" or not isinstance(rows, list):
        raise _fault("", "a Parameters resource is expected")
    return _wanted([_pair(row) for row in rows])


def _pair(row: Any) -> tuple[str, str]:
    name = row.get("name") if isinstance(row, dict) else None
    if not isinstance(name, str):
        raise _fault("parameter", "each has a name and a value")
    kinds = _TAKEN.get(name, ())
    values = [row[kind] for kind in kinds if kind in row]
    if kinds and (len(values) != 1 or len(row) != 2):
        raise _fault(name, f"has one value, as {' or '.join(kinds)}")
    value = values[0] if values else ""
    if name == "patient" and isinstance(value, dict):
        value = value.get("reference")
    if not isinstance(value, str):
        raise _fault(name, "has one value, a text")
    return name, value


def _wanted(given: list[tuple[str, str]]) -> Wanted:
    for name, _ in given:
        if name not in _TAKEN:
            shown = name if _SHOWN.fullmatch(name) else ""
            raise _fault(shown, f"is not taken: only {', '.join(_TAKEN)}")
    for output in _of(given, "_outputFormat"):
        if output.replace(" ", "+") not in FORMATS:  # a + in an address may have become a space
            raise _fault("_outputFormat", f"one of {', '.join(FORMATS)}")
    return Wanted(_types(given), _since(given), _elements(given), _patients(given))


def _types(given: list[tuple[str, str]]) -> tuple[str, ...]:
    types = _listed(given, "_type")
    if not set(types) <= set(TYPES):
        raise _fault("_type", "names a type that is not exported")
    return types


def _since(given: list[tuple[str, str]]) -> int | None:
    stated = _of(given, "_since")
    return sent_span("_since", ",".join(stated), "one instant")[0] if stated else None


def _elements(given: list[tuple[str, str]]) -> tuple[str, ...]:
    elements = _listed(given, "_elements")
    if len(elements) > _MOST_ELEMENTS or not all(map(_ELEMENT.fullmatch, elements)):
        words = f"names such as Patient.name or id, {_MOST_ELEMENTS} at most"
        raise _fault("_elements", words)
    return elements


def _patients(given: list[tuple[str, str]]) -> tuple[str, ...] | None:
    stated = _of(given, "patient")
    if not stated:
        return None
    ids = tuple(dict.fromkeys(one.removeprefix("Patient/") for one in stated))
    if len(ids) > MOST_PATIENTS or not all(map(is_id, ids)):
        raise _fault("patient", f"references such as Patient/id, {MOST_PATIENTS} at most")
    return ids


def _listed(given: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    """Values with commas between them, of a parameter that may stand several times."""
    found = [part.strip() for value in _of(given, name) for part in value.split(",")]
    if found and not all(found):
        raise _fault(name, "has a value")
    return tuple(dict.fromkeys(found))


def _of(given: list[tuple[str, str]], name: str) -> list[str]:
    return [value for one, value in given if one == name]


def _fault(name: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("invalid", name, text)])
