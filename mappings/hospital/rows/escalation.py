"""What stands beside a resuscitation decision: the plan with its answers, and its team.

In      ORM messages that state or end a decision (decision.py), with the answers to its questions.
Out     A CarePlan (treatment escalation) with the answers; a CareTeam of those named in them.
Rule    Ended by a person, the plan is revoked. Closed by the system at discharge, it is completed,
        and says that the decision is to be reviewed.
Source  Published messages of an English acute trust.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Fold, UnreadableValueError
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes import orders as codes
from mappings.hospital.message import times
from mappings.hospital.rows import orders, sensitivity, types
from mappings.hospital.rows.answers import Answer, answers, asked
from mappings.hospital.rows.decision import decision_key, each_decision, is_stated, is_taken_back
from mappings.hospital.rows.orders import sent
from mappings.terms import plans
from mappings.terms.access import Category

_CLOSED: Final = (
    "Closed by the hospital's system at discharge. Nobody took the decision back: review it."
)


def has_team(scope: Scope) -> bool:
    """Whether a decision that is stated names people."""
    return is_stated(scope) and any(True for _ in members(scope))


def team_key(scope: Scope) -> str:
    """The decision: it has one team."""
    return joined_key(decision_key(scope), "team")


def notes(scope: Scope) -> Iterator[Found]:
    """Each answer that names nobody and is no review date, and words without a question."""
    aside = (*codes.TEAM_QUESTIONS, codes.REVIEW_QUESTION)
    for one in answers(scope):
        if not any(one.asks(beginning) for beginning in aside):
            yield Found(one.steps, {"text": one.said})


def members(scope: Scope) -> Iterator[Found]:
    """Everybody the answers name, with what they are."""
    for beginning, role in codes.TEAM_QUESTIONS.items():
        for one in asked(scope, beginning):
            for name, place in zip(one.lines, one.places, strict=True):
                yield Found(place, (role, name))


def member(value: tuple[str, str]) -> dict[str, Any]:
    """One of the team, by name."""
    role, name = value
    return {"role": [{"text": role}], "member": {"type": "Practitioner", "display": name}}


def review(scope: Scope) -> Iterator[Found]:
    """When the decision is to be reviewed, in the words of the answer."""
    return (
        Found(one.steps, _review(one)) for one in asked(scope, codes.REVIEW_QUESTION) if one.lines
    )


def _review(answer: Answer) -> dict[str, Any]:
    """An activity that says nothing but that the plan is reviewed: a day, else the words."""
    detail: dict[str, Any] = {"description": "Review of the decision"}
    said = "; ".join(answer.lines)
    try:
        return detail | {
            "status": "scheduled",
            "scheduledPeriod": {"end": dates.fhir_date(said)},
        }
    except UnreadableValueError:
        return detail | {"status": "not-started", "scheduledString": said}


def to_consent(scope: Scope) -> Iterator[Found]:
    """A reference to the Consent of the decision."""
    reference = local_reference("Consent", decision_key(scope))
    yield Found((*scope.here.steps, "4"), {"reference": reference})


def closed(scope: Scope) -> Iterator[Found]:
    """That the system closed it, where no person did."""
    if orders.is_closed_by_system(scope):
        yield Found(("MSH", 0, "8"), {"text": _CLOSED})


_PLAN: Final = (
    Row("escalation.number", "identifier[+]", gather=sent("OBR-2 ORC-2"), fn=types.entity),
    Row("escalation.filler", "identifier[+]", gather=sent("OBR-3 ORC-3"), fn=types.entity),
    Row("escalation.state", "status", gather=orders.state, table=codes.ORDER_STATE),
    Row("escalation.intent", "intent", value="plan", why="what is intended if things get worse"),
    Row(
        "escalation.kind",
        "category[0]",
        value=plans.ESCALATION_PLAN.concept(),
        why="a resuscitation order says how far treatment goes",
    ),
    Row("escalation.title", "title", "4", fn=orders.title),
    Row("escalation.start", "period.start", gather=orders.wanted_at, fn=times.when),
    Row("escalation.author", "author", gather=sent("ORC-12 OBR-16"), fn=types.practitioner),
)


PLAN: Final = Target(
    "CarePlan",
    name="escalation",
    each=each_decision,
    when=is_stated,
    key=decision_key,
    category=Category.CARE_PLAN,
    labels=sensitivity.of_visit,
    defaults={"status": "unknown"},
    rows=(
        *_PLAN,
        Row("escalation.decision", "supportingInfo[0]", gather=to_consent),
        Row("escalation.team", "careTeam[+]", refers_to="deciders"),
        Row("escalation.review", "activity[+].detail", gather=review),
        Row("escalation.answers", "note[+]", gather=notes),
    ),
)


ENDED: Final = Target(
    "CarePlan",
    name="escalation-ended",
    each=each_decision,
    when=is_taken_back,
    key=decision_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    adds=("period", "note"),
    rows=(
        *_PLAN,
        Row("escalation.end", "period.end", gather=sent("ORC-9"), fn=times.when),
        Row("escalation.answers", "note[+]", gather=notes),
        Row("escalation.closed", "note[+]", gather=closed),
    ),
)


TEAM: Final = Target(
    "CareTeam",
    name="deciders",
    each=each_decision,
    when=has_team,
    key=team_key,
    category=Category.TEAM,
    labels=sensitivity.of_visit,
    rows=(
        Row(
            "deciders.name",
            "name",
            value="Team of the resuscitation decision",
            why="the source names no team",
        ),
        Row("deciders.member", "participant[+]", gather=members, fn=member),
    ),
)
