"""The CapabilityStatement, made from what is wired: nothing is claimed that is not there."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api.answers import formats
from gateway.api.answers.dependencies import check_accepted, site_of
from gateway.api.answers.profiles import claimed
from gateway.api.answers.responses import MADE_ANEW, FhirResponse
from gateway.api.fhir import definitions, exporting
from gateway.api.fhir.not_written import EVERYWHERE, HISTORIES, PROVENANCE, WHY
from gateway.api.fhir.operations import LINEAGE, OPERATIONS
from gateway.api.fhir.records import READABLE
from gateway.api.fhir.subscriptions import PARAMETERS as OF_SUBSCRIPTIONS
from gateway.api.search import audit_params, site_params
from gateway.api.search.search_params import PARAMETERS
from gateway.flows.subscriptions.subscription_resource import PROFILE
from gateway.flows.subscriptions.subscription_topics import Topic
from gateway.flows.writing import write_people
from gateway.flows.writing.write_types import TYPES as WRITTEN
from gateway.store.clear.search_table import SORTED

RELEASED: Final = "2026-11-21"
_BULK: Final = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
_TOPIC: Final = (
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
    "capabilitystatement-subscriptiontopic-canonical"
)
_PATIENT: Final = (
    "One Patient for each person, composed of what every source says; its history holds the"
    f" version that is composed now. {WHY['Patient']}"
)


async def read_metadata(request: Request) -> FhirResponse:
    """What this server does. No token is needed: it says nothing of anyone."""
    check_accepted(request)
    return FhirResponse(orjson.dumps(statement(site_of(request).base_url)))


def statement(base_url: str) -> dict[str, Any]:
    """The CapabilityStatement of a server at this address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "kind": "instance",
        "software": {"name": "Integrated care record gateway", "version": "0.1.0"},
        "instantiates": [_BULK],
        "implementation": {"description": "Care record gateway", "url": f"{base_url}/fhir/R4"},
        "fhirVersion": "4.0.1",
        "format": [formats.JSON, formats.XML],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Every answer is filtered for the caller and recorded in a "
                "verifiable log first. Every answer can be XML; a body is JSON. There is no Measure"
                " and no MeasureReport: a count over people would be another for each who asks."
                f" {HISTORIES} {EVERYWHERE}",
                "security": _security(base_url),
                "interaction": [
                    {"code": code} for code in ("transaction", "batch", "search-system")
                ],
                "resource": claims(),
                "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
            }
        ],
    }


def claims() -> list[dict[str, Any]]:
    """What is offered of each type."""
    more = (*site_params.PARAMETERS, "AuditEvent", "Group", "Subscription")
    types = sorted((*READABLE, *definitions.TYPES, *more))
    return [
        made | {"operation": _operations(made["type"])}
        for made in (_resource(resource_type) for resource_type in types)
    ]


def claims_of(resource_type: str) -> frozenset[str]:
    """The codes of the interactions that are offered of a type; none of one not served."""
    found = (one["interaction"] for one in claims() if one["type"] == resource_type)
    return frozenset(one["code"] for interactions in found for one in interactions)


def _operations(resource_type: str) -> list[dict[str, str]]:
    """An operation of HL7's is named by HL7's definition, with what of it is taken."""
    found = [one for one in OPERATIONS if one.is_of(resource_type)]
    found += [LINEAGE] if resource_type in READABLE and resource_type != "Provenance" else []
    return [
        {"name": one.code, "definition": one.base or one.url}
        | ({"documentation": f"Takes {', '.join(p.name for p in one.takes)}."} if one.takes else {})
        for one in found
    ]


def _security(base_url: str) -> dict[str, Any]:
    """Who may ask, and where a system gets its token."""
    smart = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    return {
        "service": [{"coding": [smart]}],
        "description": "Bearer tokens with one role and one purpose; where a system gets one:"
        f" {base_url}/.well-known/smart-configuration",
    }


def _resource(resource_type: str) -> dict[str, Any]:
    if resource_type == "AuditEvent":
        return _audit_events()
    if resource_type in definitions.TYPES:
        more = definitions.MORE.get(resource_type, {})
        return _fixed(resource_type, definitions.PARAMETERS | more)
    if resource_type == "Subscription":
        return _subscriptions()
    if resource_type == "Group":
        return _fixed("Group", exporting.GROUP_PARAMETERS) | {"documentation": WHY["Group"]}
    if resource_type in site_params.PARAMETERS:
        return _of_site(resource_type)
    searchable = PARAMETERS.get(resource_type)
    codes = ["read", "vread", "history-instance"]
    codes += ["search-type"] if searchable else []
    codes += _written(resource_type)
    made = _claims(resource_type, codes) | {"versioning": "versioned", "readHistory": True}
    if "update" in codes:
        made |= _conditions(deletable="delete" in codes)
    if searchable:
        made |= _searched(resource_type) | {"documentation": _sorts(resource_type)}
    return made


