"""Plans, goals and teams that are sent as such: STU3 CarePlan, Goal and CareTeam to R4.

Rule    No GP Connect record holds them today; a system that sends them says the plan itself, and
        it stands beside the plans derived from coded entries.
Source  FHIR STU3 (3.0.2) and R4 (4.0.1), and HL7's maps between them.
"""

from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import states
from mappings.gp.rows import shaping
from mappings.gp.rows.looking_up import (
    ANYTHING,
    PEOPLE,
    PERFORMERS,
    is_sound,
    key,
    labels,
    labels_of_holder,
    labels_with_plan,
    linked,
)
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_CONDITION: Final = frozenset({"Condition"})
_PLAN: Final = frozenset({"CarePlan"})
_GOAL: Final = frozenset({"Goal"})
_TEAM: Final = frozenset({"CareTeam"})
_AUTHORS: Final = PEOPLE | {"Organization", "CareTeam"}
_REASONS: Final = frozenset({"Condition", "Observation", "DocumentReference"})
_GOAL_REASONS: Final = frozenset({"Condition", "Observation", "MedicationStatement"}) | {
    "ServiceRequest"
}
_ACTIVITY: Final = frozenset({"ServiceRequest"})

_MOVED: Final = ("goal-category", "goal-priority", "care-team-category")
_STU3: Final = "http://hl7.org/fhir/"
_R4: Final = "http://terminology.hl7.org/CodeSystem/"


def concept(value: Any) -> dict[str, Any] | None:
    """A CodeableConcept; HL7's own codes in R4's systems."""
    made = shaping.concept(value)
    for coding in (made or {}).get("coding", ()):
        name = str(coding.get("system")).removeprefix(_STU3)
        if name in _MOVED:
            coding["system"] = _R4 + name
    return made


def achievement(status: Any) -> dict[str, Any] | None:
    """How a goal goes, which STU3 says in its status; the word is kept."""
    code = states.ACHIEVEMENT.get(status)
    return Concept(systems.GOAL_ACHIEVEMENT, code).concept(status) if code else None


def words(text: Any) -> dict[str, str] | None:
    """A CodeableConcept of words alone."""
    return {"text": text} if text else None


def _linked(path: str, to: str, root: str, allowed: frozenset[str], name: str) -> Row:
    """A row for the references at a path of a resource."""
    return Row(
        name,
        to,
        gather=linked(path, allowed),
        reads=(f"{root}.{path.removesuffix('[]')}",),
        fn=shaping.kept,
    )


_ROOT: Final = "CarePlan[]"
_IN_ACTIVITY: Final = f"{_ROOT}.activity[]"
_IN_DETAIL: Final = f"{_IN_ACTIVITY}.detail"

