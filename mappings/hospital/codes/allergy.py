"""Code tables for allergies: AL1 and IAM.

Source  HL7 v2 tables 0127, 0128, 0323, 0436 and 0438; v2-to-FHIR guide; samples.
"""

from typing import Final

from mappings.core.model.codes import CodeTable, Concept

_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"

ACTIVE: Final = Concept(_CLINICAL, "active", "Active")
INACTIVE: Final = Concept(_CLINICAL, "inactive", "Inactive")
IN_ERROR: Final = Concept(_VERIFICATION, "entered-in-error", "Entered in Error")
_UNCONFIRMED: Final = Concept(_VERIFICATION, "unconfirmed", "Unconfirmed")
_CONFIRMED: Final = Concept(_VERIFICATION, "confirmed", "Confirmed")

ACTIONS: Final = frozenset({"A", "D", "U", "X"})
"""IAM-6 (table 0323): add, delete, update, no change."""

VERIFICATION: Final = CodeTable(
    source="HL7 table 0438, allergy clinical status (IAM-17)",
    rows={
        "C": _CONFIRMED,
        "I": _CONFIRMED,
        "U": _UNCONFIRMED,
        "P": _UNCONFIRMED,
        "S": _UNCONFIRMED,
        "D": _UNCONFIRMED,
        "E": IN_ERROR,
    },
    required=True,
)

TYPE: Final = CodeTable(
    source="HL7 table 0436, sensitivity to causative agent (IAM-9)",
    rows={"AL": "allergy", "IN": "intolerance"},
)

CATEGORY: Final = CodeTable(
    source="HL7 table 0127; samples",
    rows={
        "DA": "medication",
        "DRUG": "medication",
        "FA": "food",
        "FOOD": "food",
        "EA": "environment",
        "AA": "environment",
        "PA": "environment",
        "LA": "environment",
    },
)

ANY: Final = frozenset({"MA", "MC"})
"""AL1-2 miscellaneous: no category is stated."""

SEVERITY: Final = CodeTable(
    source="HL7 table 0128",
    rows={"SV": "severe", "MO": "moderate", "MI": "mild"},
)
