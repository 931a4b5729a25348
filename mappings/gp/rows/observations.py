"""Observations: STU3 to R4."""

from collections.abc import Iterator
from typing import Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.assemble.record import Lost
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PERFORMERS,
    assembled,
    is_sound,
    key,
    labels,
    linked,
)
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})


def _value(of: str) -> tuple[Row, ...]:
    """The result, in every form STU3 and R4 share, and what belongs to it."""
    return (
        Row(f"{of}.quantity", "valueQuantity", "valueQuantity", fn=shaping.quantity),
        Row(f"{of}.concept", "valueCodeableConcept", "valueCodeableConcept", fn=shaping.concept),
        Row(f"{of}.words", "valueString", "valueString"),
        Row(f"{of}.flag", "valueBoolean", "valueBoolean"),
        Row(f"{of}.range", "valueRange", "valueRange", fn=shaping.range_of),
        Row(f"{of}.ratio", "valueRatio", "valueRatio", fn=shaping.ratio),
        Row(f"{of}.time", "valueTime", "valueTime"),
        Row(f"{of}.moment", "valueDateTime", "valueDateTime", fn=dates.fhir_date_time),
        Row(f"{of}.period", "valuePeriod", "valuePeriod", fn=shaping.period),
        Row(f"{of}.absent", "dataAbsentReason", "dataAbsentReason", fn=shaping.concept),
        Row(f"{of}.meaning", "interpretation[0]", "interpretation", fn=shaping.concept),
        Row(f"{of}.range_of", "referenceRange[+]", "referenceRange[]", fn=shaping.reference_range),
    )


_RELATIONS: Final = frozenset({"has-member", "derived-from"})
UNNAMED_RELATION: Final = Lost(
    "unmapped-relation", "related in a way that is not said or that R4 has no place for"
)


def members(scope: Scope) -> Iterator[Found]:
    """The observations this one is a panel of."""
    return _related(scope, "has-member")


def sources(scope: Scope) -> Iterator[Found]:
    """The observations this one was worked out from."""
    return _related(scope, "derived-from")


def _related(scope: Scope, kind: str) -> Iterator[Found]:
    record = assembled(scope).record
    for position, one in enumerate(scope.element.get("related") or ()):
        steps = (*scope.here.steps, "related", position)
        if one.get("type") == kind:
            made = record.resolve(one.get("target"), frozenset({"Observation"}))
            yield Found((*steps, "target"), made)
        elif kind == "has-member" and one.get("type") not in _RELATIONS:
            yield Found((*steps, "type"), UNNAMED_RELATION)


OBSERVATIONS: Final = Target(
    "Observation",
    each="Observation[]",
    when=is_sound,
    key=key,
    category=Category.OBSERVATIONS,
    labels=labels,
    reads=("Observation[].meta.security", "Observation[].related", "Observation[].extension"),
    rows=(
        degraded.row("observation", "Observation[]"),
        Row("observation.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("observation.status", "status", "status", table=states.OBSERVATION_STATUS, must=True),
        Row("observation.category", "category[+]", "category[]", fn=shaping.concept),
        Row("observation.code", "code", "code", fn=shaping.concept, must=True),
        Row(
            "observation.encounter",
            "encounter",
            gather=linked("context", _ENCOUNTER),
            reads=("Observation[].context",),
            fn=shaping.kept,
        ),
        Row(
            "observation.when",
            "effectiveDateTime",
            "effectiveDateTime",
            fn=dates.fhir_date_time,
        ),
        Row("observation.during", "effectivePeriod", "effectivePeriod", fn=shaping.period),
        Row("observation.issued", "issued", "issued", fn=shaping.precise_instant),
        Row(
            "observation.performer",
            "performer[+]",
            gather=linked("performer[]", PERFORMERS),
            reads=("Observation[].performer",),
            fn=shaping.kept,
        ),
        *_value("observation"),
        Row("observation.site", "bodySite", "bodySite", fn=shaping.concept),
        Row("observation.method", "method", "method", fn=shaping.concept),
        Row("observation.note", "note[+]", "comment", fn=shaping.words),
        Row(
            "observation.members",
            "hasMember[+]",
            gather=members,
            reads=("Observation[].related",),
            fn=shaping.kept,
        ),
        Row(
            "observation.sources",
            "derivedFrom[+]",
            gather=sources,
            reads=("Observation[].related",),
            fn=shaping.kept,
        ),
        Row(
            "observation.component",
            "component[+]",
            "component[]",
            rows=(
                Row("component.code", "code", "code", fn=shaping.concept, must=True),
                *_value("component"),
            ),
        ),
    ),
)
