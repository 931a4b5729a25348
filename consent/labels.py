"""Security labels of a resource, as the numbers a decision compares.

In      meta.security: a list of FHIR Codings.
Out     LabelParts: category, confidentiality and three bit masks.
Rule    Fail-safe. No confidentiality is restricted and pending; the highest of several counts;
        no category, or two, is a category nobody sees; a code we do not know, in a system we
        do, is a sensitivity nobody is granted. Codes of other systems say nothing here.
Source  HL7 v3 Confidentiality and v3 ActCode; this gateway's sensitivity, access-category, hold
        and legal.
Pure    No look-ups. The bits are stored in rows: add at the end, never renumber.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from consent.terms import CATEGORIES, Confidentiality

CONFIDENTIALITY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SENSITIVITY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OWN_SENSITIVITY_SYSTEM: Final = "https://care-gateway.example/fhir/CodeSystem/sensitivity"
CATEGORY_SYSTEM: Final = "https://care-gateway.example/fhir/CodeSystem/access-category"
HOLD_SYSTEM: Final = "https://care-gateway.example/fhir/CodeSystem/hold"
LEGAL_SYSTEM: Final = "https://care-gateway.example/fhir/CodeSystem/legal"
FORMER_SYSTEMS: Final = {
    "http://hl7.org/fhir/v3/Confidentiality": CONFIDENTIALITY_SYSTEM,
    "http://hl7.org/fhir/v3/ActCode": SENSITIVITY_SYSTEM,
}
"""The addresses FHIR STU3 used for the same code systems."""

CONFIDENTIALITIES: Final = {
    "U": Confidentiality.UNRESTRICTED,
    "N": Confidentiality.NORMAL,
    "R": Confidentiality.RESTRICTED,
    "V": Confidentiality.VERY_RESTRICTED,
}
ACT_SENSITIVITIES: Final = {
    "PSY": 1 << 0,
    "HIV": 1 << 1,
    "SDV": 1 << 2,
    "SEX": 1 << 3,
    "STD": 1 << 4,
    "ETH": 1 << 5,
    "ETHUD": 1 << 6,
    "OPIOIDUD": 1 << 7,
}
OWN_SENSITIVITIES: Final = {"HOMEACCESS": 1 << 8, "S117": 1 << 9}
"""What ActCode has no word for: how to get into somebody's home (the code of a key safe), and
aftercare under section 117 of the Mental Health Act 1983."""
SENSITIVITIES: Final = ACT_SENSITIVITIES | OWN_SENSITIVITIES
HOME_ACCESS, AFTERCARE = OWN_SENSITIVITIES["HOMEACCESS"], OWN_SENSITIVITIES["S117"]
SENSITIVITY_CODES: Final = {
    SENSITIVITY_SYSTEM: ACT_SENSITIVITIES,
    OWN_SENSITIVITY_SYSTEM: OWN_SENSITIVITIES,
}
UNKNOWN_SENSITIVITY: Final = 1 << 62
"""A label we could not read. No policy and no consent can grant it."""

HOLDS: Final = {
    "NOPAT": 1 << 0,
    "THIRDPARTY": 1 << 1,
    "SAFEG": 1 << 2,
    "SERIOUSHARM": 1 << 3,
    "PENDING": 1 << 4,
    "REVIEW": 1 << 5,
}
WAITING: Final = HOLDS["PENDING"] | HOLDS["REVIEW"]
"""A governance lead has yet to decide. `REVIEW` keeps nothing from the person: it marks what may
not wait, such as the agreed plan."""
LEGAL: Final = {"GRA": 1 << 0, "HFEA": 1 << 1, "SEALED": 1 << 2}
UNKNOWN_CATEGORY: Final = "unknown"

_MASKS: Final[Mapping[str, Mapping[str, tuple[str, int]]]] = {
    SENSITIVITY_SYSTEM: {
        **{code: ("sensitivities", bit) for code, bit in ACT_SENSITIVITIES.items()},
        "NOPAT": ("holds", HOLDS["NOPAT"]),
    },
    OWN_SENSITIVITY_SYSTEM: {
        code: ("sensitivities", bit) for code, bit in OWN_SENSITIVITIES.items()
    },
    HOLD_SYSTEM: {code: ("holds", bit) for code, bit in HOLDS.items()},
    LEGAL_SYSTEM: {code: ("legal", bit) for code, bit in LEGAL.items()},
}


@dataclass(frozen=True, slots=True)
class LabelParts:
    """The labels of one resource; what stands in the row beside its source and dates."""

    category: str
    confidentiality: int
    sensitivities: int
    holds: int
    legal: int


def mask_of(codes: Iterable[str], registry: Mapping[str, int]) -> int:
    """The bits of these codes together. Errors: KeyError for a code that is not registered."""
    mask = 0
    for code in codes:
        mask |= registry[code]
    return mask


def labels_of(security: Sequence[object]) -> LabelParts:
    """The labels that meta.security states, or implies by leaving something out."""
    return _labels(tuple([_coding(item) for item in security]))


@lru_cache(maxsize=512)
def _labels(codings: tuple[tuple[str, str], ...]) -> LabelParts:
    """The same few lists of codes stand on most of what is stored."""
    masks = {"sensitivities": 0, "holds": 0, "legal": 0}
    for system, code in codings:
        target, bit = _bit(system, code)
        masks[target] |= bit
    stated = [code for system, code in codings if system == CONFIDENTIALITY_SYSTEM]
    if not stated:
        masks["holds"] |= HOLDS["PENDING"]
    level = max(
        (CONFIDENTIALITIES.get(code, Confidentiality.RESTRICTED) for code in stated),
        default=Confidentiality.RESTRICTED,
    )
    return LabelParts(_category(codings), int(level), **masks)


def _category(codings: Sequence[tuple[str, str]]) -> str:
    named = {code for system, code in codings if system == CATEGORY_SYSTEM}
    only = named.pop() if len(named) == 1 else UNKNOWN_CATEGORY
    return only if only in CATEGORIES else UNKNOWN_CATEGORY


def _bit(system: str, code: str) -> tuple[str, int]:
    unknown = ("sensitivities", UNKNOWN_SENSITIVITY)
    if system in _MASKS:
        return _MASKS[system].get(code, unknown)
    if system == CONFIDENTIALITY_SYSTEM:
        return ("sensitivities", 0) if code in CONFIDENTIALITIES else unknown
    if system == CATEGORY_SYSTEM:
        return ("sensitivities", 0) if code in CATEGORIES else unknown
    return ("sensitivities", 0)


def _coding(item: object) -> tuple[str, str]:
    """System and code; what is no Coding with a system becomes an unreadable label."""
    if not isinstance(item, Mapping):
        return SENSITIVITY_SYSTEM, ""
    system, code = item.get("system"), item.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return SENSITIVITY_SYSTEM, ""
    return FORMER_SYSTEMS.get(system, system), code
