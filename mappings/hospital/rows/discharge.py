"""The discharge that is being planned: PV2-9 and ZU1-24 to CarePlan and ServiceRequest.

In      ADT messages of a visit: PV2-9 (when discharge is expected), ZU1-24 (since when the person
        is ready for it); the trigger.
Out     A CarePlan for the visit with one action, the discharge.
Rule    Made where a message names either day, or says that discharge is pending (A16). Discharge
        completes it, cancelling the admission revokes it, cancelling the discharge takes it up
        again; another event states no status, so that a late update does not.
Source  HL7 v2 chapter 3 (PV2-9); HL7 UK A.3 (ZU1). Actions are resources of their own.
"""

from collections.abc import Callable, Iterator
from typing import Final

from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes.triggers import Trigger
from mappings.hospital.message import times
from mappings.hospital.rows import sensitivity
from mappings.hospital.rows.identity import segment
from mappings.hospital.rows.keys import is_visit, visit_key
from mappings.terms import plans
from mappings.terms.access import Category

_STATUS: Final = {
    "in-progress": "active",
    "finished": "completed",
    "cancelled": "revoked",
    "entered-in-error": "entered-in-error",
}
"""Encounter.status -> status of the plan and of the action."""

_PENDING: Final = {"A16": "active", "A25": "revoked"}
"""Events of the discharge itself, which are made even without a day."""

_READS: Final = ("PV2[].9", "ZU1[].24", "PV1[].16")


def discharge_key(scope: Scope) -> str | None:
    """The visit: it has one discharge."""
    visit = visit_key(scope)
    return joined_key(visit, "discharge") if visit else None


def is_planned(scope: Scope) -> bool:
    """Whether the message names a day of the discharge of a visit."""
    named = (segment(scope.facts, "PV2").get("9"), segment(scope.facts, "ZU1").get("24"))
    return any(named) and is_visit(scope)


def the_visit(scope: Scope) -> Iterator[Found]:
    """A reference to the visit."""
    reference = local_reference("Encounter", visit_key(scope) or "")
    yield Found((*scope.here.steps, "19"), {"reference": reference})


def ready(field: str) -> dict[str, str] | None:
    """Since when the person has been ready to go, as a note."""
    at = times.day(field)
    return {"text": f"Ready for discharge since {at}"} if at else None


def targets(trigger: Trigger) -> tuple[Target, ...]:
    """The plan of the discharge and its action, for one trigger about a visit."""
    if trigger.is_of_person:
        return ()
    status = _PENDING.get(trigger.code) or _STATUS.get(trigger.status or "")
    when = is_visit if trigger.code in _PENDING else is_planned
    said = (Row("discharge.status", "status", value=status, why=trigger.title),) if status else ()
    return (_action(said, when), _plan(said, when))


def _action(said: tuple[Row, ...], when: Callable[[Scope], bool]) -> Target:
    return Target(
        "ServiceRequest",
        name="discharge",
        each="PV1[]",
        when=when,
        key=discharge_key,
        category=Category.CARE_PLAN,
        fold=Fold.MERGE,
        labels=sensitivity.of_visit,
        reads=_READS,
        defaults={"status": "active"},
        rows=(
            *said,
            Row("discharge.intent", "intent", value="plan", why="a discharge that is planned"),
            Row("discharge.what", "code.text", value="Discharge from hospital", why="PV2-9"),
            Row("discharge.on", "occurrenceDateTime", "/PV2[].9", fn=times.when),
            Row("discharge.visit", "encounter", gather=the_visit),
            Row("discharge.ready", "note[0]", "/ZU1[].24", fn=ready),
        ),
    )


def _plan(said: tuple[Row, ...], when: Callable[[Scope], bool]) -> Target:
    return Target(
        "CarePlan",
        name="discharge plan",
        each="PV1[]",
        when=when,
        key=discharge_key,
        category=Category.CARE_PLAN,
        fold=Fold.MERGE,
        labels=sensitivity.of_visit,
        reads=_READS,
        defaults={"status": "active"},
        rows=(
            *said,
            Row("leaving.intent", "intent", value="plan", why="a discharge that is planned"),
            Row("leaving.kind", "category[0]", value=plans.CARE_PLAN.concept(), why="a plan"),
            Row("leaving.title", "title", value="Discharge plan", why="the source names no plan"),
            Row("leaving.visit", "encounter", gather=the_visit),
            Row("leaving.end", "period.end", "/PV2[].9", fn=times.when),
            Row("leaving.action", "activity[0].reference", refers_to="discharge"),
            Row(
                "leaving.note",
                "note[0].text",
                value="Put together by the gateway from what the hospital expects.",
                why="derived is said to be derived",
            ),
        ),
    )
