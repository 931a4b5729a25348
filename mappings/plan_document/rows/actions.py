"""What is done, what it costs, and what anyone who visits must know.

Out     A ServiceRequest for each action, with the tasks, days and times agreed; a Coverage for
        the plan and for each action that says who pays; a Flag for each safety instruction.
Rule    Money stands on a shelf of its own: no other resource refers to it.
"""

from typing import Final

from mappings.core.model import dates
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import elements
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping, ways_in
from mappings.plan_document.rows.sharing import sharing, whatever_the_plan
from mappings.terms.access import Category

_WHEN: Final = (
    Row("action.when", "occurrenceTiming.code.text", "when"),
    Row(
        "action.starts",
        "occurrenceTiming.repeat.boundsPeriod.start",
        "starts_on",
        fn=dates.fhir_date,
    ),
    Row("action.ends", "occurrenceTiming.repeat.boundsPeriod.end", "ends_on", fn=dates.fhir_date),
    Row("action.days", "occurrenceTiming.repeat.dayOfWeek[+]", "days[]", table=codes.DAY),
    Row("action.times", "occurrenceTiming.repeat.timeOfDay[+]", "times[]", fn=shaping.time_of_day),
    Row("action.minutes", "occurrenceTiming.repeat.duration", "minutes"),
    Row("action.unit", "occurrenceTiming.repeat.durationUnit", "minutes", fn=shaping.in_minutes),
)

ACTIONS: Final = Target(
    "ServiceRequest",
    name="action",
    each="actions[]",
    key=("/plan.id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=ways_in.part_of_plan,
    reads=("actions[].sharing",),
    rows=(
        Row("action.id", "identifier[0]", "id", fn=elements.local_id),
        Row("action.state", "status", "state", table=codes.ACTION_STATE, must=True),
        Row("action.intent", "intent", value="plan", why="an action of a plan"),
        Row("action.service", "category[0]", "service", table=codes.SERVICE),
        Row("action.what", "code.text", "what", must=True),
        Row("action.tasks", "orderDetail[+]", "tasks[]", fn=elements.text_of),
        *_WHEN,
        Row("action.where", "locationCode[0]", "where", fn=elements.text_of),
        Row("action.who", "performer[0]", ("who", "who_ods"), fn=shaping.performer),
        Row(
            "action.goals",
            "supportingInfo[+]",
            gather=shaping.goals_named,
            reads=("actions[].goal_ids",),
            fn=elements.ReferenceTo("Goal"),
        ),
        Row("action.words", "note[+]", "state", fn=shaping.Note("State in the source's words")),
    ),
)

_MONEY: Final = (
    Row("money.status", "status", value="active", why="part of the current plan"),
    Row("money.kind", "type", "funding", table=codes.FUNDING),
    Row("money.payor", "payor[0]", ("funding", "funded_by", "id"), fn=shaping.payor, must=True),
)

PLAN_MONEY: Final = Target(
    "Coverage",
    name="plan money",
    each="plan",
    key=("/plan.id", "=money"),
    when=shaping.has_money,
    category=Category.FINANCE,
    labels=sharing,
    rows=_MONEY,
)

ACTION_MONEY: Final = Target(
    "Coverage",
    name="action money",
    each="actions[]",
    key=("/plan.id", "id", "=money"),
    when=shaping.has_money,
    category=Category.FINANCE,
    labels=sharing,
    rows=(
        *_MONEY,
        Row("money.for", "extension[+]", ("id", "/plan.id"), fn=shaping.action_of),
        Row("money.cost", "extension[+]", ("cost.amount", "cost.per"), fn=shaping.cost),
    ),
)

SAFETY: Final = Target(
    "Flag",
    name="safety",
    each="safety[]",
    key=("/plan.id", "id"),
    category=Category.SAFETY,
    labels=whatever_the_plan,
    reads=("safety[].sharing",),
    rows=(
        Row("safety.status", "status", value="active", why="an instruction in the current plan"),
        Row("safety.kind", "category[0]", "kind", table=codes.SAFETY_KIND),
        Row("safety.id", "identifier[0]", "id", fn=elements.local_id),
        Row("safety.words", "code.text", "instruction", must=True),
    ),
)
