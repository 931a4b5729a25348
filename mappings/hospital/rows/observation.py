"""An OBX under a problem or a goal, to Observation.

In      OBX: value type, code, value, units, range, status, time.
Out     The Target of an Observation; its value by OBX-2, in words where it cannot be typed.
Source  v2-to-FHIR guide (OBX); HL7 tables 0085 and 0125.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Issue, warning
from mappings.core.model.paths import Gather, Scope
from mappings.core.model.rows import Labels, Row, Target
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import tree, types
from mappings.hospital.rows.keys import instance
from mappings.hospital.rows.whole import every, whole
from mappings.terms.access import Category

_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,9})?")
_WORDS: Final = frozenset({"ST", "TX", "FT", "", "IS", "ID", "NM", "SN"})
_CODED: Final = frozenset({"CE", "CWE", "CNE", "CF"})
_TIMED: Final = frozenset({"DT", "TS", "DTM"})
FIELDS: Final = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "11",
    "14",
    "16",
    "17",
    "21",
    "NTE[].3",
)


def quantity(value: str | None, kind: str | None, units: str | None) -> dict[str, Any] | None:
    """A number (NM), or a comparator and number (SN), with its unit; None for anything else."""
    said = repetitions(value)
    if len(said) != 1:
        return None
    named = first(kind)
    comparator, number = "", component(said[0], 1)
    if named == "SN":
        comparator, number = number, component(said[0], 2)
        if component(said[0], 3) or comparator not in ("", "=", "<", "<=", ">", ">="):
            return None
    if named not in ("NM", "SN") or not _NUMBER.fullmatch(number):
        return None
    made: dict[str, Any] = {"value": _number(number)}
    if comparator not in ("", "="):
        made["comparator"] = comparator
    return made | _unit(units)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _unit(units: str | None) -> dict[str, str]:
    shown = component(units, 2) or component(units, 1)
    code = codes.UNITS.find(component(units, 1))
    made = {"unit": shown} if shown else {}
    return made | ({"system": systems.UCUM, "code": str(code)} if code else {})


def in_words(value: str | None, kind: str | None, units: str | None) -> str | None:
    """The value as text, where it is text or no number that can be read."""
    named = first(kind) or ""
    if named not in _WORDS or quantity(value, kind, units) is not None:
        return None
    said, unit = words(value), component(units, 2) or component(units, 1)
    return f"{said} {unit}" if said and unit and named in ("NM", "SN") else said


def coded(value: str | None, kind: str | None) -> dict[str, Any] | None:
    """A coded value; several in words."""
    return types.concept(value) if value and first(kind) in _CODED else None


def timed(value: str | None, kind: str | None) -> str | None:
    """A date or time."""
    return times.when(value) if value and first(kind) in _TIMED else None


def reference_range(field: str) -> dict[str, str] | None:
    """The range in the sender's words."""
    said = words(field)
    return {"text": said} if said else None


def doubts(scope: Scope) -> Iterator[Issue]:
    """Values that are kept with the delivery alone: documents, pictures, pointers."""
    for found in every(scope, "OBX"):
        named = (first(found.value.get("2")) or "").upper()
        if len(found.steps) > 2 and named not in _WORDS | _CODED | _TIMED:
            text = "a value of this type is not mapped yet; kept with the delivery"
            yield warning(show((*found.steps, "5")), "value-not-mapped", text)


def observed(scope: Scope) -> tuple[str, str]:
    """What names an observation within what holds it: OBX-21, else its place and content; of
    several that these do not tell apart, how many came before it too."""
    *holder, position = scope.here.steps
    names = whole(scope).observed
    held = tuple(holder)
    if held not in names:
        names[held] = list(_told_apart(tree.at(scope.facts, held)))
    return ("observation", names[held][int(position)])


def _told_apart(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for position, entry in enumerate(entries, 1):
        place = first(entry.get("1")) or str(position)
        own = component(entry.get("21"), 1)
        name = own or f"{place} {instance(entry, '21', '3', '4', '14')}"
        seen[name] += 1
        yield f"{name} {seen[name]}" if seen[name] > 1 else name


def observation(
    name: str,
    each: Gather,
    key: Callable[[Scope], str | None],
    category: Category,
    labels: Labels,
    places: tuple[str, ...],
) -> Target:
    """The Observation made of an OBX in some places of a message."""
    return Target(
        "Observation",
        name=name,
        each=each,
        key=key,
        category=category,
        labels=labels,
        reads=tuple(f"{place}.{field}" for place in places for field in FIELDS),
        defaults={"status": "unknown", "code": {"text": "Not named by the sender"}},
        rows=(
            Row("observed.status", "status", "11", fn=first, table=codes.OBSERVATION_STATE),
            Row("observed.what", "code", "3", fn=types.concept),
            Row("observed.at", "effectiveDateTime", "14", fn=times.when),
            Row("observed.number", "valueQuantity", ("5", "2", "6"), fn=quantity),
            Row("observed.words", "valueString", ("5", "2", "6"), fn=in_words),
            Row("observed.code", "valueCodeableConcept", ("5", "2"), fn=coded),
            Row("observed.time", "valueDateTime", ("5", "2"), fn=timed),
            Row("observed.range", "referenceRange[0]", "7", fn=reference_range),
            Row("observed.flag", "interpretation[0]", "8", fn=first, table=codes.INTERPRETATION),
            Row("observed.by", "performer[0]", "16", fn=types.practitioner),
            Row("observed.method", "method", "17", fn=types.concept),
            Row("observed.note", "note[+]", "NTE[].3", fn=types.note),
        ),
    )
