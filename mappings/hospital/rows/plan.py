"""Pathways and the plan: PTH, or one plan for each person and source, to CarePlan and CareTeam.

In      PGL, PPP, PPG messages; PPR messages that hold a goal or a pathway.
Out     A CarePlan for each PTH; one more for goals that stand in no pathway; a CareTeam of
        every ROL in the message. Each message adds its goals, problems and members to those
        before.
Rule    PTH-1 DE makes status entered-in-error; else PTH-5, a modifier. The plan made for goals
        without a pathway says so in its note: it is derived, active, never completed.
Source  HL7 v2 chapter 12; there is no published map of PTH to CarePlan.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.outcome import Facts, Fold, Issue
from mappings.core.paths import Found, Scope, Steps
from mappings.core.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first
from mappings.hospital.rows import goal, problem, sensitivity, types
from mappings.hospital.rows.tree import above, inside
from mappings.hospital.rows.whole import every, person_id
from mappings.terms import plans
from mappings.terms.access import Category

PLACES: Final = ("PTH[]", "GOL[].PTH[]", "PRB[].PTH[]")
FIELDS: Final = ("1", "2", "3", "4", "5", "6", "7")
ROLE_PLACES: Final = tuple(
    f"{place}.ROL[]" for place in (*PLACES, *goal.PLACES, *problem.PLACES)
)
_ENDED: Final = frozenset({"completed", "revoked"})


def each_pathway(scope: Scope) -> Iterator[Found]:
    """Each pathway of the message once, where it stands first."""
    seen = set()
    for found in every(scope, "PTH"):
        key = pathway_key(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


def pathway_key(scope: Scope) -> str:
    """The person and PTH-3; without one, which pathway it is."""
    number = problem.instance(scope.element, "3", "2")
    return joined_key(person_id(scope), "pathway", number)


def plan_key(scope: Scope) -> str:
    """The person: a source has one such plan for each."""
    return joined_key(person_id(scope), "plan")


def team_key(scope: Scope) -> str:
    """The person: a source has one such team for each."""
    return joined_key(person_id(scope), "team")


def has_loose_goals(scope: Scope) -> bool:
    """Whether any goal stands in no pathway."""
    return any(True for _ in _loose(scope, "GOL"))


def has_team(scope: Scope) -> bool:
    """Whether anyone is named as taking part."""
    return any(True for _ in members(scope))


def plan_state(scope: Scope) -> Iterator[Found]:
    """DE in PTH-1; else PTH-5."""
    entry, steps = scope.element, scope.here.steps
    if problem.operation(entry) == "delete":
        yield Found((*steps, "1"), "operation DE")
    elif said := first(entry.get("5")):
        named = component(entry["5"], 2)
        yield Found((*steps, "5"), named if codes.PLAN_STATE.find(named) else said)


def ended(scope: Scope) -> Iterator[Found]:
    """PTH-6, the time of the last change, where that change ended the plan."""
    entry = scope.element
    if codes.PLAN_STATE.find(first(entry.get("5")) or "") in _ENDED and entry.get("6"):
        yield Found((*scope.here.steps, "6"), entry["6"])


def _around(scope: Scope, name: str) -> Iterator[Found]:
    """Segments of a name that stand with a pathway, wherever the message tells of it."""
    key = pathway_key(scope)
    for found in every(scope, "PTH"):
        if pathway_key(scope.inside(found)) == key:
            top = next(iter(_tops(scope.facts, found.steps)))
            yield from above(scope.facts, found.steps, name)
            yield from inside(scope.facts, top, name)


def _tops(facts: Facts, steps: Steps) -> Iterator[Steps]:
    """The outermost goal, problem or pathway a segment stands in."""
    for name in ("GOL", "PRB", "PTH"):
        for found in above(facts, steps, name):
            if len(found.steps) == 2:
                yield found.steps


def _loose(scope: Scope, name: str) -> Iterator[Found]:
    """Segments of a name in groups without a pathway."""
    for found in every(scope, name):
        top = found.steps[:2]
        if top[0] != "PTH" and next(inside(scope.facts, top, "PTH"), None) is None:
            yield found


def pathway_goals(scope: Scope) -> Iterator[Found]:
    """References to the goals of a pathway."""
    return _goals(scope, _around(scope, "GOL"))


def pathway_problems(scope: Scope) -> Iterator[Found]:
    """References to the problems of a pathway."""
    return _problems(scope, _around(scope, "PRB"))


def pathway_reviews(scope: Scope) -> Iterator[Found]:
    """References to the next reviews of a pathway's goals."""
    return _reviews(scope, _around(scope, "GOL"))


