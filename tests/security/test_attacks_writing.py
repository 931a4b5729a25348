"""Attacks by what is sent: feeds, consents, teams, and text that wants to be a command."""

import json

import pytest

from tests.api.consents import against, dissent, of_label, organisation, team
from tests.api.messages import HIV, HYPERTENSION, gp_record
from tests.api.service import is_outcome
from tests.api.world import (
    ALICE,
    COUNCIL,
    EXAMPLE,
    HOSPITAL,
    NHS,
    NORMA,
    PRACTICE,
    council_person,
    put_on_caseload,
)

FHIR = "application/fhir+json"


def test_a11_no_answer_to_a_create_differs_by_what_is_hidden(gateway, world):
    hidden = {g["id"] for g in world.of("Goal", world.alice, world.gp)}
    hidden -= {g["id"] for g in world.of("Goal", world.alice, world.social_worker)}
    answers = []
    for target in (min(hidden), "0" * 8 + min(hidden)[8:]):
        data = [{"meaning": "instance", "reference": {"reference": f"Goal/{target}"}}]
        sent = dissent(world.alice, data=data)
        made = gateway.create(sent, world.social_worker)
        answers.append((made.status_code, made.text.replace(target, "TARGET")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    for method in ("PUT", "DELETE", "PATCH"):
        answers = [
            gateway.ask(method, f"Goal/{one}", world.social_worker).content
            for one in (min(hidden), "none")
        ]
        assert answers[0] == answers[1]


def test_a35_a_feed_raises_labels_and_never_lowers_them(gateway, world):
    alice = world.alice
    assert len(world.of("Condition", alice, world.doctor)) == 1
    record = gp_record(PRACTICE, ALICE, [HYPERTENSION, HYPERTENSION, HYPERTENSION])
    gateway.push("gp", PRACTICE, record.replace(b"2026-10-22T11", b"2026-11-22T11"), FHIR)
    codes = [c["code"]["coding"][0]["code"] for c in world.of("Condition", alice, world.doctor)]
    assert codes == ["38341003"], "what was HIV stays labelled HIV"
    raised = gp_record(PRACTICE, NORMA, [HIV])
    gateway.push("gp", PRACTICE, raised.replace(b"2026-10-22T11", b"2026-11-22T11"), FHIR)
    norma = world.of("Condition", world.norma, world.social_worker)
    assert all("HIV" not in json.dumps(c) for c in norma)


def test_a35_labels_and_server_fields_in_a_message_are_not_the_senders_to_set(gateway, world):
    record = json.loads(gp_record(PRACTICE, NORMA, [HIV]))
    for entry in record["entry"]:
        entry["resource"].setdefault("meta", {}).update(
            security=[{"system": "http://hl7.org/fhir/v3/Confidentiality", "code": "N"}],
            versionId="99",
            source="urn:care-gateway:source:XK1:social-care",
            lastUpdated="2001-01-01T00:00:00Z",
        )
    body = json.dumps(record).replace("2026-10-22T11", "2026-11-22T11").encode()
    gateway.push("gp", PRACTICE, body, FHIR)
    (condition,) = [
        c for c in world.of("Condition", world.norma, world.gp) if "HIV" in json.dumps(c["meta"])
    ]
    assert condition["meta"]["source"] == f"urn:care-gateway:source:{PRACTICE}:gp"
    assert condition["meta"]["lastUpdated"].startswith("2026-11-21")
    assert condition["meta"]["versionId"] != "99"
    assert "R" in [c["code"] for c in condition["meta"]["security"]]


def test_a35_one_organisation_never_changes_anothers(gateway, world):
    """The same local ids from another organisation are other resources."""
    before = {g["id"]: g for g in world.of("Goal", world.norma, world.gp)}
    stolen = json.loads(EXAMPLE.read_bytes()) | {"written_at": "2026-11-20T10:00:00Z"}
    stolen["goals"][0]["words"] = "Stolen words"
    gateway.push("social-care", "XK2", json.dumps(stolen).encode())
    after = {g["id"]: g for g in world.of("Goal", world.norma, world.gp)}
    assert {name: after[name] for name in before} == before
    new = [g for name, g in after.items() if name not in before]
    assert {g["meta"]["source"] for g in new} == {"urn:care-gateway:source:XK2:social-care"}


def test_a35_a_sender_says_nothing_about_a_person_by_their_number_alone(gateway, world):
    """A record under Alice's number and another birth date is a record of nobody known."""
    person = council_person(ALICE, local_id="SC-OTHER", birth_date="1999-01-01")
    plan = {
        "document": "support-plan", "version": "1", "written_at": "2026-11-20T10:00:00Z",
        "person": person,
        "plan": {"id": "SP-X", "type": "reablement", "state": "active", "title": "x",
                 "created_on": "2026-10-19", "starts_on": "2026-10-20"},
        "goals": [{"id": "G1", "words": "Planted words", "state": "working on"}],
    }  # fmt: skip
    gateway.push("social-care", "XK3", json.dumps(plan).encode())
    assert "Planted words" not in gateway.get(f"Patient/{world.alice}/$everything", world.gp).text
    found = gateway.search("Patient", world.gp, identifier=f"{NHS}|{ALICE['nhs_number']}")
    assert found.json()["total"] == 1


def test_a35_a_delivery_again_changes_nothing(gateway, world):
    before = gateway.get(f"Patient/{world.norma}/$everything", world.gp).content
    again = gateway.push("social-care", COUNCIL, EXAMPLE.read_bytes())
    assert again["duplicate"] is True
    assert gateway.get(f"Patient/{world.norma}/$everything", world.gp).content == before


def test_a36_a_permit_never_undoes_a_deny_whatever_its_date(gateway, world):
    norma = world.norma
    gateway.create(dissent(norma, **against(COUNCIL)), world.gp)
    for date in ("2026-03-01", "2026-11-21", "2999-01-01"):
        permit = dissent(norma, type="permit", **against(COUNCIL)) | {"dateTime": date}
        assert gateway.create(permit, world.social_worker).status_code in (403, 422)
        assert gateway.create(permit, world.gp).status_code == 201
        assert is_outcome(gateway.get(f"Patient/{norma}", world.social_worker), 404)


def test_a36_who_wrote_a_consent_is_not_who_it_names(gateway, world):
    before = gateway.size()
    made = gateway.create(dissent(world.norma, **of_label("PSY")), world.gp).json()
    assert made["performer"] == [{"reference": f"Patient/{world.norma}"}]
    assert made["meta"]["source"] == f"urn:care-gateway:team:{PRACTICE}"
    (entry,) = [e for e in gateway.entries(before) if e.event == "consent-change"]
    assert (entry.agent.user_id, entry.agent.org) == ("gp-1", PRACTICE)
    assert entry.resources == (("Consent", made["id"], 1),)


BOMBS: list[dict] = [
    {"provision": [{"type": "deny"}] * 500},
    {"code": [{"coding": [{"system": "s", "code": "c"}]}] * 2000},
    {"period": {"start": "9" * 5000}},
    {"period": {"start": "0001-01-01T00:00:00+14:00"}},
    {"period": {"end": "9999-12-31T23:59:59-14:00"}},
    {"actor": [{"role": {"coding": [{"system": "x", "code": "y"}]},
                "reference": {"reference": "Group/none"}}]},
]  # fmt: skip


@pytest.mark.changes_nothing
@pytest.mark.parametrize("provision", BOMBS)
def test_a36_a_consent_that_is_a_bomb_is_refused_whole(gateway, world, provision):
    answer = gateway.create(dissent(world.norma, **provision), world.gp)
    assert is_outcome(answer, 422)
    assert world.of("Consent", world.norma, world.gp) == []


def test_a36_deep_nesting_is_refused(gateway, world):
    deep: dict = {"type": "deny"}
    for _ in range(400):
        deep = {"type": "deny", "provision": [deep]}
    assert is_outcome(gateway.create(dissent(world.norma, **deep), world.gp), 422)


def test_a37_a_change_of_a_team_is_recorded_with_who_made_it(gateway, world):
    before = gateway.size()
    made = gateway.create(team(world.norma, organisation("RY9")), world.coordinator).json()
    (entry,) = [e for e in gateway.entries(before) if e.event == "relationship-change"]
    assert (entry.agent.user_id, entry.outcome) == ("cc-1", "stored")
    assert entry.resources == (("CareTeam", made["id"], 1),)
    assert entry.person_id == world.norma
    assert gateway.get(f"Patient/{world.norma}", world.stranger).status_code == 200
    looked = gateway.entries()[-1]
    assert looked.agent.user_id == "cn-1"
    assert "relationship-care-team" in looked.reasons
    assert looked.evidence.startswith("caseload/")


def test_a37_nobody_adds_themselves_from_outside(gateway, world):
    before = gateway.size()
    sent = team(world.norma, organisation("RY9"))
    assert is_outcome(gateway.create(sent, world.stranger), 422)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", world.stranger), 404)
    refused = [e for e in gateway.entries(before) if e.event == "relationship-change"]
    assert [(e.outcome, e.reasons) for e in refused] == [("refused", ("no-relationship",))]


def test_a37_a_provider_system_makes_no_team_and_no_consent(gateway, world):
    """A system can open no record to its own people, and close none to others."""
    system = gateway.token("provider", "s", "RZZ", feeds=["hospital"])
    for person in (world.norma, "no-such-person"):
        for made in (team(person, organisation("RZZ")), dissent(person)):
            assert is_outcome(gateway.create(made, system), 403, "forbidden")


def test_a37_after_a_dissent_writing_tells_no_more_than_reading(gateway, world):
    """To whom the person is closed, every write answers as for somebody unknown."""
    norma, worker = world.norma, world.doctor
    put_on_caseload(gateway, norma, HOSPITAL)
    assert gateway.get(f"Patient/{norma}", worker).status_code == 200
    closed = dissent(norma, **against(HOSPITAL))
    assert gateway.create(closed, world.gp).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{norma}", worker), 404)
    coordinator = gateway.token("case-coordinator", "c", HOSPITAL)
    for who in (worker, coordinator):
        for made in (lambda one: team(one, organisation(HOSPITAL)), dissent):
            answers = [gateway.create(made(one), who) for one in (norma, "no-such-person")]
            assert answers[0].status_code == answers[1].status_code
            assert answers[0].content == answers[1].content
        body = {"asked_how": "in-person", "kind": "visit"}
        asked = [
            gateway.ask("POST", "/access/permission", who, json={"patient": one} | body)
            for one in (norma, "no-such-person")
        ]
        assert [one.status_code for one in asked] == [404, 404]
