"""The plan a GP record holds in pieces and its goals: to R4.

Rule    Everything here is derived and says so: in a tag and in a note. No plan is ever said to
        be completed, whatever a code is called.
"""

from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import states
from mappings.gp.rows import shaping
from mappings.gp.rows.drafting import (
    activities,
    drafts,
    goal_key,
    goal_labels,
    goal_problems,
    goal_state,
    goals,
    goals_of,
    head_words,
    incomplete,
    measure,
    parts,
    plan_dates,
    plan_key,
    plan_labels,
    plan_state,
    plan_title,
    plan_type,
    preference,
    superseded,
)
from mappings.gp.rows.looking_up import (
    PEOPLE,
    linked,
)
from mappings.gp.rows.plans_sent import words
from mappings.terms.access import Category

_AUTHORS: Final = PEOPLE | {"Organization"}
DERIVED: Final = {"system": systems.RECORD_TAG, "code": "derived", "display": "Derived"}
_HOW: Final = (
    "Derived: put together from coded entries of the GP record. The practice has not written it"
    " as a plan."
)

PLANS: Final = Target(
    "CarePlan",
    each=drafts,
    key=plan_key,
    category=Category.CARE_PLAN,
    labels=plan_labels,
    rows=(
        Row("plan.derived", "meta.tag[+]", value=DERIVED, why="GP records hold no CarePlan"),
        Row("plan.incomplete", "meta.tag[+]", gather=incomplete, reads=("List[].extension",)),
        Row("plan.status", "status", gather=plan_state, table=states.PLAN_STATUS, must=True,
            why="derived, and never completed"),
        Row("plan.intent", "intent", value="plan", why="what the practice intends"),
        Row("plan.type", "category[0]", gather=plan_type),
        Row("plan.title", "title", gather=plan_title),
        Row("plan.created", "created", gather=plan_dates("newest")),
        Row("plan.start", "period.start", gather=plan_dates("oldest")),
        Row("plan.author", "author", gather=linked("performer[]", _AUTHORS), fn=shaping.kept),
        Row("plan.requested", "author", gather=linked("requester.agent", _AUTHORS),
            fn=shaping.kept),
        Row("plan.needs", "addresses[+]", gather=parts("addresses")),
        Row("plan.with", "supportingInfo[+]", gather=parts("supporting")),
        Row("plan.goals", "goal[+]", gather=goals_of),
        Row("plan.activities", "activity[+]", gather=activities),
        Row("plan.how", "note[0].text", value=_HOW, why="what is derived says so"),
        Row("plan.words", "note[+]", gather=head_words, fn=shaping.words),
    ),
)  # fmt: skip

GOALS: Final = Target(
    "Goal",
    each=goals,
    key=goal_key,
    category=Category.CARE_PLAN,
    labels=goal_labels,
    rows=(
        Row("goal.derived", "meta.tag[+]", value=DERIVED, why="GP records hold no Goal"),
        Row("goal.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("goal.state", "lifecycleStatus", gather=goal_state, table=states.GOAL_STATUS,
            must=True),
        Row("goal.words", "description", "code", fn=shaping.concept, must=True),
        Row("goal.start", "startDate", "effectiveDateTime", fn=dates.fhir_date),
        Row("goal.preference", "category[+]", gather=preference, fn=words,
            why="a preference is no target: it has no measure to reach"),
        Row("goal.measure", "target[0].measure", gather=measure, fn=shaping.concept),
        Row("goal.target", "target[0].detailQuantity", "valueQuantity", fn=shaping.quantity),
        Row("goal.reason", "statusReason", gather=superseded),
        Row("goal.by", "expressedBy", gather=linked("performer[]", PEOPLE), fn=shaping.kept),
        Row("goal.needs", "addresses[+]", gather=goal_problems),
        Row("goal.note", "note[+]", "comment", fn=shaping.words),
    ),
)  # fmt: skip
