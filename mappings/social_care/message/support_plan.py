"""The support plan document: what a council or a care provider knows of one person's plan.

In      One JSON document: the person, the plan, needs, goals in the person's words, actions,
        baselines and reviews. It states the whole plan: what it no longer names is withdrawn.
Out     One Item; its facts are the document as sent. `SupportPlan` is its published shape
        (docs/schemas/support-plan.schema.json is generated from it).
Errors  NotThisFormatError where it is not such a document; issues by path where a field is
        wrong.
Rule    A text that is only blanks was not sent.
Source  Our own contract, after PRSB Personalised Care and Support Plan 2.0.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mappings.core.codes import CodeTable
from mappings.core.json_body import read_json
from mappings.core.outcome import Issue, Item, NotThisFormatError, error
from mappings.core.paths import dotted
from mappings.social_care.codes import support_plan as codes

MEDIA_TYPES: Final = ("application/json",)
KIND: Final = "support-plan"
_NOT_BLANK: Final = r"\S"


class _Strict(BaseModel):
    """Unknown fields are kept and reported, not lost; errors never quote what was sent."""

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _word(table: CodeTable, description: str) -> Any:
    """A word of a table; the published schema binds where the table does."""
    words: list[Any] = list(table.rows)
    if table.required:
        return Field(description=description, min_length=1, json_schema_extra={"enum": words})
    return Field(description=description, min_length=1, pattern=_NOT_BLANK, examples=words)


def _word_if_known(table: CodeTable, description: str) -> Any:
    return Field(default=None, description=description, examples=list(table.rows))


def _name(description: str) -> Any:
    return Field(description=description, min_length=1, pattern=_NOT_BLANK)


class _Shared(_Strict):
    """Something whose audience can be narrowed; what belongs to it is narrowed with it."""

    sharing: list[str] = Field(
        default=[],
        description="Words of the sharing table; none means as any other part of the plan",
        examples=[list(codes.SHARING.rows)],
    )


class Address(_Strict):
    """Where the person lives."""

    lines: list[str] = Field(default=[], description="Address lines, first line first")
    postcode: str | None = None


class Person(_Strict):
    """Whose plan it is."""

    local_id: str | None = Field(default=None, description="Your own number for the person")
    nhs_number: str | None = Field(default=None, description="Ten digits, blanks allowed")
    birth_date: str | None = Field(default=None, description="YYYY-MM-DD")
    family_name: str | None = None
    given_names: list[str] = []
    likes_to_be_called: str | None = None
    gender: str | None = _word_if_known(codes.GENDER, "A word of the gender table")
    address: Address | None = None
    phone: str | None = None
    language: str | None = Field(default=None, description="Language code (BCP 47), such as ur")
    interpreter_needed: bool | None = None


class Measure(_Strict):
    """One measurement of how things are."""

    measure: str = _name("What is measured, in plain words")
    value: float | None = None
    unit: str | None = Field(default=None, description="Plain unit, such as metres or per week")
    words: str | None = Field(default=None, description="Where a number does not say it")
    on: str = _name("YYYY-MM-DD")
    by: str | None = Field(default=None, description="Name and role of who measured")


class Aim(_Strict):
    """What a measurement should become."""

    measure: str | None = Field(default=None, description="Where it is not the baseline's")
    value: float | None = None
    unit: str | None = None
    words: str | None = None
    by_date: str | None = Field(default=None, description="YYYY-MM-DD")


class Review(Measure):
    """A look at a goal after its start."""

    id: str = _name("Your own name for this review, unique within its goal")
    rating_by_person: str | None = Field(default=None, description="The person's own verdict")
    rating_by_worker: str | None = None


class Need(_Shared):
    """Something the person needs support with."""

    id: str = _name("Your own name for this need, unique within the plan")
    words: str = _name("The need in the person's words")
    care_act_outcome: str | None = _word_if_known(codes.CARE_ACT_OUTCOME, "Care Act outcome")
    eligible: bool | None = Field(default=None, description="Eligible under the Care Act")


class Goal(_Shared):
    """Something the person wants."""

    id: str = _name("Your own name for this goal, unique within the plan")
    words: str = _name("The goal in the person's words")
    state: str = _word(codes.GOAL_STATE, "A word of the goal-state table")
    need_ids: list[str] = Field(default=[], description="Needs of this document it meets")
    aim: str | None = _word_if_known(codes.AIM, "A word of the aim table")
    care_act_outcome: str | None = _word_if_known(codes.CARE_ACT_OUTCOME, "Care Act outcome")
    wellbeing_domain: str | None = _word_if_known(codes.WELLBEING_DOMAIN, "Wellbeing domain")
    importance: int | None = Field(default=None, ge=1, le=10, description="10 matters most")
    success_looks_like: str | None = None
    started_on: str | None = None
    baseline: Measure | None = None
    target: Aim | None = None
    progress: str | None = _word_if_known(codes.PROGRESS, "A word of the progress table")
    reviews: list[Review] = []
    note: str | None = None


class Action(_Shared):
    """What is done, by whom, when."""

    id: str = _name("Your own name for this action, unique within the plan")
    what: str = _name("What is done, in plain words")
    who: str | None = None
    who_ods: str | None = Field(default=None, description="ODS code of who provides it")
    when: str | None = Field(default=None, description="In plain words: mornings, 30 minutes")
    goal_ids: list[str] = Field(default=[], description="Goals of this document it serves")
    state: str = _word(codes.ACTION_STATE, "A word of the action-state table")
    starts_on: str | None = None
    ends_on: str | None = None


class Agreement(_Strict):
    """Who agreed the plan, and when."""

    who: str = _name("Their name")
    relation: str | None = Field(default=None, description="the person, daughter, social worker")
    on: str = _name("YYYY-MM-DD")


class Plan(_Shared):
    """The plan itself."""

    id: str = _name("Your own number for the plan")
    type: str = _word(codes.PLAN_TYPE, "A word of the plan-type table")
    state: str = _word(codes.PLAN_STATE, "A word of the plan-state table")
    title: str | None = None
    created_on: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    review_by: str | None = None
    what_matters: str | None = Field(default=None, description="What matters to the person")
    strengths: str | None = None
    if_things_get_worse: str | None = None
    lead: str | None = Field(default=None, description="Lead contact: name and role")
    agreed: list[Agreement] = []
    funding: str | None = Field(default=None, description="Kept with the plan, not shared")


class SafetyInstruction(_Shared):
    """What anyone who visits must know."""

    id: str = _name("Your own name for this instruction, unique within the plan")
    kind: str = _word(codes.SAFETY_KIND, "A word of the safety table")
    instruction: str = _name("What to do, or not to do")


class SupportPlan(_Strict):
    """One support plan, whole."""

    document: Literal["support-plan"]
    version: Literal["1"]
    written_at: str = _name("When this state of the plan was written, ISO 8601")
    person: Person
    plan: Plan
    needs: list[Need] = []
    goals: list[Goal] = []
    actions: list[Action] = []
    safety: list[SafetyInstruction] = []


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like a support plan document."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and b'"support-plan"' in body


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The one item; its wrong fields as issues."""
    if len(members) != 1:
        raise NotThisFormatError("", "a support plan is one document, not several files")
    facts = _without_blanks(read_json(next(iter(members.values()))))
    if not isinstance(facts, dict) or facts.get("document") != KIND:
        raise NotThisFormatError("document", "not a support plan document")
    return iter((Item(KIND, 1, facts, tuple(_faults(facts))),))


def _faults(facts: dict[str, Any]) -> Iterator[Issue]:
    try:
        SupportPlan.model_validate(facts)
    except ValidationError as broken:
        for fault in broken.errors(include_input=False, include_url=False, include_context=False):
            path = dotted(fault["loc"])
            if fault["type"] in _ABSENT:
                yield error(path, "missing", "needed and not sent")
            else:
                yield error(path, "wrong-type", _OTHER_TYPE)


def _without_blanks(node: Any) -> Any:
    """The document with every text that is only blanks as an empty one."""
    if isinstance(node, dict):
        return {name: _without_blanks(child) for name, child in node.items()}
    if isinstance(node, list):
        return [_without_blanks(child) for child in node]
    return "" if isinstance(node, str) and not node.strip() else node


_ABSENT: Final = ("missing", "string_too_short")
_OTHER_TYPE: Final = "not what the support plan schema asks for at this place"
