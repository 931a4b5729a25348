"""UK Core resources, FHIR R4 to R4: carried element by element, each with its row.

In      The facts of one R4 bundle (message/resources.py).
Out     Resources of the same types. Patient and contacts have rows of their own; the rows of the
        others are made from HL7's table of the elements of the type.
Errors  A resource that R4's own rules refuse is refused alone, with the path.
Source  FHIR R4 (4.0.1); UK Core.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import fresh
from mappings.core.model.paths import Found, Gather, Scope
from mappings.core.model.rows import Kind, Labels, Row, Target
from mappings.core.shaping import elements as shared
from mappings.core.shaping.labels import OF_OTHERS
from mappings.gp.assemble import people, times, whole
from mappings.gp.codes import carried
from mappings.gp.message import resources
from mappings.gp.rows import patient, sharing
from mappings.gp.rows.events import request_category
from mappings.gp.rows.looking_up import (
    assembled,
    is_sound,
    is_taken,
    key,
    labels,
    labels_of,
    labels_of_holder,
    labels_with_implicated,
    labels_with_plan,
    labels_with_results,
    medicine_labels,
)
from mappings.terms.access import Category

Shelf = Category | Any


def as_sent(name: str) -> Gather:
    """The element as it was sent, its references by this source's own keys."""
    return partial(_as_sent, name)


def _as_sent(name: str, scope: Scope) -> Iterator[Found]:
    """The element as it was sent, its references by this source's own keys."""
    for found in assembled(scope).elements[scope.here.steps].get(name, ()):
        yield Found(found.steps, fresh(found.value))


def _rows(resource_type: str) -> tuple[Row, ...]:
    stem = resource_type[0].lower() + resource_type[1:]
    return tuple(
        Row(
            f"{stem}.{name}",
            f"{name}[+]" if many else name,
            gather=as_sent(name),
            reads=(f"{resource_type}[].{name}",),
        )
        for name, many in carried.elements(resource_type).items()
    )


def document_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """Its own, and those the document itself bears."""
    yield from labels(scope)
    for one in scope.element.get("securityLabel") or ():
        yield from labels_of({"meta": {"security": one.get("coding")}})


_SHELVES: Final[dict[str, Shelf]] = {
    "CarePlan": Category.CARE_PLAN,
    "Goal": Category.CARE_PLAN,
    "CareTeam": Category.TEAM,
    "Condition": Category.PROBLEMS,
    "Observation": Category.OBSERVATIONS,
    "DiagnosticReport": Category.OBSERVATIONS,
    "AllergyIntolerance": Category.SAFETY,
    "FamilyMemberHistory": Category.PROBLEMS,
    "Flag": Category.SAFETY,
    "MedicationStatement": Category.MEDICINES,
    "MedicationRequest": Category.MEDICINES,
    "DetectedIssue": Category.MEDICINES,
    "Immunization": Category.OBSERVATIONS,
    "ServiceRequest": request_category,
    "DeviceRequest": Category.REFERRALS,
    "Task": request_category,
    "Procedure": Category.OBSERVATIONS,
    "Encounter": Category.ENCOUNTERS,
    "EpisodeOfCare": Category.ENCOUNTERS,
    "DocumentReference": Category.DOCUMENTS,
    "QuestionnaireResponse": Category.DOCUMENTS,
    "RelatedPerson": Category.CONTACTS,
    "Consent": Category.CONSENT,
    "Provenance": Category.PROVENANCE,
}
_LABELS: Final[dict[str, Labels]] = {
    "Goal": labels_with_plan,
    "DiagnosticReport": labels_with_results,
    "DetectedIssue": labels_with_implicated,
    "DocumentReference": document_labels,
    "MedicationStatement": medicine_labels,
    "MedicationRequest": medicine_labels,
}


def _target(resource_type: str) -> Target:
    return Target(
        resource_type,
        name=f"{resource_type} sent",
        each=f"{resource_type}[]",
        when=is_sound,
        key=key,
        category=_SHELVES[resource_type],
        confidentiality="R" if resource_type in OF_OTHERS else "N",
        labels=_LABELS.get(resource_type, labels),
        rows=_rows(resource_type),
    )


def is_inside(resource_type: str) -> Callable[[Scope], bool]:
    """A named function: whether it is of the type, sound, and stands inside a plan."""

    def made(scope: Scope) -> bool:
        return is_sound(scope) and scope.element.get("resourceType") == resource_type

    made.__name__ = f"is_{resource_type}_inside"
    made.__doc__ = f"Whether it is a sound {resource_type} that stands inside a plan."
    return made


def _inside(resource_type: str) -> Target:
    return Target(
        resource_type,
        name=f"{resource_type} inside a plan",
        each="CarePlan[].contained[]",
        when=is_inside(resource_type),
        key=key,
        category=_SHELVES[resource_type],
        labels=labels_of_holder,
        reads=("CarePlan[].contained",),
        rows=_rows(resource_type),
    )


def identifier(value: Any) -> Any:
    """An Identifier as sent; an NHS number only if usable, with how far it was verified."""
    is_nhs = value.get("system") == systems.NHS_NUMBER
    return patient.person_identifier(value) if is_nhs else fresh(value)


PATIENT: Final = Target(
    "Patient",
    each="Patient",
    when=is_taken,
    category=Category.DEMOGRAPHICS,
    labels=labels,
    reads=("Patient.meta.security",),
    rows=(
        Row("patient.local", "identifier[+]", "id", fn=shared.local_id),
        Row("patient.identifier", "identifier[+]", "identifier[]", fn=identifier),
        *patient.PERSON,
        *patient.PRACTICE,
        Row("patient.language", "communication[+]", "communication[]"),
        Row(
            "patient.extension",
            "extension[+]",
            gather=as_sent("extension"),
            reads=("Patient.extension",),
        ),
    ),
)

IGNORED: Final = {
    **{
        f"{root}[].{name}": why
        for root in carried.CARRIED
        for name, why in carried.LEFT_OUT.items()
    },
    **{
        f"{root}[].{name}": "the person of the bundle; a resource about somebody else is refused"
        for root in carried.CARRIED
        if (name := carried.whom(root))
    },
    **{
        f"{root}[].{name}": why
        for root, names in carried.LEFT_OUT_OF.items()
        for name, why in names.items()
    },
    **{f"Patient.{name}": why for name, why in carried.LEFT_OUT.items()},
    **carried.NOT_CARRIED,
    "Bundle": "the envelope; its times are read for the source time",
    "Patient.photo": "not shared",
    "Patient.link": "links between a source's own records; identity is decided by the gateway",
    "Patient.multipleBirthBoolean": "not part of care planning",
    "Patient.multipleBirthInteger": "not part of care planning",
    "Patient.contact[].organization": "contacts are people",
    "Patient.contact[].extension": "not part of a contact here",
}

RESOURCES: Final = Kind(
    name=resources.RESOURCES,
    title="UK Core resources (FHIR R4 bundle or single resource)",
    targets=(
        PATIENT,
        patient.CONTACTS,
        *map(_target, carried.CARRIED),
        *map(_inside, carried.INSIDE_R4_PLANS),
        sharing.CONSENT,
        sharing.UNREAD,
    ),
    person=people.sent_claim,
    named_at="Patient.identifier",
    time=times.source_time,
    prepare=whole.prepare_sent,
    check=whole.check,
    is_fhir=True,
    keeps_rest=True,
    reads=tuple(f"{root}[].{name}" for root in carried.CARRIED for name in carried.READ),
    ignored=IGNORED,
)
