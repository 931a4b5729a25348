"""Bulk exports over HTTP, as a system sees them: from kick-off to the last file."""

import json
from datetime import datetime, timedelta

import pytest

from gateway.flows.export import export_files, export_jobs
from gateway.flows.export.export_entitled import TYPES
from tests.api.exports import (
    ASYNC,
    EVERYONE,
    begun,
    exported,
    fetched,
    kick_off,
    kick_off_for,
    lines,
    listed,
    named,
    system,
    write_clients,
)
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory):
    return write_clients(tmp_path_factory.mktemp("clients"))


@pytest.fixture
def gateway(start, clients_file):
    return start(clients_file=clients_file, exports_at_once=4)


@pytest.fixture(scope="module")
def asked(start_once, clients_file):
    """For all that is only begun."""
    return start_once(clients_file=clients_file, exports_at_once=1000)


@pytest.fixture
def mdt(gateway):
    return system(gateway)


def of(*parameters) -> dict:
    return {"resourceType": "Parameters", "parameter": list(parameters)}


def test_smart_10_an_export_from_kick_off_to_its_end(gateway, world, mdt):
    answer = kick_off(gateway, mdt)
    assert is_outcome(answer, 202)
    job = begun(answer)
    assert job.startswith(f"{gateway.settings.base_url}/exports/")
    told = listed(gateway, mdt, job)
    assert told["request"] == f"{gateway.settings.base_url}/fhir/R4/{EVERYONE}"
    assert told["requiresAccessToken"] is True
    assert told["error"] == []
    assert "deleted" not in told
    assert datetime.fromisoformat(told["transactionTime"]) <= gateway.at
    files = fetched(gateway, mdt, told)
    assert {"Patient", "Goal", "CarePlan"} <= files.keys()
    assert all(one["resourceType"] == kind for kind, several in files.items() for one in several)
    assert all(files.values()), "no file is listed of which there is nothing"
    assert gateway.ask("DELETE", job, mdt).status_code == 202
    assert is_outcome(gateway.get(job, mdt), 404)
    assert is_outcome(gateway.get(told["output"][0]["url"], mdt), 404)


@pytest.mark.parametrize(
    ("name", "role", "org"),
    [
        ("mdt-system", "social-worker", COUNCIL),
        ("practice-system", "gp", PRACTICE),
        ("hospital-system", "hospital-doctor", HOSPITAL),
    ],
)
def test_an_export_holds_what_a_search_of_that_role_finds(gateway, world, name, role, org):
    files = exported(gateway, system(gateway, name))
    who = gateway.token(role, "somebody", org)
    counts = {kind: len(several) for kind, several in files.items()}
    for kind in TYPES:
        total = gateway.get(f"{kind}?_summary=count", who).json()["total"]
        assert counts.get(kind, 0) == total, kind
    shown = {f"{kind}/{one['id']}": one for kind, several in files.items() for one in several}
    for reference in list(shown)[:40]:
        assert gateway.get(reference, who).json() == shown[reference]


def test_a_group_is_one_of_the_organisations_lists(gateway, world, mdt):
    everybody = {one["id"] for one in exported(gateway, mdt)["Patient"]}
    caseload = exported(gateway, mdt, f"Group/caseload-{COUNCIL}/$export")
    assert {one["id"] for one in caseload["Patient"]} == {world.norma, world.alice}
    assert everybody > {world.norma, world.alice}
    group = exported(gateway, mdt, f"Group/everyone-{COUNCIL}/$export", _type="Patient")
    assert {one["id"] for one in group["Patient"]} == everybody
    assert exported(gateway, mdt, f"Group/care-team-{COUNCIL}/$export") == {}
    practice = system(gateway, "practice-system")
    registered = exported(gateway, practice, f"Group/registered-practice-{PRACTICE}/$export")
    assert {one["id"] for one in registered["Patient"]} == {world.norma, world.alice}


def test_groups_are_those_of_the_callers_own_organisation_and_name_nobody(gateway, world):
    found = gateway.get("Group", world.social_worker).json()
    ids = [entry["resource"]["id"] for entry in found["entry"]]
    assert f"caseload-{COUNCIL}" in ids
    assert all(one.endswith(f"-{COUNCIL}") for one in ids)
    assert found["total"] == len(ids)
    one = gateway.get(f"Group/caseload-{COUNCIL}", world.social_worker)
    assert one.status_code == 200
    assert one.json() in [entry["resource"] for entry in found["entry"]]
    assert b"Patient/" not in one.content
    assert is_outcome(gateway.get(f"Group/caseload-{COUNCIL}", world.gp), 404)
    assert is_outcome(gateway.get("Group/caseload-NOBODY", world.gp), 404)
    assert gateway.get("Group?_id=nobody", world.gp).json()["total"] == 0
    assert is_outcome(gateway.get("Group?member=x", world.gp), 400)
    assert is_outcome(gateway.get("Group"), 401)


