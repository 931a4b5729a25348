"""The plan itself: what it is, what is done when things go wrong, who agreed it, its reviews.

Out     CarePlan; a second CarePlan for the contingency; a Provenance for each agreement; an
        Observation for each review of the plan as a whole.
Rule    A review's verdict stays with the plan: it is given to no goal.
"""

from typing import Final

from mappings.core.model import dates
from mappings.core.model.codes import Concept
from mappings.core.model.rows import Row, Target
from mappings.core.model.systems import OBSERVATION_CATEGORY
from mappings.core.shaping import elements
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping
from mappings.plan_document.rows.sharing import sharing
from mappings.terms import plans
from mappings.terms.access import Category

PLAN: Final = Target(
    "CarePlan",
    key=("plan.id", "=plan"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    reads=("plan.sharing",),
    rows=(
        Row("plan.id", "identifier[0]", "plan.id", fn=elements.local_id),
        Row("plan.status", "status", "plan.state", table=codes.PLAN_STATE, must=True),
        Row("plan.intent", "intent", value="plan", why="the document states what is intended"),
        Row("plan.type", "category[0]", "plan.type", table=codes.PLAN_TYPE),
        Row("plan.tier", "category[+]", "plan.tier", table=codes.TIER),
        Row("plan.band", "category[+]", "plan.band", table=codes.BAND),
        Row("plan.title", "title", "plan.title"),
        Row("plan.created", "created", "plan.created_on", fn=dates.fhir_date),
        Row("plan.start", "period.start", "plan.starts_on", fn=dates.fhir_date),
        Row("plan.end", "period.end", "plan.ends_on", fn=dates.fhir_date),
        Row("plan.lead", "author", "plan.lead", fn=elements.display),
        Row("plan.needs", "addresses[+]", refers_to="need"),
        Row("plan.goals", "goal[+]", refers_to="Goal"),
        Row("plan.actions", "activity[+].reference", refers_to="action"),
        Row(
            "plan.review",
            "activity[+].detail",
            "plan.review_by",
            rows=(
                Row("review.status", "status", value="scheduled", why="a review date was agreed"),
                Row(
                    "review.what",
                    "description",
                    value="Review of the plan",
                    why="the field names the day the plan is reviewed",
                ),
                Row("review.by", "scheduledPeriod.end", ".", fn=dates.fhir_date),
            ),
        ),
        Row("plan.matters", "note[+]", "plan.what_matters", fn=shaping.Note("What matters to me")),
        Row("plan.strengths", "note[+]", "plan.strengths", fn=shaping.Note("Strengths")),
        Row(
            "plan.contingency",
            "note[+]",
            "plan.if_things_get_worse",
            fn=shaping.Note("If things get worse"),
        ),
        Row("plan.can", "note[+]", "plan.carer.can", fn=shaping.Note("I can")),
        Row("plan.cannot", "note[+]", "plan.carer.cannot", fn=shaping.Note("I cannot")),
        Row("plan.ask", "note[+]", "plan.carer.ask_first", fn=shaping.Note("Ask me first")),
    ),
)

CONTINGENCY: Final = Target(
    "CarePlan",
    name="contingency",
    each="plan.contingency",
    key=("/plan.id", "=contingency"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    reads=("plan.contingency.sharing",),
    rows=(
        Row("contingency.status", "status", "/plan.state", table=codes.PLAN_STATE, must=True),
        Row("contingency.intent", "intent", value="plan", why="what is to be done if"),
        Row(
            "contingency.type",
            "category[0]",
            value=plans.CONTINGENCY_PLAN.concept(),
            why="the field holds what is done when things go wrong",
        ),
        Row("contingency.of", "partOf[0]", "/plan.id", fn=shaping.plan_ref),
        Row("contingency.what", "description", "what_to_do", must=True),
        Row("contingency.signs", "note[+]", "signs", fn=shaping.Note("Signs")),
        Row("contingency.call", "note[+]", "whom_to_call", fn=shaping.Note("Call")),
    ),
)

_AGREED: Final = (
    Row("agreement.on", "occurredDateTime", "on", fn=dates.fhir_date, must=True),
    Row("agreement.recorded", "recorded", "/written_at", fn=dates.fhir_instant, must=True),
    Row("agreement.what", "activity.text", value="agreed", why="the field lists who agreed"),
    Row("agreement.who", "agent[0].who", ("who", "relation"), fn=shaping.agreed_by),
)

AGREEMENTS: Final = Target(
    "Provenance",
    name="agreement",
    each="plan.agreed[]",
    key=("/plan.id", "who", "on"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(
        Row("agreement.plan", "target[0]", "/plan.id", fn=shaping.plan_ref, must=True),
        *_AGREED,
    ),
)

GOAL_AGREEMENTS: Final = Target(
    "Provenance",
    name="goal agreement",
    each="goals[].agreed[]",
    key=("/plan.id", "../id", "who", "on"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(
        Row("agreement.goal", "target[0]", ("../id", "/plan.id"), fn=shaping.goal_of, must=True),
        *_AGREED,
    ),
)

PLAN_REVIEWS: Final = Target(
    "Observation",
    name="plan review",
    each="plan.reviews[]",
    key=("/plan.id", "=plan", "=review", "id"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(
        Row("verdict.id", "identifier[0]", "id", fn=elements.local_id),
        Row("verdict.status", "status", value="final", why="a review that was made"),
        Row(
            "verdict.category",
            "category[0]",
            value=Concept(OBSERVATION_CATEGORY, "survey", "Survey").concept(),
            why="a judgement made at a review",
        ),
        Row(
            "verdict.what",
            "code.text",
            value="Outcomes of the plan as a whole, at its review",
            why="the field's meaning",
        ),
        Row("verdict.plan", "basedOn[0]", "/plan.id", fn=shaping.plan_ref),
        Row("verdict.value", "valueCodeableConcept", "outcome", table=codes.VERDICT, must=True),
        Row("verdict.on", "effectiveDateTime", "on", fn=dates.fhir_date, must=True),
        Row("verdict.by", "performer[0]", "by", fn=elements.display),
        Row("verdict.words", "note[+]", "words", fn=elements.annotation),
    ),
)
