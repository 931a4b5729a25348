"""Is this a resource that could stand here? Asked without storing anything.

    POST /fhir/R4/{type}/$validate        a resource, or Parameters: resource, mode, profile
    POST /fhir/R4/{type}/{id}/$validate   the same; with no resource, the one that stands here

200 whatever is found: an OperationOutcome with an error for each fault and its FHIRPath, or the
word that there is none. A token is needed, and the answer is recorded; what was sent is neither
kept nor logged, and is compared with nothing that is stored. What stands here is read as every
read is: through the Filter.

Source  http://hl7.org/fhir/R4/resource-operation-validate.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.policy import Policy
from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    asking_of,
    body_of,
    check_accepted,
    media_type_of,
    site_of,
)
from gateway.api.answers.operation_input import parameters
from gateway.api.answers.responses import FhirResponse
from gateway.api.fhir.metadata import claims_of
from gateway.api.search.search_params import SHAPES_ONLY, shown_name
from gateway.errors import Fault, FaultyRequestError, MediaTypeError, NotFoundError
from gateway.flows.asking.sent_object import sent_fhir
from gateway.flows.reading import query_record
from gateway.flows.writing.write_consents import fault_of
from mappings.core.checking.expressions import expression_of
from mappings.core.checking.problem import Problem
from mappings.core.checking.profiles import check_profile, is_known
from mappings.core.checking.shapes import SERVED
from mappings.core.checking.validate import validate

_MODES: Final = ("create", "update", "delete", "profile")
_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_NO_PROFILE: Final = "this profile is not known here, so nothing was held against it"


@dataclass(frozen=True, slots=True)
class _Question:
    """What is to be judged, and by what."""

    resource_type: str
    resource_id: str
    resource: Any
    mode: str
    profiles: tuple[str, ...]


async def validate_resource(request: Request) -> FhirResponse:
    """An OperationOutcome with everything that is wrong."""
    check_accepted(request)
    site, asking = site_of(request), asking_of(request)
    resource_type = request.path_params["resource_type"]
    if resource_type not in SERVED:
        raise NotFoundError
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    if body and media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    resource_id = request.path_params.get("resource_id", "")
    question = _asked(request, resource_type, resource_id, _parsed(body))
    if question.resource is None and question.mode != "delete":
        view = await query_record.read(site, asking, resource_type, resource_id)
        question = _Question(
            resource_type, resource_id, orjson.loads(view.body), question.mode, question.profiles
        )
    return _answer(question.resource, _problems(question, site.policy, asking.at))


def _parsed(body: bytes) -> Any:
    return sent_fhir(body) if body.strip() else None


def _asked(request: Request, resource_type: str, resource_id: str, sent: Any) -> _Question:
    given: dict[str, list[Any]] = {}
    for name, value in request.query_params.multi_items():
        if name not in SHAPES_ONLY:
            given.setdefault(name, []).append(value)
    if _is_wrapped(sent, resource_type):
        for name, value in parameters(sent):
            given.setdefault(name, []).append(value)
    elif sent is not None:
        given["resource"] = [sent]
    unknown = sorted(given.keys() - {"resource", "mode", "profile"})
    if unknown:
        raise FaultyRequestError([Fault("invalid", shown_name(unknown[0]), "is not taken here")])
    mode = _only(given, "mode") or ""
    if mode and mode not in _MODES:
        raise FaultyRequestError([Fault("invalid", "mode", "one of " + ", ".join(_MODES))])
    resource = _only(given, "resource")
    if resource is None and not resource_id:
        raise FaultyRequestError([Fault("required", "resource", "the resource to be judged")])
    profiles = tuple(str(one) for one in given.get("profile", ()))
    return _Question(resource_type, resource_id, resource, mode, profiles)


def _is_wrapped(sent: Any, resource_type: str) -> bool:
    return (
        isinstance(sent, dict)
        and sent.get("resourceType") == "Parameters"
        and resource_type != "Parameters"
    )


def _only(given: Mapping[str, list[Any]], name: str) -> Any:
    values = given.get(name, [None])
    if len(values) > 1:
        raise FaultyRequestError([Fault("invalid", name, "is given more than once")])
    return values[0]


def _problems(question: _Question, policy: Policy, at: datetime) -> list[Problem]:
    """Everything that is wrong: with the resource, and with what is to be done with it."""
    resource, name = question.resource, question.resource_type
    found = list(_of_mode(question))
    for profile in question.profiles:
        if not _is_base(profile, name) and not is_known(profile, name):
            found.append(Problem("", "not-supported", _NO_PROFILE))
    if resource is None:
        return found
    if not isinstance(resource, dict) or resource.get("resourceType") != name:
        return [*found, Problem(name, "invalid", f"a {name} is expected here")]
    problems = validate(resource, local_references=False)
    if name == "Consent" and question.mode in ("create", "update") and not problems:
        problems = _of_consent(resource, policy, at)
    if not problems:
        held = (one for one in question.profiles if is_known(one, name))
        problems = tuple(problem for one in held for problem in check_profile(resource, one))
    return [*found, *problems]


def _is_base(profile: str, resource_type: str) -> bool:
    return profile.partition("|")[0] == f"{_BASE}{resource_type}"


def _of_mode(question: _Question) -> list[Problem]:
    """What keeps this from being done here at all."""
    mode, name = question.mode, question.resource_type
    if mode not in ("create", "update", "delete"):
        return []
    if mode not in claims_of(name):
        return [Problem("", "not-supported", f"no {name} is taken here by {mode}")]
    sent = question.resource.get("id") if isinstance(question.resource, dict) else None
    if mode == "update" and question.resource_id and sent != question.resource_id:
        return [Problem(f"{name}.id", "value", "is not the id of the address")]
    return []


def _of_consent(resource: dict[str, Any], policy: Policy, at: datetime) -> tuple[Problem, ...]:
    """What keeps a Consent from being read as a rule, in the profile that is kept here."""
    fault = fault_of(resource, policy, at)
    return (Problem(fault.path, fault.code, fault.text),) if fault else ()


def _answer(resource: Any, problems: list[Problem]) -> FhirResponse:
    issues: list[dict[str, Any]] = [
        {"severity": "error", "code": one.code, "diagnostics": one.text} | _placed(resource, one)
        for one in problems
    ]
    none = {"severity": "information", "code": "informational", "diagnostics": "No fault was found"}
    body = {"resourceType": "OperationOutcome", "issue": issues or [none]}
    return FhirResponse(orjson.dumps(body))


def _placed(resource: Any, problem: Problem) -> dict[str, Any]:
    expression = expression_of(resource, problem.path)
    return {"expression": [expression]} if expression else {}


ROUTES: Final = (
    Route("/fhir/R4/{resource_type}/$validate", validate_resource, methods=["POST"]),
    Route("/fhir/R4/{resource_type}/{resource_id}/$validate", validate_resource, methods=["POST"]),
)
