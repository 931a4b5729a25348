"""The CapabilityStatement, made from what is wired: nothing is claimed that is not there."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api import audit_params, site_data, terms
from gateway.api.dependencies import json_wanted, site_of
from gateway.api.records import READABLE
from gateway.api.responses import FhirResponse
from gateway.api.search_params import PARAMETERS
from gateway.flows.write_record import CATEGORY

RELEASED: Final = "2026-11-21"
_KINDS: Final = {
    "id": "token",
    "status": "token",
    "code": "token",
    "number": "token",
    "patient": "reference",
    "date": "date",
    "updated": "date",
}
_OWN: Final = "https://care-gateway.example/fhir/OperationDefinition"
_MATCH: Final = "http://hl7.org/fhir/OperationDefinition/Patient-match"
_EVERYTHING: Final = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
_OAUTH: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_PATIENT: Final = (
    "One Patient for each person, composed of what every source says; its history holds the"
    " version that is composed now."
)
_CLINICAL: Final = {
    "": ("patient", "code", "date", "type"),
    "AuditEvent": (),
    "Patient": (),
    "Organization": (),
}
"""Parameters that R4 defines once for many types."""


async def read_metadata(request: Request) -> FhirResponse:
    """What this server does. No token is needed: it says nothing of anyone."""
    json_wanted(request)
    return FhirResponse(orjson.dumps(statement(site_of(request).base_url)))


def statement(base_url: str) -> dict[str, Any]:
    """The CapabilityStatement of a server at this address."""
    types = sorted((*READABLE, *terms.TYPES, *site_data.PARAMETERS, "AuditEvent"))
    resources = [_resource(resource_type) for resource_type in types]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "kind": "instance",
        "software": {"name": "Integrated care record gateway", "version": "0.1.0"},
        "implementation": {"description": "Care record gateway", "url": f"{base_url}/fhir/R4"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Every answer is filtered for the caller and recorded in a "
                "verifiable log first. XML is not served.",
                "security": _security(base_url),
                "resource": resources,
            }
        ],
    }


def _security(base_url: str) -> dict[str, Any]:
    """Who may ask, and where a system gets its token."""
    smart = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    token = {"url": "token", "valueUri": f"{base_url}/oauth/token"}
    return {
        "extension": [{"url": _OAUTH, "extension": [token]}],
        "service": [{"coding": [smart]}],
        "description": "Bearer tokens with one role and one purpose.",
    }


def _resource(resource_type: str) -> dict[str, Any]:
    if resource_type == "AuditEvent":
        return _audit_events()
    if resource_type in terms.TYPES:
        return _fixed(resource_type, terms.PARAMETERS)
    if resource_type in site_data.PARAMETERS:
        return _fixed(resource_type, site_data.PARAMETERS[resource_type])
    searchable = PARAMETERS.get(resource_type)
    codes = ["read", "vread", "history-instance"]
    codes += ["search-type"] if searchable else []
    codes += ["create"] if resource_type in CATEGORY else []
    made = _claims(resource_type, codes) | {"versioning": "versioned", "readHistory": True}
    if resource_type == "Patient":
        made["documentation"] = _PATIENT
    if resource_type == "CarePlan":
        made["searchInclude"] = ["CarePlan:goal"]
    if searchable:
        made["searchParam"] = [
            parameter_of(resource_type, one.name, _KINDS[one.kind]) for one in searchable.values()
        ]
    operations = [("lineage", f"{_OWN}/lineage")]
    if resource_type == "Patient":
        operations += [("everything", _EVERYTHING), ("match", _MATCH)]
    made["operation"] = [
        {"name": name, "definition": definition} for name, definition in operations
    ]
    return made


def _audit_events() -> dict[str, Any]:
    parameters = [
        parameter_of("AuditEvent", name, kind)
        for name, kind in audit_params.PARAMETERS.items()
        if name not in audit_params.OWN
    ]
    parameters += [
        {"name": name, "type": audit_params.PARAMETERS[name], "documentation": text}
        for name, text in audit_params.OWN.items()
    ]
    made = _claims("AuditEvent", ["read", "search-type"])
    return made | {"versioning": "no-version", "readHistory": False, "searchParam": parameters}


def _fixed(resource_type: str, taken: Mapping[str, str]) -> dict[str, Any]:
    parameters = [parameter_of(resource_type, name, kind) for name, kind in taken.items()]
    made = _claims(resource_type, ["read", "search-type"])
    made |= {"versioning": "no-version", "readHistory": False, "searchParam": parameters}
    return made | {"conditionalRead": "not-supported"}


def _claims(resource_type: str, codes: list[str]) -> dict[str, Any]:
    return {
        "type": resource_type,
        "interaction": [{"code": code} for code in codes],
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "not-supported" if resource_type == "AuditEvent" else "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
    }


def parameter_of(resource_type: str, name: str, kind: str) -> dict[str, str]:
    """A search parameter with the canonical URL of its definition in R4."""
    owner = resource_type
    if name in ("_id", "_lastUpdated"):
        owner = "Resource"
        kind = "token" if name == "_id" else kind
    elif resource_type in terms.TYPES:
        owner = "conformance"
    elif name in _CLINICAL.get(resource_type, _CLINICAL[""]):
        owner = "clinical"
    definition = f"http://hl7.org/fhir/SearchParameter/{owner}-{name.removeprefix('_')}"
    return {"name": name, "definition": definition, "type": kind}


ROUTES: Final = (Route("/fhir/R4/metadata", read_metadata, methods=["GET"]),)
