"""Data table: national codes that CSDS and MHSDS share, and codes whose meaning is not published.

Source  NHS Data Model and Dictionary: ATTENDANCE STATUS, PERSON STATED GENDER CODE, DISABILITY
        CODE, EMPLOYMENT STATUS, PROCEDURE, FINDING and DIAGNOSIS SCHEME IN USE; NHS England's
        published monthly statistics code (consultation mechanism).
Rule    Words are ours where the dictionary's own are long; the code always stands beside them.
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept


class LocalCode:
    """A named function: a code whose meaning is in no published table stays the code it is."""

    def __init__(self, system: str, element: str) -> None:
        self.system = f"{systems.OWN}/CodeSystem/{system}"
        self.element = element
        self.__name__ = f"local_code_{system.replace('-', '_')}"

    def __call__(self, code: Any) -> dict[str, Any]:
        """A CodeableConcept with the code and the name of its list."""
        coding = {"system": self.system, "code": str(code)}
        return {"coding": [coding], "text": self.in_words(code)}

    def in_words(self, code: Any) -> str:
        """The code and its list in words."""
        return f"Code {code} of {self.element}"


def meanings(system: str, source: str, words: Mapping[str, str]) -> CodeTable:
    """The published meanings of a list's codes, each in the list's own code system."""
    url = f"{systems.OWN}/CodeSystem/{system}"
    rows = {code: Concept(url, code, said) for code, said in words.items()}
    return CodeTable(source, rows, bare=True)


BLANK_CANCELLED: Final = "(blank, with a cancellation date)"
BLANK_TO_COME: Final = "(blank, on a day after the submission)"
BLANK_PAST: Final = "(blank)"
"""What an attendance table says of contacts without a code."""

ATTENDANCE: Final = {
    "2": "cancelled",
    "3": "cancelled",
    "4": "cancelled",
    "5": "finished",
    "6": "finished",
    "7": "cancelled",
    BLANK_CANCELLED: "cancelled",
    BLANK_TO_COME: "planned",
    BLANK_PAST: "unknown",
}

NOT_SEEN: Final = {
    "2": "Cancelled by or for the person",
    "3": "Did not attend, and gave no warning",
    "4": "Cancelled or postponed by the provider",
    "5": "Attended",
    "6": "Attended, late",
    "7": "Came too late to be seen",
}

_FACE_TO_FACE: Final = Concept(systems.ACT_CODE, "AMB", "ambulatory")
_VIRTUAL: Final = Concept(systems.ACT_CODE, "VR", "virtual")

MECHANISM: Final = {
    "01": _FACE_TO_FACE,
    "1": _FACE_TO_FACE,
    "02": _VIRTUAL,
    "2": _VIRTUAL,
    "04": _VIRTUAL,
    "4": _VIRTUAL,
    "05": _VIRTUAL,
    "5": _VIRTUAL,
    "11": _VIRTUAL,
}

_ETHNIC: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
_ETHNIC_CATEGORIES: Final = {
    "A": "White - British",
    "B": "White - Irish",
    "C": "White - Any other White background",
    "D": "Mixed - White and Black Caribbean",
    "E": "Mixed - White and Black African",
    "F": "Mixed - White and Asian",
    "G": "Mixed - Any other mixed background",
    "H": "Asian or Asian British - Indian",
    "J": "Asian or Asian British - Pakistani",
    "K": "Asian or Asian British - Bangladeshi",
    "L": "Asian or Asian British - Any other Asian background",
    "M": "Black or Black British - Caribbean",
    "N": "Black or Black British - African",
    "P": "Black or Black British - Any other Black background",
    "R": "Other Ethnic Groups - Chinese",
    "S": "Other Ethnic Groups - Any other ethnic group",
    "Z": "Not stated",
    "99": "Not known",
}
ETHNIC: Final = CodeTable(
    source="NHS Data Dictionary, ETHNIC CATEGORY; UK Core, UKCore-EthnicCategoryEngland",
    rows={code: Concept(_ETHNIC, code, text) for code, text in _ETHNIC_CATEGORIES.items()},
    bare=True,
)

_MARITAL: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-PersonMaritalStatusEngland"
MARITAL: Final = CodeTable(
    source="NHS Data Dictionary, PERSON MARITAL STATUS; UK Core, UKCore-PersonMaritalStatusEngland",
    rows={
        code: Concept(_MARITAL, code, text)
        for code, text in {
            "S": "Single",
            "M": "Married/Civil Partner",
            "D": "Divorced/Person whose Civil Partnership has been dissolved",
            "W": "Widowed/Surviving Civil Partner",
            "P": "Separated",
            "N": "Not disclosed",
            "8": "Not applicable",
            "9": "Not known",
        }.items()
    },
    bare=True,
)

GENDER: Final = {"1": "male", "2": "female", "9": "other", "X": "unknown"}

DIAGNOSIS_SCHEMES: Final = {
    "02": systems.ICD_10,
    "04": systems.READ_V2,
    "05": systems.CTV3,
    "06": systems.SNOMED_CT,
}
"""DIAGNOSIS SCHEME IN USE; MHSDS has 02 and 06 alone."""

FINDING_SCHEMES: Final = {
    "01": systems.ICD_10,
    "02": systems.READ_V2,
    "03": systems.CTV3,
    "04": systems.SNOMED_CT,
}
"""FINDING SCHEME IN USE; MHSDS has 01 and 04 alone."""

PROCEDURE_SCHEMES: Final = {
    "04": systems.READ_V2,
    "05": systems.CTV3,
    "06": systems.SNOMED_CT,
}
"""PROCEDURE SCHEME IN USE."""

DISABILITY: Final = meanings(
    "disability",
    "NHS Data Model and Dictionary, DISABILITY CODE",
    {
        "01": "Behaviour and emotional",
        "02": "Hearing",
        "03": "Manual dexterity",
        "04": "Memory, or ability to concentrate, learn or understand (learning disability)",
        "05": "Mobility and gross motor",
        "06": "Perception of physical danger",
        "07": "Personal, self care and continence",
        "08": "Progressive conditions and physical health",
        "09": "Sight",
        "10": "Speech",
        "XX": "Another disability",
        "NN": "No disability",
        "ZZ": "Not stated: the person was asked and declined",
    },
)

EMPLOYMENT: Final = meanings(
    "employment-status",
    "NHS Data Model and Dictionary, EMPLOYMENT STATUS",
    {
        "01": "Employed",
        "02": "Unemployed and seeking work",
        "03": "Student, not working or seeking work",
        "04": "Long-term sick or disabled",
        "05": "Homemaker, not working or seeking work",
        "06": "Not receiving benefits, and not working or seeking work",
        "07": "Unpaid voluntary work, and not working or seeking work",
        "08": "Retired",
        "ZZ": "Not stated: the person was asked and declined",
    },
)

IMPACT: Final = LocalCode("disability-impact", "the list DISABILITY IMPACT PERCEPTION")
HOURS: Final = LocalCode("weekly-hours-worked", "the list WEEKLY HOURS WORKED")
REGISTER: Final = LocalCode(
    "professional-registration-body", "the list PROFESSIONAL REGISTRATION BODY CODE"
)
OCCUPATION: Final = LocalCode("nhs-occupation", "the list OCCUPATION CODE")
JOB_ROLE: Final = LocalCode("nhs-job-role", "the list CARE PROFESSIONAL (JOB ROLE CODE)")
