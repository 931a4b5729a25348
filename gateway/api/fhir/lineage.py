"""Lineage as FHIR Parameters: one `element` for each element of a resource."""

import re
from typing import Any, Final

import orjson

from gateway.clock import instant
from gateway.flows.asking.views import View

_ALTERED: Final = (
    "Where this came from was altered in the database, and is not told; the service has noted it"
)
_NONE: Final = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception", "diagnostics": _ALTERED}],
}
_WRITTEN: Final = "rest"
"""The kind of what came over REST."""
_PLACE: Final = re.compile(r"\[\d+\]")


def parameters(view: View, stored: bytes | None, caller_org: str) -> dict[str, Any]:
    """Parts path, sourceField, rule, mappingVersion, delivery, item, received for each element; of
    what a team edited, the organisation whose member did.

    Elements that were taken out of this caller's view are left out here too, and those that
    moved up because of it are named by the place they have now. The place of a source field among
    its like (`goals[2]`) is told to the organisation that sent it; to others it would count what
    they may not see. Where the lineage was altered, an outcome says so, and no element is told.
    """
    if stored is None:
        return {"resourceType": "Parameters", "parameter": [{"name": "outcome", "resource": _NONE}]}
    own = caller_org in view.orgs
    origins, elements, *shown = orjson.loads(stored)
    if shown and not view.is_sources:
        origins, elements = shown[0]
    moved = view.moved
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "element", "part": _parts(at, _told(source, own), rule, origins[place])}
            for path, source, rule, place in elements
            if (at := path if moved is None else moved.get(path))
        ],
    }


def _told(source: str, own: bool) -> str:
    return source if own else _PLACE.sub("[]", source)


def _parts(path: str, source: str, rule: str, origin: list[Any]) -> list[dict[str, Any]]:
    item, delivery, number, kind, mapping_version, received = origin
    at, of_team = instant(received), kind == _WRITTEN
    return [
        {"name": "path", "valueString": path},
        *([{"name": "sourceField", "valueString": source}] if source else []),
        {"name": "rule", "valueString": rule},
        {"name": "kind", "valueString": kind},
        {"name": "mappingVersion", "valueString": mapping_version},
        {"name": "delivery", "valueString": delivery},
        *([{"name": "organization", "valueString": item}] if of_team and item else []),
        {"name": "item", "valueInteger": number},
        {"name": "received", "valueInstant": at},
    ]
