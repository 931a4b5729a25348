"""FHIR Consents for tests, valid in the strict profile until a test changes them."""

from consent.from_fhir import PRIVACY
from consent.provisions import PARTICIPATION_SYSTEM

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
USER = "https://care-gateway.example/fhir/Id/user"


def coded(system: str, code: str) -> dict:
    return {"coding": [{"system": system, "code": code}]}


def consent_resource(**changes) -> dict:
    """A Consent; a change of None leaves an element out. The root rule permits."""
    provision = {"type": "permit", **changes.pop("provision", {})}
    resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": coded(*PRIVACY),
        "category": [coded("http://loinc.org", "59284-0")],
        "patient": {"reference": "Patient/p1"},
        "dateTime": "2026-03-01",
        "performer": [{"reference": "Patient/p1"}],
        "policy": [{"uri": "https://care-gateway.example/policy"}],
        "provision": {k: v for k, v in provision.items() if v is not None},
        **changes,
    }
    return {name: value for name, value in resource.items() if value is not None}


def actor(code: str, value: str, system: str = ODS, role_system: str = PARTICIPATION_SYSTEM):
    return {
        "role": coded(role_system, code),
        "reference": {"identifier": {"system": system, "value": value}},
    }
