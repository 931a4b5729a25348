"""Code tables for people: sex, types of number, trace status, sensitivity.

Source  HL7 v2.4 tables 0001, 0177, 0203; HL7 UK A.3 (PID-8, PID-32); NHS Data Dictionary; what
        published samples of English systems send.
"""

from typing import Final

from mappings.core.model.codes import CodeTable

GENDER: Final = CodeTable(
    source="HL7 table 0001; NHS Data Dictionary PERSON STATED GENDER CODE; samples",
    rows={
        "1": "male",
        "M": "male",
        "Male": "male",
        "2": "female",
        "F": "female",
        "Female": "female",
        "9": "other",
        "O": "other",
        "A": "other",
        "N": "other",
        "0": "unknown",
        "X": "unknown",
        "U": "unknown",
    },
)

NHS_AUTHORITIES: Final = frozenset(
    {
        "NHS",
        "NHSNBR",
        "NHSNMBR",
        "NHSNUMBER",
        "NHS NUMBER",
        "2.16.840.1.113883.2.1.4.1",
        "HTTPS://FHIR.NHS.UK/ID/NHS-NUMBER",
    }
)
"""CX.4: who gave the number, where it is the NHS: its namespace, else its universal id (the OID of
the number in HL7 version 3, its system in FHIR)."""

NHS_TYPES: Final = frozenset({"NH", "NHS", "NHSNBR", "NHSNMBR", "NHSNUMBER"})
"""CX.5: the number's type, where it is an NHS number."""

NATIONAL: Final = frozenset({"NI", "NNGBR"})
"""CX.5 of a national number: an NHS number only where its check digit holds."""

NOT_LOCAL: Final = frozenset(
    {"SS", "NI", "NNGBR", "DL", "PPN", "PA", "VN", "AN", "XX", "BC", "CY", "TAX", "EI", "NPI"}
)
"""CX.5 of numbers that name a person or thing beyond this hospital, never its record."""

HOSPITALS_OWN: Final = frozenset({"MR", "MRN", "PI", "PT", "HOSPITALNUMBER"})
"""CX.5 of a hospital's own number, whoever CX.4 says that gave it."""

PREFERRED_LOCAL: Final = ("MR", "MRN", "PI", "PT", "")
"""CX.5 of the hospital's own number, best first."""

ETHNIC_CATEGORIES: Final = frozenset("ABCDEFGHJKLMNPRSZ") | {"99"}
"""UK Core ethnic categories, England (2001 census)."""

UK_ETHNIC_SYSTEMS: Final = frozenset({"", "NHS", "UKETHNIC", "ETHNICCATEGORY"})
"""CWE.3 of PID-22 under which a letter is an NHS ethnic category: none, or the NHS's own."""

SENSITIVITY: Final = CodeTable(
    source="HL7 table 0177; HL7 v2 chapter 12 PRB-25; HL7 UK A.3 PV1-16",
    rows={
        "0": "N",
        "N": "N",
        "NO": "N",
        "U": "N",
        "normal": "N",
        "usual control": "N",
        "1": "R",
        "R": "R",
        "Y": "R",
        "S": "R",
        "sensitive": "R",
        "restricted": "R",
        "EMP": "R",
        "VIP": "R",
        "V": "V",
        "H": "V",
        "highly sensitive": "V",
        "very restricted": "V",
        "PSY": "PSY",
        "AID": "HIV",
        "HIV": "HIV",
        "ETH": "ETH",
        "STD": "STD",
        "SDV": "SDV",
    },
)
"""To a confidentiality (N, R, V) or a sensitivity, which brings R. Another word counts as R."""

LOCATION_HIDDEN: Final = frozenset({"1", "2"})
"""ZU8-4: 2 PDS S-flag, 1 hidden locally."""

PROTECTION: Final = {"0": "U", "1": "R", "2": "R", '""': "U"}
"""ZU8-4 to how the demographics service says it; hidden by the hospital alone is no less."""

PROTECTED: Final = {"Y": "R", "YES": "R", "N": "U", "NO": "U", '""': "U"}
"""PD1-12, protection indicator (HL7 table 0136), likewise."""

DIED: Final = {"Y": True, "YES": True, "N": False, "NO": False, '""': False}
"""PID-30 (HL7 table 0136)."""
