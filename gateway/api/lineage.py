"""Lineage as FHIR Parameters: one `element` for each element of a resource."""

from typing import Any

import orjson

from gateway.clock import from_micros
from gateway.flows.views import View


def parameters(view: View, stored: bytes) -> dict[str, Any]:
    """Parts path, sourceField, rule, mappingVersion, delivery, item, received for each element.

    Elements that were taken out of this caller's view are left out here too.
    """
    body = orjson.loads(view.body)
    origins, elements = orjson.loads(stored or b"[[],[]]")
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "element", "part": _parts(path, source, rule, origins[place])}
            for path, source, rule, place in elements
            if not view.redacted or path.partition(".")[0].partition("[")[0] in body
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
