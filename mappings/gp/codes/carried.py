"""Data table: the FHIR R4 resources that are carried as sent, and what of each is left out.

Source  FHIR R4 (4.0.1): the elements themselves are in the official tables; UK Core.
"""

from collections.abc import Mapping
from typing import Final

from mappings.core.checking.shapes import shape_of
from mappings.core.model.rows import SUBJECT_ELEMENT

CARRIED: Final = (
    "CarePlan",
    "Goal",
    "CareTeam",
    "Condition",
    "Observation",
    "DiagnosticReport",
    "AllergyIntolerance",
    "FamilyMemberHistory",
    "Flag",
    "MedicationStatement",
    "MedicationRequest",
    "DetectedIssue",
    "Immunization",
    "ServiceRequest",
    "DeviceRequest",
    "Task",
    "Procedure",
    "Encounter",
    "EpisodeOfCare",
    "DocumentReference",
    "QuestionnaireResponse",
    "RelatedPerson",
    "Consent",
    "Provenance",
)
"""Types whose resources become resources of the same type."""

NAMED: Final[Mapping[str, str]] = {
    "Organization": "named by ODS code where something refers to it",
    "Practitioner": "named by professional number where something refers to them",
    "PractitionerRole": "leads to the practitioner it names",
    "HealthcareService": "named where something refers to it",
    "Location": "named where something refers to it",
}
"""Types that are named by logical reference or display."""

INSIDE_R4_PLANS: Final = ("Goal", "Condition", "ServiceRequest", "Task")
"""R4 types that become resources of their own where they stand inside a plan."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "resourceType": "says which resource it is; the facts are grouped by it",
    "id": "the logical id at the source; keys the resource",
    "meta.profile": "which profile the sender claims",
    "meta.versionId": "version at the source; newer content is known by its source time",
    "meta.lastUpdated": "read for the source time",
    "meta.source": "where the source had it from",
    "meta.tag": "tags of the source's own processing",
    "text": "narrative is made again from what may be seen",
    "language": "language of the resource's narrative",
    "contained": "inside a plan, goals, needs, requests and tasks are resources of their own; a"
    " Patient, by NHS number, is who it is about; people, organisations, places and medicines are"
    " named where something refers to them; what names any other is told (`inside-resource`)",
    "fhir_comments": "a comment in the file, not in the record",
}
"""Of every carried resource."""

LEFT_OUT_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "FamilyMemberHistory": dict.fromkeys(
        ("name", "bornDate", "bornPeriod", "bornString"),
        "who the relative is: a second person, who is no party to this record; an age is carried",
    )
}
"""Of resources of one type, in both releases."""

READ: Final = ("meta.security", "modifierExtension", "implicitRules")
"""Of every carried resource: its labels, and what refuses it."""


def whom(resource_type: str) -> str:
    """The element that names the person; empty where none does."""
    return SUBJECT_ELEMENT.get(resource_type, "subject")


def elements(resource_type: str) -> dict[str, bool]:
    """The elements of a type that are carried, and whether each repeats."""
    aside = {name.partition(".")[0] for name in LEFT_OUT} | set(READ) | {whom(resource_type)}
    aside |= LEFT_OUT_OF.get(resource_type, {}).keys()
    fields = shape_of(resource_type).fields.values()
    return {field.name: field.many for field in fields if field.name not in aside}


NOT_CARRIED: Final[Mapping[str, str]] = {
    "Medication": "its code is taken into the statement that names it",
    "List": "groups what the bundle holds anyway",
    "Composition": "groups what the bundle holds anyway",
    "MessageHeader": "the envelope of a message",
    "Parameters": "wraps the bundle",
    "OperationOutcome": "what the system says about its own answer",
    "MedicationDispense": "the statement says what is taken",
    "MedicationAdministration": "the statement says what is taken",
    "ImmunizationRecommendation": "not part of care planning; kept with the delivery",
    "Specimen": "what a result was taken from; the result is an Observation",
    "Questionnaire": "the form, not the answers",
    "AuditEvent": "who looked at the record at the source",
    "Appointment": "not part of the record; kept with the delivery",
    "Slot": "not part of the record; kept with the delivery",
    "Schedule": "not part of the record; kept with the delivery",
    "OtherPatient": "a bundle about two people is quarantined whole",
    **NAMED,
}
"""Type -> why a resource of it becomes none of its own."""
