"""Lineage as FHIR Parameters: one `element` for each element of a resource."""

import re
from typing import Any, Final

import orjson

from gateway.clock import instant
from gateway.flows.views import View

_PLACE: Final = re.compile(r"\[\d+\]")


def parameters(view: View, stored: bytes, caller_org: str) -> dict[str, Any]:
    """Parts path, sourceField, rule, mappingVersion, delivery, item, received for each element.

    Elements that were taken out of this caller's view are left out here too, and those that
    moved up because of it are named by the place they have now. The place of a source field among
    its like (`goals[2]`) is told to the organisation that sent it; to others it would count what
    they may not see.
    """
    own = caller_org in view.orgs
    origins, elements = orjson.loads(stored or b"[[],[]]")
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
    _, delivery, number, kind, mapping_version, received = origin
    at = instant(received)
    return [
        {"name": "path", "valueString": path},
        *([{"name": "sourceField", "valueString": source}] if source else []),
        {"name": "rule", "valueString": rule},
        {"name": "kind", "valueString": kind},
        {"name": "mappingVersion", "valueString": mapping_version},
        {"name": "delivery", "valueString": delivery},
        {"name": "item", "valueInteger": number},
        {"name": "received", "valueInstant": at},
    ]
