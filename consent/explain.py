"""Why a caller is shown an item, or is not: layer by layer, in plain words.

In      what compile_filter takes, and the labels of one stored row.
Out     Explanation: whether it is shown, and each layer that was reached with what it says.
Rule    It is shown where every layer passes, which is what the Filter says of the row too: a
        property test holds the two together. Words name codes of the policy, never a person.
Source  docs/policy.md.
Pure    As consent.decision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from consent.decision import (
    aftercare_shelves,
    compile_filter,
    fixed_denies,
    near_a_visit,
    said_by_person,
)
from consent.labels import AFTERCARE, CONFIDENTIALITIES, SENSITIVITIES
from consent.policy import Policy
from consent.residual import UnloadedLinksError
from consent.scopes import types_in_scope
from consent.standing import (
    Case,
    RefusedError,
    Standing,
    case_of,
    check_purpose,
    check_restricted_person,
    is_break_glass_open,
    standing_of,
)
from consent.terms import Caller, Labels, PersonFacts, Reason, Request

LAYERS: Final = (
    "identity", "purpose", "relationship", "restricted person", "role", "stops", "consent",
)  # fmt: skip
WORDS: Final[Mapping[Reason, str]] = {
    Reason.IDENTITY: "caller, role and person do not belong together, or the person is closed",
    Reason.PURPOSE: "the purpose is not one of the role, or not that of the token",
    Reason.SECONDARY: "the purpose is beyond the person's care",
    Reason.SECONDARY_OPTED_OUT: "the purpose is beyond the person's care, who opted out of that",
    Reason.PROXY: "no authority to act for the person holds now",
    Reason.PROXY_AUTHORITY: "an authority to act for the person holds now",
    Reason.OWN_RECORD: "it is the caller's own record",
    Reason.STAFF_OWN_RECORD: "staff do not read their own record in their role",
    Reason.RELATIONSHIP: "no relationship with the person holds now",
    Reason.REGISTERED_PRACTICE: "the person is registered with the caller's practice",
    Reason.CASELOAD: "the person is on a caseload of the caller",
    Reason.CARE_TEAM: "the caller is on a care team of the person",
    Reason.REFERRAL: "the person was referred to the caller",
    Reason.SELF_CLAIM: "the caller claimed the relationship, and it has not ended",
    Reason.RECORD_HOLDER: "the caller's organisation sent a record of the person",
    Reason.OWN_ITEMS: "the role sees what its own organisation sent",
    Reason.PERMISSION: "the person's permission to view is not recorded",
    Reason.PERMISSION_RECORDED: "the person's permission to view is recorded",
    Reason.PERMISSION_IMPLIED: "permission to view is implied by direct care",
    Reason.ROLE: "the role may not do this",
    Reason.RESTRICTED_PERSON: "the person is open to staff named on their team alone",
    Reason.MASKED_LOCATION: "what tells where the person is, is left out",
    Reason.OPTED_OUT: "the person opted out of the shared record",
    Reason.DISSENT: "the person said no to this",
    Reason.PRESENT: "not everybody who is present may see it",
    Reason.CONSENT_SCOPE: "it is outside what the person agreed to",
    Reason.NO_CONSENT_RECORDED: "no consent that covers it is recorded",
    Reason.BREAK_GLASS: "an emergency access is open",
    Reason.BREAK_GLASS_REFUSED: "an emergency access was named, and does not hold",
    Reason.UNREADABLE: "something the decision needs cannot be read",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one layer says."""

    layer: str
    passes: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the item is shown, and every layer that was reached; the last one decides."""

    shown: bool
    steps: tuple[Step, ...]


def explained(
    caller: Caller, person: PersonFacts, request: Request, policy: Policy, labels: Labels
) -> Explanation:
    """Why this caller is shown the row with these labels, or is not."""
    steps: list[Step] = []
    try:
        _walk(steps, caller, person, request, policy, labels)
    except RefusedError as refused:
        steps.append(Step(LAYERS[len(steps)], False, words_of(refused.reasons)))
    except (UnloadedLinksError, TypeError, ValueError, AttributeError, LookupError):
        steps.append(Step(LAYERS[len(steps)], False, words_of([Reason.UNREADABLE])))
    return Explanation(all(step.passes for step in steps), tuple(steps))


def words_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Reasons in plain words, each once."""
    return tuple(dict.fromkeys(WORDS[reason] for reason in reasons))


