"""GP Connect structured records, as a practice's system answers: one STU3 bundle per person.

In      A person of the borough.
Out     The JSON bytes of the bundle: patient, practice, doctor, problems, medicines, readings,
        targets, diary entries, referrals, and the seven lists of a whole record.
Source  GP Connect Access Record: Structured 1.6; FHIR STU3; CareConnect profiles.
Pure    Yes.
"""

from typing import Final

import orjson

from gateway.cli.demo.dice import Dice
from gateway.cli.demo.gp_chart import PROFILE, Chart, Json, concept, label
from gateway.cli.demo.gp_entries import entries_of
from gateway.cli.demo.people import SEEN_ON, Person

_VERIFIED: Final = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1"
_MADE: Final = f"{SEEN_ON.isoformat()}T06:00:00+00:00"

_LISTS: Final = {
    "717711000000103": ("Problems", ("Condition",)),
    "886921000000105": ("Allergies and adverse reactions", ("AllergyIntolerance",)),
    "1149501000000101": ("List of consultations", ("Encounter",)),
    "826501000000100": ("Miscellaneous record", ("Observation",)),
    "792931000000107": ("Outbound referral", ("ReferralRequest",)),
    "714311000000108": ("Patient recall administration", ("ProcedureRequest",)),
    "933361000000108": ("Medications and medical devices", ("MedicationStatement",)),
}


def structured_record(person: Person, seed: int = 1) -> bytes:
    """The whole record of one person, as their practice holds it."""
    chart = Chart(person, Dice("gp", seed, person.number))
    entries = entries_of(chart)
    head = [_patient(chart), _organization(chart), _practitioner(chart)]
    resources = [*head, *entries, *_lists(chart, entries)]
    bundle = {
        "resourceType": "Bundle",
        "id": chart.guid("bundle"),
        "meta": {
            "lastUpdated": _MADE,
            "profile": [
                "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
            ],
        },
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }
    return orjson.dumps(bundle)


def _patient(chart: Chart) -> Json:
    person = chart.person
    verified = {"system": _VERIFIED, "code": "01", "display": "Number present and verified"}
    status = {
        "url": f"{PROFILE.replace('CareConnect', 'Extension-CareConnect')}"
        "NHSNumberVerificationStatus-1",
        "valueCodeableConcept": {"coding": [verified]},
    }
    made = chart.resource(
        "Patient",
        active=True,
        name=[{"use": "official", "family": person.family, "given": [person.given]}],
        gender=person.gender,
        birthDate=person.born.isoformat(),
        generalPractitioner=[chart.doctor],
        managingOrganization=chart.practice,
    )
    made["id"] = chart.guid("patient")
    made["identifier"] = [
        {
            "extension": [status],
            "system": "https://fhir.nhs.uk/Id/nhs-number",
            "value": person.nhs_number,
        },
        {"system": made["identifier"][0]["system"], "value": f"EM-{person.number:06}"},
    ]
    return _with_home(chart, made)


def _with_home(chart: Chart, made: Json) -> Json:
    """Home and telephone; for a restricted person the practice sends a label instead."""
    person = chart.person
    if person.sensitivity:
        code = "V" if person.sensitivity.startswith("very") else "R"
        made["meta"]["security"] = [label("Confidentiality", code)]
        return made
    made["address"] = [
        {
            "use": "home",
            "line": [person.street],
            "city": person.town,
            "postalCode": person.postcode,
        }
    ]
    made["telecom"] = [{"system": "phone", "value": person.phone, "use": "home"}]
    return made


def _organization(chart: Chart) -> Json:
    practice = chart.person.practice
    ods = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": practice.code}
    made = chart.resource("Organization", name=practice.name)
    return made | {"id": chart.guid("practice"), "identifier": [ods]}


def _practitioner(chart: Chart) -> Json:
    practice = chart.person.practice
    number = {
        "system": "https://fhir.hl7.org.uk/Id/gmp-number",
        "value": practice.gp_number,
    }
    made = chart.resource(
        "Practitioner", name=[{"use": "official", "family": practice.gp, "prefix": ["Dr"]}]
    )
    return made | {"id": chart.guid("doctor"), "identifier": [number]}


def _lists(chart: Chart, entries: list[Json]) -> list[Json]:
    return [_list(chart, code, *held, entries) for code, held in _LISTS.items()]


def _list(chart: Chart, code: str, title: str, kinds: tuple[str, ...], entries: list[Json]) -> Json:
    items = [
        {"item": {"reference": f"{entry['resourceType']}/{entry['id']}"}}
        for entry in entries
        if entry["resourceType"] in kinds
    ]
    made = {
        "resourceType": "List",
        "meta": {"profile": [f"{PROFILE}List-1"]},
        "status": "current",
        "mode": "snapshot",
        "title": title,
        "code": concept(code, title),
        "subject": chart.subject,
        "date": _MADE,
        "orderedBy": {
            "coding": [{"system": "http://hl7.org/fhir/list-order", "code": "event-date"}]
        },
    }
    return made | ({"entry": items} if items else {"emptyReason": _EMPTY})


_EMPTY: Final = {
    "coding": [
        {
            "system": "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-ListEmptyReasonCode-1",
            "code": "no-content-recorded",
            "display": "No Content Recorded",
        }
    ]
}
