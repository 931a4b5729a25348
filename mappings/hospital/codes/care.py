"""Code tables for problems, goals and pathways (HL7 v2 chapter 12).

Source  HL7 v2 chapter 12 with its suggested values; table 0287; FHIR R4 value sets; what real
        senders write (status of a problem in PRB-13, 14 or 15).
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept


def _clinical(code: str, display: str) -> Concept:
    return Concept(systems.CONDITION_CLINICAL, code, display)


def _verified(code: str, display: str) -> Concept:
    return Concept(systems.CONDITION_VERIFICATION, code, display)


def _achieved(code: str, display: str) -> Concept:
    return Concept(systems.GOAL_ACHIEVEMENT, code, display)


ACTIVE: Final = _clinical("active", "Active")
RESOLVED: Final = _clinical("resolved", "Resolved")
ENTERED_IN_ERROR: Final = _verified("entered-in-error", "Entered in Error")

OPERATION: Final = CodeTable(
    source="HL7 table 0287, problem/goal action code",
    rows={
        "AD": "add",
        "CO": "correct",
        "UP": "update",
        "DE": "delete",
        "LI": "link",
        "UN": "unlink",
        "UC": "unchanged",
        "CR": "update",
    },
    required=True,
)

CLINICAL: Final = CodeTable(
    source="HL7 v2 chapter 12 PRB-13 and 14; samples of Epic, Corepoint and LinuxForHealth",
    rows={
        "Active": ACTIVE,
        "Active-Improving": ACTIVE,
        "Active-Stable": ACTIVE,
        "Active-Worsening": ACTIVE,
        "Active-Stabilized": ACTIVE,
        "Recurrence": _clinical("recurrence", "Recurrence"),
        "Relapse": _clinical("relapse", "Relapse"),
        "Remission": _clinical("remission", "Remission"),
        "Inactive": _clinical("inactive", "Inactive"),
        "Resolved": RESOLVED,
        "Completed": RESOLVED,
    },
)

VERIFICATION: Final = CodeTable(
    source="HL7 v2 chapter 12 PRB-13; samples",
    rows={
        "Confirmed": _verified("confirmed", "Confirmed"),
        "Provisional": _verified("provisional", "Provisional"),
        "Differential": _verified("differential", "Differential"),
        "Rule-out": _verified("refuted", "Refuted"),
        "Refuted": _verified("refuted", "Refuted"),
        "Unconfirmed": _verified("unconfirmed", "Unconfirmed"),
        "Deleted": ENTERED_IN_ERROR,
    },
)

GOAL_STATE: Final = CodeTable(
    source="HL7 v2 chapter 12 GOL-18; else GOL-1 (delete), GOL-16 (achieved), GOL-22 (mood)",
    rows={
        "Active": "active",
        "In Progress": "active",
        "Suspended": "on-hold",
        "Inactive": "on-hold",
        "On Hold": "on-hold",
        "Canceled": "cancelled",
        "Cancelled": "cancelled",
        "Completed": "completed",
        "Complete": "completed",
        "Achieved": "completed",
        "Proposed": "proposed",
        "Planned": "planned",
        "Accepted": "accepted",
        "Rejected": "rejected",
        "mood INT": "planned",
        "mood PRP": "proposed",
        "operation DE": "entered-in-error",
    },
    required=True,
)

GOAL_MOODS: Final = frozenset({"INT", "PRP"})
"""GOL-22 (table 0725) of a goal nobody works on yet."""

OTHER_MOODS: Final = frozenset({"", "EVN", "EVN.CRT", "EXP", "PRMS", "RQO", "ARQ", "APT"})
"""GOL-22 that says nothing of the goal's state."""

