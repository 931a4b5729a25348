"""Create, row by row, on the two types that are written over REST: Consent and CareTeam."""

import json
from datetime import timedelta

import pytest

from tests.api.consents import against, dissent, organisation, team
from tests.api.messages import HIV
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import HOSPITAL, PRACTICE, World
from tests.api.writing import plan, weight


@pytest.fixture
def norma(world):
    return world.norma


def test_create_01_location_etag_last_modified(gateway, world, norma):
    made = gateway.create(team(norma, organisation(HOSPITAL)), world.coordinator)
    assert made.status_code == 201
    body = made.json()
    base = f"{gateway.settings.base_url}/fhir/R4"
    assert made.headers["location"] == f"{base}/CareTeam/{body['id']}/_history/1"
    assert made.headers["etag"] == 'W/"1"'
    read = gateway.get(made.headers["location"], world.gp)
    assert read.json() == body
    assert read.headers["last-modified"] == made.headers["last-modified"]


def test_create_01_the_address_may_end_with_a_slash(gateway, world, norma):
    sent = team(norma, organisation(HOSPITAL))
    headers = {"Content-Type": FHIR}
    made = gateway.ask("POST", "CareTeam/", world.coordinator, json=sent, headers=headers)
    assert made.status_code == 201
    named = made.headers["location"].partition("/fhir/R4/")[2].partition("/_history")[0]
    assert gateway.get(f"{named}/", world.gp).json() == made.json()


def test_create_02_ids_and_versions_are_the_servers_and_labels_only_rise(gateway, world, norma):
    sent = team(norma, organisation(HOSPITAL), id="chosen-by-client")
    sensitivity = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code": "ETH",
    }
    sent["meta"] = {
        "versionId": "41",
        "lastUpdated": "2001-01-01T00:00:00Z",
        "source": "urn:somebody:else",
        "tag": [{"system": "https://example.org/tag", "code": "mdt"}],
        "profile": ["https://example.org/profile"],
        "security": [
            sensitivity,
            {"system": "https://care-gateway.example/fhir/CodeSystem/access-category", "code": "x"},
        ],
    }
    body = gateway.create(sent, world.gp).json()
    assert body["id"] != "chosen-by-client"
    assert body["meta"]["versionId"] == "1"
    assert body["meta"]["lastUpdated"].startswith("2026-11-21T12:00")
    assert body["meta"]["source"] == f"urn:care-gateway:team:{PRACTICE}"
    assert body["meta"]["tag"] == sent["meta"]["tag"]
    assert body["meta"]["profile"] == sent["meta"]["profile"]
    assert sensitivity in body["meta"]["security"]
    assert [c["code"] for c in body["meta"]["security"]] == ["N", "ETH", "team"]
    assert is_outcome(gateway.get(f"CareTeam/{body['id']}", world.social_worker), 404)


def test_create_02_a_label_above_the_writers_own_clearance_is_refused(gateway, world, norma):
    sent = team(norma, organisation(HOSPITAL))
    system = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    sent["meta"] = {"security": [{"system": system, "code": "V"}]}
    assert is_outcome(gateway.create(sent, world.coordinator), 403, "forbidden")


FAULTY = [
    ({"status": "bogus"}, "CareTeam.status"),
    ({"stattus": "active"}, "CareTeam.(element"),
    ({"period": {"start": "2026-02-30"}}, "CareTeam.period.start"),
    ({"participant": "x"}, "CareTeam.participant"),
    ({"subject": "x"}, "CareTeam.subject"),
    ({"subject": {"display": "Norma"}}, "CareTeam.subject"),
    ({"subject": {"reference": 7}}, "CareTeam.subject.reference"),
    ({"name": "a\u0000b"}, "CareTeam.name"),
    ({"contained": [{"resourceType": "Patient", "id": "p"}]}, "CareTeam"),
]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(("change", "path"), FAULTY)
def test_create_03_05_06_17_faults_are_named_by_path_and_nothing_is_stored(
    gateway, world, norma, change, path
):
    answer = gateway.create(team(norma, organisation(HOSPITAL)) | change, world.coordinator)
    assert is_outcome(answer, 422)
    assert any(e.startswith(path) for i in answer.json()["issue"] for e in i.get("expression", []))
    assert world.of("CareTeam", norma, world.gp) == []


@pytest.mark.changes_nothing
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"1", b'{"a":' * 5000])
def test_create_04_what_is_no_json_object(gateway, world, body):
    answer = gateway.ask("POST", "CareTeam", world.gp, content=body, headers={"Content-Type": FHIR})
    assert is_outcome(answer, 400)


def test_create_07_another_type_in_the_body(gateway, world, norma):
    content = json.dumps(dissent(norma))
    answer = gateway.ask(
        "POST", "CareTeam", world.gp, content=content, headers={"Content-Type": FHIR}
    )
    assert is_outcome(answer, 400, "invalid")


@pytest.mark.parametrize("content_type", ["text/plain", "application/fhir+xml", ""])
def test_create_08_create_09_other_media_types(gateway, world, norma, content_type):
    content = json.dumps(team(norma))
    headers = {"Content-Type": content_type} if content_type else {}
    answer = gateway.ask("POST", "CareTeam", world.gp, content=content.encode(), headers=headers)
    assert is_outcome(answer, 415, "not-supported")


