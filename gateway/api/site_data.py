"""The site's organisations, places and services as FHIR: whom to go back to, where, and when.

    GET  /fhir/R4/{Organization,Location,HealthcareService}/{id}    read
    GET  /fhir/R4/{Organization,Location,HealthcareService}         search, POST .../_search

A token is needed, and the answer is recorded as every other. Nothing is of a person.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api import held_search
from gateway.api.dependencies import caller_of, check_accepted, form_of, site_of
from gateway.api.responses import FhirResponse
from gateway.api.search_params import DEFAULT_COUNT
from gateway.errors import NotFoundError
from gateway.flows.site.site_served import Resources

_COMMON: Final = {"_id": "token", "name": "string", "identifier": "token"}
PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    "Organization": _COMMON | {"type": "token", "partof": "reference"},
    "Location": _COMMON | {"organization": "reference", "partof": "reference"},
    "HealthcareService": {
        "_id": "token",
        "name": "string",
        "service-type": "token",
        "organization": "reference",
        "coverage-area": "reference",
    },
}
"""Type -> each search parameter with its FHIR type."""
_ELEMENTS: Final = {
    "service-type": "type",
    "partof": "partOf",
    "coverage-area": "coverageArea",
}
_TARGETS: Final = ("Organization/", "Location/")


async def read_site(resource_type: str, request: Request) -> FhirResponse:
    """One Organization, Location or HealthcareService."""
    check_accepted(request)
    caller_of(request)
    found = (await _served(request, resource_type)).get(request.path_params["resource_id"])
    if found is None:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found))


async def search_site(resource_type: str, request: Request) -> FhirResponse:
    """Those that match every parameter."""
    return await _search(resource_type, request, [])


async def search_site_by_form(resource_type: str, request: Request) -> FhirResponse:
    """The same by form."""
    caller_of(request)
    return await _search(resource_type, request, await form_of(request))


async def _served(request: Request, resource_type: str) -> Resources:
    site = site_of(request)
    return await site.served.of(site.store.engine, resource_type)


async def _search(resource_type: str, request: Request, form: held_search.Pairs) -> FhirResponse:
    check_accepted(request)
    caller_of(request)
    taken = PARAMETERS[resource_type]
    given = [*request.query_params.multi_items(), *form]
    sought = held_search.parse(given, taken, DEFAULT_COUNT)
    found = await _served(request, resource_type)
    url = f"{site_of(request).base_url}/fhir/R4/{resource_type}"
    is_met = partial(_is_met, taken)
    return FhirResponse(held_search.searchset(url, sought, found.values(), is_met))


def _is_met(kinds: Mapping[str, str], name: str, wanted: str, one: Mapping[str, Any]) -> bool:
    """Whether it has this value."""
    if name == "_id":
        return bool(one["id"] == wanted)
    if name == "organization":
        element = "providedBy" if one["resourceType"] == "HealthcareService" else _MANAGING
    else:
        element = _ELEMENTS.get(name, name)
    held = one.get(element, ())
    parts = held if isinstance(held, list | tuple) else [held]
    return any(_KINDS[kinds[name]](wanted, part) for part in parts)


_MANAGING: Final = "managingOrganization"


def _is_token(wanted: str, held: Mapping[str, Any]) -> bool:
    system, bar, code = wanted.rpartition("|")
    return any(
        (not bar or system == own) and (code == value or not code) for own, value in _codes(held)
    )


def _codes(held: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """System and code of an Identifier, or of each Coding of a CodeableConcept."""
    if "value" in held:
        yield held.get("system", ""), held["value"]
    for coding in held.get("coding", ()):
        yield coding.get("system", ""), coding["code"]


def _begins(wanted: str, held: str) -> bool:
    return _folded(held).startswith(_folded(wanted))


def _folded(text: str) -> str:
    """Without case and accents, as FHIR compares strings."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def _refers(wanted: str, held: Mapping[str, Any]) -> bool:
    target = str(held["reference"])
    plain = wanted.startswith(_TARGETS)
    return wanted == (target if plain else target.partition("/")[2])


_KINDS: Final[Mapping[str, Callable[[str, Any], bool]]] = {
    "token": _is_token,
    "string": _begins,
    "reference": _refers,
}

ROUTES: Final = tuple(
    route
    for kind in PARAMETERS
    for route in (
        Route(f"/fhir/R4/{kind}/_search", partial(search_site_by_form, kind), methods=["POST"]),
        Route(f"/fhir/R4/{kind}/{{resource_id}}", partial(read_site, kind), methods=["GET"]),
        Route(f"/fhir/R4/{kind}", partial(search_site, kind), methods=["GET"]),
    )
)
