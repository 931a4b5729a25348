"""Code tables for hospital visits: class, diagnoses, coding systems.

Source  HL7 v2.4 tables 0004, 0052, 0396; v2-to-FHIR implementation guide; HL7 UK
        A.3.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept

CLASS: Final = CodeTable(
    source="HL7 table 0004; v2-to-FHIR guide; samples of English systems",
    rows={
        "I": "IMP",
        "INPATIENT": "IMP",
        "O": "AMB",
        "OUTPATIENT": "AMB",
        "E": "EMER",
        "EMERGENCY": "EMER",
        "P": "PRENC",
        "W": "PRENC",
        "D": "SS",
        "DAYCASE": "SS",
        "R": "AMB",
    },
)
"""To v3 ActCode."""

CLASS_WORDS: Final = {
    "IMP": "inpatient encounter",
    "AMB": "ambulatory",
    "EMER": "emergency",
    "PRENC": "pre-admission",
    "SS": "short stay",
}
"""Displays of ActCode."""

NO_VISIT: Final = frozenset({"N", "NA", '""'})
"""PV1-2 of a message that speaks of no visit."""

UNKNOWN_CLASS: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "code": "UNK",
    "display": "unknown",
}

PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PARTICIPANTS: Final = (
    ("7", "ATND", "attender"),
    ("8", "REF", "referrer"),
    ("9", "CON", "consultant"),
    ("17", "ADM", "admitter"),
)
"""PV1 field, participation type, its display."""

DIAGNOSIS_TYPE: Final = CodeTable(
    source="HL7 table 0052",
    rows={
        "A": Concept("http://terminology.hl7.org/CodeSystem/v2-0052", "A", "Admitting"),
        "W": Concept("http://terminology.hl7.org/CodeSystem/v2-0052", "W", "Working"),
        "F": Concept("http://terminology.hl7.org/CodeSystem/v2-0052", "F", "Final"),
    },
)

CODING_SYSTEMS: Final = CodeTable(
    source="HL7 table 0396; samples",
    rows={
        "SCT": systems.SNOMED_CT,
        "SNM": systems.SNOMED_CT,
        "SNM3": systems.SNOMED_CT,
        "SNOMED": systems.SNOMED_CT,
        "SNOMED-CT": systems.SNOMED_CT,
        "I10": systems.ICD_10,
        "I10UK": systems.ICD_10,
        "ICD10": systems.ICD_10,
        "ICD-10": systems.ICD_10,
        "I9": systems.ICD_9,
        "I9C": systems.ICD_9,
        "I9CDX": systems.ICD_9,
        "LN": systems.LOINC,
        "READ": systems.READ_V2,
        "RC2": systems.READ_V2,
        "CTV3": systems.CTV3,
    },
)
"""CWE.3 to a system. Under any other the code is kept without one."""
