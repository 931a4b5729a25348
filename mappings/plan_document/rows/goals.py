"""Needs and goals, with their baselines and reviews.

Out     A Condition for each need; a Goal for each goal and each stage of one, in the person's
        words; Observations for the baseline (which the Goal addresses) and the reviews (its
        outcomes). A review never rewrites the baseline.
"""

from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import elements
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping
from mappings.plan_document.rows.measured import worked_out
from mappings.plan_document.rows.sharing import sharing
from mappings.terms.access import Category

_NEED: Final = Concept(systems.CONDITION_KIND, "support-need", "Support need")

NEEDS: Final = Target(
    "Condition",
    name="need",
    each="needs[]",
    key=("/plan.id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
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

_TARGET: Final = (
    Row(
        "goal.measure",
        "target[0].measure",
        ("target.measure", "baseline.measure", "words", "target.value", "target.words"),
        fn=shaping.measured,
        why="where a target does not say what it measures, the baseline or the goal does",
    ),
    Row(
        "goal.scale",
        "target[0].measure.coding[+]",
        ("baseline.scale", "target.measure", "target.value", "target.words"),
        fn=shaping.target_scale,
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
        fn=shaping.words_alone,
    ),
    Row("goal.due", "target[0].dueDate", "target.by_date", fn=dates.fhir_date),
    Row(
        "goal.target_beside",
        "note[+]",
        ("target.value", "target.words"),
        fn=shaping.words_beside,
    ),
    Row(
        "goal.target_changed",
        "note[+]",
        "target.changed_because",
        fn=shaping.Note("Why the target was changed"),
    ),
)

GOALS: Final = Target(
    "Goal",
    each="goals[]",
    key=("/plan.id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    reads=("goals[].sharing", "goals[].baseline.unit", "goals[].reviews[].value"),
    rows=(
        Row("goal.id", "identifier[0]", "id", fn=elements.local_id),
        Row("goal.stage", "extension[+]", ("stage_of", "/plan.id"), fn=shaping.stage_of),
        Row("goal.state", "lifecycleStatus", "state", table=codes.GOAL_STATE, must=True),
        Row("goal.words", "description.text", "words", must=True),
        Row(
            "goal.progress",
            "achievementStatus",
            ("progress", "aim"),
            fn=shaping.progress,
            table=codes.PROGRESS,
        ),
        Row(
            "goal.progress_told",
            "achievementStatus",
            gather=worked_out,
            reads=("goals[].progress", "goals[].reviews[].value", "goals[].target.value"),
            fn=shaping.progress_told,
            why="where no progress is stated, it is what the measurements tell",
        ),
        Row("goal.aim", "category[+]", "aim", table=codes.AIM),
        Row("goal.outcome", "category[+]", "care_act_outcome", table=codes.CARE_ACT_OUTCOME),
        Row("goal.domain", "category[+]", "wellbeing_domain", table=codes.WELLBEING_DOMAIN),
        Row("goal.importance", "priority", "importance", fn=shaping.priority),
        Row("goal.started", "startDate", "started_on", fn=dates.fhir_date),
        *_TARGET,
        Row(
            "goal.success",
            "note[+]",
            "success_looks_like",
            fn=shaping.Note("What success looks like"),
        ),
        Row("goal.confidence", "note[+]", "confidence", fn=shaping.confidence),
        Row("goal.note", "note[+]", "note", fn=elements.annotation),
        Row(
            "goal.needs",
            "addresses[+]",
            gather=shaping.needs_named,
            reads=("goals[].need_ids",),
            fn=elements.ReferenceTo("Condition"),
        ),
        Row("goal.baseline", "addresses[+]", refers_to="baseline"),
        Row("goal.reviews", "outcomeReference[+]", refers_to="review"),
    ),
)

_MEASURED: Final = (
    Row("measure.status", "status", value="final", why="a measurement that was made"),
    Row("measure.scale", "code.coding[+]", "scale", fn=shaping.scale_coding),
    Row("measure.version", "method", "scale", fn=shaping.scale_version),
    Row("measure.value", "valueQuantity", ("value", "unit", "scale"), fn=shaping.score),
    Row("measure.absent", "dataAbsentReason", ("value", "scale"), fn=shaping.score_not_known),
    Row("measure.words", "valueString", ("value", "words"), fn=shaping.words_alone),
    Row("measure.beside", "note[+]", ("value", "words"), fn=shaping.words_beside),
    Row("measure.on", "effectiveDateTime", "on", fn=dates.fhir_date, must=True),
    Row("measure.by", "performer[0]", "by", fn=elements.display),
)

BASELINES: Final = Target(
    "Observation",
    name="baseline",
    each="goals[].baseline",
    key=("/plan.id", "../id", "=baseline"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(Row("baseline.measure", "code.text", "measure", must=True), *_MEASURED),
)

REVIEWS: Final = Target(
    "Observation",
    name="review",
    each="goals[].reviews[]",
    key=("/plan.id", "../id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    rows=(
        Row("review.id", "identifier[0]", "id", fn=elements.local_id),
        Row("review.measure", "code.text", "measure", must=True),
        Row(
            "review.rating",
            "note[+]",
            ("rating_by_person", "rating_by_worker"),
            fn=shaping.rating,
        ),
        *_MEASURED,
    ),
)
