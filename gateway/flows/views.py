"""What leaves: stored bytes made into what this caller may see of them.

In      Opened rows, the person they belong to, the ids the caller may see, masks.
Out     FHIR JSON bytes. Untouched where nothing is hidden or masked; parsed and redacted where
        something is.
Rule    A reference to what the caller may not see goes whole: reference, display, identifier. A
        dangling reference goes too, so that hidden and missing look alike. The person's id stands
        in place of every source's.
Pure    No database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.store.reads import Opened

_PATIENT: Final = "Patient/"


@dataclass(frozen=True, slots=True)
class View:
    """One resource as served."""

    resource_type: str
    resource_id: str
    version: int
    updated_at: int
    body: bytes
    redacted: bool = False
    """Something was taken out: then no 304, and the bytes are this caller's own."""
    parts: tuple[tuple[str, str, int], ...] = ()
    """The stored versions it was made from: what the log names."""


def targets(rows: Sequence[Opened]) -> set[str]:
    """Ids of everything the rows refer to, people apart."""
    return {
        reference.partition("/")[2]
        for row in rows
        for reference in row.refs
        if not reference.startswith(_PATIENT)
    }


def view(row: Opened, person_id: str, seen: Collection[str], masks: Sequence[str] = ()) -> View:
    """One row as this caller may see it."""
    hidden = {
        reference
        for reference in row.refs
        if not reference.startswith(_PATIENT) and reference.partition("/")[2] not in seen
    }
    body = row.body
    cut = bool(hidden) or _is_masked(row.resource_type, masks)
    if cut:
        parsed = _without(orjson.loads(body), hidden)
        body = orjson.dumps(_masked(parsed, masks))
    if row.patient_id != person_id:
        body = body.replace(
            f'"{_PATIENT}{row.patient_id}"'.encode(), f'"{_PATIENT}{person_id}"'.encode()
        )
    part = (row.resource_type, row.resource_id, row.version)
    return View(row.resource_type, row.resource_id, row.version, row.updated_at, body, cut, (part,))


def patient_view(
    rows: Sequence[Opened], person_id: str, first_org: str, masks: Sequence[str] = ()
) -> View:
    """One Patient for the person, from what each source that may be seen says of them.

    The registering practice leads; others add what it lacks, and their identifiers.
    """
    ordered = sorted(rows, key=lambda row: (row.source_org != first_org, row.patient_id))
    parsed = [orjson.loads(row.body) for row in ordered]
    merged: dict[str, Any] = {"resourceType": "Patient", "id": person_id}
    merged["meta"] = {
        "versionId": str(sum(row.version for row in rows)),
        "lastUpdated": max(one["meta"]["lastUpdated"] for one in parsed),
        "security": _union([one["meta"].get("security", []) for one in parsed]),
    }
    for one in parsed:
        for name, value in one.items():
            if name == "identifier":
                merged[name] = _union([merged.get(name, []), value])
            elif name not in merged:
                merged[name] = value
    body = orjson.dumps(_masked(merged, masks))
    parts = tuple((row.resource_type, row.resource_id, row.version) for row in ordered)
    version = sum(row.version for row in rows)
    updated = max(row.updated_at for row in rows)
    return View("Patient", person_id, version, updated, body, len(rows) > 1 or bool(masks), parts)


def replaced_patient(old_id: str, person_id: str) -> bytes:
    """The answer under a source's id that is not the person's: look there instead."""
    link = [{"other": {"reference": f"{_PATIENT}{person_id}"}, "type": "replaced-by"}]
    return orjson.dumps({"resourceType": "Patient", "id": old_id, "active": False, "link": link})


def _union(lists: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {}
    for one in lists:
        for value in one:
            found.setdefault(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), value)
    return list(found.values())


def _without(node: Any, hidden: Collection[str]) -> Any:
    """A copy without the elements that refer to what is hidden; emptied ones go too."""
    if isinstance(node, dict):
        kept = {
            name: child
            for name, value in node.items()
            if (child := _without(value, hidden)) not in (None, {}, [])
        }
        return None if node.get("reference") in hidden else kept
    if isinstance(node, list):
        children = [_without(value, hidden) for value in node]
        return [child for child in children if child not in (None, {}, [])]
    return node


def _is_masked(resource_type: str, masks: Sequence[str]) -> bool:
    return any(mask.partition(".")[0] in ("*", resource_type) for mask in masks)


def _masked(resource: Mapping[str, Any], masks: Sequence[str]) -> dict[str, Any]:
    """A copy without the masked elements, contained resources included."""
    names = {
        mask.partition(".")[2]
        for mask in masks
        if mask.partition(".")[0] in ("*", resource.get("resourceType"))
    }
    made = {name: value for name, value in resource.items() if name not in names}
    if names and "contained" in made:
        made["contained"] = [_masked(one, masks) for one in made["contained"]]
    return made
