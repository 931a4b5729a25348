"""The few real columns of a stored resource: what a Filter reads and what a search asks for.

In      A FHIR R4 resource as a dict, ids already the store's own.
Out     Labels, period, status, references, as the columns of `resource`; and what it can be found
        by (gateway.store.clear.search_index), where it is to be the current version.
Rule    An unknown start is the beginning of time and an unknown end its end: a deny by period
        then hides the item and a permit by period does not show it. Nothing here can raise.
Pure    Values in, values out.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from consent.labels import LabelParts, labels_of
from consent.periods import MAX_MICROS, MIN_MICROS, micros_covered
from gateway.store.clear.home_visits import visited_by
from gateway.store.clear.search_index import Indexed, indexed
from gateway.store.keyring.keys import KeyedHasher

Place = tuple[str, str]
"""A resource by its source record and its id."""

STATUS_ELEMENT: Final[Mapping[str, str]] = {
    "Goal": "lifecycleStatus",
    "Condition": "clinicalStatus",
    "AllergyIntolerance": "clinicalStatus",
}
"""The element a `status` search reads, where it is not `status`."""

_Paths = tuple[tuple[str, ...], ...]
"""Elements by the names that lead to them."""

PERIOD_ELEMENTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "CarePlan": (("period.start", "created"), ("period.end",)),
    "Goal": (("startDate", "statusDate"), ()),
    "Condition": (
        ("onsetDateTime", "onsetPeriod.start", "recordedDate"),
        ("abatementDateTime",),
    ),
    "Observation": (
        ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued"),
        ("effectiveDateTime", "effectivePeriod.end", "effectiveInstant", "issued"),
    ),
    "ServiceRequest": (
        ("occurrenceDateTime", "occurrencePeriod.start", "authoredOn"),
        ("occurrenceDateTime", "occurrencePeriod.end"),
    ),
    "DetectedIssue": (
        ("identifiedDateTime", "identifiedPeriod.start"),
        ("identifiedDateTime", "identifiedPeriod.end"),
    ),
    "DeviceRequest": (
        ("occurrenceDateTime", "occurrencePeriod.start", "authoredOn"),
        ("occurrenceDateTime", "occurrencePeriod.end"),
    ),
    "Encounter": (("period.start",), ("period.end",)),
    "EpisodeOfCare": (("period.start",), ("period.end",)),
    "CareTeam": (("period.start",), ("period.end",)),
    "Flag": (("period.start",), ("period.end",)),
    "Consent": (("dateTime",), ("dateTime",)),
    "AllergyIntolerance": (("onsetDateTime", "recordedDate"), ()),
    "FamilyMemberHistory": (("date",), ("date",)),
    "Immunization": (("occurrenceDateTime", "recorded"), ("occurrenceDateTime", "recorded")),
    "MedicationRequest": (
        ("dispenseRequest.validityPeriod.start", "authoredOn"),
        ("dispenseRequest.validityPeriod.end",),
    ),
    "MedicationStatement": (
        ("effectiveDateTime", "effectivePeriod.start", "dateAsserted"),
        ("effectivePeriod.end",),
    ),
    "DocumentReference": (("date",), ("date",)),
    "DiagnosticReport": (
        ("effectiveDateTime", "effectivePeriod.start", "issued"),
        ("effectiveDateTime", "effectivePeriod.end", "issued"),
    ),
    "Appointment": (("start",), ("end",)),
    "List": (("date",), ("date",)),
    "Procedure": (
        ("performedDateTime", "performedPeriod.start"),
        ("performedDateTime", "performedPeriod.end"),
    ),
    "Communication": (("sent", "received"), ("received", "sent")),
    "Task": (("executionPeriod.start", "authoredOn"), ("executionPeriod.end",)),
    "Coverage": (("period.start",), ("period.end",)),
    "RelatedPerson": (("period.start",), ("period.end",)),
    "QuestionnaireResponse": (("authored",), ("authored",)),
    "Provenance": (("occurredDateTime", "recorded"), ("occurredDateTime", "recorded")),
}
"""First elements that say when an item starts, and when it ends, in order of preference."""


@cache
def version() -> str:
    """Eight hexadecimal digits of the hash of what says when an item starts and ends."""
    return hashlib.sha256(json.dumps(PERIOD_ELEMENTS).encode()).hexdigest()[:8]


def _split(paths: tuple[str, ...]) -> _Paths:
    return tuple(tuple(path.split(".")) for path in paths)


_PERIOD_PATHS: Final[Mapping[str, tuple[_Paths, _Paths]]] = {
    name: (_split(starts), _split(ends)) for name, (starts, ends) in PERIOD_ELEMENTS.items()
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one version hold."""

    labels: LabelParts
    starts: int
    ends: int
    status: str
    refs: str
    found_by: Indexed = field(default_factory=Indexed)
    visited_by: str | None = None
    """Of a visit to somebody's home: who comes, or nothing for who sent it."""


