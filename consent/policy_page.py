"""The access policy as a page that a governance board can read and sign.

In      Policy.
Out     Markdown, the same for the same policy: docs/policy.md, which a test holds current.
Pure    No file is opened here.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from consent.labels import CONFIDENTIALITIES, HOLDS, LEGAL, SENSITIVITIES
from consent.policy import Cell, Policy, Role, RolePermission
from consent.sign_offs import SignOffs
from consent.terms import CATEGORIES

_HEAD: Final = """\
# Access policy

This page is printed from `consent/policy.toml` by `consent/policy_page.py`; a test fails when
the two differ. Change the policy, print the page, have the board sign it.
"""

_RULES: Final = """\
## How a decision is made

Layers narrow in this order; a later one never widens an earlier one, and any deny wins.

1. **Identity.** Role, kind of caller and person fit together. Staff never read their own record
   as staff. A record the demographics service has withdrawn is closed.
2. **Purpose.** One purpose, the token's own, open to the role. Uses beyond care are refused.
3. **Relationship.** A dated reason in force: registered practice, caseload, care team, referral
   or self-claim, in that order of strength. Where it names a person, only that person has it.
   Then permission to view, where the deployment records it or the role needs it by name.
   Without these, an organisation that sent a record sees what it sent, and its staff write nothing.
4. **Very restricted people** are open to themselves and to staff named on their team.
5. **Role.** The categories below, up to the clearance; every sensitivity of an item must be
   granted, and an unknown one never is. Own-organisation items follow a cell of their own.
6. **Hard stops and holds.** Some items are never shown; some not to the person, a proxy or
   other lay callers until released. After an opt-out, other organisations see nothing. What a
   feed brought is shown once it is open to the teams, and before that to who checks it.
7. **The person's consents.** Any deny wins, in any order. Permits limited to some data make one
   set together. A deny of a period hides what overlaps it or has no date; a permit shows what
   lies within. A person's own consents never hide the record from that person.
