"""Goals: GOL, with its notes, observations, roles and reviews, to Goal.

In      PGL messages (GOL at the root), PPP, PPG and PPR (GOL under a problem or a pathway).
Out     A Goal for each GOL, once however often it stands; an Observation for each OBX under it
        as an outcome; a ServiceRequest for the next review (GOL-13).
Rule    GOL-1 DE makes lifecycleStatus entered-in-error; else GOL-18, a modifier: a word that is
        not in the table quarantines the message. Where GOL-18 is empty and GOL-16 says
        achieved it is completed; else the mood (GOL-22) says whether it is only intended or
        proposed; where nothing was ever said, active.
Source  HL7 v2 chapter 12; there is no published map of GOL to Goal.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.codes import decides_by
from mappings.core.model.outcome import Fold, Issue, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.core.model.systems import GOAL_AIM
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import problem, sensitivity, types
from mappings.hospital.rows.keys import goal_key, operation, problem_key, review_key
from mappings.hospital.rows.observation import observation, observed
from mappings.hospital.rows.tree import above, inside
from mappings.hospital.rows.whole import every, person_id
from mappings.terms.access import Category
from mappings.terms.saying import InOneLanguage

PLACES: Final = ("GOL[]", "PTH[].GOL[]", "PRB[].GOL[]", "PTH[].PRB[].GOL[]")
FIELDS: Final = tuple(
    str(n) for n in (1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22)
)


def each_goal(scope: Scope) -> Iterator[Found]:
    """Each goal of the message once."""
    return problem.told_once(scope, "GOL", goal_key)


def lifecycle(scope: Scope) -> Iterator[Found]:
    """DE in GOL-1; else GOL-18; else GOL-16 where it says achieved; else the mood of GOL-22."""
    entry, steps = scope.element, scope.here.steps
    if operation(entry) == "delete":
        yield Found((*steps, "1"), "operation DE")
    elif said := _word(entry.get("18")):
        yield Found((*steps, "18"), said)
    elif (first(entry.get("16")) or "").casefold() == "achieved":
        yield Found((*steps, "16"), "Achieved")
    elif (mood := (first(entry.get("22")) or "").upper()) in codes.GOAL_MOODS:
        yield Found((*steps, "22"), f"mood {mood}")


def _word(field: str | None) -> str | None:
    """The words of a status, else its code."""
    for said in (component(field, 1), component(field, 2)):
        if said and codes.GOAL_STATE.find(said):
            return said
    return first(field)


def achieved(field: str) -> str | None:
    """The word of GOL-16 that is in the table, else its first."""
    for number in (1, 2):
        said = component(field, number)
        if said and codes.ACHIEVEMENT.find(said):
            return said
    return component(field, 2) or first(field)


def evaluation_note(field: str) -> dict[str, str] | None:
    """GOL-17 as a note."""
    return _labelled("Evaluation", words(field))


def target_note(field: str) -> dict[str, str] | None:
    """GOL-21, whom the goal is for, as a note; the record stays the person's."""
    return _labelled("For", words(field))


def target_type_note(field: str) -> dict[str, str] | None:
    """GOL-20, whether the goal is for the person, family or group, as a note."""
    return _labelled("Whose goal", component(field, 2) or first(field))


_AIM: Final = InOneLanguage(GOAL_AIM)


@decides_by(_AIM.rules)
def aim(field: str) -> dict[str, Any] | None:
    """What GOL-9 says the goal is for, in the words every sector shares; None where unknown."""
    return _AIM(component(field, 2), component(field, 1))


def _labelled(label: str, said: str | None) -> dict[str, str] | None:
    return {"text": f"{label}: {said}"} if said else None


def review_note(status: str | None, last: str | None, before: str | None) -> dict[str, str] | None:
    """GOL-11 (status of the review), 12 (latest review) and 14 (the one before) as a note."""
    parts = []
    if status and (said := component(status, 2) or first(status)):
        parts.append(f"Status of the review: {said}")
    for field, label in ((last, "Last reviewed"), (before, "Reviewed before")):
        if field and (at := times.day(field)):
            parts.append(f"{label} {at}")
    return {"text": "; ".join(parts)} if parts else None


def spoken_by(scope: Scope) -> Iterator[Found]:
    """Who put the goal into words: the person, or the first ROL that is an author."""
    for index, entry in enumerate(scope.element.get("ROL", ())):
        role = (first(entry.get("3")) or "").upper()
        steps = (*scope.here.steps, "ROL", index)
        if role in codes.PERSON_ROLES:
            person = local_reference("Patient", person_id(scope))
            yield Found((*steps, "3"), {"reference": person})
            return
        if role in codes.AUTHOR_ROLES and (who := types.practitioner(entry.get("4", ""))):
            yield Found((*steps, "4"), who)
            return


