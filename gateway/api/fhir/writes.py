"""What is written over REST: create, update, patch and delete; permission to view.

POST   /fhir/R4/{type}             create, conditional by If-None-Exist
PUT    /fhir/R4/{type}/{id}        update        PUT    /fhir/R4/{type}?identifier=    conditional
PATCH  /fhir/R4/{type}/{id}        JSON Patch    PATCH  /fhir/R4/{type}?identifier=    conditional
DELETE /fhir/R4/{type}/{id}        delete        DELETE /fhir/R4/{type}?identifier=    conditional
POST   /access/permission

Source  http://hl7.org/fhir/R4/http.html
"""

from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from starlette.routing import Route

from consent.terms import Action
from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    AskingGiven,
    SiteGiven,
    asking_of,
    body_of,
    check_accepted,
    media_type_of,
    site_of,
)
from gateway.api.answers.paths import INSTANCE, OF_TYPE
from gateway.api.answers.responses import version_headers, written
from gateway.errors import MediaTypeError, NotSupportedError
from gateway.flows.access import record_permission
from gateway.flows.site.site import Site
from gateway.flows.writing import write_people, write_record
from gateway.flows.writing.write_conditions import identifier_of, version_in
from gateway.flows.writing.write_steps import Done, Write
from gateway.flows.writing.write_told import HEADER, check_untold, read_told
from gateway.flows.writing.write_types import TYPES

router = APIRouter()
PATCH: Final = ("application/json-patch+json",)


async def create_resource(request: Request) -> Response:
    """A new resource: 201 with Location and ETag; 422 with every path at fault. With If-None-Exist
    200 where there is one already."""
    _accepted(request, formats.BODIES)
    site, asking = site_of(request), asking_of(request)
    resource_type = request.path_params["resource_type"]
    asked = request.headers.get("if-none-exist")
    whose = (resource_type, f"{site.base_url}/fhir/R4/{resource_type}")
    identifier = None if asked is None else identifier_of(asked, "If-None-Exist", whose)
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    if resource_type == write_people.TYPE:
        check_untold(request.headers.getlist(HEADER))
        return _answer(request, site, await write_people.create(site, asking, body, identifier))
    told_of = read_told(request.headers.getlist(HEADER))
    done = await write_record.create(site, asking, resource_type, body, identifier, told_of)
    return _answer(request, site, done)


async def update_resource(request: Request) -> Response:
    """The resource as it is sent: 200, and 201 for a new one where an identifier named none."""
    _accepted(request, formats.BODIES)
    site, asking = site_of(request), asking_of(request)
    write = _asked(request, Action.UPDATE)
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    if write.resource_type == write_people.TYPE:
        check_untold(request.headers.getlist(HEADER))
        match = -1 if write.only_new else write.match  # what is there is not nothing
        named = (write.resource_id, body, match, write.identifier)
        return _answer(request, site, await write_people.update(site, asking, *named))
    return _answer(request, site, await write_record.update(site, asking, write, body))


async def patch_resource(request: Request) -> Response:
    """The resource after a JSON Patch: 200."""
    _accepted(request, PATCH)
    site, asking = site_of(request), asking_of(request)
    write = _asked(request, Action.UPDATE)
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    return _answer(request, site, await write_record.patch(site, asking, write, body))


async def delete_resource(request: Request) -> Response:
    """The resource is no more: 204, and 410 to whoever reads it then."""
    _accepted(request, None)
    site, asking = site_of(request), asking_of(request)
    check_untold(request.headers.getlist(HEADER))
    write = _asked(request, Action.DELETE)
    return _answer(request, site, await write_record.delete(site, asking, write))


def _accepted(request: Request, media_types: tuple[str, ...] | None) -> None:
    """Refuse what is not written here, and bodies of other media types."""
    check_accepted(request)
    resource_type = request.path_params["resource_type"]
    of_systems = resource_type == write_people.TYPE and request.method in ("POST", "PUT")
    if resource_type not in TYPES and not of_systems:
        raise NotSupportedError
    named = "resource_id" in request.path_params or request.scope["query_string"]
    if request.method != "POST" and not named:
        raise NotSupportedError
    if media_types is None:
        return
    if media_type_of(request) not in media_types:
        raise MediaTypeError


def _asked(request: Request, action: Action) -> Write:
    """What is to be changed, by its id or by an identifier."""
    resource_type = request.path_params["resource_type"]
    resource_id = request.path_params.get("resource_id", "")
    identifier = None
    if not resource_id:
        identifier = identifier_of(request.scope["query_string"].decode("latin-1"))
    nothing_yet = ",".join(request.headers.getlist("if-none-match")).strip() == "*"
    return Write(
        action, resource_type, resource_id, identifier=identifier,
        match=version_in(request.headers.get("if-match")), only_new=nothing_yet,
        told=read_told(request.headers.getlist(HEADER)),
    )  # fmt: skip


def place_of(site: Site, done: Done) -> str:
    """The address of the version that was written."""
    view = done.view
    name = f"{view.resource_type}/{view.resource_id}"
    return f"{site.base_url}/fhir/R4/{name}/_history/{view.version}"


def _answer(request: Request, site: Site, done: Done) -> Response:
    if done.status == 204:
        headers = version_headers(done.view) if done.view.version else {}
        return Response(status_code=204, headers=headers)
    headers = version_headers(done.view) | {"Location": place_of(site, done)}
    return written(request.headers.get("prefer", ""), done.status, done.view.body, headers)


@router.post("/access/permission")
async def record_given_permission(
    request: Request, site: SiteGiven, asking: AskingGiven
) -> Response:
    """The person was asked and agreed: for this visit or standing, until when, for whom."""
    body = await body_of(request, 16 * 1024)
    made = await record_permission.record(site, asking, body)
    return Response(orjson.dumps(made), 201, media_type="application/json")


ROUTES: Final = (
    Route(OF_TYPE, create_resource, methods=["POST"]),
    Route(INSTANCE, update_resource, methods=["PUT"]),
    Route(INSTANCE, patch_resource, methods=["PATCH"]),
    Route(INSTANCE, delete_resource, methods=["DELETE"]),
    Route(OF_TYPE, update_resource, methods=["PUT"]),
    Route(OF_TYPE, patch_resource, methods=["PATCH"]),
    Route(OF_TYPE, delete_resource, methods=["DELETE"]),
)