ACHIEVEMENT: Final = CodeTable(
    source="HL7 v2 chapter 12 GOL-16; FHIR goal-achievement",
    rows={
        "Achieved": _achieved("achieved", "Achieved"),
        "Failed": _achieved("not-achieved", "Not Achieved"),
        "Not Achieved": _achieved("not-achieved", "Not Achieved"),
        "Ahead of Schedule": _achieved("improving", "Improving"),
        "Improving": _achieved("improving", "Improving"),
        "Delayed": _achieved("in-progress", "In Progress"),
        "In Progress": _achieved("in-progress", "In Progress"),
        "On Schedule": _achieved("in-progress", "In Progress"),
        "Worsening": _achieved("worsening", "Worsening"),
        "No Change": _achieved("no-change", "No Change"),
        "No Progress": _achieved("no-progress", "No Progress"),
        "Not Attainable": _achieved("not-attainable", "Not Attainable"),
        "Sustaining": _achieved("sustaining", "Sustaining"),
    },
)

PLAN_STATE: Final = CodeTable(
    source="HL7 v2 chapter 12 PTH-5; PTH-1 where it deletes",
    rows={
        "Active": "active",
        "Scheduled": "draft",
        "Suspended": "on-hold",
        "Delayed": "on-hold",
        "Complete": "completed",
        "Completed": "completed",
        "Canceled": "revoked",
        "Cancelled": "revoked",
        "operation DE": "entered-in-error",
    },
    required=True,
)

PLAN_INTENT: Final = CodeTable(
    source="HL7 v2.6 chapter 12 PTH-7, table 0725 (mood)",
    rows={"INT": "plan", "PRMS": "plan", "PRP": "proposal", "RQO": "order", "EVN": "plan"},
    required=True,
)

PERSON_ROLES: Final = frozenset({"PT", "PAT", "PATIENT", "SELF", "SEL"})
"""ROL-3 of the person whose record it is."""

AUTHOR_ROLES: Final = frozenset({"AU", "AUT", "AUTHOR", "IP", "REQ", "REQUESTER"})
"""ROL-3 of who put the goal into words."""

OBSERVATION_STATE: Final = CodeTable(
    source="HL7 table 0085; v2-to-FHIR guide; table 0271 (AU, LA), which Millennium sends",
    rows={
        "F": "final",
        "AU": "final",
        "LA": "final",
        "B": "final",
        "U": "final",
        "A": "amended",
        "C": "corrected",
        "P": "preliminary",
        "R": "preliminary",
        "S": "preliminary",
        "I": "registered",
        "O": "registered",
        "X": "cancelled",
        "D": "entered-in-error",
        "W": "entered-in-error",
        "N": "unknown",
    },
    required=True,
)

_FLAG: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

INTERPRETATION: Final = CodeTable(
    source="HL7 table 0078",
    rows={
        "N": Concept(_FLAG, "N", "Normal"),
        "A": Concept(_FLAG, "A", "Abnormal"),
        "AA": Concept(_FLAG, "AA", "Critical abnormal"),
        "H": Concept(_FLAG, "H", "High"),
        "HH": Concept(_FLAG, "HH", "Critical high"),
        "L": Concept(_FLAG, "L", "Low"),
        "LL": Concept(_FLAG, "LL", "Critical low"),
        "S": Concept(_FLAG, "S", "Susceptible"),
        "I": Concept(_FLAG, "I", "Intermediate"),
        "R": Concept(_FLAG, "R", "Resistant"),
    },
)

UNITS: Final = CodeTable(
    source="units of published samples; UCUM",
    rows={
        "beats/min": "/min",
        "bpm": "/min",
        "kg": "kg",
        "cm": "cm",
        "m": "m",
        "%": "%",
        "mmHg": "mm[Hg]",
        "mm[Hg]": "mm[Hg]",
        "s": "s",
        "sec": "s",
        "min": "min",
        "MMOLL": "mmol/L",
        "mmol/L": "mmol/L",
        "UMOLL": "umol/L",
        "umol/L": "umol/L",
        "g/L": "g/L",
        "x10^9/L": "10*9/L",
    },
)
"""To UCUM. Under any other the unit is kept as words."""
