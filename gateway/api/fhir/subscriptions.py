"""Subscriptions: what a team member or a provider's system is told of, and where.

    POST   /fhir/R4/Subscription            create; the answer holds the key of its notices, once
    GET    /fhir/R4/Subscription/{id}       read
    GET    /fhir/R4/Subscription            search: the caller's own; POST .../_search
    PUT    /fhir/R4/Subscription/{id}       update
    DELETE /fhir/R4/Subscription/{id}       delete
    GET    /fhir/R4/Subscription[/{id}]/$status    how they stand
    GET    /fhir/R4/Subscription/{id}/$events      what one was told, and without an address is told

Rule    Somebody else's is not there.
Source  HL7 Subscriptions R5 Backport 1.1, for R4.
"""

from typing import Any, Final

import orjson
from fastapi import Request, Response
from starlette.routing import Route

from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    asking_of,
    body_of,
    check_accepted,
    form_of,
    media_type_of,
    site_of,
)
from gateway.api.answers.operation_input import given_to
from gateway.api.answers.paths import ID
from gateway.api.answers.responses import FhirResponse, bundle, version_headers, written
from gateway.api.search import held_search
from gateway.api.search.search_params import DEFAULT_COUNT, SHAPES_ONLY, shown_name
from gateway.errors import (
    Fault,
    FaultyRequestError,
    MediaTypeError,
    NotSupportedError,
    UnprocessableError,
)
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.site.site import Asking, Site
from gateway.flows.subscriptions import subscription_desk as desk
from gateway.flows.subscriptions.subscription_desk import TYPE, Standing
from gateway.flows.subscriptions.subscription_notice import QUERY_STATUS, status_of
from gateway.flows.subscriptions.subscription_resource import EMPTY, ID_ONLY
from gateway.flows.subscriptions.subscription_terms import Terms
from gateway.flows.writing.write_conditions import version_in

PARAMETERS: Final = {
    "_id": "token",
    "status": "token",
    "criteria": "string",
    "type": "token",
    "url": "uri",
}
_LARGEST_BYTES: Final = 64 * 1024
_LAST_NUMBER: Final = 2**62


async def create_subscription(request: Request) -> Response:
    """201 with Location and ETag; 422 with every path at fault."""
    if "if-none-exist" in request.headers:
        raise NotSupportedError
    resource = await _sent(request)
    given = _given(request)
    row, made = await desk.create(given[0], _terms(request), given[1], resource)
    return _written(request, 201, row, made)


async def update_subscription(request: Request) -> Response:
    """The subscription as it is sent: 200; 412 where If-Match names another version."""
    resource, name = await _sent(request), request.path_params["resource_id"]
    if resource.get("id") != name:
        raise FaultyRequestError([Fault("invalid", "id", "is the id of the address")])
    match = version_in(request.headers.get("if-match"))
    site, asking = _given(request)
    row, made = await desk.update(site, _terms(request), asking, name, resource, match)
    return _written(request, 200, row, made)


async def delete_subscription(request: Request) -> Response:
    """It is no more: 204."""
    site, asking = _given(request)
    await desk.delete(site, asking, request.path_params["resource_id"])
    return Response(status_code=204)


async def read_subscription(request: Request) -> FhirResponse:
    """One of the caller's own."""
    site, asking = _given(request)
    row, made = await desk.one(site, asking, request.path_params["resource_id"])
    return FhirResponse(orjson.dumps(made), 200, version_headers(row))


async def search_subscriptions(request: Request) -> FhirResponse:
    """Those of the caller's own that match every parameter."""
    return await _search(request, [])


async def search_subscriptions_by_form(request: Request) -> FhirResponse:
    """The same by form."""
    return await _search(request, await form_of(request))


async def _search(request: Request, form: held_search.Pairs) -> FhirResponse:
    site, asking = _given(request)
    given = [*request.query_params.multi_items(), *form]
    sought = held_search.parse(given, PARAMETERS, DEFAULT_COUNT, f"{site.base_url}/fhir/R4")
    found = [made for _, made in await desk.everyone(site, asking)]
    url = f"{site.base_url}/fhir/R4/{TYPE}"
    return FhirResponse(held_search.searchset(url, sought, found, _parts))