_DETAIL: Final = (
    Row("detail.code", "code", "code", fn=shaping.concept),
    Row("detail.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
    _linked("reasonReference[]", "reasonReference[+]", _IN_DETAIL, _REASONS, "detail.because"),
    _linked("goal[]", "goal[+]", _IN_DETAIL, _GOAL, "detail.goal"),
    Row("detail.status", "status", "status", table=states.ACTIVITY_STATUS, must=True),
    Row("detail.status_words", "statusReason", "statusReason", fn=words),
    Row("detail.not", "doNotPerform", "prohibited"),
    Row("detail.timing", "scheduledTiming", "scheduledTiming"),
    Row("detail.during", "scheduledPeriod", "scheduledPeriod", fn=shaping.period),
    Row("detail.when", "scheduledString", "scheduledString"),
    _linked("location", "location", _IN_DETAIL, frozenset({"Location"}), "detail.where"),
    _linked("performer[]", "performer[+]", _IN_DETAIL, PERFORMERS, "detail.who"),
    Row("detail.product", "productCodeableConcept", "productCodeableConcept",
        fn=shaping.concept),
    Row("detail.daily", "dailyAmount", "dailyAmount", fn=shaping.quantity),
    Row("detail.quantity", "quantity", "quantity", fn=shaping.quantity),
    Row("detail.words", "description", "description"),
)  # fmt: skip

CARE_PLANS: Final = Target(
    "CarePlan",
    name="plan sent",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.CARE_PLAN,
    labels=labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        Row("careplan.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        _linked("basedOn[]", "basedOn[+]", _ROOT, _PLAN, "careplan.based"),
        _linked("replaces[]", "replaces[+]", _ROOT, _PLAN, "careplan.replaces"),
        _linked("partOf[]", "partOf[+]", _ROOT, _PLAN, "careplan.part"),
        Row("careplan.status", "status", "status", table=states.CARE_PLAN_STATUS, must=True),
        Row("careplan.intent", "intent", "intent", table=states.CARE_PLAN_INTENT, must=True),
        Row("careplan.type", "category[+]", "category[]", fn=shaping.concept),
        Row("careplan.title", "title", "title"),
        Row("careplan.words", "description", "description"),
        _linked("context", "encounter", _ROOT, _ENCOUNTER, "careplan.encounter"),
        Row("careplan.period", "period", "period", fn=shaping.period),
        _linked("author[0]", "author", _ROOT, _AUTHORS, "careplan.author"),
        _linked("author[1]", "contributor[+]", _ROOT, _AUTHORS, "careplan.contributor"),
        _linked("careTeam[]", "careTeam[+]", _ROOT, _TEAM, "careplan.team"),
        _linked("addresses[]", "addresses[+]", _ROOT, _CONDITION, "careplan.needs"),
        _linked("supportingInfo[]", "supportingInfo[+]", _ROOT, ANYTHING, "careplan.with"),
        _linked("goal[]", "goal[+]", _ROOT, _GOAL, "careplan.goals"),
        Row("careplan.activity", "activity[+]", "activity[]", rows=(
            Row("activity.outcome", "outcomeCodeableConcept[+]", "outcomeCodeableConcept[]",
                fn=shaping.concept),
            _linked("outcomeReference[]", "outcomeReference[+]", _IN_ACTIVITY, ANYTHING,
                "activity.result"),
            Row("activity.progress", "progress[+]", "progress[]", fn=shaping.annotation),
            _linked("reference", "reference", _IN_ACTIVITY, _ACTIVITY, "activity.request"),
            Row("activity.detail", "detail", "detail", rows=_DETAIL),
        )),
        Row("careplan.note", "note[+]", "note[]", fn=shaping.annotation),
    ),
)  # fmt: skip


def _goal(root: str) -> tuple[Row, ...]:
    return (
        Row("aim.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("aim.status", "lifecycleStatus", "status", table=states.SENT_GOAL_STATUS, must=True),
        Row("aim.progress", "achievementStatus", "status", fn=achievement),
        Row("aim.type", "category[+]", "category[]", fn=concept),
        Row("aim.priority", "priority", "priority", fn=concept),
        Row("aim.words", "description", "description", fn=shaping.concept, must=True),
        Row("aim.start", "startDate", "startDate", fn=dates.fhir_date),
        Row("aim.start_event", "startCodeableConcept", "startCodeableConcept",
            fn=shaping.concept),
        Row("aim.target", "target[0]", "target", rows=(
            Row("target.measure", "measure", "measure", fn=shaping.concept),
            Row("target.quantity", "detailQuantity", "detailQuantity", fn=shaping.quantity),
            Row("target.range", "detailRange", "detailRange", fn=shaping.range_of),
            Row("target.concept", "detailCodeableConcept", "detailCodeableConcept",
                fn=shaping.concept),
            Row("target.due", "dueDate", "dueDate", fn=dates.fhir_date),
            Row("target.within", "dueDuration", "dueDuration", fn=shaping.quantity),
        )),
        Row("aim.when", "statusDate", "statusDate", fn=dates.fhir_date),
        Row("aim.why", "statusReason", "statusReason"),
        _linked("expressedBy", "expressedBy", root, PEOPLE, "aim.by"),
        _linked("addresses[]", "addresses[+]", root, _GOAL_REASONS, "aim.needs"),
        Row("aim.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("aim.outcome", "outcomeCode[+]", "outcomeCode[]", fn=shaping.concept),
        _linked("outcomeReference[]", "outcomeReference[+]", root,
            frozenset({"Observation"}), "aim.result"),
    )  # fmt: skip


GOALS: Final = Target(
    "Goal",
    name="goal sent",
    each="Goal[]",
    when=is_sound,
    key=key,
    category=Category.CARE_PLAN,
    labels=labels_with_plan,
    reads=("Goal[].meta.security", "Goal[].extension"),
    rows=_goal("Goal[]"),
)


def is_goal_inside(scope: Scope) -> bool:
    """Whether it is a sound goal that stands inside a plan."""
    return is_sound(scope) and scope.element.get("resourceType") == "Goal"


_INSIDE: Final = f"{_ROOT}.contained[]"

GOALS_INSIDE: Final = Target(
    "Goal",
    name="goal inside a plan",
    each=_INSIDE,
    when=is_goal_inside,
    key=key,
    category=Category.CARE_PLAN,
    labels=labels_of_holder,
    reads=(f"{_INSIDE}.meta.security", f"{_INSIDE}.extension"),
    rows=_goal(_INSIDE),
)

CARE_TEAMS: Final = Target(
    "CareTeam",
    name="team sent",
    each="CareTeam[]",
    when=is_sound,
    key=key,
    category=Category.TEAM,
    labels=labels,
    reads=("CareTeam[].meta.security", "CareTeam[].extension"),
    rows=(
        Row("team.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("team.status", "status", "status", table=states.TEAM_STATUS),
        Row("team.type", "category[+]", "category[]", fn=concept),
        Row("team.name", "name", "name"),
        _linked("context", "encounter", "CareTeam[]", _ENCOUNTER, "team.encounter"),
        Row("team.period", "period", "period", fn=shaping.period),
        Row("team.member", "participant[+]", "participant[]", rows=(
            Row("member.role", "role[+]", "role", fn=shaping.concept),
            _linked("member", "member", "CareTeam[].participant[]", _AUTHORS, "member.who"),
            _linked("onBehalfOf", "onBehalfOf", "CareTeam[].participant[]",
                frozenset({"Organization"}), "member.for"),
            Row("member.period", "period", "period", fn=shaping.period),
        )),
        Row("team.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        _linked("reasonReference[]", "reasonReference[+]", "CareTeam[]", _CONDITION,
            "team.because"),
        _linked("managingOrganization[]", "managingOrganization[+]", "CareTeam[]",
            frozenset({"Organization"}), "team.of"),
        Row("team.note", "note[+]", "note[]", fn=shaping.annotation),
    ),
)  # fmt: skip