def test_create_10_no_such_type(gateway, world):
    assert is_outcome(gateway.create({"resourceType": "NoSuchType"}, world.gp), 404)
    answer = gateway.create({"resourceType": "Procedure"}, world.gp)
    assert is_outcome(answer, 405, "not-supported")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("wanted", ["minimal", "representation", "OperationOutcome"])
def test_create_11_12_13_what_comes_back(gateway, world, norma, wanted):
    made = gateway.create(team(norma), world.coordinator, Prefer=f"return={wanted}")
    assert made.status_code == 201
    assert "/CareTeam/" in made.headers["location"]
    kind = made.json()["resourceType"] if made.content else ""
    assert kind == {"minimal": "", "representation": "CareTeam"}.get(wanted, wanted)


def test_create_14_too_large(start):
    gateway = start(limits={"fhir_body_bytes": 2048})
    world = World(gateway)
    large = team(world.norma, name="x" * 3000)
    assert is_outcome(gateway.create(large, world.coordinator), 413, "too-long")
    assert gateway.create(team(world.norma), world.coordinator).status_code == 201


def test_create_16_a_narrative_is_never_kept(gateway, world, norma):
    text = {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"}
    made = gateway.create(team(norma, text=text), world.coordinator)
    assert "text" not in made.json()
    text["div"] = "<div xmlns='http://www.w3.org/1999/xhtml'><script>x</script></div>"
    assert is_outcome(gateway.create(team(norma, text=text), world.coordinator), 422)


def test_create_17_a_missing_and_a_hidden_person_look_alike(gateway, world):
    answers = [
        gateway.create(team(person, organisation(HOSPITAL)), world.coordinator)
        for person in ("no-such", world.bob)
    ]
    assert {(a.status_code, a.content) for a in answers} == {(422, answers[0].content)}
    assert answers[0].json()["issue"][0]["expression"] == ["CareTeam.subject"]


@pytest.mark.parametrize("value", ["1.00", "70.50", "0.010", "1e2", "12"])
def test_create_15_a_decimal_keeps_its_digits(gateway, world, norma, value):
    headers = {"Content-Type": FHIR}
    body = weight(norma, value)
    made = gateway.ask("POST", "Observation", world.gp, content=body, headers=headers)
    assert made.status_code == 201, made.text
    read = gateway.get(f"Observation/{made.json()['id']}", world.gp)
    assert f'"value":{value},' in read.text
    changed = read.content.replace(b'"final"', b'"amended"')
    path, match = f"Observation/{made.json()['id']}", {"If-Match": 'W/"1"'}
    again = gateway.ask("PUT", path, world.gp, content=changed, headers=headers | match)
    assert (again.status_code, f'"value":{value},' in again.text) == (200, True)


def test_create_15_a_decimal_keeps_its_digits_where_its_content_brings_labels(
    gateway, world, norma
):
    """What is served bears other labels than its body states, and no other number."""
    revealing = {"system": "http://snomed.info/sct", "code": HIV[0]}
    body = json.loads(weight(norma, "1")) | {"code": {"coding": [revealing]}}
    body["valueQuantity"]["value"] = "VALUE"
    content = json.dumps(body).replace('"VALUE"', "70.50")
    headers = {"Content-Type": FHIR}
    made = gateway.ask("POST", "Observation", world.gp, content=content, headers=headers)
    assert "HIV" in [one["code"] for one in made.json()["meta"]["security"]]
    assert '"value":70.50,' in made.text


def test_create_01_16_17_a_plan_of_a_team(gateway, world, norma):
    div = "<div xmlns='http://www.w3.org/1999/xhtml'><script>x</script></div>"
    scripted = plan(norma, text={"status": "generated", "div": div})
    assert is_outcome(gateway.create(scripted, world.gp), 422)
    assert is_outcome(gateway.create(plan("none"), world.gp), 422, "not-found")
    made = gateway.create(plan(norma), world.gp)
    assert made.status_code == 201
    assert made.headers["location"].endswith(f"/CarePlan/{made.json()['id']}/_history/1")
    assert made.json() in world.of("CarePlan", norma, world.social_worker)


@pytest.mark.parametrize("role", ["receptionist", "home-care", "pharmacist", "researcher"])
def test_a_role_that_may_not_write_this_is_refused(gateway, world, norma, role):
    who = gateway.token(role, org=PRACTICE)
    assert is_outcome(gateway.create(dissent(norma), who), 403, "forbidden")
    assert world.of("Consent", norma, world.gp) == []


def test_a_created_resource_is_found_by_search_at_once(gateway, world, norma):
    consent = gateway.create(dissent(norma, **against("RY9")), world.gp).json()
    found = gateway.get(f"Consent?patient={norma}&status=active&date=2026-03-01", world.gp).json()
    assert resources(found) == [consent]
    assert consent["patient"] == {"reference": f"Patient/{norma}"}


def test_a_token_that_has_run_out_writes_nothing(gateway, world, norma):
    who = world.coordinator
    gateway.at += timedelta(hours=2)
    assert is_outcome(gateway.create(team(norma), who), 401, "login")
