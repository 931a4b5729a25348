"""FHIR Consents that say who acts for a person, as the national service shapes them."""

from typing import Any

from consent.proxies import (
    GRANTOR,
    LACKS_CAPACITY,
    LEGAL_BASIS_SYSTEM,
    NUMBER_SYSTEM,
    STATUS_REASON,
    STATUS_REASON_SYSTEM,
)
from tests.unit.consent.fhir_consents import ODS, USER, coded, consent_resource


def authority(
    user: str = "u-proxy", basis: str = "parental-responsibility", **changes: Any
) -> dict[str, Any]:
    """A Consent on which that user acts; a change of None leaves an element out."""
    provision = {"period": {"start": "2026-01-05"}, **changes.pop("provision", {})}
    return consent_resource(
        **{
            "category": [coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA")],
            "performer": [{"identifier": {"system": USER, "value": user}}],
            "policyRule": coded(LEGAL_BASIS_SYSTEM, basis),
            "extension": [because("ROLE_CREATED"), grantor("H85001")],
            "provision": provision,
            **changes,
        }
    )


def by_number(number: str) -> list[dict[str, Any]]:
    """Whom an NHS number names, as the performer."""
    return [{"type": "RelatedPerson", "identifier": {"system": NUMBER_SYSTEM, "value": number}}]


def because(code: str) -> dict[str, Any]:
    return {"url": STATUS_REASON, "valueCodeableConcept": coded(STATUS_REASON_SYSTEM, code)}


def grantor(ods: str, system: str = ODS) -> dict[str, Any]:
    value = {"identifier": {"system": system, "value": ods}}
    return {"url": GRANTOR, "valueReference": value}


def lacks_capacity(lacks: Any) -> dict[str, Any]:
    return {"url": LACKS_CAPACITY, "valueBoolean": lacks}
