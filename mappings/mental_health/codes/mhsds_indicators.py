"""Code tables of the indicators of a person (MHS005).

Source  NHS Data Model and Dictionary: CHILD PROTECTION PLAN INDICATION CODE, OFFENCE HISTORY
        INDICATION CODE, PATIENT DIAGNOSIS STATUS (LEARNING DISABILITY); NHS England, MHSDS v6
        submission constants (the codes of each column).
Rule    Words are ours where the dictionary's own are long; the code always stands beside them.
"""

from typing import Any, Final

from mappings.core.sets.national_codes import LocalCode, meanings

_DICTIONARY: Final = "NHS Data Model and Dictionary"

CHILD_PROTECTION: Final = meanings(
    "child-protection-plan-indication",
    f"{_DICTIONARY}, CHILD PROTECTION PLAN INDICATION CODE",
    {
        "2": "Has been subject to a child protection plan, and is not now",
        "3": "Is subject to a child protection plan",
    },
)
LOOKED_AFTER: Final = meanings(
    "looked-after-child-indicator",
    f"{_DICTIONARY}, LOOKED AFTER CHILD INDICATOR",
    {"Y": "Looked-after child"},
)
OFFENCES: Final = meanings(
    "offence-history-indication",
    f"{_DICTIONARY}, OFFENCE HISTORY INDICATION CODE",
    {"2": "A less serious offence", "3": "A serious offence"},
)
YES_NO: Final = meanings(
    "yes-no-indicator",
    f"{_DICTIONARY}, indicators of yes and no",
    {"Y": "Yes", "N": "No", "X": "Not known", "Z": "Not stated"},
)
ARMED_FORCES: Final = LocalCode(
    "ex-british-armed-forces", "the list EX-BRITISH ARMED FORCES INDICATOR"
)

_DIAGNOSIS: Final = frozenset("12345UXZ")
KNOWN: Final = {"LDStatus": _DIAGNOSIS, "AutismStatus": _DIAGNOSIS}
"""Column -> its codes, also those that show nothing: none, suspected, not known."""


def protected_now(code: Any) -> str:
    """Whether a child is subject to a plan, or has been."""
    return "inactive" if str(code).strip() == "2" else "active"
