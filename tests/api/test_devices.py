"""Equipment that is asked for (DeviceRequest), by a team and by a practice; and what a practice's
system found to stand against something (DetectedIssue)."""

import json

import pytest

from tests.api.rows import put as put_row
from tests.api.service import is_outcome, references, resources
from tests.api.world import NHS, NORMA, PRACTICE
from tests.api.writing import on_shelf, plan, put

FHIR = "application/fhir+json"
CHAIR = {"text": "Shower chair"}
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture
def norma(world):
    return world.norma


def device(person_id, **more):
    return {
        "resourceType": "DeviceRequest",
        "status": "active",
        "intent": "order",
        "codeCodeableConcept": CHAIR,
        "subject": {"reference": f"Patient/{person_id}"},
        "authoredOn": "2026-11-20",
        **more,
    }


def sent_by_the_practice(*resources_sent):
    person = {
        "resourceType": "Patient",
        "id": NORMA["id"],
        "identifier": [{"system": NHS, "value": NORMA["nhs_number"]}],
        "name": [{"family": NORMA["family"], "given": [NORMA["given"]]}],
        "birthDate": NORMA["born"],
    }
    subject = {"reference": f"Patient/{NORMA['id']}"}
    marker = {"resourceType": "ServiceRequest", "id": "sr", "status": "active", "intent": "order",
              "code": {"text": "Review"}, "subject": subject}  # fmt: skip
    entries = [{"resource": one} for one in (person, marker, *resources_sent)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def test_a_trusted_assessor_asks_for_equipment_and_a_plan_names_it(gateway, world, norma):
    answer = gateway.create(device(norma), world.social_worker)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    path = f"DeviceRequest/{made['id']}"
    activity = [{"reference": {"reference": path}}]
    assert gateway.create(plan(norma, activity=activity), world.social_worker).status_code == 201
    found = gateway.get(
        f"CarePlan?activity-reference={path}&_include=CarePlan:activity-reference", world.gp
    ).json()
    assert (found["total"], path in references(found)) == (1, True)
    changed = put(gateway, made | {"status": "completed"}, world.social_worker, 1)
    assert (changed.status_code, changed.json()["status"]) == (200, "completed")
    history = gateway.get(f"{path}/_history", world.gp).json()
    assert [one["resource"]["status"] for one in history["entry"]] == ["completed", "active"]
    assert is_outcome(gateway.ask("DELETE", path, world.social_worker), 405)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("status=active", 1),
        ("status=completed", 0),
        ("intent=order", 1),
        ("authored-on=2026-11-20", 1),
        ("authored-on=gt2026-11-20", 0),
        ("event-date=ge2026-12-01", 1),
        ("event-date=2026-11", 0),
        ("_sort=event-date", 1),
        ("code:not=x", 1),
        ("subject:Patient.family=ashdown", 1),
    ],
)
def test_equipment_is_searched(gateway, world, norma, query, total):
    sent = device(norma, occurrencePeriod={"start": "2026-12-01", "end": "2026-12-05"})
    assert gateway.create(sent, world.gp).status_code == 201
    path = f"DeviceRequest?patient={norma}&{query}"
    assert gateway.get(path, world.gp).json()["total"] == total


def test_a1_a5_a6_hidden_equipment_is_as_if_there_were_none(gateway, world, norma):
    hidden = device(norma, id="d-psy", codeCodeableConcept={"text": "quieter room"})
    put_row(gateway, norma, hidden, category="mental-health", sens="PSY")
    who = world.social_worker
    missing = gateway.get("DeviceRequest/none", who)
    assert gateway.get("DeviceRequest/d-psy", who).content == missing.content
    assert gateway.get(f"DeviceRequest?patient={norma}", who).json()["total"] == 0
    for way in ("_summary=count", "_total=accurate", "_count=0"):
        assert gateway.get(f"DeviceRequest?patient={norma}&{way}", who).json()["total"] == 0
    chained = "Patient?_has:DeviceRequest:patient:status=active"
    assert norma not in gateway.get(chained, who).text
    everything = gateway.get(f"Patient/{norma}/$everything?_count=500", who)
    assert b"quieter room" not in everything.content
    stale = put(gateway, hidden | {"id": "d-psy"}, who, 1)
    assert stale.status_code == put(gateway, hidden | {"id": "none"}, who, 1).status_code == 405


