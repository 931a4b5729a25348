"""The CapabilityStatement, made from what is wired: nothing is claimed that is not there."""

from typing import Any, Final

import orjson
from fastapi import APIRouter

from gateway.api import audit_events
from gateway.api.dependencies import SiteGiven
from gateway.api.records import READABLE
from gateway.api.responses import FhirResponse
from gateway.api.search_params import PARAMETERS, Parameter
from gateway.flows.write_record import CATEGORY

router = APIRouter(prefix="/fhir/R4")
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


@router.api_route("/metadata", methods=["GET", "HEAD"])
async def read_metadata(site: SiteGiven) -> FhirResponse:
    """What this server does. No token is needed: it says nothing of anyone."""
    return FhirResponse(orjson.dumps(statement(site.base_url)))


def statement(base_url: str) -> dict[str, Any]:
    """The CapabilityStatement of a server at this address."""
    resources = [_resource(resource_type) for resource_type in sorted((*READABLE, "AuditEvent"))]
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
                "security": {"description": "Bearer tokens with one role and one purpose."},
                "resource": resources,
            }
        ],
    }


def _resource(resource_type: str) -> dict[str, Any]:
    searchable = PARAMETERS.get(resource_type)
    codes = ["read"] if resource_type == "AuditEvent" else ["read", "vread", "history-instance"]
    if searchable or resource_type == "AuditEvent":
        codes.append("search-type")
    if resource_type in CATEGORY:
        codes.append("create")
    made: dict[str, Any] = {
        "type": resource_type,
        "interaction": [{"code": code} for code in codes],
        "versioning": "no-version" if resource_type == "AuditEvent" else "versioned",
        "readHistory": resource_type != "AuditEvent",
        "updateCreate": False,
        "conditionalRead": "not-supported",
    }
    if resource_type == "CarePlan":
        made["searchInclude"] = ["CarePlan:goal"]
    if searchable:
        made["searchParam"] = [_parameter(parameter) for parameter in searchable.values()]
    if resource_type == "AuditEvent":
        made["searchParam"] = [
            {"name": name, "type": "date" if name == "date" else "token"}
            for name in audit_events.PARAMETERS
        ]
    operations = [] if resource_type == "AuditEvent" else [("lineage", "resource-lineage")]
    if resource_type == "Patient":
        operations.append(("everything", "Patient-everything"))
    if operations:
        made["operation"] = [
            {"name": name, "definition": f"{_definition(name, slug)}"} for name, slug in operations
        ]
    return made


def _definition(name: str, slug: str) -> str:
    if name == "everything":
        return f"http://hl7.org/fhir/OperationDefinition/{slug}"
    return f"https://care-gateway.example/fhir/OperationDefinition/{slug}"


def _parameter(parameter: Parameter) -> dict[str, str]:
    return {"name": parameter.name, "type": _KINDS[parameter.kind]}