@pytest.mark.parametrize("types", ["Goal", "Goal,Patient", "CarePlan"])
def test_only_the_types_that_are_named_are_exported(gateway, world, mdt, types):
    assert exported(gateway, mdt, _type=types).keys() == set(types.split(","))


def test_since_leaves_what_was_stored_before(gateway, world, mdt):
    first = listed(gateway, mdt, begun(kick_off(gateway, mdt)))
    gateway.at += timedelta(minutes=3)
    mdt = system(gateway)
    put(gateway, world.alice, goal_row("g-late", world.alice, "later"), org=COUNCIL)
    gateway.at += timedelta(minutes=3)
    at = (gateway.at - timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
    late = {"Goal/g-late", "Provenance/g-late.1"}
    assert named(exported(gateway, mdt, _since=at)) == late
    again = exported(gateway, mdt, _since=first["transactionTime"])
    assert "Goal/g-late" in named(again)
    assert named(again) > late, "the time told lies before the kick-off: what was in hand is kept"


def test_since_tells_what_was_withdrawn_to_whoever_was_shown_it(gateway, world, mdt):
    before = gateway.at - timedelta(hours=1)
    put(gateway, world.alice, goal_row("g-gone", world.alice, "gone"), org=COUNCIL)
    gateway.at += timedelta(minutes=2)
    gone = goal_row("g-gone", world.alice, "gone")
    put(gateway, world.alice, gone, org=COUNCIL, version=2, deleted=True)
    since = before.isoformat().replace("+00:00", "Z")
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt, _since=since)))
    size = gateway.size()
    (file,) = told["deleted"]
    assert file["type"] == "Bundle"
    assert lines(gateway.get(file["url"], mdt)) == [
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "DELETE", "url": "Goal/g-gone"}}],
        }
    ]
    *_, entry = gateway.entries(size)
    assert entry.person_id == world.alice
    assert ("Goal", "g-gone", 2) in entry.resources
    narrowed = listed(gateway, mdt, begun(kick_off(gateway, mdt, _since=since, _type="CarePlan")))
    assert lines(gateway.get(narrowed["deleted"][0]["url"], mdt)) == []


def test_elements_that_are_named_and_those_that_must_be_there(gateway, world, mdt):
    files = exported(gateway, mdt, _elements="Goal.description,id", _type="Goal,Patient")
    assert all("subject" in one and "description" in one for one in files["Goal"])
    assert not any("startDate" in one or "target" in one for one in files["Goal"])
    assert not any("name" in one for one in files["Patient"])
    tags = [one["meta"]["tag"] for several in files.values() for one in several]
    assert all(tag[-1]["code"] == "SUBSETTED" for tag in tags)


def test_people_are_named_in_the_body_of_a_post_alone(gateway, world, mdt):
    answer = kick_off_for(gateway, mdt, [world.norma])
    files = fetched(gateway, mdt, listed(gateway, mdt, begun(answer)))
    assert [one["id"] for one in files["Patient"]] == [world.norma]
    assert world.norma not in answer.headers["content-location"]
    assert is_outcome(kick_off(gateway, mdt, patient=f"Patient/{world.norma}"), 400)
    nobody = kick_off_for(gateway, mdt, ["no-such-person"])
    assert listed(gateway, mdt, begun(nobody))["output"] == []


