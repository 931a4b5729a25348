"""What somebody sends who opens access for themselves: whom, on which ground, in which words.

In      the body, and the rules of the way.
Out     Asked, and the faults.
Rule    A text of a known name, each; the reasons and the length of the words are the policy's. That
        the person is told of it later is for emergencies alone.
Pure    Nothing is looked up.
"""

from dataclasses import dataclass
from typing import Final

from consent.opening_rules import BreakGlassRules, SelfClaimRules
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.sent_object import sent_object
from mappings.core.shaping.identifiers import normalised

_LONGEST: Final = 2_000
_NAMED: Final = ("patient", "nhs_number", "birth_date", "reason", "text", "defer")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom, on which ground, in which words."""

    patient: str
    number: str
    born: str
    reason: str
    text: str
    defer: str
    """Why the person is told of it later; empty where they are told at once."""


def read_asked(
    body: bytes, rules: BreakGlassRules | SelfClaimRules
) -> tuple[Asked | None, list[Fault]]:
    """What is asked for, and every fault of it; None where it is no object at all."""
    try:
        sent = sent_object(body)
    except FaultyRequestError as wrong:
        return None, [*wrong.faults]
    deferrals = rules.deferrals if isinstance(rules, BreakGlassRules) else frozenset[str]()
    given = {name: sent[name] for name in _NAMED if isinstance(sent.get(name), str)}
    faults = [] if len(given) == len(sent) else [Fault("structure", "", "texts of known names")]
    if bool(given.get("patient")) == bool(given.get("nhs_number") and given.get("birth_date")):
        words = "the id of the person; or nhs_number and birth_date, both"
        faults.append(Fault("required", "patient", words))
    if given.get("reason") not in rules.reasons:
        words = "one of: " + ", ".join(sorted(rules.reasons))
        faults.append(Fault("value", "reason", words))
    if not rules.text_at_least <= len(given.get("text", "").strip()) <= _LONGEST:
        words = f"why, in {rules.text_at_least} to {_LONGEST} letters"
        faults.append(Fault("required", "text", words))
    if "defer" in sent and given.get("defer") not in deferrals:
        words = "not here" if not deferrals else "one of: " + ", ".join(sorted(deferrals))
        faults.append(Fault("value", "defer", words))
    asked = Asked(
        given.get("patient", "").removeprefix("Patient/"),
        normalised(given.get("nhs_number", "")),
        given.get("birth_date", ""),
        given.get("reason", ""),
        given.get("text", ""),
        given.get("defer", ""),
    )
    return asked, faults
