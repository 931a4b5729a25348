"""What the team itself writes over REST: a care team, a dissent.

In      Ids and organisation codes.
Out     FHIR R4 resources as dicts.
Source  FHIR R4 CareTeam, Consent; the strict consent profile of consent/from_fhir.py.
Pure    Yes.
"""

from collections.abc import Iterable
from typing import Any, Final

_ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
_CATEGORY: Final = "https://care-gateway.example/fhir/CodeSystem/access-category"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"

Json = dict[str, Any]


def care_team(patient_id: str, name: str, members: Iterable[tuple[str, str]]) -> Json:
    """The team of several professions round one person; members are (ODS code, name)."""
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "name": name,
        "subject": {"reference": f"Patient/{patient_id}"},
        "participant": [{"member": _organisation(code, shown)} for code, shown in members],
    }


def dissent(patient_id: str, on: str, org: str, category: str) -> Json:
    """The person says no: this organisation shall not see this category of the record."""
    person = {"reference": f"Patient/{patient_id}"}
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": _coded(f"{_TERMS}/consentscope", "patient-privacy"),
        "category": [_coded("http://loinc.org", "59284-0")],
        "patient": person,
        "dateTime": on,
        "performer": [person],
        "policyRule": _coded(f"{_TERMS}/v3-ActCode", "OPTOUT"),
        "provision": {
            "type": "deny",
            "actor": [
                {
                    "role": _coded(f"{_TERMS}/v3-ParticipationType", "IRCP"),
                    "reference": _organisation(org, ""),
                }
            ],
            "action": [_coded(f"{_TERMS}/consentaction", "access")],
            "code": [_coded(_CATEGORY, category)],
        },
    }


def _organisation(code: str, shown: str) -> Json:
    made: Json = {"type": "Organization", "identifier": {"system": _ODS, "value": code}}
    return made | ({"display": shown} if shown else {})


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}
