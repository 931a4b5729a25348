"""Code tables of MHSDS 6.

Source  NHS England, MHSDS v6 submission constants and rules (nhsengland/Reusable-Code-Library);
        care plan types: CMH dashboard (nhsengland/MHSDS). Meanings of attendance, consultation
        mechanism and response priority: NHS England's published monthly statistics code.
Rule    A code whose meaning no published source gives stays the code it is (`LocalCode`).
"""

from typing import Final

from mappings.core import national, systems
from mappings.core.codes import CodeTable, Concept
from mappings.core.national import LocalCode
from mappings.terms import plans

_MHSDS: Final = "MHSDS v6.0"


def _plan_type(code: str, display: str) -> Concept:
    return Concept(f"{systems.OWN}/CodeSystem/mhsds-care-plan-type", code, display)


PLAN_TYPE: Final = CodeTable(
    source=f"{_MHSDS}, M008 CARE PLAN TYPE (MENTAL HEALTH)",
    rows={
        "10": _plan_type("10", "Mental health care plan"),
        "11": _plan_type("11", "Urgent and emergency mental health care plan"),
        "12": _plan_type("12", "Mental health crisis plan"),
        "13": _plan_type("13", "Positive behaviour support plan"),
        "14": _plan_type("14", "Child or young person's mental health transition plan"),
    },
)

CRISIS: Final = "12"
"""The plan type that is a crisis plan."""

RECORD_ARTEFACT: Final = CodeTable(
    source="National Record Locator pointer types (SNOMED CT); the pairing is ours",
    rows={
        code: plans.CRISIS_PLAN if code == CRISIS else plans.CARE_PLAN for code in PLAN_TYPE.rows
    },
)

ATTENDANCE: Final = CodeTable(
    source=f"{_MHSDS}, M201090 ATTENDANCE STATUS",
    rows={
        "2": "cancelled",
        "3": "cancelled",
        "4": "cancelled",
        "5": "finished",
        "6": "finished",
        "7": "cancelled",
        national.BLANK_CANCELLED: "cancelled",
        national.BLANK_TO_COME: "planned",
        national.BLANK_PAST: "unknown",
    },
    required=True,
)

NOT_SEEN: Final = CodeTable(
    source=f"{_MHSDS}, M201090 ATTENDANCE STATUS",
    rows={
        "2": "Cancelled by or for the person",
        "3": "Did not attend, and gave no warning",
        "4": "Cancelled or postponed by the provider",
        "5": "Attended",
        "6": "Attended, late",
        "7": "Came too late to be seen",
    },
)

_FACE_TO_FACE: Final = Concept(systems.ACT_CODE, "AMB", "ambulatory")
_VIRTUAL: Final = Concept(systems.ACT_CODE, "VR", "virtual")

MECHANISM: Final = CodeTable(
    source=f"{_MHSDS}, M201220 CONSULTATION MECHANISM (MENTAL HEALTH)",
    rows={
        "01": _FACE_TO_FACE,
        "1": _FACE_TO_FACE,
        "02": _VIRTUAL,
        "2": _VIRTUAL,
        "04": _VIRTUAL,
        "4": _VIRTUAL,
        "05": _VIRTUAL,
        "5": _VIRTUAL,
        "11": _VIRTUAL,
    },
)

PRIORITY: Final = CodeTable(
    source=f"{_MHSDS}, M101070 CLINICAL RESPONSE PRIORITY TYPE",
    rows={"1": "stat", "2": "urgent", "3": "routine", "4": "asap"},
)

GENDER: Final = CodeTable(
    source=f"{_MHSDS}, M001090 PERSON STATED GENDER CODE",
    rows={"1": "male", "2": "female", "9": "other", "X": "unknown"},
)

DIAGNOSIS_SCHEMES: Final = {"02": systems.ICD_10, "06": systems.SNOMED_CT}
"""DIAGNOSIS SCHEME IN USE (MENTAL HEALTH) to a coding system."""

AGREED_BY: Final = LocalCode(
    "mhsds-care-plan-content-agreed-by", "the list CARE PLAN CONTENT AGREED BY"
)
REASON: Final = LocalCode(
    "mhsds-primary-reason-for-referral", "the list PRIMARY REASON FOR REFERRAL (MENTAL HEALTH)"
)
TEAM_TYPE: Final = LocalCode(
    "mhsds-service-or-team-type", "the list SERVICE OR TEAM TYPE (MENTAL HEALTH)"
)
CONSULTATION_MECHANISM: Final = LocalCode(
    "mhsds-consultation-mechanism", "the list CONSULTATION MECHANISM (MENTAL HEALTH)"
)
