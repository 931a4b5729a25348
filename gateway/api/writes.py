"""What may be written over REST: Consent and CareTeam; permission to view.

POST /fhir/R4/Consent, POST /fhir/R4/CareTeam    create    http://hl7.org/fhir/R4/http.html#create
POST /access/permission
"""

from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from starlette.routing import Route

from gateway.api import site_data, terms
from gateway.api.dependencies import (
    AskingGiven,
    SiteGiven,
    asking_of,
    body_of,
    json_wanted,
    site_of,
)
from gateway.api.records import READABLE
from gateway.api.responses import FhirResponse, created, version_headers
from gateway.errors import (
    Fault,
    FaultyRequestError,
    MediaTypeError,
    NotFoundError,
    NotSupportedError,
)
from gateway.flows import record_permission, write_record

router = APIRouter()
_JSON: Final = ("application/fhir+json", "application/json")
_READ_ONLY: Final = (*READABLE, *terms.TYPES, *site_data.PARAMETERS, "AuditEvent", "metadata")


async def create_resource(request: Request) -> Response:
    """A new Consent or CareTeam: 201 with Location and ETag; 422 with every path at fault."""
    json_wanted(request)
    site, asking = site_of(request), asking_of(request)
    resource_type = request.path_params["resource_type"]
    if resource_type not in write_record.CATEGORY:
        raise NotSupportedError if resource_type in _READ_ONLY else NotFoundError
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _JSON:
        raise MediaTypeError
    if "if-none-exist" in request.headers:
        text = "a conditional create is not supported"
        raise FaultyRequestError([Fault("not-supported", "If-None-Exist", text)])
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    view = await write_record.create(site, asking, resource_type, body)
    place = f"{site.base_url}/fhir/R4/{resource_type}/{view.resource_id}/_history/1"
    headers = version_headers(view) | {"Location": place}
    preferred = request.headers.get("prefer", "").lower()
    if "return=minimal" in preferred:
        return FhirResponse(b"", 201, headers)
    if "return=operationoutcome" in preferred:
        return FhirResponse(created(), 201, headers)
    return FhirResponse(view.body, 201, headers)


@router.post("/access/permission")
async def record_given_permission(
    request: Request, site: SiteGiven, asking: AskingGiven
) -> Response:
    """The person was asked and agreed: for this visit or standing, until when, for whom."""
    body = await body_of(request, 16 * 1024)
    made = await record_permission.record(site, asking, body)
    return Response(orjson.dumps(made), 201, media_type="application/json")


ROUTES: Final = (Route("/fhir/R4/{resource_type}", create_resource, methods=["POST"]),)
