"""Small messages about invented people, as their systems would send them."""

import json
from typing import Any, Final

SNOMED: Final = "http://snomed.info/sct"
_ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
_NHS: Final = "https://fhir.nhs.uk/Id/nhs-number"
_PROFILE: Final = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC"

HYPERTENSION: Final = ("38341003", "Hypertensive disorder")
HIV: Final = ("86406008", "Human immunodeficiency virus infection")
SCHIZOPHRENIA: Final = ("58214004", "Schizophrenia")


def support_plan(person: dict[str, Any], plan: dict[str, Any], **parts: list[dict]) -> bytes:
    """A support plan document; goals by default need no needs."""
    return json.dumps(
        {
            "document": "support-plan",
            "version": "1",
            "written_at": plan.pop("written_at", "2026-11-02T14:30:00Z"),
            "person": person,
            "plan": {
                "id": "SP-1",
                "type": "reablement",
                "state": "active",
                "title": "At home",
                "created_on": "2026-10-19",
                "starts_on": "2026-10-20",
                **plan,
            },
            **parts,
        }
    ).encode()


def goal(name: str, words: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "words": words, "state": "working on", **more}


def gp_record(
    practice: str, person: dict[str, str], problems: list[tuple[str, str]], **patient: Any
) -> bytes:
    """A GP Connect structured record with these problems."""
    patient_id = person["id"]
    subject = {"reference": f"Patient/{patient_id}"}
    entries: list[dict[str, Any]] = [
        {
            "resourceType": "Patient",
            "id": patient_id,
            "meta": {"profile": [f"{_PROFILE}-Patient-1"]},
            "identifier": [{"system": _NHS, "value": person["nhs_number"]}],
            "name": [{"use": "official", "family": person["family"], "given": [person["given"]]}],
            "gender": "female",
            "birthDate": person["born"],
            "address": [{"use": "home", "line": ["7 Ash Row"], "postalCode": "KT6 5ZZ"}],
            "telecom": [{"system": "phone", "value": "020 7946 0900"}],
            "generalPractitioner": [{"reference": "Practitioner/P1"}],
            "managingOrganization": {"reference": "Organization/O1"},
            **patient,
        },
        {
            "resourceType": "Organization",
            "id": "O1",
            "meta": {"profile": [f"{_PROFILE}-Organization-1"]},
            "identifier": [{"system": _ODS, "value": practice}],
            "name": "Elm Road Surgery",
        },
        {
            "resourceType": "Practitioner",
            "id": "P1",
            "meta": {"profile": [f"{_PROFILE}-Practitioner-1"]},
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "555000000011"}
            ],
            "name": [{"use": "official", "family": "Osei", "given": ["Grace"]}],
        },
    ]
    entries += [
        {
            "resourceType": "Condition",
            "id": f"C{place}",
            "meta": {"profile": [f"{_PROFILE}-ProblemHeader-Condition-1"]},
            "identifier": [{"system": "https://gp.example", "value": f"{patient_id}-C{place}"}],
            "clinicalStatus": "active",
            "category": [
                {
                    "coding": [
                        {
                            "system": "https://fhir.hl7.org.uk/STU3/CodeSystem/"
                            "CareConnect-ConditionCategory-1",
                            "code": "problem-list-item",
                        }
                    ]
                }
            ],
            "code": {"coding": [{"system": SNOMED, "code": code, "display": display}]},
            "subject": subject,
            "assertedDate": "2026-10-22T10:30:00+01:00",
            "asserter": {"reference": "Practitioner/P1"},
            "onsetDateTime": "2011-05-17",
        }
        for place, (code, display) in enumerate(problems)
    ]
    listed = [{"item": {"reference": f"Condition/C{place}"}} for place in range(len(problems))]
    problem_list = {
        "resourceType": "List",
        "meta": {"profile": [f"{_PROFILE}-List-1"]},
        "status": "current",
        "mode": "snapshot",
        "title": "Problems",
        "code": {"coding": [{"system": SNOMED, "code": "717711000000103", "display": "Problems"}]},
        "subject": subject,
        "date": "2026-10-22T11:00:12.104+01:00",
        **({"entry": listed} if listed else {}),
    }
    entries.append(problem_list)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "meta": {
            "profile": [
                "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
            ]
        },
        "entry": [{"resource": entry} for entry in entries],
    }
    return json.dumps(bundle).encode()
