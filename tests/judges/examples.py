"""Resources of our own making that conform to FHIR R4: judges and validator accept them."""

from typing import Any, Final

TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
PERSON: Final = {"reference": "Patient/norma"}
MASKED: Final = {"extension": [{"url": "https://example.org/masked", "valueCode": "masked"}]}
NARRATIVE: Final = (
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>Back <b>home</b>&#160;safely</p></div>'
)


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


GOOD: Final[tuple[dict[str, Any], ...]] = (
    {
        "resourceType": "Patient",
        "id": "norma",
        "meta": {"versionId": "1", "lastUpdated": "2026-01-05T09:30:00.125Z"},
        "text": {"status": "generated", "div": NARRATIVE},
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
        "active": True,
        "name": [{"use": "official", "family": "Field", "given": ["Norma", "Jane"]}],
        "telecom": [{"system": "phone", "value": "020 7946 0018", "rank": 1}],
        "gender": "female",
        "birthDate": "1941-02-28",
        "_birthDate": {"extension": [{"url": "https://example.org/certain", "valueBoolean": True}]},
        "address": [{"line": ["1 High Street"], "_line": [MASKED], "city": "Surbiton"}],
        "deceasedBoolean": False,
        "contact": [{"name": {"text": "Ann Field"}, "period": {"start": "2020", "end": "2020-05"}}],
        "generalPractitioner": [
            {
                "type": "Organization",
                "identifier": {
                    "system": "https://fhir.nhs.uk/Id/ods-organization-code",
                    "value": "H84001",
                },
            }
        ],
    },
    {
        "resourceType": "CarePlan",
        "contained": [
            {
                "resourceType": "Goal",
                "id": "g",
                "lifecycleStatus": "active",
                "description": {"text": "Walk to the shop"},
                "subject": PERSON,
            }
        ],
        "status": "active",
        "intent": "plan",
        "title": "Home after a fall",
        "subject": PERSON,
        "period": {"start": "2026-01-05", "end": "2026-03-31"},
        "created": "2026-01-05T09:30:00+00:00",
        "goal": [{"reference": "#g"}, {"reference": "Goal/1/_history/2"}],
        "activity": [
            {
                "detail": {
                    "status": "in-progress",
                    "kind": "ServiceRequest",
                    "scheduledTiming": {
                        "repeat": {
                            "frequency": 2,
                            "period": 1.5,
                            "periodUnit": "d",
                            "timeOfDay": ["08:00:00"],
                        }
                    },
                    "dailyAmount": {"value": 2, "unit": "visits"},
                }
            },
            {"reference": {"reference": "Task/7"}},
        ],
    },
    {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "achievementStatus": concept("goal-achievement", "improving"),
        "description": {"text": "Walk to the shop"},
        "subject": PERSON,
        "startDate": "2026-01-05",
        "target": [{"measure": {"text": "steps"}, "detailInteger": 200, "dueDate": "2026-02-01"}],
    },
    {
        "resourceType": "Condition",
        "clinicalStatus": concept("condition-clinical", "resolved"),
        "verificationStatus": concept("condition-ver-status", "confirmed"),
        "code": {"text": "Fracture of hip"},
        "subject": PERSON,
        "onsetAge": {"value": 84, "code": "a", "system": "http://unitsofmeasure.org"},
        "abatementDateTime": "2026-01",
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "75367002"}]},
        "subject": PERSON,
        "effectiveInstant": "2026-01-05T09:30:59Z",
        "valueQuantity": {"value": 120.5, "unit": "mmHg", "comparator": "<"},
        "referenceRange": [{"low": {"value": 90}, "high": {"value": 140}}],
    },
    {
        "resourceType": "Consent",
        "status": "active",
        "scope": concept("consentscope", "patient-privacy"),
        "category": [{"text": "sharing"}],
        "patient": PERSON,
        "dateTime": "2026-01-05T09:30:00Z",
        "policyRule": {"text": "opt in"},
        "provision": {
            "type": "permit",
            "provision": [{"type": "deny", "action": [{"text": "a"}]}],
        },
    },
    {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": PERSON,
        "participant": [
            {
                "member": {"reference": "Practitioner/9"},
                "onBehalfOf": {"reference": "Organization/1"},
            },
            {"member": {"reference": "RelatedPerson/ann"}},
        ],
    },
    {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "authoredOn": "2026-01-05T09:30:00Z",
        "lastModified": "2026-01-05T09:31:00Z",
        "for": PERSON,
        "input": [{"type": {"text": "visits"}, "valuePositiveInt": 2}],
    },
    {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "https://example.org/Questionnaire/needs|1",
        "subject": PERSON,
        "item": [{"linkId": "1", "item": [{"linkId": "1.1", "answer": [{"valueDecimal": 0.25}]}]}],
    },
    {
        "resourceType": "Provenance",
        "target": [{"reference": "CarePlan/1/_history/1"}],
        "recorded": "2026-01-05T09:30:00Z",
        "agent": [{"who": {"identifier": {"value": "H84001"}}}],
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "plan",
        "medicationCodeableConcept": {"text": "Furosemide 40mg tablets"},
        "subject": PERSON,
        "dispenseRequest": {"quantity": {"value": 28, "unit": "tablet"}},
    },
    {
        "resourceType": "Immunization",
        "status": "not-done",
        "vaccineCode": {"text": "Influenza vaccine"},
        "patient": PERSON,
        "occurrenceString": "The day is not in the record",
        "education": [{"documentType": "Leaflet"}],
    },
    {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": PERSON,
        "content": [
            {"attachment": {"contentType": "text/plain; charset=utf-8", "data": "aGVsbG8="}}
        ],
    },
    {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "link": [{"relation": "self", "url": "https://example.org/fhir/R4/Flag?patient=norma"}],
        "entry": [
            {
                "fullUrl": "https://example.org/fhir/R4/Flag/1",
                "search": {"mode": "match", "score": 1},
                "resource": {
                    "resourceType": "Flag",
                    "status": "active",
                    "subject": PERSON,
                    "code": {"text": "Lives alone"},
                },
            }
        ],
    },
    {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "element", "part": [{"name": "path", "valueString": "status"}]},
            {"name": "resource", "resource": {"resourceType": "Binary", "contentType": "a/b"}},
        ],
    },
)
"""Among them: choices, companions, contained and nested resources, references of all kinds."""

BY_TYPE: Final = {resource["resourceType"]: resource for resource in GOOD}
