"""The published shape of the plan document (docs/schemas is generated from it).

In      One JSON document: the person, the plan, needs, goals in the person's words, actions,
        baselines and reviews. It states the whole plan: what it no longer names is withdrawn.
Rule    Nothing that was in version 1 from its start may be taken away; what is added is optional.
Source  Our own contract, after PRSB Personalised Care and Support Plan 2.0.
"""

from typing import Literal

from pydantic import Field

from mappings.plan_document import codes
from mappings.plan_document.message.fields import (
    DAY,
    NONE,
    Shared,
    Strict,
    maybe,
    name,
    word,
    word_if_known,
)
from mappings.terms.instruments import INSTRUMENTS


class Address(Strict):
    """Where the person lives."""

    lines: list[str] = Field(default=NONE, description="Address lines, first line first")
    postcode: str | None = None


class Adjustment(Shared):
    """What others must do differently for the person, wherever they meet them."""

    kind: str = word(codes.ADJUSTMENT, "A word of the adjustment table")
    words: str = name("What to do, in plain words: write in large print; a quiet room")


class SharingWish(Strict):
    """What the person said of who may see their record: heard, and for a person to review."""

    words: str = name("What the person said, in their own words")
    on: str = name(DAY)
    wish: str | None = word_if_known(codes.SHARING_WISH, "A word of the sharing-wish table")
    about: str | None = maybe("Whom or what it was about: my daughter, the hospital")
    told_to: str | None = maybe("Name and role of who was told")


class Person(Strict):
    """Whose plan it is."""

    local_id: str | None = Field(default=None, description="Your own number for the person")
    nhs_number: str | None = Field(default=None, description="Ten digits, blanks allowed")
    birth_date: str | None = Field(default=None, description=DAY)
    family_name: str | None = None
    given_names: list[str] = NONE
    likes_to_be_called: str | None = None
    gender: str | None = word_if_known(codes.GENDER, "A word of the gender table")
    address: Address | None = None
    phone: str | None = None
    language: str | None = Field(default=None, description="Language code (BCP 47), such as ur")
    interpreter_needed: bool | None = None
    religion: str | None = maybe("In the person's own words")
    adjustments: list[Adjustment] = NONE
    sharing: list[SharingWish] = Field(
        default=NONE,
        description="What the person said about sharing: it asks for a review, and decides nothing"
        " by itself. A refusal or a permission takes effect as a Consent; `sharing` of the plan or"
        " of a part narrows who sees it at once",
    )


class Measure(Strict):
    """One measurement of how things are."""

    measure: str = name("What is measured, in plain words")
    value: float | None = None
    unit: str | None = Field(default=None, description="Plain unit, such as metres or per week")
    scale: str | None = Field(
        default=None,
        description="Name and version of the scale, or its SNOMED CT code; its range is checked",
        examples=list(INSTRUMENTS),
    )
    words: str | None = Field(default=None, description="Where a number does not say it")
    on: str = name(DAY)
    by: str | None = Field(default=None, description="Name and role of who measured")


class Aim(Strict):
    """What a measurement should become."""

    measure: str | None = Field(default=None, description="Where it is not the baseline's")
    value: float | None = None
    unit: str | None = None
    words: str | None = None
    by_date: str | None = Field(default=None, description=DAY)
    changed_because: str | None = maybe("Why it is another target than before")


class Review(Measure):
    """A look at a goal after its start."""

    id: str = name("Your own name for this review, unique within its goal")
    rating_by_person: str | None = Field(default=None, description="The person's own verdict")
    rating_by_worker: str | None = None


class Agreement(Strict):
    """Who agreed, and when."""

    who: str = name("Their name")
    relation: str | None = Field(default=None, description="the person, daughter, social worker")
    on: str = name(DAY)


class Need(Shared):
    """Something the person needs support with."""

    id: str = name("Your own name for this need, unique within the plan")
    words: str = name("The need in the person's words")
    care_act_outcome: str | None = word_if_known(codes.CARE_ACT_OUTCOME, "Care Act outcome")
    eligible: bool | None = Field(default=None, description="Eligible under the Care Act")


class Goal(Shared):
    """Something the person wants."""

    id: str = name("Your own name for this goal, unique within the plan")
    words: str = name("The goal in the person's words")
    state: str = word(codes.GOAL_STATE, "A word of the goal-state table")
    need_ids: list[str] = Field(default=NONE, description="Needs of this document it meets")
    stage_of: str | None = maybe("The goal of this document that this one is a stage of")
    aim: str | None = word_if_known(codes.AIM, "A word of the aim table")
    care_act_outcome: str | None = word_if_known(codes.CARE_ACT_OUTCOME, "Care Act outcome")
    wellbeing_domain: str | None = word_if_known(codes.WELLBEING_DOMAIN, "Wellbeing domain")
    importance: int | None = Field(default=None, ge=1, le=10, description="10 matters most")
    confidence: int | None = Field(
        default=None, ge=1, le=10, description="How sure the person is to get there; 10 is sure"
    )
    success_looks_like: str | None = None
    started_on: str | None = None
    baseline: Measure | None = None
    target: Aim | None = None
    progress: str | None = word_if_known(
        codes.PROGRESS, "A word of the progress table; without one it is worked out"
    )
    reviews: list[Review] = NONE
    agreed: list[Agreement] = Field(default=NONE, description="Who agreed this goal, and when")
    note: str | None = None


