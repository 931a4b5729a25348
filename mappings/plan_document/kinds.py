"""The plan document as a kind of item, for each feed that takes it.

Out     `plan_kinds`: plan and visit, on the shelf of the record that the feed's plans stand on.
Errors  a plan, goal or action state that is not in its table quarantines the document.
Rule    Who may see the plan, or a goal of it, holds for whatever belongs to it (`sharing`).
Source  Plan document 1; PRSB Personalised Care and Support Plan 2.0; FHIR R4.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mappings.core.model.paths import Scope
from mappings.core.model.rows import Format, Kind, Target
from mappings.plan_document import codes
from mappings.plan_document.message import document, template, visit, workbook
from mappings.plan_document.rows import (
    actions,
    aftercare,
    checks,
    facts,
    goals,
    people,
    plan,
    sharing,
    visits,
    ways_in,
)
from mappings.terms import plans
from mappings.terms.access import Category

FORMATS: Final = (
    Format(
        "plan-workbook",
        workbook.MEDIA_TYPES,
        workbook.recognises,
        workbook.read,
        kind_at="document",
    ),
    Format(
        document.KIND, document.MEDIA_TYPES, document.recognises, document.read, kind_at="document"
    ),
    Format(visit.KIND, visit.MEDIA_TYPES, visit.recognises, visit.read, kind_at="document"),
    Format(
        "plan-template",
        template.MEDIA_TYPES,
        template.recognises,
        template.read,
        kind_at="document",
    ),
)
"""The workbook first: unpacked it is JSON, and its cells may hold what a plan document holds."""

_PARTS: Final = (
    people.PATIENT,
    people.ADJUSTMENTS,
    people.WISHES,
    plan.PLAN,
    plan.CONTINGENCY,
    aftercare.AFTERCARE,
    goals.NEEDS,
    goals.GOALS,
    goals.BASELINES,
    goals.REVIEWS,
    actions.ACTIONS,
    actions.SAFETY,
    ways_in.WAYS_IN,
    plan.AGREEMENTS,
    plan.GOAL_AGREEMENTS,
    plan.PLAN_REVIEWS,
    actions.PLAN_MONEY,
    actions.ACTION_MONEY,
)


Shelf = str | Callable[[Scope], str]


def mental_health_shelf(scope: Scope) -> str:
    """A crisis plan stands where an emergency finds it; any other with mental health."""
    kind = codes.PLAN_TYPE.find(str(facts.part(scope.facts, "plan").get("type")))
    return Category.CRISIS_PLAN if kind == plans.CRISIS_PLAN else Category.MENTAL_HEALTH


def plan_kinds(shelf: Shelf) -> tuple[Kind, ...]:
    """The plan document and the visit, their plans on this shelf of the record."""
    return _plan_kind(shelf), _visit_kind(shelf)


def _on(shelf: Shelf, parts: tuple[Target, ...]) -> tuple[Target, ...]:
    return tuple(
        replace(target, category=shelf) if target.category == Category.SUPPORT_PLAN else target
        for target in parts
    )


def _plan_kind(shelf: Shelf) -> Kind:
    return Kind(
        name=document.KIND,
        title="Plan document",
        targets=_on(shelf, _PARTS),
        person=checks.person,
        named_at="person.local_id",
        time=checks.time,
        prepare=sharing.prepare,
        check=checks.rules,
        whole=facts.plan_id,
        reads=("written_at", "plan.sharing"),
        ignored={
            "document": "says which document this is; read to recognise it",
            "version": "version of the document, not of the plan",
            "needs[].eligible": "the council's decision on a need, not the need itself",
        },
    )


def _visit_kind(shelf: Shelf) -> Kind:
    return Kind(
        name=visit.KIND,
        title="Visit",
        targets=_on(shelf, (visits.PATIENT, visits.VISIT, visits.REPORT)),
        person=checks.person,
        named_at="person.local_id",
        time=checks.time,
        check=checks.visit_rules,
        reads=("written_at", "plan.sharing"),
        ignored={
            "document": "says which document this is; read to recognise it",
            "version": "version of the document, not of the visit",
        },
    )
