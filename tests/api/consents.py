"""What a person says of the sharing of their record, and teams, as FHIR for these tests."""

from typing import Any, Final

from tests.unit.consent.fhir_consents import actor, coded, consent_resource

ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
SDS: Final = "https://fhir.nhs.uk/Id/sds-user-id"
CATEGORY: Final = "https://care-gateway.example/fhir/CodeSystem/access-category"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def dissent(person_id: str, **provision: Any) -> dict:
    """The person denies what the provision says; everything to everyone, without one."""
    who = {"reference": f"Patient/{person_id}"}
    return consent_resource(patient=who, performer=[who], provision={"type": "deny", **provision})


def against(org: str) -> dict:
    return {"actor": [actor("IRCP", org)]}


def of_category(category: str) -> dict:
    return {"code": [coded(CATEGORY, category)]}


def of_label(code: str) -> dict:
    return {"securityLabel": [{"system": ACT_CODE, "code": code}]}


def team(person_id: str, *members: dict, **more: Any) -> dict:
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": f"Patient/{person_id}"},
        **({"participant": list(members)} if members else {}),
        **more,
    }


def organisation(ods: str, **more: Any) -> dict:
    return {"member": {"identifier": {"system": ODS, "value": ods}}, **more}


def practitioner(user: str, ods: str, **more: Any) -> dict:
    return {
        "member": {"identifier": {"system": SDS, "value": user}},
        "onBehalfOf": {"identifier": {"system": ODS, "value": ods}},
        **more,
    }
