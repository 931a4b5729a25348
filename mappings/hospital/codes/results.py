"""Code tables for results: state of a report, its department, parts of a report in words.

Source  HL7 v2 tables 0074, 0123; suffixes of observation identifiers (HL7 v2 chapter 7);
        v2-to-FHIR implementation guide.
"""

from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept

REPORT_STATE: Final = CodeTable(
    source="HL7 table 0123, result status (OBR-25); v2-to-FHIR guide; table 0271 (AU, LA), which "
    "Millennium sends",
    rows={
        "A": "partial",
        "AU": "final",
        "LA": "final",
        "C": "corrected",
        "F": "final",
        "I": "registered",
        "M": "corrected",
        "N": "unknown",
        "O": "registered",
        "P": "preliminary",
        "R": "partial",
        "S": "registered",
        "X": "cancelled",
        "Y": "unknown",
        "Z": "unknown",
    },
    required=True,
)

_LABORATORY: Final = Concept(systems.OBSERVATION_CATEGORY, "laboratory", "Laboratory")
_IMAGING: Final = Concept(systems.OBSERVATION_CATEGORY, "imaging", "Imaging")

DEPARTMENT: Final = CodeTable(
    source="HL7 table 0074, diagnostic service section (OBR-24); samples of English laboratories",
    rows={
        **dict.fromkeys(
            ("LAB", "CH", "HM", "H1", "MB", "MC", "MCB", "MYC", "VR", "SR", "BLB", "IMM", "CP"),
            _LABORATORY,
        ),
        **dict.fromkeys(("SP", "CY", "CYTO", "PAT", "AP", "TX", "GE", "BG"), _LABORATORY),
        **dict.fromkeys(("RAD", "RX", "CT", "DX", "NMR", "MRI", "RUS", "US", "VUS"), _IMAGING),
        **dict.fromkeys(("OUS", "NMS", "XRC", "IMG", "CUS"), _IMAGING),
    },
)
"""To the category of an observation; any other stays as words."""

PARTS: Final = {
    "GDT": "Description",
    "IMP": "Impression",
    "REC": "Recommendation",
    "ADT": "Addendum",
    "RPT": "Report",
}
"""Suffix of OBX-3 (second subcomponent) -> words."""
