"""Security labels from content: what an item's own codes reveal.

In      A FHIR resource as a dict.
Out     Codings for `meta.security`: sensitivities, and the confidentiality they bring (R).
Rule    Labels only rise. Free text is not searched: a feed labels what only its words reveal.
Source  HL7 v3 ActCode sensitivities; ICD-10 chapters; SNOMED CT codes of the Global Patient Set.
        A site loads its own reference sets beside these (access rules, docs/policy.md).
"""

from collections.abc import Iterable
from typing import Any, Final

from mappings.core import systems

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


def of_content(resource: dict[str, Any]) -> list[dict[str, str]]:
    """Sensitivities its codings reveal, with confidentiality R if there is any."""
    codes = {code for coding in _codings(resource) if (code := _sensitivity(coding))}
    found = [{"system": systems.ACT_CODE, "code": code} for code in sorted(codes)]
    return found + ([{"system": systems.CONFIDENTIALITY, "code": "R"}] if found else [])


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


def _codings(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Every coding of a resource, in whatever element; those of `meta` are labels already."""
    found: list[dict[str, Any]] = []
    open_nodes: list[Any] = [child for name, child in node.items() if name != "meta"]
    while open_nodes:
        value = open_nodes.pop()
        if isinstance(value, dict):
            codings = value.get("coding")
            if isinstance(codings, list):
                found += [coding for coding in codings if isinstance(coding, dict)]
            for child in value.values():
                if isinstance(child, dict | list) and child is not codings:
                    open_nodes.append(child)
        elif isinstance(value, list):
            open_nodes += value
    return found


def _sensitivity(coding: dict[str, Any]) -> str | None:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return None
    if system == systems.ICD_10:
        category = code.replace(".", "")[:3].upper()
        for first, last, sensitivity in ICD_10_RANGES:
            if first <= category <= last:
                return sensitivity
    return SENSITIVE_CODES.get((system, code))
