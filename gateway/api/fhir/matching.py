"""Patient/$match: which of the people open to the caller a description fits.

    POST /fhir/R4/Patient/$match      http://hl7.org/fhir/R4/patient-operation-match.html

In      Parameters: resource (a Patient), onlyCertainMatches, count. Never in the URL.
Out     A searchset Bundle, the surest first, with score and match-grade; empty for nobody.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    asking_of,
    body_of,
    check_accepted,
    media_type_of,
    site_of,
)
from gateway.api.answers.responses import FhirResponse, bundle
from gateway.errors import Fault, FaultyRequestError, MediaTypeError
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.reading.match_person import Described, Found, match

_LARGEST_BYTES: Final = 64 * 1024
_GRADE: Final = "http://hl7.org/fhir/StructureDefinition/match-grade"
_USUAL, _MOST = 10, 50


async def match_patient(request: Request) -> FhirResponse:
    """Those whom the description fits, of all whom the caller may see."""
    check_accepted(request)
    site, asking = site_of(request), asking_of(request)
    if media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    body = await body_of(request, _LARGEST_BYTES)
    asked = _described(body)
    sealed = replace(asking, raw_query=body.decode("utf-8", "replace"))
    found = await match(site, sealed, asked)
    base = f"{site.base_url}/fhir/R4"
    links = {"self": f"{base}/Patient/$match"}
    return FhirResponse(bundle("searchset", len(found), links, [_entry(base, o) for o in found]))


def _entry(base: str, one: Found) -> bytes:
    grade = {"url": _GRADE, "valueCode": str(one.fit.grade)}
    return orjson.dumps(
        {
            "fullUrl": f"{base}/Patient/{one.view.resource_id}",
            "resource": orjson.Fragment(one.view.body),
            "search": {"extension": [grade], "mode": "match", "score": one.fit.score},
        }
    )


def _described(body: bytes) -> Described:
    """What is asked. Errors: FaultyRequestError."""
    sent = sent_object(body)
    if sent.get("resourceType") != "Parameters":
        raise FaultyRequestError([Fault("structure", "", "a Parameters resource is expected")])
    parameters = sent.get("parameter")
    listed = [
        one
        for one in (parameters if isinstance(parameters, list) else ())
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    ]
    given = {one["name"]: one for one in listed}
    if given.keys() - {"resource", "onlyCertainMatches", "count"} or len(given) < len(listed):
        raise FaultyRequestError([Fault("structure", "parameter", "one not known, or two alike")])
    patient = given.get("resource", {}).get("resource")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        raise FaultyRequestError([Fault("required", "resource", "the Patient to look for")])
    return Described(patient, _flag(given), _count(given))


def _flag(given: Mapping[str, Any]) -> bool:
    said = given.get("onlyCertainMatches", {"valueBoolean": False}).get("valueBoolean")
    if not isinstance(said, bool):
        raise FaultyRequestError([Fault("value", "onlyCertainMatches", "true or false")])
    return said


def _count(given: Mapping[str, Any]) -> int:
    said = given.get("count", {"valueInteger": _USUAL}).get("valueInteger")
    if not isinstance(said, int) or isinstance(said, bool) or said < 1:
        raise FaultyRequestError([Fault("value", "count", "a whole number above 0")])
    return min(said, _MOST)


ROUTES: Final = (Route("/fhir/R4/Patient/$match", match_patient, methods=["POST"]),)
