"""The names of the codes of a Consent: what may stand beside a code without saying more than it.

In      A Consent in the strict profile.
Out     The paths of display or text that no code beside them has as its name.
Rule    A code is what is decided by. Words beside it that say something else may be what its author
        meant: no reader can tell, so neither is taken for the other. Case makes no difference, and
        a code stands for its own name, hyphens being spaces.
Source  HL7 v3 ActReason, ActCode, Confidentiality, ParticipationType, RoleClass; FHIR R4
        consentscope, consentaction; LOINC.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "patient-privacy": ("Privacy Consent", "Patient Privacy Consent"),
    "59284-0": ("Consent", "Consent Document", "Patient Consent"),
    "64292-6": ("Release of information consent",),
    "57016-8": (
        "Privacy policy acknowledgement Document",
        "Privacy policy acknowledgment Document",
    ),
    "57017-6": ("Privacy policy Organization Document",),
    "INFA": ("information access", "Information Access Consent"),
    "INFAO": ("access only",),
    "INFASO": ("access and save only",),
    "IDSCL": ("information disclosure",),
    "OPTIN": ("opt-in",),
    "OPTOUT": ("opt-out",),
    "UNK": ("unknown",),
    "IRCP": ("information recipient",),
    "PRCP": ("primary information recipient",),
    "CST": ("custodian",),
    "AUT": ("author (originator)", "author"),
    "PROV": ("healthcare provider",),
    "access": ("Access",),
    "correct": ("Access and Correct",),
    "collect": ("Collect",),
    "U": ("unrestricted",),
    "L": ("low",),
    "M": ("moderate",),
    "N": ("normal",),
    "R": ("restricted",),
    "V": ("very restricted",),
    "PSY": ("psychiatry disorder information sensitivity",),
    "HIV": ("HIV/AIDS information sensitivity",),
    "ETH": ("substance abuse information sensitivity",),
    "ETHUD": ("alcohol use disorder information sensitivity",),
    "OPIOIDUD": ("opioid use disorder information sensitivity",),
    "SDV": ("sexual assault, abuse, or domestic violence information sensitivity",),
    "SEX": ("sexuality and reproductive health information sensitivity",),
    "STD": ("sexually transmitted disease information sensitivity",),
    "TREAT": ("treatment",),
    "ETREAT": ("Emergency Treatment",),
    "BTG": ("break the glass",),
    "CAREMGT": ("care management",),
    "COC": ("coordination of care",),
    "PATRQT": ("patient requested",),
    "FAMRQT": ("family requested",),
    "PWATRNY": ("power of attorney",),
    "SUPNWK": ("support network",),
    "RECORDMGT": ("records management",),
    "PATADMIN": ("patient administration",),
    "PATSFTY": ("patient safety",),
    "HOPERAT": ("healthcare operations",),
    "HSYSADMIN": ("health system administration",),
    "HCOMPL": ("health compliance",),
    "HLEGAL": ("legal",),
    "HRESCH": ("healthcare research",),
    "CLINTRCH": ("clinical trial research",),
    "DSRCH": ("disease specific healthcare research",),
    "HMARKT": ("healthcare marketing",),
    "HPAYMT": ("healthcare payment",),
    "PUBHLTH": ("public health",),
    "HDM": ("healthcare delivery management",),
}
_RULING: Final = ("scope", "category", "policyRule", "provision")


def name_of(code: str) -> str:
    """What a code of a Consent is called; a code without a name here is its own."""
    return _NAMES.get(code, (code,))[0]


def misnamed(consent: Mapping[str, Any]) -> Iterator[str]:
    """Where words beside a code of the rule are no name of it."""
    for name in _RULING:
        yield from _within(consent.get(name), f"Consent.{name}")


def _within(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, list):
        for place, one in enumerate(node):
            yield from _within(one, f"{path}[{place}]")
    elif isinstance(node, Mapping):
        codes = [node] if "code" in node and "system" in node else node.get("coding", [])
        for word in ("display", "text"):
            if codes and word in node and not any(_fits(node[word], one) for one in codes):
                yield f"{path}.{word}"
        for name, one in node.items():
            yield from _within(one, f"{path}.{name}")


def _fits(words: object, coding: Mapping[str, Any]) -> bool:
    code = str(coding.get("code", ""))
    names = map(_plain, (code, *_NAMES.get(code, ())))
    return isinstance(words, str) and _plain(words) in names


def _plain(words: str) -> str:
    return " ".join(words.replace("-", " ").casefold().split())