class Cost(Strict):
    """What an action costs; shown only to those who need it."""

    amount: float = Field(description="In pounds")
    per: str | None = maybe("hour, visit, week; the whole where nothing is said")


class Action(Shared):
    """What is done, by whom, when, where."""

    id: str = name("Your own name for this action, unique within the plan")
    what: str = name("What is done, in plain words")
    service: str | None = word_if_known(codes.SERVICE, "A word of the service table")
    who: str | None = None
    who_ods: str | None = Field(default=None, description="ODS code of who provides it")
    where: str | None = maybe("At home, at the day centre, by telephone")
    when: str | None = Field(default=None, description="In plain words: mornings, 30 minutes")
    days: list[str] = Field(
        default=NONE, description="The days agreed", examples=[list(codes.DAY.rows)]
    )
    times: list[str] = Field(default=NONE, description="The times agreed: 08:30", examples=[[]])
    minutes: int | None = Field(default=None, ge=1, description="How long each time")
    tasks: list[str] = Field(default=NONE, description="The tasks agreed, in plain words")
    goal_ids: list[str] = Field(default=NONE, description="Goals of this document it serves")
    state: str = word(codes.ACTION_STATE, "A word of the action-state table")
    starts_on: str | None = None
    ends_on: str | None = None
    funding: str | None = word_if_known(codes.FUNDING, "A word of the funding table")
    funded_by: str | None = maybe("Who pays, or holds the money")
    cost: Cost | None = None


class PlanReview(Strict):
    """A review of the plan as a whole; it says nothing of a single goal."""

    id: str = name("Your own name for this review, unique within the plan")
    on: str = name(DAY)
    by: str | None = maybe("Name and role")
    outcome: str = word(codes.VERDICT, "A word of the review table")
    words: str | None = maybe("What was said, and what changes")


class Contingency(Shared):
    """What is done when things go wrong."""

    signs: list[str] = Field(default=NONE, description="What shows that things get worse")
    what_to_do: str = name("In plain words")
    whom_to_call: str | None = None


class Carer(Strict):
    """In a carer's own plan: what they offer."""

    can: list[str] = Field(default=NONE, description="What I can do")
    cannot: list[str] = Field(default=NONE, description="What I cannot do")
    ask_first: list[str] = Field(default=NONE, description="What I am to be asked about first")


class Aftercare(Strict):
    """Aftercare under section 117 of the Mental Health Act 1983 that is owed to the person."""

    since: str = name(DAY)
    ended_on: str | None = maybe("When both bodies decided that it is no longer needed")
    owed_by: str | None = maybe("Which council and which NHS body")
    words: str | None = maybe("What it is for, in plain words")


class Plan(Shared):
    """The plan itself."""

    id: str = name("Your own number for the plan")
    type: str = word(codes.PLAN_TYPE, "A word of the plan-type table")
    state: str = word(codes.PLAN_STATE, "A word of the plan-state table")
    tier: str | None = word_if_known(codes.TIER, "A word of the tier table")
    band: str | None = word_if_known(codes.BAND, "Of a child's plan")
    title: str | None = None
    created_on: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    review_by: str | None = None
    what_matters: str | None = Field(default=None, description="What matters to the person")
    strengths: str | None = None
    if_things_get_worse: str | None = None
    contingency: Contingency | None = None
    carer: Carer | None = None
    lead: str | None = Field(default=None, description="Lead contact: name and role")
    agreed: list[Agreement] = NONE
    reviews: list[PlanReview] = NONE
    funding: str | None = word_if_known(
        codes.FUNDING, "A word of the funding table, or your own; shown only to those who need it"
    )
    funded_by: str | None = maybe("Who pays, or holds the money")
    aftercare: Aftercare | None = None


class SafetyInstruction(Shared):
    """What anyone who visits must know."""

    id: str = name("Your own name for this instruction, unique within the plan")
    kind: str = word(codes.SAFETY_KIND, "A word of the safety table")
    instruction: str = name("What to do, or not to do")


class HomeAccess(Shared):
    """How to get into the person's home: shown to who visits, near a visit, and to the person."""

    id: str = name("Your own name for this way in, unique within the plan")
    kind: str = word(codes.HOME_ACCESS, "A word of the home-access table")
    code: str = name("The code itself; put it in no other field")
    where: str | None = maybe("Where it is, and what else to know: by the side door")


class PlanDocument(Strict):
    """One plan, whole."""

    document: Literal["support-plan"]
    version: Literal["1"]
    written_at: str = name("When this state of the plan was written, ISO 8601")
    person: Person
    plan: Plan
    needs: list[Need] = NONE
    goals: list[Goal] = NONE
    actions: list[Action] = NONE
    safety: list[SafetyInstruction] = NONE
    home_access: list[HomeAccess] = NONE
