"""A Patient written over REST by a provider's system, through its feed: rows ccreate-01 to -05,
cupdate-01 to -06, update-01 to -13."""

import itertools
import json

import pytest

from gateway.audit.events import Event
from tests.api.service import FHIR, is_outcome
from tests.api.world import COUNCIL, NHS, NORMA, OTHER_PRACTICE, PRACTICE

PAS = "https://practice.example/person"


def patient(number="P-1", **more):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": PAS, "value": number}],
        "name": [{"family": "Dovetail", "given": ["Irene"]}],
        "gender": "female",
        "birthDate": "1950-05-05",
    } | more


@pytest.fixture
def system(gateway):
    return gateway.token("provider", "gp-system", PRACTICE, feeds=["gp"])


@pytest.fixture
def other(gateway):
    return gateway.token("provider", "gp-system-2", OTHER_PRACTICE, feeds=["gp"])


def put(gateway, path, body, who, **headers):
    more = {"Content-Type": FHIR} | {name.replace("_", "-"): v for name, v in headers.items()}
    return gateway.ask("PUT", path, who, content=json.dumps(body), headers=more)


def people(gateway, who, number="P-1"):
    return gateway.search("Patient", who, identifier=f"{PAS}|{number}").json()["total"]


def test_ccreate_01_02_05_a_patient_is_created_once(gateway, system):
    asked = f"identifier={PAS}|P-1"
    made = gateway.create(patient(id="mine"), system, If_None_Exist=asked)
    assert made.status_code == 201, made.text
    resource = made.json()
    assert resource["id"] != "mine"
    assert resource["name"][0]["family"] == "Dovetail"
    place = f"/fhir/R4/Patient/{resource['id']}/_history/1"
    assert made.headers["location"].endswith(place)
    again = gateway.create(patient(), system, If_None_Exist=asked)
    assert (again.status_code, again.json()["id"]) == (200, resource["id"])
    assert is_outcome(gateway.create(patient(), system), 422, "duplicate")
    assert people(gateway, system) == 1


def test_ccreate_05_at_the_same_moment_too(gateway, system):
    headers = system | {"If-None-Exist": f"identifier={PAS}|P-1", "Content-Type": FHIR}
    answers = gateway.at_once([("POST", "/fhir/R4/Patient", patient())] * 8, headers)
    assert {one.status_code for one in answers} <= {200, 201}
    assert len({one.json()["id"] for one in answers}) == 1
    assert people(gateway, system) == 1


def test_ccreate_04_a_condition_is_an_own_identifier_of_the_body(gateway, system):
    nhs = {"system": NHS, "value": NORMA["nhs_number"]}
    body = patient(identifier=[{"system": PAS, "value": "P-1"}, nhs])
    for asked in ("", "name=x", f"identifier={PAS}|P-2", f"identifier={NHS}|{nhs['value']}"):
        assert is_outcome(gateway.create(body, system, If_None_Exist=asked), 400)
    assert people(gateway, system) == 0


def test_update_01_07_08_an_update_names_what_it_read(gateway, system):
    read = gateway.create(patient(), system).json()
    path = f"Patient/{read['id']}"
    version = read["meta"]["versionId"]
    changed = read | {"gender": "other"}
    done = put(gateway, path, changed, system, If_Match=f'W/"{version}"')
    assert (done.status_code, done.json()["gender"]) == (200, "other"), done.text
    assert done.json()["id"] == read["id"]
    assert int(done.json()["meta"]["versionId"]) > int(version)
    assert len(done.json()["identifier"]) == len(read["identifier"])
    assert is_outcome(put(gateway, path, changed, system), 412, "conflict")
    stale = put(gateway, path, changed, system, If_Match=f'W/"{version}"')
    assert is_outcome(stale, 412, "conflict")
    assert is_outcome(put(gateway, path, changed, system, If_None_Match="*"), 412)
    assert gateway.get(path, system).json()["gender"] == "other"


def test_update_13_of_two_at_once_one_is_stale(gateway, system):
    read = gateway.create(patient(), system).json()
    headers = system | {"Content-Type": FHIR, "If-Match": f'W/"{read["meta"]["versionId"]}"'}
    path = f"/fhir/R4/Patient/{read['id']}"
    changed = [("PUT", path, read | {"gender": one}) for one in ("other", "male")]
    assert sorted(one.status_code for one in gateway.at_once(changed, headers)) == [200, 412]


CHANGES = [
    ({"id": "another"}, 400),
    ({"meta": {"source": "urn:x"}}, 400),
    ({"identifier": [{"system": PAS, "value": "P-9"}]}, 422),
    ({"gender": "unsaid"}, 422),
    ({"contained": [{"resourceType": "Organization", "id": "o", "name": "x"}]}, 422),
]