def _sorts(resource_type: str) -> str:
    """What a search can be sorted by, for which R4 has no element; of a Patient, what it is."""
    if resource_type == "Patient":
        return f"{_PATIENT} Sorted by _id."
    date = f", {SORTED[resource_type]}" if resource_type in SORTED else ""
    told = f"{PROVENANCE} " if resource_type == "Provenance" else ""
    return f"{told}Sorted by _id, _lastUpdated{date}."


def _searched(resource_type: str) -> dict[str, Any]:
    """By what a type is searched, and what can go with what is found."""
    several = PARAMETERS[resource_type].values()
    made: dict[str, Any] = {
        "searchParam": [
            {"name": one.name, "definition": one.definition, "type": one.fhir} for one in several
        ]
    }
    along = [one for one in several if one.kind in ("reference", "patient")]
    forth = [f"{resource_type}:{one.name}" for one in along]
    back = [
        f"{one.owner}:{one.name}"
        for others in PARAMETERS.values()
        for one in others.values()
        if (one.kind == "patient" and resource_type == "Patient")
        or (one.kind == "reference" and one.leads_to(resource_type))
    ]
    made |= {"searchInclude": forth} if forth else {}
    return made | ({"searchRevInclude": back} if back else {})


def _written(resource_type: str) -> list[str]:
    if resource_type == write_people.TYPE:
        return ["create", "update"]
    if resource_type not in WRITTEN:
        return []
    return ["create", "update", "patch", *(["delete"] if WRITTEN[resource_type].deletable else [])]


def _conditions(*, deletable: bool) -> dict[str, Any]:
    """What a type that is written takes beside an id; an update names the version it changes."""
    return {
        "versioning": "versioned-update",
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "single" if deletable else "not-supported",
        "referencePolicy": ["literal", "local", "enforced"],
    }


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


def _subscriptions() -> dict[str, Any]:
    """One's own; the topics stand where the backport to R4 has them."""
    made = _fixed("Subscription", OF_SUBSCRIPTIONS)
    codes = ("create", "read", "update", "delete", "search-type")
    topics = [{"url": _TOPIC, "valueCanonical": topic.url} for topic in Topic]
    made |= {"interaction": [{"code": code} for code in codes], "versioning": "versioned"}
    return {"extension": topics} | made | {"supportedProfile": [PROFILE]}


def _of_site(resource_type: str) -> dict[str, Any]:
    """With what goes along with the site's own resources."""
    made = _fixed(resource_type, site_params.PARAMETERS[resource_type])
    forth = [one for one in site_params.LEADS if one.startswith(f"{resource_type}:")]
    back = [one for one, leads in site_params.LEADS.items() if leads == resource_type]
    made |= {"searchInclude": forth} if forth else {}
    return made | ({"searchRevInclude": back} if back else {})


def _fixed(resource_type: str, taken: Mapping[str, str]) -> dict[str, Any]:
    parameters = [parameter_of(resource_type, name, kind) for name, kind in taken.items()]
    made = _claims(resource_type, ["read", "search-type"])
    made |= {"versioning": "no-version", "readHistory": False, "searchParam": parameters}
    return made | {"conditionalRead": "not-supported"}


def _claims(resource_type: str, codes: list[str]) -> dict[str, Any]:
    profiles = claimed(resource_type)
    return {
        "type": resource_type,
        **({"supportedProfile": profiles} if profiles else {}),
        "interaction": [{"code": code} for code in codes],
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "not-supported" if resource_type in MADE_ANEW else "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
    }


def parameter_of(resource_type: str, name: str, kind: str) -> dict[str, str]:
    """A search parameter with the canonical URL of its definition in R4."""
    owner = resource_type
    if name in ("_id", "_lastUpdated"):
        owner = "Resource"
        kind = "token" if name == "_id" else kind
    elif resource_type in definitions.TYPES and resource_type not in definitions.MORE:
        owner = "conformance"
    elif name in ("family", "given", "phone", "email"):
        owner = "individual"
    definition = f"http://hl7.org/fhir/SearchParameter/{owner}-{name.removeprefix('_')}"
    return {"name": name, "definition": definition, "type": kind}


ROUTES: Final = (Route("/fhir/R4/metadata", read_metadata, methods=["GET"]),)