def _parts(name: str, one: dict[str, Any]) -> list[Any]:
    """What it has where a parameter reads."""
    at = {"type": one["channel"].get("type"), "url": one["channel"].get("endpoint")}
    held = at[name] if name in at else one.get(name.removeprefix("_"))
    return [] if held is None else [held]


async def read_status(request: Request) -> FhirResponse:
    """How one stands, or each of the caller's."""
    site, asking = _given(request)
    given = await _asked(request, ("id", "status"))
    if "resource_id" in request.path_params:
        rows = [await desk.standing(site, asking, request.path_params["resource_id"])]
    else:
        rows = await desk.standings(site, asking)
        held = {"id": "subscription_id", "status": "status"}
        for name, values in given.items():
            wanted = {part for value in values for part in value.split(",")}
            rows = [row for row in rows if getattr(row, held[name]) in wanted]
    entries = [_entry(status_of(site, row, QUERY_STATUS)) for row in rows]
    links = {"self": f"{site.base_url}{request.scope['path']}"}
    return FhirResponse(bundle("searchset", len(entries), links, entries))


def _entry(status: dict[str, Any]) -> bytes:
    made = {"fullUrl": f"urn:uuid:{status['id']}", "resource": status}
    return orjson.dumps(made | {"search": {"mode": "match"}})


async def read_events(request: Request) -> FhirResponse:
    """What it was told under these numbers, as far as the caller may be told of it now."""
    site, asking = _given(request)
    given = await _asked(request, ("eventsSinceNumber", "eventsUntilNumber", "content"))
    first = _number(given, "eventsSinceNumber", 1)
    last = _number(given, "eventsUntilNumber", _LAST_NUMBER)
    content = given.get("content", [ID_ONLY])[-1]
    if content not in (ID_ONLY, EMPTY):
        raise UnprocessableError([Fault("not-supported", "content", "id-only or empty")])
    name = request.path_params["resource_id"]
    made = await desk.events(site, _terms(request), asking, name, (first, last), content)
    return FhirResponse(made)


async def _asked(request: Request, names: tuple[str, ...]) -> dict[str, list[str]]:
    """What an operation is given. Errors: FaultyRequestError."""
    given: dict[str, list[str]] = {}
    for name, value in await given_to(request):
        if name in names:
            given.setdefault(name, []).append(value)
        elif name not in SHAPES_ONLY:
            text = f"not taken here, only {', '.join(names)}"
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    return given


def _number(given: dict[str, list[str]], name: str, usual: int) -> int:
    if name not in given:
        return usual
    value = given[name][-1]
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise FaultyRequestError([Fault("invalid", name, "a whole number")])
    return int(value)


def _given(request: Request) -> tuple[Site, Asking]:
    check_accepted(request)
    return site_of(request), asking_of(request)


def _terms(request: Request) -> Terms:
    terms: Terms = request.app.state.subscriptions
    return terms


async def _sent(request: Request) -> dict[str, Any]:
    """The Subscription that was sent. Errors: FaultyRequestError, MediaTypeError."""
    _given(request)
    if media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    sent = sent_object(await body_of(request, _LARGEST_BYTES))
    if sent.get("resourceType") != TYPE:
        raise FaultyRequestError([Fault("structure", "", "a Subscription is expected")])
    return sent


def _written(request: Request, status: int, row: Standing, made: dict[str, Any]) -> Response:
    base = site_of(request).base_url
    headers = version_headers(row) | {"Location": f"{base}/fhir/R4/{TYPE}/{row.subscription_id}"}
    return written(request.headers.get("prefer", ""), status, orjson.dumps(made), headers)


_GET: Final = ["GET"]
_ASKED: Final = ["GET", "POST"]
_ALL: Final = f"/fhir/R4/{TYPE}"
_ONE: Final = f"{_ALL}/{ID}"
ROUTES: Final = (
    Route(f"{_ALL}/$status", read_status, methods=_ASKED),
    Route(f"{_ALL}/_search", search_subscriptions_by_form, methods=["GET", "POST"]),
    Route(_ALL, search_subscriptions, methods=_GET),
    Route(_ALL, create_subscription, methods=["POST"]),
    Route(f"{_ONE}/$status", read_status, methods=_ASKED),
    Route(f"{_ONE}/$events", read_events, methods=_ASKED),
    Route(_ONE, read_subscription, methods=_GET),
    Route(_ONE, update_subscription, methods=["PUT"]),
    Route(_ONE, delete_subscription, methods=["DELETE"]),
)
