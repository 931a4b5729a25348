"""Named functions of the plans, goals and parts that a record is put together into."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from mappings.core.model import systems
from mappings.core.model.paths import Found, Gather, Scope, Steps
from mappings.core.model.rows import local_reference
from mappings.gp.assemble.plan import PlanDraft, is_preference
from mappings.gp.assemble.times import day_of
from mappings.gp.rows.looking_up import (
    assembled,
    bundle_labels,
    labels,
    labels_of,
)

_INCOMPLETE: Final = {
    "system": systems.RECORD_TAG,
    "code": "incomplete-at-source",
    "display": "Incomplete at source",
}


def drafts(scope: Scope) -> Iterator[Found]:
    """The plans of the record, each at the place of its newest sign."""
    made = assembled(scope)
    for steps in made.plans.drafts:
        yield Found(steps, made.record.get(steps) if steps else made.record.facts)


def draft(scope: Scope) -> PlanDraft:
    """The plan at hand."""
    return assembled(scope).plans.drafts[scope.here.steps]


def plan_key(scope: Scope) -> str:
    """One plan of each sort for a person, whatever it is made on today."""
    return f"{assembled(scope).record.person}|plan|{draft(scope).type.name}"


def plan_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """Of everything that says there is such a plan."""
    yield from bundle_labels(scope)
    record = assembled(scope).record
    for steps in draft(scope).evidence:
        yield from labels_of(record.get(steps))


def sign(own: PlanDraft) -> Steps:
    """The code that is the newest sign of the plan."""
    if not own.head:
        return ()
    return (*own.head, "type" if own.head[0] == "DocumentReference" else "code")


def plan_state(scope: Scope) -> Iterator[Found]:
    """Whether the plan is in use, as its signs and what stands in it say."""
    own = draft(scope)
    status = (*own.head, "status") if own.head else ()
    yield Found(status, own.state)


def plan_type(scope: Scope) -> Iterator[Found]:
    """What sort of plan it is."""
    own = draft(scope)
    yield Found(sign(own), own.type.concept.concept())


def plan_title(scope: Scope) -> Iterator[Found]:
    """Its name, in words."""
    own = draft(scope)
    implied = own.type.name == "record"
    title = "Planned care in the GP record" if implied else own.type.concept.display
    yield Found(sign(own), title)


def plan_dates(which: str) -> Gather:
    """The day of the newest or of the oldest sign of the plan."""
    return partial(_plan_dates, which)


def _plan_dates(which: str, scope: Scope) -> Iterator[Found]:
    own, record = draft(scope), assembled(scope).record
    evidence = own.evidence[:1] if which == "newest" else own.evidence[-1:]
    for steps in evidence:
        for name in ("effectiveDateTime", "created", "authoredOn"):
            if day := day_of(record.get(steps).get(name)):
                yield Found((*steps, name), day)
                break


def incomplete(scope: Scope) -> Iterator[Found]:
    """A tag where the practice says that its lists are not complete."""
    for steps in assembled(scope).incomplete[:1]:
        yield Found(steps, dict(_INCOMPLETE))


def parts(which: str) -> Gather:
    """References to the mapped resources that belong to the plan."""
    return partial(_parts, which)


def _parts(which: str, scope: Scope) -> Iterator[Found]:
    own, record = draft(scope), assembled(scope).record
    signs = [steps for steps in own.evidence if steps[0] != "ProcedureRequest"]
    places = {
        "addresses": own.addresses,
        "supporting": list(dict.fromkeys([*signs, *own.supporting])),
    }
    for steps in places[which]:
        if (made := record.reference_to(steps)) is not None:
            yield Found(steps, made)


def goals_of(scope: Scope) -> Iterator[Found]:
    """References to the goals that stand in the plan."""
    record = assembled(scope).record
    for steps in draft(scope).goals:
        if own := record.keys.get(steps):
            yield Found(steps, {"reference": local_reference("Goal", own)})


def activities(scope: Scope) -> Iterator[Found]:
    """Diary entries and referrals, those overdue with a word that they are."""
    made = assembled(scope)
    for steps in draft(scope).activities:
        reference = made.record.reference_to(steps)
        if reference is not None:
            due = made.plans.overdue.get(steps)
            said = {"progress": [{"text": f"Overdue: due on {due}"}]} if due else {}
            yield Found(steps, {"reference": reference, **said})


def head_words(scope: Scope) -> Iterator[Found]:
    """What was written beside the newest sign of the plan."""
    own, record = draft(scope), assembled(scope).record
    comment = record.get(own.head).get("comment") if own.head else None
    if comment:
        yield Found((*own.head, "comment"), comment)


def goals(scope: Scope) -> Iterator[Found]:
    """The targets that are goals."""
    made = assembled(scope)
    for steps in made.plans.goal_states:
        yield Found(steps, made.record.get(steps))


def goal_key(scope: Scope) -> str | None:
    """The key of the observation that states the target."""
    return assembled(scope).record.keys.get(scope.here.steps)


def goal_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """Its own, and those of its plan: a goal is never less restricted than its plan."""
    made = assembled(scope)
    yield from labels(scope)
    home = made.plans.plan_of.get(scope.here.steps)
    for steps in home.evidence if home else ():
        yield from labels_of(made.record.get(steps))


def goal_state(scope: Scope) -> Iterator[Found]:
    """Whether the target is the newest of its measure."""
    state = assembled(scope).plans.goal_states[scope.here.steps]
    yield Found((*scope.here.steps, "status"), state)


def preference(scope: Scope) -> Iterator[Found]:
    """That it is what the person prefers."""
    if is_preference(scope.element):
        yield Found((*scope.here.steps, "code"), "Patient preference")


def measure(scope: Scope) -> Iterator[Found]:
    """What is measured, for a target."""
    if not is_preference(scope.element):
        yield Found((*scope.here.steps, "code"), scope.element.get("code"))


def superseded(scope: Scope) -> Iterator[Found]:
    """The reason a target is no longer pursued."""
    for found in goal_state(scope):
        if found.value == "superseded":
            yield Found(found.steps, "superseded")


def goal_problems(scope: Scope) -> Iterator[Found]:
    """The problems that name this target among what belongs to them."""
    record = assembled(scope).record
    for steps, problem in record.sound("Condition"):
        for position, extension in enumerate(problem.get("extension") or ()):
            place = record.place_of(extension.get("valueReference"))
            made = record.reference_to(steps) if place == scope.here.steps else None
            if made is not None:
                yield Found((*steps, "extension", position), made)
