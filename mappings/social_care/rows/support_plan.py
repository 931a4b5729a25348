"""Support plan document to FHIR R4: the rows a social worker and a clinician sign off.

In      SupportPlan (message/support_plan.py): one person's whole plan.
Out     Patient; CarePlan; a Condition for each need; a Goal for each goal, in the person's
        words, with its baseline and reviews as Observations; a ServiceRequest for each action;
        a Flag for each safety instruction; a Provenance for each agreement.
Errors  a plan, goal or action state that is not in its table quarantines the document.
Rule    Who may see the plan, or a goal of it, holds for whatever belongs to it (`sharing`).
Source  Support plan document 1; PRSB Personalised Care and Support Plan 2.0; FHIR R4.
"""

from typing import Final

from mappings.core import dates, elements, systems
from mappings.core.codes import Concept
from mappings.core.rows import Kind, Row, Target
from mappings.social_care.codes import support_plan as codes
from mappings.social_care.rows import support_plan_parts as parts
from mappings.terms.access import Category

_NEED: Final = Concept(systems.CONDITION_KIND, "support-need", "Support need")


def _in_plan(path: str) -> tuple[str, str]:
    return ("/plan.id", path)


_PATIENT: Final = Target(
    "Patient",
    category=Category.DEMOGRAPHICS,
    rows=(
        Row("person.local", "identifier[+]", "person.local_id", fn=elements.local_id),
        Row("person.nhs", "identifier[+]", "person.nhs_number", fn=elements.nhs_number),
        Row("person.family", "name[0].family", "person.family_name"),
        Row("person.given", "name[0].given[+]", "person.given_names[]"),
        Row("person.called", "name[1].text", "person.likes_to_be_called"),
        Row(
            "person.interpreter",
            "extension[0]",
            "person.interpreter_needed",
            fn=parts.interpreter,
        ),
        Row("person.gender", "gender", "person.gender", table=codes.GENDER),
        Row("person.born", "birthDate", "person.birth_date", fn=dates.fhir_date),
        Row("person.address", "address[0].line[+]", "person.address.lines[]"),
        Row("person.postcode", "address[0].postalCode", "person.address.postcode"),
        Row("person.phone", "telecom[0]", "person.phone", fn=parts.telephone),
        Row(
            "person.language",
            "communication[0].language",
            "person.language",
            fn=elements.text_of,
        ),
    ),
)

_PLAN: Final = Target(
    "CarePlan",
    key=("plan.id",),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    reads=("plan.sharing",),
    rows=(
        Row("plan.id", "identifier[0]", "plan.id", fn=elements.local_id),
        Row("plan.status", "status", "plan.state", table=codes.PLAN_STATE, must=True),
        Row("plan.intent", "intent", value="plan", why="the document states what is intended"),
        Row("plan.type", "category[0]", "plan.type", table=codes.PLAN_TYPE),
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
        Row("plan.matters", "note[+]", "plan.what_matters", fn=parts.what_matters),
        Row("plan.strengths", "note[+]", "plan.strengths", fn=parts.strengths),
        Row(
            "plan.contingency",
            "note[+]",
            "plan.if_things_get_worse",
            fn=parts.if_things_get_worse,
        ),
    ),
)