def _walk(
    steps: list[Step],
    caller: Caller,
    person: PersonFacts,
    request: Request,
    policy: Policy,
    labels: Labels,
) -> None:
    case = case_of(caller, person, request, policy)
    steps.append(Step(LAYERS[0], True, ("caller, role and person belong together",)))
    opened = is_break_glass_open(case)
    check_purpose(case, opened)
    steps.append(Step(LAYERS[1], True, (f"{request.purpose} is a purpose of the role",)))
    standing = standing_of(case, opened)
    steps.append(Step(LAYERS[2], True, words_of(standing.reasons)))
    check_restricted_person(case)
    steps.append(Step(LAYERS[3], True, ("the person is open to more than a named team",)))
    allowed = compile_filter(caller, person, request, policy)
    if Reason.UNREADABLE in allowed.reasons:
        raise ValueError
    if not any(grant.matches(labels) for grant in allowed.grants):
        steps.append(Step(LAYERS[4], False, _role_words(case, standing, labels)))
        return
    steps.append(Step(LAYERS[4], True, (f"the role sees {labels.category}",)))
    if any(deny.matches(labels) for deny in fixed_denies(case, standing)):
        text = "a hard stop, a hold, an opt-out, or a feed that is not open here, hides it"
        steps.append(Step(LAYERS[5], False, (text,)))
        return
    steps.append(Step(LAYERS[5], True, ("nothing that holds for everybody hides it",)))
    said = said_by_person(case, standing)
    if any(deny.matches(labels) for deny in said.denies):
        why = words_of(said.reasons) or ("what the person agreed to does not cover it",)
        steps.append(Step(LAYERS[6], False, why))
        return
    steps.append(Step(LAYERS[6], True, ("no consent hides it",)))


def _role_words(case: Case, standing: Standing, labels: Labels) -> tuple[str, ...]:
    """What of the item is more than the role opens."""
    role, cell = case.role, case.role.cell(case.request.action)
    own = labels.source_org == case.caller.org
    aftercare = _is_aftercare(case, standing, labels)
    types = types_in_scope(case.caller.scopes, case.request.action)
    level, granted = role.clearance, role.sensitivities
    if own and not aftercare:
        level, granted = max(level, role.own_clearance), granted | role.own_sensitivities
    granted |= near_a_visit(case)
    if standing.break_glass:
        level = max(level, int(CONFIDENTIALITIES["R"]))
        granted |= case.policy.break_glass.sensitivities
    if aftercare:
        granted |= AFTERCARE | case.policy.aftercare.sensitivities
    more = [name for name, bit in SENSITIVITIES.items() if labels.sensitivities & bit & ~granted]
    opened = cell.own | ({labels.category} if aftercare else set())
    found = [
        (labels.category not in opened, f"the role never sees {labels.category}, for anybody"),
        (
            not own
            and not aftercare
            and labels.category in cell.own
            and (labels.category not in cell.everywhere or standing.own_only),
            "only what the caller's own organisation sent is seen",
        ),
        (
            types is not None and labels.resource_type not in types,
            "the token's scopes leave it out",
        ),
        (labels.confidentiality > level, "it is more restricted than the role is cleared for"),
        (bool(more), f"it is labelled {', '.join(more)}, which the role is not granted"),
    ]
    said = tuple(text for holds, text in found if holds)
    return said or ("it bears a label that nobody is granted",)


def _is_aftercare(case: Case, standing: Standing, labels: Labels) -> bool:
    """Whether it is of the aftercare that is opened for the caller beside their role."""
    bears = bool(labels.sensitivities & AFTERCARE)
    shelves = aftercare_shelves(case)
    return bears and not standing.own_only and labels.category in shelves
