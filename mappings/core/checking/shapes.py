"""The official tables compiled for the walk of validate.py: one Shape per type.

In      r4/elements.py and r4/codes.py.
Out     shape_of(type): its fields by JSON name (choices spelled out), the required, the rules.
Pure    Each type is compiled once, when first asked for; the result never changes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from mappings.core.checking.definition_rules import DEFINITION_RULES
from mappings.core.checking.invariants import RULES, Rule
from mappings.core.checking.primitives import FIND_FAULT, FindFault
from mappings.core.r4.codes import UNBOUNDED, VALUE_SETS
from mappings.core.r4.elements import PROHIBITED, RESOURCES, TYPES, Element

SERVED: Final = frozenset(RESOURCES)

NOT_A_CODE: Final = "is not a code of the required value set"

_TOKEN: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # noqa: S105 - the token of RFC 9110
_FORMS: Final = {
    "urn:iso:std:iso:4217": (re.compile("[A-Z]{3}"), "must be a currency code of ISO 4217"),
    "urn:ietf:bcp:13": (
        re.compile(rf"{_TOKEN}/{_TOKEN}(?: *; *{_TOKEN}=(?:{_TOKEN}|\"[^\"]*\"))*"),
        "must be a media type",
    ),
}
"""Required value sets whose codes nobody can list: the form a code of theirs has."""
_BARE: Final = {
    ("Resource", "id"),
    ("Element", "id"),
    ("Extension", "url"),
    ("Narrative", "div"),
}
"""Primitives that are values and no more: they have no `_name` beside them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element under one JSON name."""

    name: str
    type: str
    many: bool
    choice: str
    """The choice it belongs to, such as `onset`; empty for none."""
    find_fault: FindFault | None
    """For a primitive type, with its required value set; null is a fault too."""
    companion: bool
    """A primitive that may have its id and extensions beside it, as `_name`."""
    codes: frozenset[str] | None
    """For a code with a required value set."""
    concepts: frozenset[tuple[str, str]] | None
    """For a CodeableConcept with a required value set: (system, code)."""
    targets: frozenset[str] | None
    """For a Reference: the types it may point to, None for any."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One type."""

    fields: dict[str, Field]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    """(element, JSON names of which one must be there)."""
    rules: tuple[Rule, ...]
    is_resource: bool


@cache
def shape_of(name: str) -> Shape:
    """The compiled type."""
    profiled, prohibited = PROHIBITED.get(name, (name, ()))
    chain = list(_ancestry(profiled))
    rows = [(ancestor, row) for ancestor in reversed(chain) for row in TYPES[ancestor][1]]
    rows = [(ancestor, row) for ancestor, row in rows if row[0] not in prohibited]
    fields = {field.name: field for entry in rows for field in _fields(*entry)}
    required = tuple((_plain(row), _variants(of, row)) for of, row in rows if row[2])
    rules = tuple(
        rule
        for ancestor in chain
        for rule in (*RULES.get(ancestor, ()), *DEFINITION_RULES.get(ancestor, ()))
    )
    return Shape(fields, required, rules, is_resource="Resource" in chain)


def _ancestry(name: str) -> Iterator[str]:
    while name:
        yield name
        name = TYPES[name][0]


def _plain(row: Element) -> str:
    return row[0].removesuffix("[x]")


def _fields(ancestor: str, row: Element) -> Iterator[Field]:
    name, types, _, most, value_set, targets, _ = row
    choice = _plain(row) if name.endswith("[x]") else ""
    for kind in types.split():
        codes = _codes(value_set) if kind == "code" else None
        yield Field(
            name=_json_name(choice, kind) if choice else name,
            type=kind,
            many=most == 0,
            choice=choice,
            companion=kind in FIND_FAULT and (ancestor, name) not in _BARE,
            find_fault=_find_fault(kind, value_set, codes),
            codes=codes,
            concepts=_concepts(value_set) if kind == "CodeableConcept" else None,
            targets=frozenset(targets.split()) if targets else None,
        )


def _json_name(choice: str, kind: str) -> str:
    base = PROHIBITED.get(kind, (kind,))[0]
    return choice + base[0].upper() + base[1:]


def _variants(ancestor: str, row: Element) -> tuple[str, ...]:
    fields = list(_fields(ancestor, row))
    names = [field.name for field in fields]
    return (*names, *(f"_{field.name}" for field in fields if field.companion))


def _modifiers() -> Iterator[str]:
    for ancestor, (_, rows) in TYPES.items():
        for row in rows:
            if "m" in row[6]:
                yield from (field.name for field in _fields(ancestor, row))


def _find_fault(kind: str, value_set: str, codes: frozenset[str] | None) -> FindFault | None:
    find_fault = FIND_FAULT.get(kind)
    if find_fault is None:
        return None
    if value_set in UNBOUNDED:
        return _formed(find_fault, *_FORMS[UNBOUNDED[value_set]])
    return find_fault if codes is None else _coded(find_fault, codes)


def _formed(find_fault: FindFault, form: re.Pattern[str], words: str) -> FindFault:
    def find(value: object) -> str | None:
        return find_fault(value) or (None if form.fullmatch(str(value)) else words)

    return find


def _coded(find_fault: FindFault, codes: frozenset[str]) -> FindFault:
    def find(value: object) -> str | None:
        if isinstance(value, str) and value in codes:
            return None
        return find_fault(value) or NOT_A_CODE

    return find


def _codes(value_set: str) -> frozenset[str] | None:
    if value_set not in VALUE_SETS:
        return None
    return frozenset(code for _, codes in VALUE_SETS[value_set] for code in codes)


def _concepts(value_set: str) -> frozenset[tuple[str, str]] | None:
    if value_set not in VALUE_SETS:
        return None
    systems = VALUE_SETS[value_set]
    return frozenset((system, code) for system, codes in systems for code in codes)


MODIFIERS: Final = frozenset(_modifiers())
"""Names of the elements that change the meaning of what they stand in, in whatever type."""