def test_a_shelf_that_the_role_does_not_write_is_refused(gateway, world, norma):
    on_other = device(norma, meta=on_shelf("safety"))
    assert is_outcome(gateway.create(on_other, world.gp), 422, "code-invalid")
    who = gateway.token("receptionist", "rec-1", PRACTICE)
    assert is_outcome(gateway.create(device(norma), who), 403)


def test_a_practices_own_requests_and_issues_are_kept_as_sent_and_are_its_own(
    gateway, world, norma
):
    about = {"reference": f"Patient/{NORMA['id']}"}
    rail = device(NORMA["id"], id="dr-1", subject=about, codeCodeableConcept={"text": "Grab rail"})
    issue = {
        "resourceType": "DetectedIssue", "id": "di-1", "status": "final", "patient": about,
        "severity": "high", "identifiedDateTime": "2026-11-19",
        "code": {"text": "Drug allergy"}, "detail": "Recorded as allergic to penicillin",
        "implicated": [{"reference": "AllergyIntolerance/al-1"}],
    }  # fmt: skip
    allergy = {"resourceType": "AllergyIntolerance", "id": "al-1", "patient": about,
               "code": {"text": "Penicillin"},
               "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/"
                                  "allergyintolerance-clinical", "code": "active"}]}}  # fmt: skip
    gateway.push("gp", PRACTICE, sent_by_the_practice(rail, allergy, issue), FHIR)
    (found,) = resources(gateway.get(f"DeviceRequest?patient={norma}", world.gp).json())
    assert found["codeCodeableConcept"] == {"text": "Grab rail"}
    edit = put(gateway, found | {"status": "completed"}, world.gp, 1)
    assert is_outcome(edit, 422, "business-rule")
    path = f"DetectedIssue?patient={norma}&identified=2026-11-19&_include=DetectedIssue:implicated"
    answer = gateway.get(path, world.gp).json()
    assert answer["total"] == 1
    told, shown = resources(answer)
    assert (told["detail"], shown["resourceType"]) == (issue["detail"], "AllergyIntolerance")
    lineage = gateway.get(f"DetectedIssue/{told['id']}/$lineage", world.gp)
    assert lineage.status_code == 200
    assert is_outcome(gateway.create({**issue, "patient": {"reference": f"Patient/{norma}"}},
                                     world.gp), 405)  # fmt: skip
    pharmacist = gateway.token("pharmacist", "ph-1", PRACTICE)
    for who, total in ((pharmacist, 1), (world.social_worker, 0)):
        assert gateway.get(f"DetectedIssue?patient={norma}", who).json()["total"] == total


def test_a17_an_issue_bears_the_labels_of_what_it_speaks_of(gateway, world, norma):
    about = {"reference": f"Patient/{NORMA['id']}"}
    labelled = [{"system": CONFIDENTIALITY, "code": "R"}, {"system": ACT, "code": "HIV"}]
    medicine = {"resourceType": "MedicationStatement", "id": "ms-1", "status": "active",
                "subject": about, "meta": {"security": labelled},
                "medicationCodeableConcept": {"text": "a tablet"}}  # fmt: skip
    issue = {"resourceType": "DetectedIssue", "id": "di-2", "status": "final", "patient": about,
             "detail": "Not with the tablet", "identifiedDateTime": "2026-11-19",
             "implicated": [{"reference": "MedicationStatement/ms-1"}]}  # fmt: skip
    gateway.push("gp", PRACTICE, sent_by_the_practice(medicine, issue), FHIR)
    (found,) = resources(gateway.get(f"DetectedIssue?patient={norma}", world.gp).json())
    assert "HIV" in [one["code"] for one in found["meta"]["security"]]
    pharmacist = gateway.token("pharmacist", "ph-1", PRACTICE)
    hidden = gateway.get(f"DetectedIssue/{found['id']}", pharmacist)
    assert hidden.content == gateway.get("DetectedIssue/none", pharmacist).content


