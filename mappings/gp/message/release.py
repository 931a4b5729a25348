"""Data table: by what FHIR JSON of a GP system is known to be of R4 or of STU3.

In      A resource as sent: a Bundle, Parameters or a single one.
Out     Whether it is R4: it has types of resource that R4 alone has, and none of STU3's own; else
        more of its resources bear a mark of R4 than one of STU3. Where neither has more, a Bundle
        is GP Connect's (STU3) and a single resource is R4.
Source  FHIR STU3 (3.0.2) and R4 (4.0.1): elements that one has and the other has not, or has in
        another shape (a state that is coded; one author of a plan, or several).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mappings.core.r4.codes import RESOURCE_TYPES as R4_TYPES
from mappings.gp.message.types import RESOURCE_TYPES as STU3_TYPES

R4_ELEMENTS: Final[Mapping[str, frozenset[str]]] = {
    "AllergyIntolerance": frozenset({"encounter", "recordedDate"}),
    "CarePlan": frozenset({"encounter", "created", "contributor", "instantiatesCanonical"}),
    "CareTeam": frozenset({"encounter", "telecom"}),
    "Condition": frozenset({"encounter", "recordedDate", "recorder"}),
    "Consent": frozenset({"scope", "provision", "performer"}),
    "DiagnosticReport": frozenset({"encounter", "resultsInterpreter", "media"}),
    "DocumentReference": frozenset({"date", "category"}),
    "Encounter": frozenset({"reasonCode", "reasonReference", "serviceType"}),
    "FamilyMemberHistory": frozenset({"sex", "dataAbsentReason", "instantiatesUri"}),
    "Goal": frozenset({"lifecycleStatus", "achievementStatus"}),
    "Immunization": frozenset({"occurrenceDateTime", "occurrenceString", "statusReason"}),
    "MedicationRequest": frozenset(
        {"encounter", "performer", "courseOfTherapyType", "statusReason"}
    ),
    "MedicationStatement": frozenset({"statusReason"}),
    "Observation": frozenset({"encounter", "note", "hasMember", "derivedFrom"}),
    "Procedure": frozenset({"encounter", "statusReason", "recorder"}),
    "Provenance": frozenset({"occurredDateTime", "occurredPeriod"}),
}
STU3_ELEMENTS: Final[Mapping[str, frozenset[str]]] = {
    "AllergyIntolerance": frozenset({"assertedDate"}),
    "CarePlan": frozenset({"context", "definition"}),
    "CareTeam": frozenset({"context"}),
    "Condition": frozenset({"context", "assertedDate"}),
    "Consent": frozenset({"actor", "consentingParty", "except", "securityLabel"}),
    "DocumentReference": frozenset({"class", "indexed", "created"}),
    "DiagnosticReport": frozenset({"context", "codedDiagnosis", "image"}),
    "Encounter": frozenset({"reason", "incomingReferral"}),
    "FamilyMemberHistory": frozenset({"gender", "notDone", "definition"}),
    "Goal": frozenset({"status"}),
    "Immunization": frozenset({"date", "notGiven", "explanation", "practitioner"}),
    "MedicationRequest": frozenset({"context", "definition"}),
    "MedicationStatement": frozenset({"taken"}),
    "Observation": frozenset({"context", "comment", "related"}),
    "Procedure": frozenset({"context", "notDone"}),
}
_CODED_IN_R4: Final = ("clinicalStatus", "verificationStatus")
_PROFILES: Final = (("/UKCore-", True), ("/STU3/", False), ("/CareConnect-", False))


def is_r4(sent: Mapping[str, Any]) -> bool:
    """Whether more of it is R4's than STU3's."""
    held = list(_resources(sent))
    types = {one in R4_TYPES for one in _types(held) if one in R4_TYPES ^ STU3_TYPES}
    if len(types) == 1:
        return types.pop()
    marks = [mark for one in held if (mark := _mark(one)) is not None]
    newer, older = marks.count(True), marks.count(False)
    if newer != older:
        return newer > older
    return sent.get("resourceType") not in ("Bundle", "Parameters", "OperationOutcome")


def _types(held: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The type of each resource that names one."""
    return (named for one in held if isinstance(named := one.get("resourceType"), str))


def _resources(sent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield sent
    for name in ("entry", "parameter"):
        held = sent.get(name)
        for part in held if isinstance(held, list) else ():
            inner = part.get("resource") if isinstance(part, dict) else None
            if isinstance(inner, dict):
                yield from _resources(inner)


def _mark(resource: Mapping[str, Any]) -> bool | None:
    """True for R4, False for STU3, None where it could be either."""
    named = resource.get("resourceType")
    if not isinstance(named, str):
        return None
    for name in _CODED_IN_R4:
        if isinstance(resource.get(name), str | dict):
            return isinstance(resource[name], dict)
    if named == "CarePlan" and isinstance(resource.get("author"), dict | list):
        return isinstance(resource["author"], dict)
    for elements, newer in ((R4_ELEMENTS, True), (STU3_ELEMENTS, False)):
        if elements.get(named, frozenset()) & resource.keys():
            return newer
    return _profiled(resource)


def _profiled(resource: Mapping[str, Any]) -> bool | None:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for url in profiles if isinstance(profiles, list) else ():
        for part, newer in _PROFILES:
            if isinstance(url, str) and part in url:
                return newer
    return None
