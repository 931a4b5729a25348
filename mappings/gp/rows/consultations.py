"""Consultations and reports: STU3 List and DiagnosticReport to R4.

Rule    One List for each consultation, its entries in order; one DiagnosticReport for each
        report, naming its results, which stand as Observations of their own.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import labels as content_labels
from mappings.gp.assemble import consultations as grouping
from mappings.gp.codes import states
from mappings.gp.rows import shaping
from mappings.gp.rows.looking_up import (
    PERFORMERS,
    assembled,
    bundle_labels,
    is_sound,
    key,
    labels_of,
    labels_with_results,
    linked,
)
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_SECTIONS: Final = "http://hl7.org/fhir/v2/0074"
_R4_SECTIONS: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"


def consultations(scope: Scope) -> Iterator[Found]:
    """The Lists that are consultations."""
    return grouping.consultations(assembled(scope).record)


def list_key(scope: Scope) -> str:
    """The List's id at the source."""
    return f"List/{scope.element['id']}"


def entries(scope: Scope) -> Iterator[Found]:
    """What was recorded, in order, with the words of its topic and heading beside it."""
    return grouping.entries(assembled(scope).record, scope.here.steps)


def list_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """Its own, those of its topics and headings, and those of the problems these name in words."""
    yield from bundle_labels(scope)
    for one in grouping.told_by(assembled(scope).record, scope.here.steps):
        yield from labels_of(one)
        yield from content_labels.of_content(one)


CONSULTATIONS: Final = Target(
    "List",
    name="consultation",
    each=consultations,
    key=list_key,
    category=Category.ENCOUNTERS,
    labels=list_labels,
    reads=("List",),
    defaults={"status": "current", "mode": "snapshot"},
    rows=(
        Row("consultation.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("consultation.status", "status", "status", table=states.LIST_STATUS),
        Row("consultation.mode", "mode", "mode", table=states.LIST_MODE),
        Row("consultation.title", "title", "title"),
        Row("consultation.code", "code", "code", fn=shaping.concept),
        Row("consultation.encounter", "encounter", gather=linked("encounter", _ENCOUNTER),
            fn=shaping.kept),
        Row("consultation.date", "date", "date", fn=dates.fhir_date_time),
        Row("consultation.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("consultation.entry", "entry[+]", gather=entries, fn=shaping.kept,
            why="topics and headings are not resources of their own: their words are the flag"),
    ),
)  # fmt: skip


def section(value: Any) -> dict[str, Any] | None:
    """The diagnostic service, in R4's system."""
    made = shaping.concept(value)
    for coding in (made or {}).get("coding", ()):
        if coding.get("system") == _SECTIONS:
            coding["system"] = _R4_SECTIONS
    return made


_ROOT: Final = "DiagnosticReport[]"

REPORTS: Final = Target(
    "DiagnosticReport",
    name="report",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.OBSERVATIONS,
    labels=labels_with_results,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        Row("report.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("report.order", "basedOn[+]", gather=linked("basedOn[]", frozenset({"ServiceRequest"})),
            reads=(f"{_ROOT}.basedOn",), fn=shaping.kept),
        Row("report.status", "status", "status", table=states.REPORT_STATUS, must=True),
        Row("report.section", "category[0]", "category", fn=section),
        Row("report.code", "code", "code", fn=shaping.concept, must=True),
        Row("report.encounter", "encounter", gather=linked("context", _ENCOUNTER),
            reads=(f"{_ROOT}.context",), fn=shaping.kept),
        Row("report.when", "effectiveDateTime", "effectiveDateTime", fn=dates.fhir_date_time),
        Row("report.during", "effectivePeriod", "effectivePeriod", fn=shaping.period),
        Row("report.issued", "issued", "issued", fn=shaping.precise_instant),
        Row("report.by", "performer[+]", gather=linked("performer[].actor", PERFORMERS),
            reads=(f"{_ROOT}.performer[].actor",), fn=shaping.kept),
        Row("report.result", "result[+]",
            gather=linked("result[]", frozenset({"Observation"})),
            reads=(f"{_ROOT}.result",), fn=shaping.kept),
        Row("report.words", "conclusion", "conclusion"),
        Row("report.finding", "conclusionCode[+]", "codedDiagnosis[]", fn=shaping.concept),
        Row("report.form", "presentedForm[+]", "presentedForm[]", fn=shaping.attachment),
    ),
)  # fmt: skip
