"""Code tables for documents: what they are, how they stand, how they are encoded.

Source  HL7 v2 tables 0085, 0191, 0270, 0271, 0272, 0273, 0291; v2-to-FHIR implementation guide.
"""

from typing import Final

from mappings.core.model.codes import CodeTable, Concept
from mappings.terms import plans

_TYPE: Final = "http://terminology.hl7.org/CodeSystem/v2-0270"


def _type(code: str, display: str) -> Concept:
    return Concept(_TYPE, code, display)


DOCUMENT_TYPE: Final = CodeTable(
    source="HL7 table 0270, document type (TXA-2)",
    rows={
        "AR": _type("AR", "Autopsy report"),
        "CD": _type("CD", "Cardiodiagnostics"),
        "CN": _type("CN", "Consultation"),
        "DI": _type("DI", "Diagnostic imaging"),
        "DS": _type("DS", "Discharge summary"),
        "ED": _type("ED", "Emergency department report"),
        "HP": _type("HP", "History and physical examination"),
        "OP": _type("OP", "Operative report"),
        "PC": _type("PC", "Psychiatric consultation"),
        "PH": _type("PH", "Psychiatric history and physical examination"),
        "PN": _type("PN", "Procedure note"),
        "PR": _type("PR", "Progress note"),
        "SP": _type("SP", "Surgical pathology"),
        "TS": _type("TS", "Transfer summary"),
    },
)

PSYCHIATRIC: Final = frozenset({"PC", "PH"})
"""TXA-2 that reveals mental-health care."""

DOCUMENT_STATUS: Final = CodeTable(
    source="trigger of the message; TXA-19 (HL7 table 0273); OBX-11 (0085)",
    rows={
        "trigger T11": "entered-in-error",
        "availability AV": "current",
        "availability UN": "current",
        "availability OB": "superseded",
        "availability CA": "entered-in-error",
        "result F": "current",
        "result B": "current",
        "result U": "current",
        "result A": "current",
        "result C": "current",
        "result P": "current",
        "result R": "current",
        "result S": "current",
        "result I": "current",
        "result O": "current",
        "result N": "current",
        "result X": "current",
        "result D": "entered-in-error",
        "result W": "entered-in-error",
        "replaced": "superseded",
    },
    required=True,
)

COMPLETION: Final = CodeTable(
    source="HL7 table 0271, document completion status (TXA-17); v2-to-FHIR guide",
    rows={
        "AU": "final",
        "LA": "final",
        "DI": "preliminary",
        "DO": "preliminary",
        "IN": "preliminary",
        "IP": "preliminary",
        "PA": "preliminary",
    },
)

MEDIA: Final = CodeTable(
    source="HL7 tables 0291 and 0191, subtype and type of referenced data (ED.3, ED.2); samples",
    rows={
        "PDF": "application/pdf",
        "RTF": "application/rtf",
        "HTML": "text/html",
        "XML": "text/xml",
        "X-HL7-CDA-LEVEL-ONE": "text/xml",
        "PLAIN": "text/plain",
        "TEXT": "text/plain",
        "TXT": "text/plain",
        "JPEG": "image/jpeg",
        "JPG": "image/jpeg",
        "PNG": "image/png",
        "TIFF": "image/tiff",
        "GIF": "image/gif",
        "DOC": "application/msword",
        "MSWORD": "application/msword",
    },
)
UNKNOWN_MEDIA: Final = "application/octet-stream"

ADDS: Final = frozenset({"T05", "T06"})
"""Triggers of an addendum to another document (TXA-13)."""

REPLACES: Final = frozenset({"T09", "T10"})
"""Triggers of a document that takes the place of another (TXA-13)."""

PLAN_DOCUMENTS: Final = frozenset(
    {
        "18776-5",
        *(
            one.code
            for one in (
                plans.PERSONAL_PLAN,
                plans.CARE_PLAN,
                plans.CRISIS_PLAN,
                plans.ADVANCE_PLAN,
                plans.ESCALATION_PLAN,
                plans.END_OF_LIFE_PLAN,
                plans.CONTINGENCY_PLAN,
            )
        ),
    }
)
"""LOINC plan of care, and the SNOMED CT record artefacts of plans (TXA-2, OBX-3)."""