def problems_addressed(scope: Scope) -> Iterator[Found]:
    """The problems above and below the goal."""
    found = [*above(scope.facts, scope.here.steps, "PRB")]
    found += inside(scope.facts, scope.here.steps, "PRB")
    seen = set()
    for one in found:
        key = problem_key(scope.inside(one))
        if key not in seen and not problem.is_expected(scope.inside(one)):
            seen.add(key)
            yield Found((*one.steps, "4"), {"reference": local_reference("Condition", key)})


def each_outcome(scope: Scope) -> Iterator[Found]:
    """Each OBX directly under a goal."""
    for found in each_goal(scope):
        for index, entry in enumerate(found.value.get("OBX", ())):
            yield Found((*found.steps, "OBX", index), entry)


def outcome_key(scope: Scope) -> str:
    """The goal, and what was observed."""
    held = list(above(scope.facts, scope.here.steps, "GOL"))[-1]
    return joined_key(goal_key(scope.inside(held)), *observed(scope))


_TARGET: Final = (Row("target.due", "dueDate", ".", fn=times.day),)

GOAL: Final = Target(
    "Goal",
    each=each_goal,
    when=problem.states,
    key=goal_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=sensitivity.of_goal,
    reads=(
        *problem.below(PLACES, *FIELDS, *problem.NOTE_FIELDS, "ROL[].3", "ROL[].4"),
        "PV1[].16",
    ),
    defaults={"lifecycleStatus": "active"},
    adds=("addresses", "outcomeReference"),
    rows=(
        Row("goal.id", "identifier[0]", "4", fn=types.entity),
        Row("goal.state", "lifecycleStatus", gather=lifecycle, table=codes.GOAL_STATE),
        Row("goal.achieved", "achievementStatus", "16", fn=achieved, table=codes.ACHIEVEMENT),
        Row("goal.kind", "category[0]", "9", fn=types.concept),
        Row("goal.aim", "category[+]", "9", fn=aim),
        Row("goal.priority", "priority", "6", fn=types.priority),
        Row("goal.what", "description", "3", fn=types.concept, must=True),
        Row("goal.start", "startDate", "7", fn=times.day),
        Row("goal.target", "target[0]", "8", rows=_TARGET),
        Row("goal.state_on", "statusDate", "19", fn=times.day),
        Row("goal.by", "expressedBy", gather=spoken_by),
        Row("goal.problems", "addresses[+]", gather=problems_addressed),
        Row("goal.outcomes", "outcomeReference[+]", refers_to="outcome"),
        Row("goal.reviewed", "note[+]", ("11", "12", "14"), fn=review_note),
        Row("goal.evaluation", "note[+]", "17", fn=evaluation_note),
        Row("goal.whose", "note[+]", "20", fn=target_type_note),
        Row("goal.for", "note[+]", "21", fn=target_note),
        *problem.NOTES,
    ),
)

OUTCOME: Final = observation(
    "outcome",
    each_outcome,
    outcome_key,
    Category.CARE_PLAN,
    sensitivity.of_goal,
    tuple(f"{place}.OBX[]" for place in PLACES),
)


def has_review(scope: Scope) -> bool:
    """Whether a next review is planned."""
    return times.whole_day(scope.element.get("13")) is not None


def review_state(scope: Scope) -> Iterator[Found]:
    """Active; in error where the goal is taken back."""
    deleted = operation(scope.element) == "delete"
    yield Found((*scope.here.steps, "13"), "entered-in-error" if deleted else "active")


def reviewed_goal(scope: Scope) -> Iterator[Found]:
    """A reference to the goal."""
    reference = local_reference("Goal", goal_key(scope))
    yield Found((*scope.here.steps, "4"), {"reference": reference})


REVIEW: Final = Target(
    "ServiceRequest",
    name="review",
    each=each_goal,
    when=has_review,
    key=review_key,
    category=Category.CARE_PLAN,
    labels=sensitivity.of_goal,
    rows=(
        Row("review.state", "status", gather=review_state, must=True),
        Row("review.intent", "intent", value="plan", why="a review that is planned"),
        Row("review.what", "code.text", value="Review of the goal", why="GOL-13"),
        Row("review.on", "occurrenceDateTime", "13", fn=times.when),
        Row("review.goal", "supportingInfo[0]", gather=reviewed_goal),
    ),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Actions that are not taken; moods in no table. A goal without words is refused by its row."""
    for found in every(scope, "GOL"):
        yield from problem.refused_action(found)
        mood = (first(found.value.get("22")) or "").upper()
        if mood not in codes.GOAL_MOODS | codes.OTHER_MOODS:
            text = "this mood is not in table 0725; the goal's state is left to the rest"
            yield warning(show((*found.steps, "22")), "unmapped-code", text)
    yield from problem.told_twice(scope, "GOL", goal_key)
