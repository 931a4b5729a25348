"""The description of the whole HTTP surface: our own JSON API, and FHIR from its own claims.

In      the routes of the service; the claims of the CapabilityStatement.
Out     OpenAPI 3.1. Of FHIR, each interaction, operation and search parameter that is claimed,
        and no other; what a resource holds is FHIR R4's to say, not repeated here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI

from gateway.api.answers.formats import JSON, XML
from gateway.api.fhir.metadata import claims
from gateway.api.fhir.operations import LINEAGE, OPERATIONS, Operation

_FHIR: Final = "/fhir/R4"
_PATCH: Final = "application/json-patch+json"
_FORM: Final = "application/x-www-form-urlencoded"
_ANY: Final = {"$ref": "#/components/schemas/Resource"}
_FAILED: Final = {"$ref": "#/components/responses/OperationOutcome"}
_SHAPES: Final = {
    "_format": {"enum": ["json", "xml", JSON, XML]},
    "_pretty": {"enum": ["true", "false"]},
    "_summary": {"enum": ["true", "text", "data", "count", "false"]},
    "_elements": {"type": "string"},
}
_FOUND: Final = ("_count",)
_OVER_TYPES: Final = ("_type", "patient", "_id", "_lastUpdated", "_count")

Json = dict[str, Any]


class Gateway(FastAPI):
    """The service, which describes FHIR too."""

    def openapi(self) -> Json:
        """The description, made once."""
        if self.openapi_schema is None:
            made = super().openapi()
            made["paths"] |= fhir_paths(claims())
            parts = made.setdefault("components", {})
            for kind, own in _COMPONENTS.items():
                parts[kind] = parts.get(kind, {}) | own
        return self.openapi_schema or {}


_COMPONENTS: Final[dict[str, Json]] = {
    "schemas": {
        "Resource": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}},
            "description": "A resource of FHIR R4 (4.0.1).",
        }
    },
    "responses": {
        "OperationOutcome": {
            "description": "What is wrong, in an OperationOutcome",
            "content": {JSON: {"schema": _ANY}, XML: {}},
        }
    },
    "parameters": {
        name: {"name": name, "in": "query", "schema": schema} for name, schema in _SHAPES.items()
    },
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
}


def fhir_paths(offered: Iterable[Mapping[str, Any]]) -> dict[str, Json]:
    """Path -> method -> operation, of everything that is claimed."""
    paths: dict[str, Json] = {
        f"{_FHIR}/metadata": {"get": _operation("capabilities", [], {}) | {"security": []}},
        _FHIR: {
            "get": _operation("search-system", [{"name": name} for name in _OVER_TYPES], {}),
            "post": _operation("batch or transaction", [], _body(JSON)),
        },
    }
    for resource in offered:
        codes = {one["code"] for one in resource["interaction"]}
        for code, place, method, more in _INTERACTIONS:
            if code in codes:
                path = f"{_FHIR}/{resource['type']}{place}"
                searched = resource.get("searchParam", ()) if code == "search-type" else ()
                made = _operation(f"{code} {resource['type']}", searched, more)
                paths.setdefault(path, {})[method] = made
        for operation in (*OPERATIONS, LINEAGE):
            offered_here = {one["name"] for one in resource.get("operation", ())}
            if operation.code in offered_here and operation.is_of(resource["type"]):
                _add_operation(paths, resource["type"], operation)
    for path, methods in paths.items():
        named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if named:
            methods["parameters"] = [_in_path(name) for name in named]
    return paths


def _add_operation(paths: dict[str, Json], resource_type: str, operation: Operation) -> None:
    bodies = [one for one in operation.takes if one.type in ("Any", resource_type)]
    places = ["/{id}"] if operation.at_instance else []
    for place in [*places, *([""] if operation.at_type else [])]:
        path = f"{_FHIR}/{resource_type}{place}/${operation.code}"
        taken = [{"name": one.name} for one in operation.takes if one not in bodies]
        method, more = ("post", _body(JSON)) if bodies else ("get", {})
        made = _operation(operation.title, [] if operation.code == "match" else taken, more)
        paths[path] = {method: made}


def _operation(summary: str, searched: Iterable[Mapping[str, Any]], more: Json) -> Json:
    """One operation: its own parameters, how the answer is written, and what it answers."""
    own = [_in_query(one["name"]) for one in searched]
    if summary.startswith("search-type"):
        own += [_in_query(name) for name in _FOUND]
    shapes = [{"$ref": f"#/components/parameters/{name}"} for name in _SHAPES]
    good = {"description": "Done", "content": {JSON: {"schema": _ANY}, XML: {}}}
    return {
        "summary": summary,
        "tags": ["FHIR"],
        "security": [{"bearer": []}],
        "parameters": [*own, *shapes],
        "responses": {"2XX": good, "default": _FAILED},
    } | more


def _in_query(name: str) -> Json:
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def _in_path(name: str) -> Json:
    schema = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _body(kind: str, schema: Json = _ANY) -> Json:
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


_FIELDS: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_INTERACTIONS: Final[tuple[tuple[str, str, str, Json], ...]] = (
    ("search-type", "", "get", {}),
    ("search-type", "/_search", "post", _body(_FORM, _FIELDS)),
    ("create", "", "post", _body(JSON)),
    ("read", "/{id}", "get", {}),
    ("update", "/{id}", "put", _body(JSON)),
    ("patch", "/{id}", "patch", _body(_PATCH, {"type": "array"})),
    ("delete", "/{id}", "delete", {}),
    ("history-instance", "/{id}/_history", "get", {}),
    ("vread", "/{id}/_history/{version}", "get", {}),
)
"""Interaction, its place below the type, its method, and what more it takes."""
