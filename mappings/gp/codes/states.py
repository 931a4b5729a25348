"""Status and other closed code tables: FHIR STU3 to R4.

Source  FHIR STU3 (3.0.2) and R4 (4.0.1) value sets of the same elements; CareConnect.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept

_STU3: Final = "FHIR STU3 value sets, to those of R4"


def _same(*words: str, required: bool = False) -> CodeTable:
    return CodeTable(source=_STU3, rows={word: word for word in words}, required=required)


_ALLERGY_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFICATION: Final = (
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
)


def _concepts(system: str, *codes: str) -> dict[str, str | Concept]:
    return {code: Concept(system, code) for code in codes}


OBSERVATION_STATUS: Final = _same(
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
    required=True,
)

ENCOUNTER_STATUS: Final = _same(
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
    required=True,
)

REQUEST_STATUS: Final = CodeTable(
    source=_STU3,
    rows={
        "draft": "draft",
        "active": "active",
        "suspended": "on-hold",
        "completed": "completed",
        "entered-in-error": "entered-in-error",
        "cancelled": "revoked",
        "unknown": "unknown",
    },
    required=True,
)

REQUEST_INTENT: Final = _same(
    "proposal",
    "plan",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
    required=True,
)

REQUEST_PRIORITY: Final = _same("routine", "urgent", "asap", "stat")

CONDITION_STATUS: Final = CodeTable(
    source="FHIR STU3 condition-clinical; inactive with an end date is resolved",
    rows={
        "active": Concept(systems.CONDITION_CLINICAL, "active", "Active"),
        "recurrence": Concept(systems.CONDITION_CLINICAL, "recurrence", "Recurrence"),
        "inactive": Concept(systems.CONDITION_CLINICAL, "inactive", "Inactive"),
        "remission": Concept(systems.CONDITION_CLINICAL, "remission", "Remission"),
        "resolved": Concept(systems.CONDITION_CLINICAL, "resolved", "Resolved"),
    },
    required=True,
)

CONDITION_VERIFICATION: Final = CodeTable(
    source="FHIR STU3 condition-ver-status; R4 has no unknown, it says unconfirmed",
    rows={
        **_concepts(
            systems.CONDITION_VERIFICATION,
            "provisional",
            "differential",
            "confirmed",
            "refuted",
            "entered-in-error",
        ),
        "unknown": Concept(systems.CONDITION_VERIFICATION, "unconfirmed"),
    },
    required=True,
)

SIGNIFICANCE: Final = CodeTable(
    source="CareConnect-ProblemSignificance-1",
    rows={
        "major": Concept(systems.CONDITION_KIND, "major-problem", "Major problem"),
        "minor": Concept(systems.CONDITION_KIND, "minor-problem", "Minor problem"),
    },
)

ALLERGY_STATUS: Final = CodeTable(
    source=_STU3,
    rows=_concepts(_ALLERGY_CLINICAL, "active", "inactive", "resolved"),
    required=True,
)

ALLERGY_VERIFICATION: Final = CodeTable(
    source=_STU3,
    rows=_concepts(
        _ALLERGY_VERIFICATION, "unconfirmed", "confirmed", "refuted", "entered-in-error"
    ),
    required=True,
)

ALLERGY_TYPE: Final = _same("allergy", "intolerance")
ALLERGY_CATEGORY: Final = _same("food", "medication", "environment", "biologic")
ALLERGY_CRITICALITY: Final = _same("low", "high", "unable-to-assess")
REACTION_SEVERITY: Final = _same("mild", "moderate", "severe")

PRESCRIPTION_STATUS: Final = _same(
    "active",
    "on-hold",
    "cancelled",
    "completed",
    "entered-in-error",
    "stopped",
    "draft",
    "unknown",
    required=True,
)
PRESCRIPTION_INTENT: Final = _same("proposal", "plan", "order", "instance-order", required=True)
IMMUNISATION_STATUS: Final = CodeTable(
    source="FHIR STU3 immunization-status; that nothing was given wins over it",
    rows={
        "completed": "completed",
        "entered-in-error": "entered-in-error",
        "not-done": "not-done",
    },
    required=True,
)

PROCEDURE_STATUS: Final = CodeTable(
    source="FHIR STU3 event-status, to that of R4; that nothing was done wins over it",
    rows={
        "preparation": "preparation",
        "in-progress": "in-progress",
        "suspended": "on-hold",
        "aborted": "stopped",
        "completed": "completed",
        "entered-in-error": "entered-in-error",
        "unknown": "unknown",
        "not-done": "not-done",
    },
    required=True,
)

MEDICATION_STATUS: Final = CodeTable(
    source="FHIR STU3 medication-statement-status; not taken wins over it",
    rows={
        "active": "active",
        "completed": "completed",
        "entered-in-error": "entered-in-error",
        "intended": "intended",
        "stopped": "stopped",
        "on-hold": "on-hold",
        "not-taken": "not-taken",
    },
    required=True,
)

DOCUMENT_STATUS: Final = _same("current", "superseded", "entered-in-error", required=True)
FLAG_STATUS: Final = _same("active", "inactive", "entered-in-error", required=True)

FAMILY_STATUS: Final = _same(
    "partial", "completed", "entered-in-error", "health-unknown", required=True
)
GENDER: Final = _same("male", "female", "other", "unknown")
NAME_USE: Final = _same("usual", "official", "temp", "nickname", "anonymous", "old", "maiden")
ADDRESS_USE: Final = _same("home", "work", "temp", "old", "billing")
ADDRESS_TYPE: Final = _same("postal", "physical", "both")
TELECOM_SYSTEM: Final = _same("phone", "fax", "email", "pager", "url", "sms", "other")
TELECOM_USE: Final = _same("home", "work", "temp", "old", "mobile")
COMPARATOR: Final = frozenset({"<", "<=", ">=", ">"})

GOAL_STATUS: Final = CodeTable(
    source="derived: the newest target of a measure is pursued, an older one is superseded",
    rows={
        "newest": "active",
        "superseded": "cancelled",
        "cancelled": "cancelled",
        "entered-in-error": "entered-in-error",
    },
    required=True,
)

PLAN_STATUS: Final = CodeTable(
    source="derived: a sign of a plan says that it is in use, whatever the code is called",
    rows={
        "in-use": "active",
        "nothing-open": "unknown",
        "entered-in-error": "entered-in-error",
    },
    required=True,
)

CONSENT_STATUS: Final = CodeTable(
    source="derived: the latest choice by effective time, then by issued time",
    rows={"refused": "active", "given": "inactive"},
    required=True,
)

CARE_PLAN_STATUS: Final = CodeTable(
    source=_STU3,
    rows={
        "draft": "draft",
        "active": "active",
        "suspended": "on-hold",
        "completed": "completed",
        "entered-in-error": "entered-in-error",
        "cancelled": "revoked",
        "unknown": "unknown",
    },
    required=True,
)
CARE_PLAN_INTENT: Final = _same("proposal", "plan", "order", "option", required=True)
ACTIVITY_STATUS: Final = _same(
    "not-started",
    "scheduled",
    "in-progress",
    "on-hold",
    "completed",
    "cancelled",
    "unknown",
    required=True,
)
TEAM_STATUS: Final = _same(
    "proposed", "active", "suspended", "inactive", "entered-in-error", required=True
)

_PURSUED: Final = ("in-progress", "on-target", "ahead-of-target", "behind-target", "sustaining")
SENT_GOAL_STATUS: Final = CodeTable(
    source="FHIR STU3 goal-status, to R4 goal-status; how it goes is the achievement's",
    rows={
        **{word: word for word in ("proposed", "planned", "accepted", "on-hold", "cancelled")},
        **dict.fromkeys(_PURSUED, "active"),
        "achieved": "completed",
        "entered-in-error": "entered-in-error",
        "rejected": "rejected",
    },
    required=True,
)
ACHIEVEMENT: Final = {
    **dict.fromkeys(_PURSUED, "in-progress"),
    "sustaining": "sustaining",
    "achieved": "achieved",
}
"""STU3 goal status -> R4 achievement; a status that is not here says nothing of it."""

REPORT_STATUS: Final = _same(
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
    "unknown",
    required=True,
)
ANSWERS_STATUS: Final = _same(
    "in-progress", "completed", "amended", "entered-in-error", "stopped", required=True
)
LIST_STATUS: Final = _same("current", "retired", "entered-in-error", required=True)
LIST_MODE: Final = _same("working", "snapshot", "changes", required=True)
