"""The gateway's own definitions, to be fetched and cached by whoever shows or sends a record.

    GET  /fhir/R4/{type}/{id}                       read
    GET  /fhir/R4/{type}, POST .../_search          search: url, name, status, _id

for CodeSystem, ConceptMap, OperationDefinition, SearchParameter, StructureDefinition, ValueSet.
No token is needed: they say nothing of anyone. They change with a version of the gateway alone.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api import definitions
from gateway.api.definitions import PARAMETERS, TYPES
from gateway.api.dependencies import body_of, check_accepted, site_of
from gateway.api.metadata import claims
from gateway.api.responses import FhirResponse, bundle
from gateway.api.search_params import MOST, SHAPES_ONLY, shown_name
from gateway.errors import Fault, FaultyRequestError, NotFoundError

_FORM_BYTES: Final = 64 * 1024


@cache
def _served(resource_type: str) -> tuple[dict[str, Any], ...]:
    if resource_type == "SearchParameter":
        return definitions.search_parameters(claims())
    return definitions.served(resource_type)


async def read_terms(resource_type: str, request: Request) -> FhirResponse:
    """One definition."""
    check_accepted(request)
    wanted = request.path_params["resource_id"]
    found = [one for one in _served(resource_type) if one["id"] == wanted]
    if not found:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found[0]))


async def search_terms(resource_type: str, request: Request) -> FhirResponse:
    """All of them, or those of a url, a name, a status or an id."""
    return _search(resource_type, request, [])


async def search_terms_by_form(resource_type: str, request: Request) -> FhirResponse:
    """The same by form."""
    body = await body_of(request, _FORM_BYTES)
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return _search(resource_type, request, form)


def _search(resource_type: str, request: Request, form: list[tuple[str, str]]) -> FhirResponse:
    check_accepted(request)
    given = [*request.query_params.multi_items(), *form]
    kept: Sequence[dict[str, Any]] = _served(resource_type)
    shape = {"_count": MOST, "_page": 0}
    for name, value in given:
        if name in PARAMETERS and value:
            wanted = value.split(",")
            kept = [one for one in kept if any(_matches(one, name, each) for each in wanted)]
        elif name in shape and value.isascii() and value.isdigit():
            shape[name] = min(int(value[:6]), MOST if name == "_count" else 999_999)
        elif name not in SHAPES_ONLY:
            text = "takes " + ", ".join(PARAMETERS) + " and _count, with a value"
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
    if after < total and shape["_count"]:
        rest = [pair for pair in given if pair[0] != "_page"]
        links["next"] = f"{base}?{urlencode([*rest, ('_page', str(after))])}"
    return FhirResponse(bundle("searchset", total, links, entries))


def _matches(one: dict[str, Any], name: str, wanted: str) -> bool:
    """A name by how it begins, without regard to case; a status with or without its system."""
    if name == "name":
        return str(one["name"]).casefold().startswith(wanted.casefold())
    if name == "status":
        return bool(one["status"] == wanted.rpartition("|")[2])
    return bool(one[name.removeprefix("_")] == wanted)


ROUTES: Final = tuple(
    route
    for kind in TYPES
    for route in (
        Route(f"/fhir/R4/{kind}/_search", partial(search_terms_by_form, kind), methods=["POST"]),
        Route(f"/fhir/R4/{kind}/{{resource_id}}", partial(read_terms, kind), methods=["GET"]),
        Route(f"/fhir/R4/{kind}", partial(search_terms, kind), methods=["GET"]),
    )
)