def columns_of(
    resource: Mapping[str, Any],
    named: Iterable[str] | None = None,
    *,
    hasher: KeyedHasher | None = None,
) -> Columns:
    """The columns of a resource; `named`: its references, where they are known already; without
    a `hasher` nothing that it can be found by: of what will not be the current version."""
    meta = resource.get("meta")
    security = meta.get("security", []) if isinstance(meta, Mapping) else []
    starts, ends = period_of(resource)
    refs = tuple(dict.fromkeys(references(resource) if named is None else named))
    return Columns(
        labels=labels_of(security if isinstance(security, list) else [None]),
        starts=starts,
        ends=ends,
        status=_status(resource),
        refs=" ".join(refs),
        found_by=indexed(resource, hasher, refs) if hasher else Indexed(),
        visited_by=visited_by(resource) if hasher else None,
    )


def references(node: Any) -> list[str]:
    """Every literal `Type/id` reference in a resource."""
    found: list[str] = []
    _collect(node, found)
    return found


def current(reference: str) -> str:
    """What a reference to a version refers to: whoever may not see the one sees no other."""
    return reference.partition("/_history/")[0] if "/_history/" in reference else reference


def links(resource: Mapping[str, Any]) -> set[str]:
    """Every literal reference to anything but a Patient."""
    return links_among(references(resource))


def links_among(named: Iterable[str]) -> set[str]:
    """Those of some references that are to anything but a Patient."""
    return {one for one in named if is_link(one)}


def is_link(reference: str) -> bool:
    """Whether this refers to another part of a record, and not to a person."""
    return not reference.startswith("Patient/")


def _collect(node: Any, found: list[str]) -> None:
    if node.__class__ is dict:
        for name, value in node.items():
            kind = value.__class__
            if kind is str:
                if name == "reference" and "/" in value:
                    found.append(current(value))
            elif kind is dict or kind is list:
                _collect(value, found)
    elif node.__class__ is list:
        for value in node:
            _collect(value, found)


def _status(resource: Mapping[str, Any]) -> str:
    value = resource.get(STATUS_ELEMENT.get(str(resource.get("resourceType")), "status"))
    if isinstance(value, str):
        return value
    return next(_codings(value), "")


def _codings(concept: Any) -> Iterator[str]:
    if not isinstance(concept, dict):
        return
    for coding in _listed(concept.get("coding")):
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding["code"]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def period_of(resource: Mapping[str, Any]) -> tuple[int, int]:
    """When what a resource is about begins and ends, half-open."""
    starts, ends = _PERIOD_PATHS.get(str(resource.get("resourceType")), ((), ()))
    start = _first(resource, starts)
    end = _first(resource, ends)
    try:
        low = micros_covered(start)[0] if start else MIN_MICROS
        high = micros_covered(end)[1] if end else MAX_MICROS
    except (ValueError, OverflowError):
        return MIN_MICROS, MAX_MICROS
    return (low, high) if low < high else (MIN_MICROS, MAX_MICROS)


def _first(resource: Mapping[str, Any], paths: _Paths) -> str | None:
    for path in paths:
        node: Any = resource
        for name in path:
            node = node.get(name) if isinstance(node, dict) else None
        if isinstance(node, str) and node:
            return node
    return None