def test_update_04_05_what_an_update_may_not_change(gateway, system):
    read = gateway.create(patient(), system).json()
    path = f"Patient/{read['id']}"
    for change, status in CHANGES:
        assert is_outcome(put(gateway, path, read | change, system), status), change
    assert gateway.get(path, system).json() == read


def test_what_its_feed_sent_a_system_updates_by_the_same_number(gateway, world, system):
    norma = gateway.search("Patient", system, identifier=f"{NHS}|{NORMA['nhs_number']}").json()
    (read,) = [one["resource"] for one in norma["entry"]]
    changed = read | {"telecom": [{"system": "phone", "value": "020 7946 0999"}]}
    done = put(gateway, f"Patient/{read['id']}", changed, system)
    assert done.status_code == 200, done.text
    assert done.json()["id"] == read["id"]
    assert done.json()["identifier"] == read["identifier"]
    shown = gateway.get(f"Patient/{world.norma}", world.gp).json()
    assert "020 7946 0999" in {one["value"] for one in shown["telecom"]}


def test_update_03_an_id_that_is_not_theirs_is_as_one_that_is_not_there(gateway, other, system):
    read = gateway.create(patient(), system).json()
    hidden = put(gateway, f"Patient/{read['id']}", read, other)
    missing = put(gateway, "Patient/none", read | {"id": "none"}, other)
    assert is_outcome(hidden, 405, "not-supported")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    mine = gateway.create(patient(), other)
    assert (mine.status_code, people(gateway, other)) == (201, 1)
    assert mine.json()["id"] != read["id"]


def test_cupdate_01_03_06_an_update_by_an_own_identifier(gateway, system):
    path = f"Patient?identifier={PAS}|P-1"
    assert is_outcome(put(gateway, path, patient(id="own"), system), 400)
    assert is_outcome(put(gateway, path, patient(), system, If_Match='W/"7"'), 412)
    assert put(gateway, path, patient(), system).status_code == 201
    assert is_outcome(put(gateway, path, patient(), system, If_Match='W/"99"'), 412)
    assert is_outcome(put(gateway, path, patient(), system, If_None_Match="*"), 412)
    assert is_outcome(put(gateway, path, patient(id="somebody-else"), system), 400)
    changed = put(gateway, path, patient(gender="male"), system)
    assert (changed.status_code, changed.json()["gender"]) == (200, "male")
    assert is_outcome(put(gateway, f"Patient?identifier={PAS}|P-2", patient(), system), 400)
    assert is_outcome(put(gateway, "Patient?", patient(), system), 405)
    assert people(gateway, system) == 1


def test_nobody_else_writes_a_patient(gateway, world):
    council = gateway.token("provider", "council", COUNCIL, feeds=["social-care"])
    narrow = gateway.token(
        "provider", "gp-system", PRACTICE, feeds=["gp"], scope="system/Patient.rs"
    )
    asked = [("POST", "Patient"), ("PUT", "Patient/none")]
    blind = gateway.token(
        "provider", "gp-system", PRACTICE, feeds=["gp"], scope="system/Patient.cu"
    )
    those = (world.gp, world.social_worker, council, narrow, blind)
    for (method, path), who in itertools.product(asked, those):
        before = gateway.size()
        answer = gateway.ask(method, path, who, json=patient(), headers={"Content-Type": FHIR})
        assert is_outcome(answer, 403, "forbidden")
        (entry,) = gateway.entries(before)
        assert entry.event == (Event.CREATE if method == "POST" else Event.UPDATE)
        assert entry.outcome == "refused"


def test_it_vouches_for_nothing_that_a_push_would_not(gateway, world, system):
    """A number without a trace and another's birth date: the record stands, and links to nobody."""
    norma = world.norma
    claims = [{"system": PAS, "value": "P-7"}, {"system": NHS, "value": NORMA["nhs_number"]}]
    made = gateway.create(patient(identifier=claims, birthDate="1999-01-01"), system)
    assert made.status_code == 201, made.text
    assert made.json()["id"] != norma
    shown = gateway.get(f"Patient/{norma}", world.gp).json()
    assert {one["family"] for one in shown["name"]} == {"ASHDOWN"}


def test_create_03_a_patient_without_an_own_number_is_refused(gateway, system):
    for numbers in ([], [{"system": NHS, "value": NORMA["nhs_number"]}], [{"value": "P-1"}]):
        body = patient()
        body.pop("identifier")
        answer = gateway.create(body | ({"identifier": numbers} if numbers else {}), system)
        assert is_outcome(answer, 422, "required")
