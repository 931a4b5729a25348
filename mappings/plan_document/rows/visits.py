"""A visit to FHIR R4: when it was to be and was, who came, what was done and what was not.

Out     Encounter; an Observation of what was done, where anything is said of it. The Patient is
        only what tells who it is: nothing that a plan says of the person is overwritten.
"""

from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Fold, UnreadableValueError
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.core.model.systems import ACT_CODE
from mappings.core.shaping import elements
from mappings.plan_document import codes
from mappings.plan_document.rows import shaping, ways_in
from mappings.plan_document.rows.sharing import sharing
from mappings.terms.access import Category

_HOME: Final = Concept(ACT_CODE, "HH", "home health")

PATIENT: Final = Target(
    "Patient",
    category=Category.DEMOGRAPHICS,
    fold=Fold.MERGE,
    adds=("identifier",),
    rows=(
        Row("visited.local", "identifier[+]", "person.local_id", fn=elements.local_id),
        Row("visited.nhs", "identifier[+]", "person.nhs_number", fn=elements.nhs_number),
        Row("visited.born", "birthDate", "person.birth_date", fn=dates.fhir_date),
    ),
)


def actual_or_planned(actual: Any, planned: Any) -> str:
    """When it was; where that is not said, when it was to be."""
    return dates.fhir_date_time(str(actual or planned))


def ended(end: Any, planned_end: Any, start: Any, planned_start: Any) -> str | None:
    """When it was over; when it was to be over, only of one of which nobody says that it began."""
    last, first = end or (None if start else planned_end), start or planned_start
    return _after(first, last) if last else None


def planned(start: Any, end: Any) -> dict[str, Any]:
    """When it was to be, whenever it was; FHIR R4 has no element for it."""
    period = {"start": dates.fhir_date_time(str(start))} if start else {}
    period |= {"end": _after(start, end)} if end else {}
    return {"url": f"{shaping.OWN_EXTENSION}/planned-period", "valuePeriod": period}


def _after(start: Any, end: Any) -> str:
    """The end, where the start does not contradict it; a day alone is over at its end."""
    said = dates.fhir_date_time(str(end))
    begun = dates.fhir_date_time(str(start)) if start else ""
    timed = "T" in said and "T" in begun
    if begun and (dates.instant(said) < dates.instant(begun) if timed else said[:10] < begun[:10]):
        raise UnreadableValueError("contradiction", "ends before it starts; left out")
    return said


def says_more(scope: Scope) -> bool:
    """Whether anything is said of what was done."""
    return any(scope.element.get(name) for name in ("tasks_done", "tasks_not_done", "note"))


def _task(name: str, *, done: bool) -> Row:
    return Row(
        f"visit.{name}",
        "component[+]",
        f"{name}[]",
        rows=(
            Row(f"{name}.what", "code.text", "."),
            Row(f"{name}.done", "valueBoolean", ".", fn=shaping.Said(said=done)),
        ),
    )


VISIT: Final = Target(
    "Encounter",
    name="visit",
    each="visit",
    key=("/plan.id", "id"),
    category=Category.SUPPORT_PLAN,
    labels=sharing,
    reads=("visit.sharing", "plan.sharing"),
    rows=(
        Row("visit.id", "identifier[0]", "id", fn=elements.local_id),
        Row("visit.status", "status", "state", table=codes.VISIT_STATE, must=True),
        Row("visit.class", "class", value=_HOME.coding(), why="a visit to where the person lives"),
        Row("visit.state", "extension[+]", "state", fn=shaping.state_extension),
        Row("visit.planned", "extension[+]", ("planned_start", "planned_end"), fn=planned),
        Row(
            "visit.start",
            "period.start",
            ("started_at", "planned_start"),
            fn=actual_or_planned,
            must=True,
        ),
        Row(
            "visit.end",
            "period.end",
            ("ended_at", "planned_end", "started_at", "planned_start"),
            fn=ended,
        ),
        Row("visit.action", "basedOn[0]", ("action_id", "/plan.id"), fn=shaping.action_ref),
        Row("visit.who", "participant[0].individual", "by", fn=elements.display),
        Row("visit.org", "serviceProvider", "by_ods", fn=elements.ods_organisation),
    ),
)

REPORT: Final = Target(
    "Observation",
    name="visit report",
    each="visit",
    when=says_more,
    key=("/plan.id", "id", "=report", "=visit"),
    category=Category.SUPPORT_PLAN,
    labels=ways_in.part_of_plan,
    rows=(
        Row("report.status", "status", value="final", why="said after the visit"),
        Row("report.what", "code.text", value="What was done at the visit", why="the fields"),
        Row("report.visit", "encounter", refers_to="visit"),
        Row(
            "report.on",
            "effectiveDateTime",
            ("started_at", "planned_start"),
            fn=actual_or_planned,
            must=True,
        ),
        _task("tasks_done", done=True),
        _task("tasks_not_done", done=False),
        Row("report.note", "note[+]", "note", fn=elements.annotation),
        Row("report.by", "performer[0]", "by", fn=elements.display),
    ),
)
