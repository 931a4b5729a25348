"""The one language of every sector, to be fetched and cached by whoever shows a record.

    GET  /fhir/R4/CodeSystem/{id}, /fhir/R4/ConceptMap/{id}    read
    GET  /fhir/R4/CodeSystem, /fhir/R4/ConceptMap              search: url, _id

No token is needed: they say nothing of anyone. They change with a version of the gateway alone.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api.dependencies import json_wanted, site_of
from gateway.api.responses import FhirResponse, bundle
from gateway.api.search_params import MOST, SHAPES_ONLY, shown_name
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from mappings.terms.language import code_systems, concept_maps

TYPES: Final = ("CodeSystem", "ConceptMap")
PARAMETERS: Final = {"_id": "token", "url": "uri"}
"""Each search parameter with its FHIR type."""
_ELEMENTS: Final = {"_id": "id", "url": "url"}


@cache
def _served(resource_type: str) -> tuple[dict[str, Any], ...]:
    return code_systems() if resource_type == "CodeSystem" else concept_maps()


async def read_terms(resource_type: str, request: Request) -> FhirResponse:
    """One CodeSystem or ConceptMap."""
    json_wanted(request)
    wanted = request.path_params["resource_id"]
    found = [one for one in _served(resource_type) if one["id"] == wanted]
    if not found:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found[0]))


async def search_terms(resource_type: str, request: Request) -> FhirResponse:
    """All of them, or those of a url or an id."""
    json_wanted(request)
    given = request.query_params.multi_items()
    kept: Sequence[dict[str, Any]] = _served(resource_type)
    shape = {"_count": MOST, "_page": 0}
    for name, value in given:
        if name in PARAMETERS:
            wanted = value.split(",")
            kept = [one for one in kept if one[_ELEMENTS[name]] in wanted]
        elif name in shape and value.isascii() and value.isdigit():
            shape[name] = min(int(value[:6]), MOST)
        elif name not in SHAPES_ONLY:
            text = "takes " + ", ".join(PARAMETERS) + " and _count"
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    base = f"{site_of(request).base_url}/fhir/R4/{resource_type}"
    total, first, after = len(kept), shape["_page"], shape["_page"] + shape["_count"]
    entries = [
        orjson.dumps(
            {"fullUrl": f"{base}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        )
        for one in kept[first:after]
    ]
    links = {"self": f"{base}?{urlencode(given)}" if given else base}
    if after < total:
        rest = [pair for pair in given if pair[0] != "_page"]
        links["next"] = f"{base}?{urlencode([*rest, ('_page', str(after))])}"
    return FhirResponse(bundle("searchset", total, links, entries))


ROUTES: Final = tuple(
    route
    for kind in TYPES
    for route in (
        Route(f"/fhir/R4/{kind}/{{resource_id}}", partial(read_terms, kind), methods=["GET"]),
        Route(f"/fhir/R4/{kind}", partial(search_terms, kind), methods=["GET"]),
    )
)
