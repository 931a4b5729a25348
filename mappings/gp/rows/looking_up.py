"""Named functions of a scope: what rows of the GP feed find by more than a path.

In      A Scope whose `prepared` is the Assembled bundle.
Out     Found values at the places they come from; references as R4 has them.
Rule    Labels only rise: NOPAT stays a hold, and a label that is not known here is restricted
        and pending until a person has looked.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.paths import Found, Gather, Scope, SourcePath
from mappings.core.shaping import labels as content_labels
from mappings.gp.assemble.whole import Assembled
from mappings.gp.codes.extensions import names_of

PEOPLE: Final = frozenset({"Practitioner", "PractitionerRole", "Patient", "RelatedPerson"})
PERFORMERS: Final = PEOPLE | {"Organization", "CareTeam", "HealthcareService"}
ANYTHING: Final = PERFORMERS | {
    *("Condition", "Observation", "AllergyIntolerance", "ServiceRequest", "Encounter"),
    *("MedicationStatement", "DocumentReference", "Flag", "CarePlan", "Goal"),
    *("DiagnosticReport", "MedicationRequest", "Immunization", "Procedure"),
}

_STU3_SYSTEMS: Final = {
    "http://hl7.org/fhir/v3/Confidentiality": systems.CONFIDENTIALITY,
    "http://hl7.org/fhir/v3/ActCode": systems.ACT_CODE,
}
_BELOW_NORMAL: Final = frozenset({"U", "L", "M"})


def assembled(scope: Scope) -> Assembled:
    """The bundle, put together."""
    made = scope.prepared
    if not isinstance(made, Assembled):
        raise TypeError("not prepared")
    return made


def is_sound(scope: Scope) -> bool:
    """Whether the resource at hand was found fit to be read."""
    return assembled(scope).record.is_sound(scope.here.steps)


def is_taken(scope: Scope) -> bool:
    """Whether anything of this bundle is taken."""
    return not assembled(scope).stopped


def key(scope: Scope) -> str | None:
    """The key of the resource at hand."""
    return assembled(scope).record.keys.get(scope.here.steps)


@cache
def path_of(text: str) -> SourcePath:
    """The compiled path, compiled once."""
    return SourcePath.parse(text)


def linked(path: str, allowed: frozenset[str] = ANYTHING) -> Gather:
    """What the references at a path name."""
    return partial(_linked, path, tuple(sorted(allowed)))


def _linked(path: str, allowed: tuple[str, ...], scope: Scope) -> Iterator[Found]:
    record = assembled(scope).record
    for found in path_of(path).find(scope):
        yield Found(found.steps, record.resolve(found.value, frozenset(allowed), found.steps))


def extension(name: str, element: str) -> Gather:
    """The element of each extension of that name of the resource at hand."""
    return partial(_extension, name, element)


def _extension(name: str, element: str, scope: Scope) -> Iterator[Found]:
    for found in path_of("extension[]").find(scope):
        if names_of(str(found.value.get("url"))) == name and found.value.get(element) is not None:
            yield Found((*found.steps, element), found.value[element])


def linked_extension(name: str, allowed: frozenset[str] = ANYTHING) -> Gather:
    """What the reference in each extension of that name names."""
    return partial(_linked_extension, name, tuple(sorted(allowed)))


def _linked_extension(name: str, allowed: tuple[str, ...], scope: Scope) -> Iterator[Found]:
    record = assembled(scope).record
    for found in _extension(name, "valueReference", scope):
        yield Found(found.steps, record.resolve(found.value, frozenset(allowed), found.steps))


def parts_of(name: str, *wanted: str) -> Gather:
    """The inner extensions of each extension of that name, by their own names."""
    return partial(_parts_of, name, wanted)


def _parts_of(name: str, wanted: tuple[str, ...], scope: Scope) -> Iterator[Found]:
    for found in _extension(name, "extension", scope):
        inner = {str(part.get("url")): part for part in found.value}
        if any(word in inner for word in wanted):
            yield Found(found.steps, {word: inner.get(word) for word in wanted})


def labels(scope: Scope) -> Iterator[dict[str, str]]:
    """The security labels the resource at hand was sent with, and those of its bundle."""
    yield from bundle_labels(scope)
    yield from labels_of(scope.element)


def bundle_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """What the bundle is labelled with holds for all that is made of it."""
    return labels_of(assembled(scope).record.facts.get("Bundle"))


def medicine_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """Its own, and those of the Medication that says what it is of."""
    yield from labels(scope)
    record = assembled(scope).record
    place = record.place_of(scope.element.get("medicationReference"))
    if place and place[0] == "Medication":
        yield from labels_of(record.get(place))


def labels_with_plan(scope: Scope) -> Iterator[dict[str, str]]:
    """A goal's own, and those of the plans that name it: never less restricted than its plan."""
    yield from labels(scope)
    for plan in assembled(scope).plans_naming.get(scope.here.steps, ()):
        yield from labels_of(plan)
        yield from content_labels.of_content(plan)


def labels_of_holder(scope: Scope) -> Iterator[dict[str, str]]:
    """Those of what stands inside a plan: its own, and what the plan bears and reveals."""
    yield from labels(scope)
    plan = assembled(scope).record.get(scope.here.steps[:2])
    yield from labels_of(plan)
    yield from content_labels.of_content(plan)


def labels_with_results(scope: Scope) -> Iterator[dict[str, str]]:
    """A report's own, and those of its results: its conclusion says in words what they are."""
    yield from _labels_with("result", scope)


def labels_with_implicated(scope: Scope) -> Iterator[dict[str, str]]:
    """An issue's own, and those of what stands against what: its detail says so in words."""
    yield from _labels_with("implicated", scope)


def _labels_with(element: str, scope: Scope) -> Iterator[dict[str, str]]:
    yield from labels(scope)
    record = assembled(scope).record
    for one in scope.element.get(element) or ():
        if place := record.place_of(one):
            result = record.get(place)
            yield from labels_of(result)
            yield from content_labels.of_content(result)


def labels_of(resource: Any) -> Iterator[dict[str, str]]:
    """The security labels of a resource, in this gateway's systems."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    for one in (meta.get("security") if isinstance(meta, dict) else None) or ():
        system, code = str(one.get("system")), str(one.get("code", "")).strip()
        system = _STU3_SYSTEMS.get(system, system)
        if code == "NOPAT":
            yield {"system": systems.HOLD, "code": "NOPAT"}
        elif system == systems.CONFIDENTIALITY and code:
            yield {"system": system, "code": "N" if code in _BELOW_NORMAL else code}
        elif system == systems.ACT_CODE and code:
            yield {"system": system, "code": code}
        else:
            yield {"system": systems.HOLD, "code": "PENDING"}
            yield {"system": systems.CONFIDENTIALITY, "code": "R"}
