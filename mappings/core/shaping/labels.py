"""Security labels from content: what an item's own codes reveal.

In      A FHIR resource as a dict.
Out     Codings for `meta.security`: sensitivities, and the confidentiality they bring (R); the
        hold of what is about somebody else too.
Rule    Labels only rise. Free text is not searched: a feed labels what only its words reveal.
Source  HL7 v3 ActCode sensitivities; ICD-10 chapters; SNOMED CT codes of the Global Patient Set.
        A site loads its own reference sets beside these (access rules, docs/policy.md).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from mappings.core.model import systems

LEVELS: Final = ("N", "R", "V")

SENSITIVE_CODES: Final[dict[tuple[str, str], str]] = {
    (systems.SNOMED_CT, "86406008"): "HIV",
    (systems.SNOMED_CT, "62479008"): "HIV",
    (systems.SNOMED_CT, "165816005"): "HIV",
    (systems.SNOMED_CT, "8098009"): "STD",
    (systems.SNOMED_CT, "240589008"): "STD",
    (systems.SNOMED_CT, "15628003"): "STD",
    (systems.SNOMED_CT, "76272004"): "STD",
    (systems.SNOMED_CT, "371772001"): "SDV",
    (systems.SNOMED_CT, "66214007"): "ETH",
    (systems.SNOMED_CT, "7200002"): "ETH",
    (systems.SNOMED_CT, "58214004"): "PSY",
    (systems.SNOMED_CT, "13746004"): "PSY",
    (systems.SNOMED_CT, "69322001"): "PSY",
    (systems.PLAN_TYPE, "section-117"): "S117",
    (systems.FUNDING, "section-117"): "S117",
    (systems.ENTITLEMENT, "section-117"): "S117",
}
"""One code, one sensitivity. Terms are in the site's own SNOMED CT release."""

ICD_10_RANGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("A50", "A64", "STD"),
    ("B20", "B24", "HIV"),
    ("F10", "F19", "ETH"),
    ("F20", "F31", "PSY"),
    ("T74", "T74", "SDV"),
    ("Z21", "Z21", "HIV"),
)
"""First and last ICD-10 category (three characters), and the sensitivity."""


HOME_ACCESS: Final = "HOMEACCESS"
_OWN: Final = {"S117": systems.SENSITIVITY, HOME_ACCESS: systems.SENSITIVITY}
"""Sensitivities that ActCode has no word for."""
_SAFETY: Final = "safety"
OF_OTHERS: Final = frozenset({"FamilyMemberHistory"})
"""Types of resource that are about a second person, who is no party to the record."""
INSTRUCTING: Final = frozenset({"Flag", "Observation", "Consent"})
"""Types of resource that may instruct whoever gives care."""
RESUSCITATION: Final = frozenset(
    {(systems.SNOMED_CT, "450475007"), (systems.SNOMED_CT, "450476008")}
)
"""For, and not for, attempted cardiopulmonary resuscitation."""
DECISION: Final = frozenset(
    {
        (systems.CONSENT_SCOPE, "adr"),
        ("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "dnr"),
    }
)
"""How a decision on resuscitation is said as a Consent."""


def of_content(resource: dict[str, Any]) -> list[dict[str, str]]:
    """Sensitivities its codings reveal, with confidentiality R if there is any; what is of such a
    type that it is about a second person is R, and held from lay callers."""
    codes = {code for one in _codings(resource) if (code := _sensitivity(one))}
    found = [{"system": _OWN.get(code, systems.ACT_CODE), "code": code} for code in sorted(codes)]
    if resource.get("resourceType") in OF_OTHERS:
        found.append({"system": systems.HOLD, "code": "THIRDPARTY"})
    elif codes <= {HOME_ACCESS}:  # who visits is cleared for nothing restricted
        return found
    return [*found, {"system": systems.CONFIDENTIALITY, "code": "R"}]


def shelf(resource: Mapping[str, Any], category: str) -> str:
    """The shelf an item stands on: what instructs whoever gives care stands with the safety set,
    whichever feed says it and wherever else it would stand."""
    kind = resource.get("resourceType")
    if kind == "AllergyIntolerance":
        return _SAFETY
    if kind not in INSTRUCTING:
        return category
    held = set(codes_in(resource))
    instructs = any(code in RESUSCITATION or code[0] == systems.SAFETY for code in held)
    return _SAFETY if instructs or held >= DECISION else category


def levels(codings: Iterable[dict[str, str]]) -> list[str]:
    """The confidentialities among security codings; an unknown one counts as V."""
    codes = [coding["code"] for coding in codings if is_level(coding)]
    return [code if code in LEVELS else "V" for code in codes]


def is_level(coding: dict[str, str]) -> bool:
    """Whether a security coding is a confidentiality."""
    return coding.get("system") == systems.CONFIDENTIALITY


def highest(codes: Iterable[str]) -> str:
    """The strictest of some confidentialities."""
    return max(codes, key=LEVELS.index)


def codes_in(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """System and code of every coding in a resource, its labels apart."""
    for one in _codings(resource):
        if isinstance(one, dict):
            system, code = one.get("system"), one.get("code")
            if isinstance(system, str) and isinstance(code, str):
                yield system, code


@cache
def version() -> str:
    """Eight hexadecimal digits of the hash of these rules, the shelves' among them."""
    rules = [
        sorted([*code, label] for code, label in SENSITIVE_CODES.items()),
        ICD_10_RANGES,
        [systems.HOME_ACCESS, HOME_ACCESS],
        [sorted(OF_OTHERS), "THIRDPARTY"],
        [
            _SAFETY,
            systems.SAFETY,
            *(sorted(rule) for rule in (INSTRUCTING, RESUSCITATION, DECISION)),
        ],
    ]
    return hashlib.sha256(json.dumps(rules).encode()).hexdigest()[:8]


def _codings(resource: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    for name, child in resource.items():
        if child.__class__ is not str and name != "meta":
            _collect(child, found)
    return found


def _collect(node: Any, found: list[Any]) -> None:
    """Every coding inside, in whatever element it stands."""
    if isinstance(node, dict):
        for name, child in node.items():
            if child.__class__ is str:
                continue
            if name == "coding" and isinstance(child, list):
                found += child
            else:
                _collect(child, found)
    elif isinstance(node, list):
        for child in node:
            _collect(child, found)


def _sensitivity(coding: Any) -> str | None:
    if not isinstance(coding, dict):
        return None
    system, code = coding.get("system"), coding.get("code")
    if system == systems.ICD_10 and isinstance(code, str):
        category = code.replace(".", "")[:3].upper()
        for first, last, sensitivity in ICD_10_RANGES:
            if first <= category <= last:
                return sensitivity
    elif system == systems.HOME_ACCESS:
        return HOME_ACCESS
    elif isinstance(system, str) and isinstance(code, str):
        return SENSITIVE_CODES.get((system, code))
    return None
