"""The site's organisations, places and services as FHIR: whom to go back to, where, and when.

    GET  /fhir/R4/{Organization,Location,HealthcareService}/{id}    read
    GET  /fhir/R4/{Organization,Location,HealthcareService}         search, POST .../_search

A token is needed, and the answer is recorded as every other. Nothing is of a person.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api.dependencies import body_of, caller_of, check_accepted, site_of
from gateway.api.responses import FhirResponse, bundle
from gateway.api.search_params import DEFAULT_COUNT, MOST, SHAPES_ONLY, shown_name
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.site_served import Resources

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
_FORM_BYTES: Final = 64 * 1024
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
    body = await body_of(request, _FORM_BYTES)
    return await _search(
        resource_type, request, parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    )


async def _served(request: Request, resource_type: str) -> Resources:
    site = site_of(request)
    return await site.served.of(site.store.engine, resource_type)


async def _search(
    resource_type: str, request: Request, form: list[tuple[str, str]]
) -> FhirResponse:
    check_accepted(request)
    caller_of(request)
    given = [*request.query_params.multi_items(), *form]
    tests, shape = [], {"_count": DEFAULT_COUNT, "_page": 0}
    for name, value in given:
        if name in PARAMETERS[resource_type] and value.strip(",") and value.isprintable():
            tests.append(partial(_matches, PARAMETERS[resource_type][name], name, value))
        elif name in shape and value.isascii() and value.isdigit():
            shape[name] = min(int(value[:6]), MOST if name == "_count" else 999_999)
        elif name not in SHAPES_ONLY:
            text = "takes " + ", ".join(PARAMETERS[resource_type]) + " and _count, with a value"
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    found = await _served(request, resource_type)
    kept = [one for one in found.values() if all(test(one) for test in tests)]
    base = f"{site_of(request).base_url}/fhir/R4/{resource_type}"
    first, after = shape["_page"], shape["_page"] + shape["_count"]
    links = {"self": f"{base}?{urlencode(given)}" if given else base}
    if after < len(kept) and shape["_count"]:
        rest = [pair for pair in given if pair[0] != "_page"]
        links["next"] = f"{base}?{urlencode([*rest, ('_page', str(after))])}"
    return FhirResponse(
        bundle("searchset", len(kept), links, (_entry(base, one) for one in kept[first:after]))
    )


def _entry(base: str, one: Mapping[str, Any]) -> bytes:
    shown = {"fullUrl": f"{base}/{one['id']}", "resource": one, "search": {"mode": "match"}}
    return orjson.dumps(shown)


def _matches(kind: str, name: str, value: str, one: Mapping[str, Any]) -> bool:
    """Whether one of the values, parted by commas, is met."""
    if name == "_id":
        return one["id"] in value.split(",")
    if name == "organization":
        element = "providedBy" if one["resourceType"] == "HealthcareService" else _MANAGING
    else:
        element = _ELEMENTS.get(name, name)
    held = one.get(element, ())
    parts = held if isinstance(held, list | tuple) else [held]
    return any(_KINDS[kind](wanted, part) for wanted in value.split(",") for part in parts)


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
