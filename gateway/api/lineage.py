"""Lineage as FHIR Parameters: one `element` for each element of a resource."""

from typing import Any

import orjson

from gateway.clock import from_micros
from gateway.flows.views import View


def parameters(view: View, stored: bytes) -> dict[str, Any]:
    """Parts path, sourceField, rule, mappingVersion, delivery, item, received for each element.

    Elements that were taken out of this caller's view are left out here too, and those that
    moved up because of it are named by the place they have now.
    """
    origins, elements = orjson.loads(stored or b"[[],[]]")
    moved = view.moved
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "element", "part": _parts(at, source, rule, origins[place])}
            for path, source, rule, place in elements
            if (at := path if moved is None else moved.get(path))
        ],
    }


def _parts(path: str, source: str, rule: str, origin: list[Any]) -> list[dict[str, Any]]:
    _, delivery, number, kind, mapping_version, received = origin
    at = from_micros(received).isoformat().replace("+00:00", "Z")
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
