"""Code tables of CSDS 1.6.

Source  NHS England, CSDS submission constants (nhsengland/Reusable-Code-Library). Meanings of
        attendance and consultation mechanism: NHS England's published monthly statistics code;
        priority: NHS Data Dictionary, PRIORITY TYPE CODE.
Rule    A code whose meaning no published source gives stays the code it is (`LocalCode`).
"""

from typing import Final

from mappings.core import national, systems
from mappings.core.codes import CodeTable, Concept
from mappings.core.national import LocalCode

_CSDS: Final = "CSDS v1.6"

ATTENDANCE: Final = CodeTable(
    source=f"{_CSDS}, C201100 ATTENDANCE STATUS",
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
    source=f"{_CSDS}, C201100 ATTENDANCE STATUS",
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
    source=f"{_CSDS}, C201080 CONSULTATION MECHANISM",
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
    source=f"{_CSDS}, C101060 PRIORITY TYPE CODE",
    rows={"1": "routine", "2": "urgent", "3": "urgent"},
)

GENDER: Final = CodeTable(
    source=f"{_CSDS}, C001080 PERSON STATED GENDER CODE",
    rows={"1": "male", "2": "female", "9": "other", "X": "unknown"},
)

DIAGNOSIS_SCHEMES: Final = {
    "02": systems.ICD_10,
    "04": systems.READ_V2,
    "05": systems.CTV3,
    "06": systems.SNOMED_CT,
}
"""DIAGNOSIS SCHEME IN USE to a coding system."""

PLAN_TYPE: Final = LocalCode("csds-care-plan-type", "the list CARE PLAN TYPE (COMMUNITY CARE)")
AGREED_BY: Final = LocalCode("csds-care-plan-agreed-by", "the list CARE PLAN AGREED BY")
REASON: Final = LocalCode(
    "csds-primary-reason-for-referral", "the list PRIMARY REASON FOR REFERRAL (COMMUNITY CARE)"
)
TEAM_TYPE: Final = LocalCode(
    "csds-service-or-team-type", "the list SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)"
)
CONSULTATION_MECHANISM: Final = LocalCode(
    "csds-consultation-mechanism", "the list CONSULTATION MECHANISM"
)