8. **Restricted people.** Every element that reveals where they live or are is left out.
"""


def page(policy: Policy) -> str:
    """The whole page."""
    parts = [
        _HEAD,
        f"Version {policy.version}. {len(policy.roles)} roles, {len(CATEGORIES)} categories.\n",
        _RULES,
        _fixed(policy),
        "## What each role sees\n",
        "Cells: **all** organisations' items, **own** organisation's only, a dash for never.\n",
        _matrix(policy, "view"),
        "## What each role writes\n",
        _matrix(policy, "write"),
        "## The roles\n",
        *(_role(role) for role in policy.roles.values()),
    ]
    return "\n".join(parts)


def _fixed(policy: Policy) -> str:
    rules, claim, harm = policy.break_glass, policy.self_claim, policy.safeguarding
    lines = [
        "## Fixed rules\n",
        f"- Never shown: {_names(policy.hard_stops, LEGAL)}.",
        f"- Held back from lay callers: {_names(policy.person_holds, HOLDS)}.",
        f"- Shown to the person without waiting, where new entries are reviewed first: "
        f"{_listed(policy.review_spares)}.",
        f"- Purposes beyond care, refused: {_listed(policy.secondary)}.",
        f"- Stays for direct care in spite of a dissent: {_listed(policy.safety)}.",
        f"- Left out for restricted people: {_listed(policy.location_mask)}.",
        f"- Left out of an instruction whose reason may not be seen: "
        f"{_listed(policy.reason_mask)}.",
        f"- Shown what a feed brought before it is opened: {_listed(policy.safety_roles)}.",
        f"- Shown who works where, and how to reach them at work: "
        f"{_listed(policy.staff_roles)}; of their own organisation: "
        f"{_listed(policy.own_staff_roles)}.",
        f"- Break-glass lasts {rules.hours} hours at most, needs one of the reasons "
        f"{_listed(rules.reasons)} and {rules.text_at_least} characters of text, and is tried "
        f"{rules.a_day} times a day by one user at most. It opens "
        f"restricted items, {_names(rules.sensitivities, SENSITIVITIES)} and the categories "
        f"{_listed(rules.categories)}; it never opens very restricted items or writing, but for "
        f"one message to who leads the person's care. The person is told of it at once; for "
        f"{_listed(rules.deferrals)} once its alert is settled. A consent that "
        f"holds in an emergency too ends within {rules.binding_days} days.",
        f"- A self-claimed relationship lasts {claim.hours} hours at most, needs one of the "
        f"reasons {_listed(claim.reasons)} and {claim.text_at_least} characters of text, and is "
        f"tried {claim.a_day} times a day by one user at most. No team is made on it.",
        f"- A concern about somebody's safety is raised by every role, one way, on one of "
        f"{_listed(harm.concerns)} and in {harm.text_at_least} characters at least. "
        f"{_listed(harm.decided_by)} alone see it, within {harm.danger_hours} hours where there is "
        f"danger and {harm.hours} otherwise. They suspend a source of harm from all sight of the "
        f"person, looked at again within {harm.review_days} days; it ends by decision alone.",
        *_openings(policy),
        f"- What the person says is wrong is answered within {harm.dispute_days} days.",
        f"- A proxy acts on one of: {_proxy(policy)}. That somebody does is recorded by "
        f"{_listed(policy.proxy_recorders)}; on {_listed(policy.proxy_by_person)} by the person.",
    ]
    return "\n".join(lines) + "\n"


def _openings(policy: Policy) -> list[str]:
    """What opens a label beside the role."""
    way, aftercare = policy.home_access, policy.aftercare
    minutes, hours = timedelta(minutes=1), timedelta(hours=1)
    return [
        f"- How to get into a home (HOMEACCESS) is shown to {_listed(way.roles)} from "
        f"{way.before // minutes} minutes before a visit of their own organisation until "
        f"{way.after // minutes} minutes after it; one without an end counts as "
        f"{way.assumed // hours} hours long, none as longer than {way.longest // hours}. Each "
        f"showing is an entry of its own in the log. No emergency opens it, and no file, export or "
        f"subscription of staff holds it: the person's own copy does, and the system that sent it "
        f"is told of what is its own.",
        _telling(policy),
        f"- Aftercare under section 117 (S117) is shown to {_listed(aftercare.roles)}, and to "
        f"{_listed(aftercare.named_roles)} where a care team or caseload of the person names them, "
        f"on the shelves {_listed(aftercare.categories)}, also where it is labelled "
        f"{_names(aftercare.sensitivities, SENSITIVITIES)} beside.",
    ]


def _telling(policy: Policy) -> str:
    """Who is told that something is withheld."""
    roles = (role.id for role in policy.roles.values() if role.break_glass)
    choice = "tells it" if policy.settings.tell_withheld else "does not tell it"
    return (
        f"- That something is withheld is told of a person, never of an item, where the "
        f"deployment chose so (this one {choice}): to {_listed(roles)}, where an emergency access "
        f"would show them more. What no emergency opens is never hinted at."
    )


def _proxy(policy: Policy) -> str:
    words = (
        basis if age is None else f"{basis} (while the person is under {age})"
        for basis, age in sorted(policy.proxy_bases.items())
    )
    return ", ".join(words)


def _matrix(policy: Policy, group: str) -> str:
    lines = [f"| role | {' | '.join(CATEGORIES)} |", "| --- |" + " --- |" * len(CATEGORIES)]
    for role in policy.roles.values():
        cell = role.view if group == "view" else role.write
        words = " | ".join(_word(cell, category) for category in CATEGORIES)
        lines.append(f"| {role.id} | {words} |")
    return "\n".join(lines) + "\n"


def signatures(policy: Policy, signed: SignOffs | None) -> str:
    """Who signed this very policy, and which controllers have not."""
    lines = [
        "## Who signed it\n",
        f"Hash `{policy.hash}`, of the policy and of what this deployment chose of it.\n",
    ]
    if signed is None:
        return "\n".join((*lines, "No controllers are named.\n"))
    lines += [f"- {one.controller}: {one.by}, {one.on.isoformat()}" for one in signed.of(policy)]
    lines += [f"- {controller}: not signed" for controller in signed.missing(policy)]
    return "\n".join(lines) + "\n"


def _word(cell: Cell, category: str) -> str:
    if category in cell.everywhere:
        return "all"
    return "own" if category in cell.own else "–"


def _role(role: Role) -> str:
    lines = [
        f"### {role.title} (`{role.id}`)\n",
        f"{role.description} {role.why}\n",
        f"- Caller: {role.kind}{', lay' if role.lay else ''}; "
        f"{'' if role.direct_care else 'not '}direct care. Purposes: {_listed(role.purposes)}.",
        f"- Clearance {_level(role.clearance)}; sensitivities "
        f"{_names(role.sensitivities, SENSITIVITIES)}. Own organisation: "
        f"{_level(role.own_clearance)}; {_names(role.own_sensitivities, SENSITIVITIES)}.",
        f"- {_ground(role)} Break-glass: {_yes(role.break_glass)}. "
        f"Self-claim: {_yes(role.self_claim)}. Looks through accesses: {role.audit}.",
    ]
    return "\n".join(lines) + "\n"


def _ground(role: Role) -> str:
    if not role.needs_relationship:
        return "Needs no relationship."
    words = {
        RolePermission.DEPLOYMENT: "permission as the deployment says",
        RolePermission.NAMED: "permission by name",
        RolePermission.NOT_NEEDED: "no permission",
    }
    return f"Needs a relationship and {words[role.permission]}."


def _names(mask: int, registry: Mapping[str, int]) -> str:
    return ", ".join(code for code, bit in registry.items() if mask & bit) or "none"


def _level(level: int) -> str:
    return next(code for code, value in CONFIDENTIALITIES.items() if value == level)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words)) or "none"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
