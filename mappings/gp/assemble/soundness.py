"""Whether a resource of a GP record can be read at all, judged before anything refers to it.

In      One resource, its STU3 type, where it stands.
Out     Errors by path: JSON of the wrong kind, a needed element missing, a status that is in no
        table, a modifier that is not understood, another person's resource, a second resource
        under one id.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from mappings.core.model.codes import CodeTable
from mappings.core.model.outcome import Issue, error
from mappings.core.model.paths import Steps, dotted
from mappings.gp.codes import states
from mappings.gp.message.fitting import misfits
from mappings.gp.message.shapes import SHAPES

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Observation": ("status", "code"),
    "ProcedureRequest": ("status", "intent"),
    "ReferralRequest": ("status", "intent"),
    "Encounter": ("status",),
    "MedicationStatement": ("status",),
    "MedicationRequest": ("status", "intent"),
    "Immunization": ("status", "vaccineCode"),
    "DocumentReference": ("status", "content"),
    "FamilyMemberHistory": ("status", "relationship"),
    "Flag": ("status", "code"),
    "DiagnosticReport": ("status", "code"),
    "Procedure": ("status",),
    "QuestionnaireResponse": ("status",),
    "CarePlan": ("status", "intent"),
    "Goal": ("status", "description"),
}
"""What R4 needs and nothing else gives."""

MODIFIERS: Final[Mapping[str, Mapping[str, CodeTable]]] = {
    "Observation": {"status": states.OBSERVATION_STATUS},
    "Condition": {
        "clinicalStatus": states.CONDITION_STATUS,
        "verificationStatus": states.CONDITION_VERIFICATION,
    },
    "AllergyIntolerance": {
        "clinicalStatus": states.ALLERGY_STATUS,
        "verificationStatus": states.ALLERGY_VERIFICATION,
    },
    "ProcedureRequest": {"status": states.REQUEST_STATUS, "intent": states.REQUEST_INTENT},
    "ReferralRequest": {"status": states.REQUEST_STATUS, "intent": states.REQUEST_INTENT},
    "Encounter": {"status": states.ENCOUNTER_STATUS},
    "MedicationStatement": {"status": states.MEDICATION_STATUS},
    "MedicationRequest": {
        "status": states.PRESCRIPTION_STATUS,
        "intent": states.PRESCRIPTION_INTENT,
    },
    "Immunization": {"status": states.IMMUNISATION_STATUS},
    "DocumentReference": {"status": states.DOCUMENT_STATUS},
    "FamilyMemberHistory": {"status": states.FAMILY_STATUS},
    "Flag": {"status": states.FLAG_STATUS},
    "DiagnosticReport": {"status": states.REPORT_STATUS},
    "Procedure": {"status": states.PROCEDURE_STATUS},
    "QuestionnaireResponse": {"status": states.ANSWERS_STATUS},
    "CarePlan": {"status": states.CARE_PLAN_STATUS, "intent": states.CARE_PLAN_INTENT},
    "Goal": {"status": states.SENT_GOAL_STATUS},
    "CareTeam": {"status": states.TEAM_STATUS},
}
"""Elements that change the meaning of the rest, and the table each must be in."""

MOST: Final = 5

ANY_PATIENT: Final = "Patient/"
"""Stands among the places where the one patient has no id that references could name."""


def faults(
    section: str, resource: Any, steps: Steps = (), at: Mapping[str, Steps] | None = None
) -> Iterator[Issue]:
    """Why this resource is refused; nothing where it is sound. `at` says where ids stand."""
    section = "AllergyIntolerance" if section == "List" else section
    wrong = list(islice(misfits(SHAPES[section], resource), MOST))
    if wrong or not isinstance(resource, dict):
        for place in wrong:
            yield error(dotted((*steps, *place)), "wrong-type", _WRONG)
        return
    for name in NEEDED.get(section, ()):
        if not resource.get(name):
            yield error(dotted((*steps, name)), "missing", "needed and not sent")
    for name, table in MODIFIERS.get(section, {}).items():
        word = resource.get(name)
        if word and table.find(word) is None:
            yield error(dotted((*steps, name)), "unmapped-code", _UNMAPPED)
    for name in ("modifierExtension", "implicitRules"):
        if resource.get(name):
            yield error(dotted((*steps, name)), "unknown-modifier", _MODIFIER)
    if at is not None:
        yield from _misplaced(section, resource, steps, at)


def _misplaced(
    section: str, resource: dict[str, Any], steps: Steps, at: Mapping[str, Steps]
) -> Iterator[Issue]:
    if at.get(f"{section}/{resource.get('id')}", steps) != steps and len(steps) == 2:
        yield error(dotted((*steps, "id")), "duplicate-id", _SECOND)
    for name in ("subject", "patient"):
        whom = (resource.get(name) or {}).get("reference")
        if whom and "/" in whom and not _is_the_patient(whom, at):
            yield error(dotted((*steps, name)), "other-person", _OTHER)


def _is_the_patient(reference: str, at: Mapping[str, Steps]) -> bool:
    tail = "/".join(reference.partition("/_history/")[0].split("/")[-2:])
    return ANY_PATIENT in at or at.get(reference, at.get(tail)) == ("Patient",)


_WRONG: Final = "not what FHIR STU3 has at this place"
_UNMAPPED: Final = "this code is not in the table for this element; add it, or correct it"
_MODIFIER: Final = "changes the meaning of the rest in a way that is not understood"
_SECOND: Final = "another resource of this bundle has the same id; the first one is taken"
_OTHER: Final = "is about somebody who is not the patient of this bundle"
