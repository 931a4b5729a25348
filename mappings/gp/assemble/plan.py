"""The plans a GP record holds in pieces: which there are, and what belongs to each.

In      The indexed record.
Out     A PlanDraft for each sort of plan the record gives a sign of, and one for the record
        itself where it has diary entries or targets and no general plan; the state of each
        target.
Rule    A plan of a special kind (end of life, advance, cancer) holds only what its own codes
        say, and for the end of life the active problems of that kind; diary entries, referrals,
        targets and active major problems stand in the general plan. Each activity and each goal
        stands in one plan, in one that is sent as such where it names it. Nothing is dropped for
        being old.
Source  docs/mappings/gp.md; codes in mappings/gp/codes/plans.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.paths import Steps
from mappings.gp.assemble.record import Record
from mappings.gp.assemble.times import day_of, issued_of, moment_of
from mappings.gp.codes import plans as codes

_NOT_SAID: Final = frozenset({"entered-in-error", "cancelled"})
IN_USE: Final = "in-use"
NOTHING_OPEN: Final = "nothing-open"
WRONG: Final = "entered-in-error"

_GOALS: Final = codes.TARGET_CODES | codes.PREFERENCES
_OPEN: Final = frozenset({"active", "unknown", "draft", "suspended"})
_NEWEST: Final = "newest"
_SUPERSEDED: Final = "superseded"


@dataclass(slots=True)
class PlanDraft:
    """One plan: where its newest sign stands, and what belongs to it, by place."""

    type: codes.PlanType
    state: str = IN_USE
    head: Steps = ()
    evidence: list[Steps] = field(default_factory=list)
    addresses: list[Steps] = field(default_factory=list)
    goals: list[Steps] = field(default_factory=list)
    activities: list[Steps] = field(default_factory=list)
    supporting: list[Steps] = field(default_factory=list)


@dataclass(slots=True)
class Plans:
    """Every plan of a record."""

    drafts: dict[Steps, PlanDraft] = field(default_factory=dict)
    """By the place of the newest sign; `()` for the plan that is only implied."""
    goal_states: dict[Steps, str] = field(default_factory=dict)
    plan_of: dict[Steps, PlanDraft] = field(default_factory=dict)
    """The plan each goal stands in."""
    overdue: dict[Steps, str] = field(default_factory=dict)
    """Place of a diary entry -> the day it was due."""


def snomed_codes(concept: Any) -> Iterator[str]:
    """The SNOMED CT codes of a CodeableConcept."""
    held = concept.get("coding") if isinstance(concept, dict) else None
    for coding in held if isinstance(held, list) else ():
        if isinstance(coding, dict) and coding.get("system") == systems.SNOMED_CT:
            yield str(coding.get("code", ""))


def is_preference(observation: dict[str, Any]) -> bool:
    """Whether it says what the person prefers."""
    return any(code in codes.PREFERENCES for code in snomed_codes(observation.get("code")))


def is_diary_entry(request: dict[str, Any]) -> bool:
    """Whether a ProcedureRequest says what is planned, not that a test was ordered."""
    return request.get("intent") in ("plan", "proposal")


def assemble(record: Record) -> Plans:
    """Every plan of the record."""
    states = sorted(_goal_states(record), key=lambda one: int(one[0][1]))
    plans = Plans(goal_states=dict(states), overdue=dict(_overdue(record)))
    by_name = _signs(record)
    elsewhere = set(_in_plans_sent(record))
    activities = [
        (steps, resource)
        for section in ("ProcedureRequest", "ReferralRequest")
        for steps, resource in record.sound(section)
        if steps not in elsewhere and (section == "ReferralRequest" or is_diary_entry(resource))
    ]
    coded = [by_name[name] for name in ("personal", "agreed") if name in by_name]
    general = next((draft for draft in coded if draft.state == IN_USE), None)
    diary = [one for steps, one in activities if steps[0] == "ProcedureRequest"]
    dying = by_name.get(codes.END_OF_LIFE.name)
    wishes = [steps for steps in plans.goal_states if is_preference(record.get(steps))]
    if dying is None or dying.state != IN_USE:
        dying, wishes = None, []
    targets = {steps: state for steps, state in states if steps not in wishes}
    if general is None and (targets or diary):
        is_open = _NEWEST in targets.values() or any(map(_is_open, diary))
        state = IN_USE if is_open else NOTHING_OPEN
        general = by_name["record"] = PlanDraft(codes.RECORD, state)
    _share_out(record, by_name, general, activities)
    if dying is not None:
        dying.goals = wishes
        dying.addresses = list(_problems_of_dying(record))
    if general is not None:
        general.goals = list(targets)
        general.addresses = list(_active_major_problems(record))
    for draft in by_name.values():
        plans.drafts[draft.head] = draft
        plans.plan_of |= dict.fromkeys(draft.goals, draft)
    return plans


def _signs(record: Record) -> dict[str, PlanDraft]:
    """A draft for each sort of plan that a code names, its newest sign at its head.

    A sort of plan whose every sign was entered in error is a plan entered in error.
    """
    found: dict[str, list[tuple[str, str, Steps]]] = {}
    wrong: dict[str, list[tuple[str, str, Steps]]] = {}
    types: dict[str, codes.PlanType] = {}
    for section, element in (
        ("Observation", "code"),
        ("ProcedureRequest", "code"),
        ("DocumentReference", "type"),
    ):
        for steps, resource in record.sound(section):
            for code in snomed_codes(resource.get(element)):
                kind = codes.PLAN_CODES.get(code)
                if kind:
                    types[kind.name] = kind
                    when = (moment_of(resource), issued_of(resource), steps)
                    said = resource.get("status") not in _NOT_SAID
                    (found if said else wrong).setdefault(kind.name, []).append(when)
                    break
    made = {}
    for name, signs in (wrong | found).items():
        evidence = [steps for _, _, steps in sorted(signs, key=_by_time, reverse=True)]
        state = IN_USE if name in found else WRONG
        made[name] = PlanDraft(types[name], state, evidence[0], evidence)
    return made


def _in_plans_sent(record: Record) -> Iterator[Steps]:
    """What is an activity of a plan that is sent as one: it stands there."""
    for _, sent in record.sound("CarePlan"):
        for activity in sent.get("activity") or ():
            if (place := record.place_of(activity.get("reference"))) is not None:
                yield place


def _is_open(request: dict[str, Any]) -> bool:
    return request.get("status") in _OPEN


def _by_time(sign: tuple[str, str, Steps]) -> tuple[str, str, str, int]:
    return sign[0], sign[1], str(sign[2][0]), int(sign[2][1])


def _share_out(
    record: Record,
    by_name: dict[str, PlanDraft],
    general: PlanDraft | None,
    activities: list[tuple[Steps, dict[str, Any]]],
) -> None:
    """Each activity, and each thing a plan is made on, to the one plan it belongs to."""
    for steps, resource in activities:
        named = (codes.PLAN_CODES.get(code) for code in snomed_codes(resource.get("code")))
        special = next((by_name.get(kind.name) for kind in named if kind), None)
        home = special if special and special.state == IN_USE else general
        if home is not None:
            home.activities.append(steps)
    end_of_life = by_name.get(codes.END_OF_LIFE.name)
    for steps, resource in record.sound("Observation"):
        held = codes.SUPPORTING_CODES & set(snomed_codes(resource.get("code")))
        if held and resource.get("status") not in _NOT_SAID:
            home = general
            if end_of_life and end_of_life.state == IN_USE and held & codes.END_OF_LIFE_CODES:
                home = end_of_life
            if home is not None:
                home.supporting.append(steps)


def _goal_states(record: Record) -> Iterator[tuple[Steps, str]]:
    """The state of each target and preference: of every measure, the newest is pursued."""
    measured: dict[str, list[tuple[str, str, Steps]]] = {}
    for steps, resource in record.sound("Observation"):
        measure = next(
            (_GOALS[code] for code in snomed_codes(resource.get("code")) if code in _GOALS), None
        )
        if measure and resource.get("status") in _NOT_SAID:
            yield steps, resource["status"]
        elif measure:
            when = (moment_of(resource), issued_of(resource), steps)
            measured.setdefault(measure, []).append(when)
    for measure, targets in measured.items():
        newest = max(targets, key=_by_time)
        together = measure in codes.PREFERENCES.values()
        for one in targets:
            is_newest = one == newest or (together and one[0][:10] == newest[0][:10])
            yield one[2], _NEWEST if is_newest else _SUPERSEDED


def _active_major_problems(record: Record) -> Iterator[Steps]:
    for steps, resource in record.sound("Condition"):
        if _is_active(resource) and _significance(resource) == "major":
            yield steps


def _problems_of_dying(record: Record) -> Iterator[Steps]:
    """Active problems that are, or head, an entry about the end of life."""
    for steps, resource in record.sound("Condition"):
        headed = (
            record.get(place).get("code")
            for extension in resource.get("extension") or ()
            if "ActualProblem" in str(extension.get("url"))
            and (place := record.place_of(extension.get("valueReference")))
        )
        said = {code for one in (resource.get("code"), *headed) for code in snomed_codes(one)}
        if _is_active(resource) and said & codes.END_OF_LIFE_CODES:
            yield steps


def _is_active(problem: dict[str, Any]) -> bool:
    word = str(problem.get("clinicalStatus", "")).strip().lower()
    is_wrong = problem.get("verificationStatus") in ("entered-in-error", "refuted")
    return word in ("active", "recurrence") and not is_wrong


def _significance(resource: dict[str, Any]) -> str:
    for extension in resource.get("extension") or ():
        if "ProblemSignificance" in str(extension.get("url")):
            return str(extension.get("valueCode", "")).lower()
    return ""


def _overdue(record: Record) -> Iterator[tuple[Steps, str]]:
    """Diary entries whose day was over when the record was made."""
    for steps, resource in record.sound("ProcedureRequest"):
        period = resource.get("occurrencePeriod") or {}
        due = day_of(resource.get("occurrenceDateTime") or period.get("end") or period.get("start"))
        is_open = is_diary_entry(resource) and _is_open(resource)
        if due and is_open and due < record.made_on:
            yield steps, due
