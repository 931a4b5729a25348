"""The official invariants over any resource, evaluated by fhirpathpy.

In      a FHIR R4 resource as JSON.
Out     the keys of the invariants it breaks, in order, each as often as it is broken.
Rule    An expression that gives false breaks; one that gives nothing (an element it names is
        not there, or two dates cannot be compared) does not.
Source  mappings/core/r4/: the element tables say of which type each part is.
"""

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser import parse

from mappings.core.r4.elements import PROHIBITED, TYPES
from mappings.core.r4.invariants import INVARIANTS

Json = dict[str, Any]

SKIPPED: Final = {
    "ctm-1": "needs resolve(): the resource pointed to is not at hand",
    "txt-1": "htmlChecks() is no FHIRPath and fhirpathpy has none",
    "txt-2": "htmlChecks() is no FHIRPath and fhirpathpy has none",
    "rng-2": "fhirpathpy does not compare a Quantity with a Quantity",
    "bdl-11": "fhirpathpy does not find Composition through ContainedResource",
    "sqty-1": "stated for the profile SimpleQuantity, whose elements the tables restrict",
}
READ_AS: Final = {
    # fhirpathpy compares two elements as text: said outright, it compares them as times.
    ("per-1", "Period"): (
        "start.hasValue().not() or end.hasValue().not() or (start.toDateTime() <= end.toDateTime())"
    ),
    ("inv-1", "Task"): (
        "lastModified.exists().not() or authoredOn.exists().not()"
        " or lastModified.toDateTime() >= authoredOn.toDateTime()"
    ),
    # The official text says 'no-show', which is not a code of appointmentstatus.
    ("app-4", "Appointment"): (
        "cancelationReason.exists() implies (status = 'noshow' or status = 'cancelled')"
    ),
    # The official text names the code system 'something': that of the value set is meant.
    **{
        (key, "Consent"): (
            "patient.exists() or scope.coding.where(system ="
            f" 'http://terminology.hl7.org/CodeSystem/consentscope' and code = '{scope}')"
            ".exists().not()"
        )
        for key, scope in (
            ("ppc-2", "patient-privacy"),
            ("ppc-3", "research"),
            ("ppc-4", "adr"),
            ("ppc-5", "treatment"),
        )
    },
    # The official text names FHIR's boolean as FHIRPath's own.
    ("que-7", "Questionnaire.item.enableWhen"): (
        "operator = 'exists' implies (answer.empty() or answer is FHIR.boolean)"
    ),
    # The official text calls as() on many items, which FHIRPath forbids: ofType() is meant.
    ("dom-3", "DomainResource"): (
        "contained.where((('#'+id in (%resource.descendants().reference"
        " | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri)"
        " | %resource.descendants().ofType(url)))"
        " or descendants().where(reference = '#').exists()"
        " or descendants().ofType(canonical).where($this = '#').exists()).not()).empty()"
    ),
}
_OPTIONS: Final = {
    "traceFn": lambda *_: None,
    "userInvocationTable": {"hasValue": {"fn": lambda items: [_is_value(items)], "arity": {0: []}}},
}


# Elements of a simple type that have invariants of their own, such as Narrative.div.
_PATHS: Final = {where for _, _, where, _ in INVARIANTS if "." in where and where not in TYPES}


class _Place(NamedTuple):
    """A part of a resource, and all that its invariants may look at."""

    node: Any
    path: str
    contexts: tuple[str, ...]
    resource: Json
    root: Json


def _is_value(items: list[Any]) -> bool:
    return len(items) == 1 and not isinstance(getattr(items[0], "data", items[0]), dict | list)


@cache
def _rules(context: str) -> tuple[tuple[str, Any], ...]:
    """The parsed invariants of one type or path: errors, not warnings."""
    return tuple(
        (key, parse(READ_AS.get((key, where), expression)))
        for key, severity, where, expression in INVARIANTS
        if where == context and severity == "error" and key not in SKIPPED
    )


def broken_invariants(resource: Mapping[str, Any]) -> list[str]:
    """The keys of the official invariants that this resource breaks."""
    whole = copy.deepcopy(dict(resource))
    return [
        key
        for place in _places_of_resource(whole, None)
        for context in place.contexts
        for key, expression in _rules(context)
        if not _holds(expression, place)
    ]


def _holds(expression: Any, place: _Place) -> bool:
    node = ResourceNode.create_node(place.node, place.path)
    around = {"resource": place.resource, "rootResource": place.root}
    found = apply_parsed_path(node, expression, around, models["r4"], _OPTIONS)
    return found in ([], [True])


def _places_of_resource(resource: Json, root: Json | None) -> Iterator[_Place]:
    name = resource["resourceType"]
    yield from _places(resource, name, name, resource, root or resource)


def _ancestry(name: str) -> Iterator[str]:
    while name:
        yield name
        name = TYPES[name][0]


def _places(node: Any, kind: str, where: str, resource: Json, root: Json) -> Iterator[_Place]:
    """This part, of a type and at an element, and all parts inside it."""
    kind = PROHIBITED.get(kind, (kind,))[0]
    chain = tuple(_ancestry(kind)) if kind in TYPES else ()
    contexts = tuple(dict.fromkeys((where, *chain)))
    yield _Place(node, kind if chain else where, contexts, resource, root)
    for name, one, key in (row for ancestor in chain for row in _elements(ancestor)):
        for value in _listed(node.get(key)):
            if one == "Resource":
                yield from _places_of_resource(value, root if name == "contained" else None)
            elif one in TYPES or one in PROHIBITED or f"{kind}.{name}" in _PATHS:
                yield from _places(value, one, f"{kind}.{name}", resource, root)


def _elements(kind: str) -> Iterator[tuple[str, str, str]]:
    """(name, type, JSON name) of each element a type states itself."""
    for name, types, *_ in TYPES[kind][1]:
        for one in types.split():
            yield name, one, _key(name, one)


def _key(name: str, kind: str) -> str:
    if not name.endswith("[x]"):
        return name
    base = PROHIBITED.get(kind, (kind,))[0]
    return name.removesuffix("[x]") + base[0].upper() + base[1:]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [v for v in value if v is not None] if isinstance(value, list) else [value]