_NEEDS: Final = Target(
    "Condition",
    name="need",
    each="needs[]",
    key=_in_plan("id"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    reads=("needs[].sharing",),
    rows=(
        Row(
            "need.status",
            "clinicalStatus",
            value=Concept(systems.CONDITION_CLINICAL, "active", "Active").concept(),
            why="a need that is named is a need",
        ),
        Row("need.kind", "category[0]", value=_NEED.concept(), why="a need, not a diagnosis"),
        Row("need.id", "identifier[0]", "id", fn=elements.local_id),
        Row("need.words", "code.text", "words", must=True),
        Row("need.outcome", "category[+]", "care_act_outcome", table=codes.CARE_ACT_OUTCOME),
    ),
)

_GOALS: Final = Target(
    "Goal",
    each="goals[]",
    key=_in_plan("id"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    reads=("goals[].sharing",),
    rows=(
        Row("goal.id", "identifier[0]", "id", fn=elements.local_id),
        Row("goal.state", "lifecycleStatus", "state", table=codes.GOAL_STATE, must=True),
        Row("goal.words", "description.text", "words", must=True),
        Row("goal.progress", "achievementStatus", "progress", table=codes.PROGRESS),
        Row("goal.aim", "category[+]", "aim", table=codes.AIM),
        Row("goal.outcome", "category[+]", "care_act_outcome", table=codes.CARE_ACT_OUTCOME),
        Row("goal.domain", "category[+]", "wellbeing_domain", table=codes.WELLBEING_DOMAIN),
        Row("goal.importance", "priority", "importance", fn=parts.priority),
        Row("goal.started", "startDate", "started_on", fn=dates.fhir_date),
        Row(
            "goal.measure",
            "target[0].measure",
            ("target.measure", "baseline.measure", "words", "target.value", "target.words"),
            fn=parts.measured,
            why="where a target does not say what it measures, the baseline or the goal does",
        ),
        Row(
            "goal.target",
            "target[0].detailQuantity",
            ("target.value", "target.unit"),
            fn=elements.quantity,
        ),
        Row(
            "goal.target_words",
            "target[0].detailString",
            ("target.value", "target.words"),
            fn=parts.words_alone,
        ),
        Row("goal.due", "target[0].dueDate", "target.by_date", fn=dates.fhir_date),
        Row(
            "goal.target_beside",
            "note[+]",
            ("target.value", "target.words"),
            fn=parts.words_beside,
        ),
        Row("goal.success", "note[+]", "success_looks_like", fn=parts.success),
        Row("goal.note", "note[+]", "note", fn=elements.annotation),
        Row(
            "goal.needs",
            "addresses[+]",
            gather=parts.needs_named,
            reads=("goals[].need_ids",),
            fn=elements.ReferenceTo("Condition"),
        ),
        Row("goal.baseline", "addresses[+]", refers_to="baseline"),
        Row("goal.reviews", "outcomeReference[+]", refers_to="review"),
    ),
)

_MEASURED: Final = (
    Row("measure.status", "status", value="final", why="a measurement that was made"),
    Row("measure.value", "valueQuantity", ("value", "unit"), fn=elements.quantity),
    Row("measure.words", "valueString", ("value", "words"), fn=parts.words_alone),
    Row("measure.beside", "note[+]", ("value", "words"), fn=parts.words_beside),
    Row("measure.on", "effectiveDateTime", "on", fn=dates.fhir_date, must=True),
    Row("measure.by", "performer[0]", "by", fn=elements.display),
)

_BASELINES: Final = Target(
    "Observation",
    name="baseline",
    each="goals[].baseline",
    key=("/plan.id", "../id", "=baseline"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    rows=(Row("baseline.measure", "code.text", "measure", must=True), *_MEASURED),
)

_REVIEWS: Final = Target(
    "Observation",
    name="review",
    each="goals[].reviews[]",
    key=("/plan.id", "../id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    rows=(
        Row("review.id", "identifier[0]", "id", fn=elements.local_id),
        Row("review.measure", "code.text", "measure", must=True),
        Row(
            "review.rating",
            "note[+]",
            ("rating_by_person", "rating_by_worker"),
            fn=parts.rating,
        ),
        *_MEASURED,
    ),
)

_ACTIONS: Final = Target(
    "ServiceRequest",
    name="action",
    each="actions[]",
    key=_in_plan("id"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    reads=("actions[].sharing",),
    rows=(
        Row("action.id", "identifier[0]", "id", fn=elements.local_id),
        Row("action.state", "status", "state", table=codes.ACTION_STATE, must=True),
        Row("action.intent", "intent", value="plan", why="an action of a plan"),
        Row("action.what", "code.text", "what", must=True),
        Row("action.when", "occurrenceTiming.code.text", "when"),
        Row(
            "action.starts",
            "occurrenceTiming.repeat.boundsPeriod.start",
            "starts_on",
            fn=dates.fhir_date,
        ),
        Row(
            "action.ends",
            "occurrenceTiming.repeat.boundsPeriod.end",
            "ends_on",
            fn=dates.fhir_date,
        ),
        Row("action.who", "performer[0]", ("who", "who_ods"), fn=parts.performer),
        Row(
            "action.goals",
            "supportingInfo[+]",
            gather=parts.goals_named,
            reads=("actions[].goal_ids",),
            fn=elements.ReferenceTo("Goal"),
        ),
        Row("action.words", "note[+]", "state", fn=parts.state_in_words),
    ),
)

_SAFETY: Final = Target(
    "Flag",
    name="safety",
    each="safety[]",
    key=_in_plan("id"),
    category=Category.SAFETY,
    labels=parts.sharing,
    reads=("safety[].sharing",),
    rows=(
        Row("safety.status", "status", value="active", why="an instruction in the current plan"),
        Row("safety.kind", "category[0]", "kind", table=codes.SAFETY_KIND),
        Row("safety.id", "identifier[0]", "id", fn=elements.local_id),
        Row("safety.words", "code.text", "instruction", must=True),
    ),
)

_AGREEMENTS: Final = Target(
    "Provenance",
    name="agreement",
    each="plan.agreed[]",
    key=("/plan.id", "who", "on"),
    category=Category.SUPPORT_PLAN,
    labels=parts.sharing,
    rows=(
        Row("agreement.plan", "target[0]", "/plan.id", fn=elements.ReferenceTo("CarePlan")),
        Row("agreement.on", "occurredDateTime", "on", fn=dates.fhir_date, must=True),
        Row("agreement.recorded", "recorded", "/written_at", fn=dates.fhir_instant, must=True),
        Row("agreement.what", "activity.text", value="agreed", why="the field lists who agreed"),
        Row("agreement.who", "agent[0].who", ("who", "relation"), fn=parts.agreed_by),
    ),
)

SUPPORT_PLAN: Final = Kind(
    name="support-plan",
    title="Support plan document",
    targets=(
        _PATIENT,
        _PLAN,
        _NEEDS,
        _GOALS,
        _BASELINES,
        _REVIEWS,
        _ACTIONS,
        _SAFETY,
        _AGREEMENTS,
    ),
    person=parts.person,
    named_at="person.local_id",
    time=parts.time,
    check=parts.rules,
    whole=parts.plan_id,
    reads=("written_at", "plan.sharing"),
    ignored={
        "document": "says which document this is; read to recognise it",
        "version": "version of the document, not of the plan",
        "plan.funding": "cost and funding are not shared with the team; kept with the delivery",
        "needs[].eligible": "the council's decision on a need, not the need itself",
    },
)