def test_a_file_is_packed_for_whoever_takes_it_so(gateway, world, mdt):
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt, _type="Goal")))
    address = told["output"][0]["url"]
    plain = gateway.get(address, mdt, headers={"Accept-Encoding": "identity"})
    packed = gateway.get(address, mdt, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content  # as the client unpacked it
    refused = gateway.get(address, mdt, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_files_and_looks_go_through_many_people_in_parts(gateway, world, mdt, monkeypatch):
    whole = named(exported(gateway, mdt))
    monkeypatch.setattr("gateway.flows.export.export_people.CHUNK", 1)
    monkeypatch.setattr("gateway.flows.export.export_people._READ", 2)
    monkeypatch.setattr(export_jobs, "_LOOK", 1)
    monkeypatch.setattr(export_files, "_PAGE", 2)
    job = begun(kick_off(gateway, mdt))
    waiting = [gateway.get(job, mdt).status_code for _ in range(3)]
    assert waiting == [202, 202, 202]
    files = fetched(gateway, mdt, listed(gateway, mdt, job))
    assert named(files) == whole
    assert sum(map(len, files.values())) == len(whole), "nothing twice"


def test_a_system_has_so_many_exports_at_a_time(gateway, world, mdt):
    first, *_ = [begun(kick_off(gateway, mdt)) for _ in range(4)]
    gateway.at += timedelta(minutes=1)
    one_more = kick_off(gateway, mdt)
    assert is_outcome(one_more, 429, "throttled")
    assert one_more.headers["retry-after"] == str(24 * 3600 - 60), "until the first is over"
    assert kick_off(gateway, system(gateway, "other-system")).status_code == 202
    assert gateway.ask("DELETE", first, mdt).status_code == 202
    assert kick_off(gateway, mdt).status_code == 202


def test_an_export_is_over_after_its_hours(gateway, world, mdt):
    job = begun(kick_off(gateway, mdt))
    told = gateway.get(job, mdt)
    assert told.headers["expires"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    gateway.at += timedelta(hours=24)
    mdt = system(gateway)
    assert is_outcome(gateway.get(job, mdt), 404)
    assert is_outcome(gateway.get(told.json()["output"][0]["url"], mdt), 404)
    assert all(begun(kick_off(gateway, mdt)) for _ in range(3))


@pytest.mark.parametrize(
    ("headers", "parameters", "status"),
    [
        ({"Prefer": "respond-async, handling=lenient"}, {}, 202),
        ({"Prefer": "handling=strict; respond-async"}, {}, 202),
        ({"Prefer": "return=minimal"}, {}, 400),
        ({"Prefer": ""}, {}, 400),
        ({}, {"_outputFormat": "application/fhir+ndjson"}, 202),
        ({}, {"_outputFormat": "ndjson"}, 202),
        ({}, {"_outputFormat": "application/ndjson"}, 202),
        ({}, {"_outputFormat": "application/fhir+xml"}, 400),
        ({}, {"_outputFormat": "text/csv"}, 400),
        ({}, {"_type": "Goal, CarePlan"}, 202),
        ({}, {"_type": "AuditEvent"}, 400),
        ({}, {"_type": "Goal,"}, 400),
        ({}, {"_since": "yesterday"}, 400),
        ({}, {"_since": "2026-11-20T00:00:00Z"}, 202),
        ({}, {"_typeFilter": "Goal?status=active"}, 400),
        ({"Prefer": "respond-async, handling=lenient"}, {"_typeFilter": "Goal?x=1"}, 400),
        ({}, {"includeAssociatedData": "LatestProvenanceResources"}, 400),
        ({}, {"_elements": "Goal.description"}, 202),
        ({}, {"_elements": "Goal.description[0]"}, 400),
        ({"Accept": "text/csv"}, {}, 406),
    ],
)
def test_what_a_kick_off_takes(asked, headers, parameters, status):
    answer = asked.get(EVERYONE, system(asked), params=parameters, headers=ASYNC | headers)
    assert is_outcome(answer, status)
    assert ("content-location" in answer.headers) == (status == 202)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (of(), 202),
        (of({"name": "_type", "valueCode": "Goal"}), 202),
        (of({"name": "_type", "valueUri": "Goal"}), 400),
        (of({"name": "_type", "valueCode": "Goal", "valueString": "Patient"}), 400),
        (of({"name": "patient", "valueReference": {}}), 400),
        (of({"name": "secret", "valueString": "x"}), 400),
        (of("x"), 400),
        ({"resourceType": "Parameters", "parameter": {}}, 400),
        ({"resourceType": "Patient"}, 400),
        ([], 400),
    ],
)
def test_what_a_kick_off_by_post_takes(asked, body, status):
    mdt = system(asked)
    headers = ASYNC | {"Content-Type": "application/fhir+json"}
    answer = asked.ask("POST", EVERYONE, mdt, content=json.dumps(body), headers=headers)
    assert is_outcome(answer, status)
    elsewhere = headers | {"Content-Type": "text/plain"}
    answer = asked.ask("POST", EVERYONE, mdt, content=json.dumps(body), headers=elsewhere)
    assert is_outcome(answer, 415)


def test_a_kick_off_may_say_what_it_prefers_line_by_line(asked):
    said = [*system(asked).items(), ("Prefer", "handling=lenient"), ("Prefer", "respond-async")]
    answer = asked.run(asked._client.get(f"/fhir/R4/{EVERYONE}?_format=json", headers=said))
    assert is_outcome(answer, 202)


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_an_entry_of_a_bundle_begins_no_export(asked, kind):
    """Nobody would be told where it is, and it would stand among those that a system may have."""
    entry = {"request": {"method": "GET", "url": EVERYONE}}
    sent = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
    told = asked.ask("POST", "", system(asked), headers=ASYNC, json=sent).json()
    outcome = told if kind == "transaction" else told["entry"][0]["response"]["outcome"]
    assert [one["code"] for one in outcome["issue"]] == ["not-supported"]


def test_a_look_without_a_body_begins_nothing(asked):
    answer = asked.ask("HEAD", EVERYONE, system(asked), headers=ASYNC)
    assert answer.status_code == 405
    assert "content-location" not in answer.headers


def test_it_is_declared(asked):
    told = asked.get("metadata").json()
    assert told["instantiates"] == ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"]
    types = {one["type"]: one for one in told["rest"][0]["resource"]}
    for kind in ("Patient", "Group"):
        urls = [one["definition"] for one in types[kind]["operation"] if one["name"] == "export"]
        assert urls == [
            f"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{kind.lower()}-export"
        ]
    found = asked.get("OperationDefinition?name=PatientExport").json()
    assert found["total"] == 1
