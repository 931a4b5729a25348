"""Pathways and the plan: PTH, or one plan for each person and source, to CarePlan.

In      PGL, PPP, PPG messages; PPR messages that hold a goal or a pathway.
Out     A CarePlan for each PTH; one more for goals that stand in no pathway. Each message adds
        its goals and problems to those before.
Rule    PTH-1 DE makes status entered-in-error; else PTH-5, a modifier. The plan made for goals
        without a pathway says so in its note: it is derived, active, never completed.
Source  HL7 v2 chapter 12; there is no published map of PTH to CarePlan.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.outcome import Fold, Issue, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, local_reference
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first
from mappings.hospital.message.reader import show
from mappings.hospital.rows import goal, links, problem, roles, sensitivity, types
from mappings.hospital.rows.keys import operation, pathway_key, plan_key, team_key
from mappings.hospital.rows.whole import every
from mappings.terms import plans
from mappings.terms.access import Category

PLACES: Final = ("PTH[]", "GOL[].PTH[]", "PRB[].PTH[]")
FIELDS: Final = ("1", "2", "3", "4", "5", "6", "7")
_ENDED: Final = frozenset({"completed", "revoked"})


def each_pathway(scope: Scope) -> Iterator[Found]:
    """Each pathway of the message once, where it stands first."""
    seen = set()
    for found in every(scope, "PTH"):
        key = pathway_key(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


def pathway_labels(scope: Scope) -> list[dict[str, str]]:
    """A pathway is no less restricted than the problems it stands with, wherever it is told of."""
    own = pathway_key(scope)
    told = (one for one in every(scope, "PTH") if pathway_key(scope.inside(one)) == own)
    return sensitivity.of_groups(scope, told)


def plan_state(scope: Scope) -> Iterator[Found]:
    """DE in PTH-1; else PTH-5."""
    entry, steps = scope.element, scope.here.steps
    if operation(entry) == "delete":
        yield Found((*steps, "1"), "operation DE")
    elif said := _state_word(entry):
        yield Found((*steps, "5"), said)


def _state_word(entry: dict[str, Any]) -> str | None:
    """The words of PTH-5 where they are in the table, else its code."""
    named = component(entry.get("5"), 2)
    return named if codes.PLAN_STATE.find(named) else first(entry.get("5"))


def ended(scope: Scope) -> Iterator[Found]:
    """PTH-6, the time of the last change, where that change ended the plan."""
    entry = scope.element
    if codes.PLAN_STATE.find(_state_word(entry) or "") in _ENDED and entry.get("6"):
        yield Found((*scope.here.steps, "6"), entry["6"])


def team(scope: Scope) -> Iterator[Found]:
    """A reference to the team, where the message names one."""
    if roles.has_team(scope):
        yield Found((), {"reference": local_reference("CareTeam", team_key(scope))})


def author(scope: Scope) -> Iterator[Found]:
    """The first ROL of a pathway that is an author."""
    for index, entry in enumerate(scope.element.get("ROL", ())):
        who = types.practitioner(entry.get("4", ""))
        if who and (first(entry.get("3")) or "").upper() in codes.AUTHOR_ROLES:
            yield Found((*scope.here.steps, "ROL", index, "4"), who)
            return


_SHARED: Final = (
    *problem.below(goal.PLACES, "1", "3", "4", "7", "13"),
    *problem.below(problem.PLACES, "1", "3", "4", "7", "16"),
)

PATHWAY: Final = Target(
    "CarePlan",
    name="pathway",
    each=each_pathway,
    key=pathway_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=pathway_labels,
    reads=(
        *problem.below(PLACES, *FIELDS, *problem.NOTE_FIELDS, "ROL[].3", "ROL[].4"),
        *_SHARED,
    ),
    adds=("goal", "addresses", "activity", "careTeam", "period"),
    defaults={"status": "active", "intent": "plan"},
    rows=(
        Row("plan.id", "identifier[0]", "3", fn=types.entity),
        Row("plan.status", "status", gather=plan_state, table=codes.PLAN_STATE),
        Row("plan.intent", "intent", "7", fn=first, table=codes.PLAN_INTENT),
        Row(
            "plan.kind",
            "category[0]",
            value=plans.CARE_PLAN.concept(),
            why="a pathway is a plan",
        ),
        Row("plan.which", "category[1]", "2", fn=types.concept),
        Row("plan.title", "title", "2", fn=types.title),
        Row("plan.start", "period.start", "4", fn=times.when),
        Row("plan.end", "period.end", gather=ended, fn=times.when),
        Row("plan.author", "author", gather=author),
        Row("plan.team", "careTeam[0]", gather=team),
        Row("plan.problems", "addresses[+]", gather=links.pathway_problems),
        Row("plan.goals", "goal[+]", gather=links.pathway_goals),
        Row("plan.reviews", "activity[+].reference", gather=links.pathway_reviews),
        Row("plan.orders", "activity[+].reference", gather=links.pathway_orders),
        *problem.NOTES,
    ),
)

LOOSE_PLAN: Final = Target(
    "CarePlan",
    name="plan",
    when=links.has_loose_goals,
    key=plan_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=_SHARED,
    adds=("goal", "addresses", "activity", "careTeam"),
    rows=(
        Row("loose.status", "status", value="active", why="derived: goals are being worked on"),
        Row("loose.intent", "intent", value="plan", why="goals are intended"),
        Row("loose.kind", "category[0]", value=plans.CARE_PLAN.concept(), why="a plan of care"),
        Row("loose.title", "title", value="Hospital goals", why="the source names no plan"),
        Row("loose.team", "careTeam[0]", gather=team),
        Row("loose.problems", "addresses[+]", gather=links.loose_problems),
        Row("loose.goals", "goal[+]", gather=links.loose_goals),
        Row("loose.reviews", "activity[+].reference", gather=links.loose_reviews),
        Row("loose.orders", "activity[+].reference", gather=links.loose_orders),
        Row(
            "loose.note",
            "note[0].text",
            value="Put together by the gateway from goals the hospital sent without a pathway.",
            why="derived is said to be derived",
        ),
    ),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Actions that are not taken; a pathway that is told otherwise than it is taken."""
    taken = {pathway_key(scope.inside(one)): one.value for one in each_pathway(scope)}
    for found in every(scope, "PTH"):
        yield from problem.refused_action(found)
        first_told, told = taken[pathway_key(scope.inside(found))], found.value
        if any(told.get(name) and told[name] != first_told.get(name) for name in FIELDS):
            text = "told twice in one message, with a difference; the first was taken"
            yield warning(show((*found.steps, "3")), "told-twice", text)