def loose_goals(scope: Scope) -> Iterator[Found]:
    """References to the goals that stand in no pathway."""
    return _goals(scope, _loose(scope, "GOL"))


def loose_problems(scope: Scope) -> Iterator[Found]:
    """References to the problems of goals that stand in no pathway."""
    held = _loose(scope, "PRB")
    with_goal = (found for found in held if _has_goal(scope.facts, found.steps))
    return _problems(scope, with_goal)


def loose_reviews(scope: Scope) -> Iterator[Found]:
    """References to the next reviews of goals that stand in no pathway."""
    return _reviews(scope, _loose(scope, "GOL"))


def _has_goal(facts: Facts, steps: Steps) -> bool:
    top = steps[:2]
    return top[0] == "GOL" or next(inside(facts, top, "GOL"), None) is not None


def _goals(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    return _referred("Goal", scope, found, goal.goal_key, "4")


def _problems(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    return _referred("Condition", scope, found, problem.problem_key, "4")


def _reviews(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    planned = (one for one in found if goal.has_review(scope.inside(one)))
    return _referred("ServiceRequest", scope, planned, goal.review_key, "13")


def _referred(
    kind: str, scope: Scope, found: Iterator[Found], key_of: Any, field: str
) -> Iterator[Found]:
    seen = set()
    for one in found:
        key = key_of(scope.inside(one))
        if key not in seen and problem.operation(one.value) != "unlink":
            seen.add(key)
            yield Found((*one.steps, field), {"reference": local_reference(kind, key)})


def team(scope: Scope) -> Iterator[Found]:
    """A reference to the team, where the message names one."""
    if has_team(scope):
        yield Found((), {"reference": local_reference("CareTeam", team_key(scope))})


def author(scope: Scope) -> Iterator[Found]:
    """The first ROL of a pathway that is an author."""
    for index, entry in enumerate(scope.element.get("ROL", ())):
        who = types.practitioner(entry.get("4", ""))
        if who and (first(entry.get("3")) or "").upper() in codes.AUTHOR_ROLES:
            yield Found((*scope.here.steps, "ROL", index, "4"), who)
            return


def members(scope: Scope) -> Iterator[Found]:
    """Every ROL of the message that is not the person."""
    for found in every(scope, "ROL"):
        if len(found.steps) == 2:
            continue
        if (first(found.value.get("3")) or "").upper() in codes.PERSON_ROLES:
            continue
        if types.practitioner(found.value.get("4", "")):
            yield found


def member(entry: dict[str, Any]) -> dict[str, Any]:
    """One who takes part: role, who, from when to when; ROL-2 DE ends it."""
    made: dict[str, Any] = {}
    role = types.concept(entry.get("3", ""))
    if role:
        made["role"] = [role]
    made["member"] = types.practitioner(entry.get("4", ""))
    period = {
        name: at
        for name, field in (("start", "5"), ("end", "6"))
        if entry.get(field) and (at := times.when(entry[field]))
    }
    return made | ({"period": period} if period else {})


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
    labels=sensitivity.of_visit,
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
        Row("plan.problems", "addresses[+]", gather=pathway_problems),
        Row("plan.goals", "goal[+]", gather=pathway_goals),
        Row("plan.reviews", "activity[+].reference", gather=pathway_reviews),
        *problem.NOTES,
    ),
)

LOOSE_PLAN: Final = Target(
    "CarePlan",
    name="plan",
    when=has_loose_goals,
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
        Row("loose.problems", "addresses[+]", gather=loose_problems),
        Row("loose.goals", "goal[+]", gather=loose_goals),
        Row("loose.reviews", "activity[+].reference", gather=loose_reviews),
        Row(
            "loose.note",
            "note[0].text",
            value="Put together by the gateway from goals the hospital sent without a pathway.",
            why="derived is said to be derived",
        ),
    ),
)

TEAM: Final = Target(
    "CareTeam",
    name="team",
    when=has_team,
    key=team_key,
    category=Category.TEAM,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=ROLE_PLACES,
    adds=("participant",),
    rows=(
        Row("team.name", "name", value="Hospital team", why="the source names no team"),
        Row("team.member", "participant[+]", gather=members, fn=member),
    ),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Operations that are in no table."""
    for found in every(scope, "PTH"):
        yield from problem.unknown_operation(found)