@pytest.mark.parametrize("together", [True, False])
def test_a16_a17_the_words_of_an_issue_go_with_what_they_speak_of(gateway, world, norma, together):
    about = {"reference": f"Patient/{NORMA['id']}"}
    medicine = {"resourceType": "MedicationStatement", "id": "ms-1", "status": "active",
                "subject": about, "medicationCodeableConcept": {"text": "a tablet"}}  # fmt: skip
    found_in = {
        "implicated": [{"reference": "MedicationStatement/ms-1"}],
        "evidence": [{"detail": [{"reference": "MedicationStatement/ms-1"}]}],
    }
    issues = [
        {"resourceType": "DetectedIssue", "id": f"di-{name}", "status": "final", "patient": about,
         "severity": "high", "detail": "Not with the tablet", name: value,
         "mitigation": [{"action": {"text": "Stop the tablet"}}]}
        for name, value in found_in.items()
    ]  # fmt: skip
    labelled = [{"system": CONFIDENTIALITY, "code": "R"}, {"system": ACT, "code": "HIV"}]
    first = [medicine, *issues] if together else [medicine]
    gateway.push("gp", PRACTICE, sent_by_the_practice(*first), FHIR)
    if not together:
        gateway.push("gp", PRACTICE, sent_by_the_practice(*issues), FHIR)
    pharmacist = gateway.token("pharmacist", "ph-1", PRACTICE)
    path = f"DetectedIssue?patient={norma}"
    assert gateway.get(path, pharmacist).text.count("tablet") == 4
    restricted = medicine | {"meta": {"security": labelled}}
    gateway.push("gp", PRACTICE, sent_by_the_practice(restricted), FHIR)
    shown = gateway.get(path, pharmacist)
    assert [one["severity"] for one in resources(shown.json())] == ["high", "high"]
    assert not any(word in shown.text for word in ("tablet", "MedicationStatement"))
    assert gateway.get(path, world.gp).text.count("tablet") == 4


def test_a17_the_conclusion_of_a_report_goes_with_a_result_that_is_hidden_since(
    gateway, world, norma
):
    about = {"reference": f"Patient/{NORMA['id']}"}
    result = {"resourceType": "Observation", "id": "o-1", "status": "final", "subject": about,
              "code": {"text": "a test"}, "valueString": "found",
              "effectiveDateTime": "2026-11-01"}  # fmt: skip
    other = result | {"id": "o-2", "code": {"text": "another"}}
    report = {"resourceType": "DiagnosticReport", "id": "r-1", "status": "final", "subject": about,
              "code": {"text": "Blood"}, "effectiveDateTime": "2026-11-01",
              "conclusion": "canary",
              "conclusionCode": [{"text": "canary", "coding": [{"code": "c"}]}],
              "result": [{"reference": "Observation/o-1"}, {"reference": "Observation/o-2"}],
              "issued": "2026-11-01T10:00:00Z"}  # fmt: skip
    gateway.push("gp", PRACTICE, sent_by_the_practice(result, other, report), FHIR)
    pharmacist = gateway.token("pharmacist", "ph-1", PRACTICE)
    path = f"DiagnosticReport?patient={norma}"
    assert gateway.get(path, pharmacist).text.count("canary") == 2
    labelled = [{"system": CONFIDENTIALITY, "code": "R"}, {"system": ACT, "code": "HIV"}]
    restricted = result | {"meta": {"security": labelled}}
    gateway.push("gp", PRACTICE, sent_by_the_practice(restricted), FHIR)
    (shown,) = resources(gateway.get(path, pharmacist).json())
    assert len(shown["result"]) == 1
    assert "canary" not in gateway.get(path, pharmacist).text
    assert gateway.get(path, world.gp).text.count("canary") == 2
    assert gateway.get(f"{path}&conclusion=c", pharmacist).json()["total"] == 0
