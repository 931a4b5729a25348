"""A practice's record that another organisation sends: what closes it closes what was sent."""

import json

import pytest

from tests.api.consents import ODS, SDS, against, dissent
from tests.api.messages import HYPERTENSION, gp_record
from tests.api.service import FHIR, is_outcome
from tests.api.world import COUNCIL, HOSPITAL, NHS, NORMA, OTHER_PRACTICE, PRACTICE
from tests.unit.consent.fhir_consents import actor, consent_resource

SENDER = "Y01234"
ASTHMA = ("195967001", "Asthma")
PERSON = {"reference": f"Patient/{NORMA['id']}"}
REFUSAL = {
    "resourceType": "Observation",
    "id": "r-1",
    "status": "final",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "416409005"}]},
    "subject": PERSON,
    "effectiveDateTime": "2026-05-01",
}
UNREAD = {
    "resourceType": "Consent",
    "id": "c-1",
    "status": "active",
    "dateTime": "2026-05-01",
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": PERSON,
    "consentingParty": [PERSON],
    "policyRule": "https://consents.example/opt-out",
    "except": [{"type": "deny", "actor": [{"role": {"text": "x"}, "reference": PERSON}]}],
}


@pytest.mark.parametrize("closing", [REFUSAL, UNREAD], ids=["refusal", "unread"])
def test_whoever_sends_for_a_practice_a_refusal_closes_what_was_sent(gateway, world, closing):
    system = gateway.token("provider", "system", SENDER, feeds=["gp"])
    nurse = gateway.token("community-nurse", "cn-2", COUNCIL)

    def send(*more: dict) -> None:
        record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION, ASTHMA]))
        record["entry"] += [{"resource": one} for one in more]
        record["timestamp"] = f"2026-06-0{1 + len(more)}T10:00:00Z"
        content, headers = json.dumps(record), {"Content-Type": FHIR}
        answer = gateway.ask("POST", "/feeds/gp", system, content=content, headers=headers)
        assert answer.json()["items"] == {"taken": 1, "quarantined": 0}

    def conditions(who: dict) -> int:
        return len(world.of("Condition", world.norma, who))

    before = conditions(nurse)
    send()
    assert conditions(nurse) == before + 2
    held = conditions(world.gp)
    send(closing)
    assert conditions(nurse) < before
    assert conditions(world.gp) == held


@pytest.mark.parametrize("role", ["CST", "AUT"])
def test_a_deny_of_what_a_practice_holds_is_about_what_is_sent_for_it(gateway, world, role):
    """Another organisation's rows bear its own code; a permit stays as narrow as it is said."""
    record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION, ASTHMA]))
    record["timestamp"] = "2026-06-01T10:00:00Z"
    gateway.push("gp", SENDER, json.dumps(record).encode())
    nurse = gateway.token("community-nurse", "cn-2", COUNCIL)
    sent = {
        one["id"]
        for one in world.of("Condition", world.norma, nurse)
        if f":{SENDER}:" in one["meta"]["source"]
    }
    assert len(sent) == 2
    said = dissent(world.norma, actor=[actor("IRCP", COUNCIL), actor(role, PRACTICE)])
    assert gateway.create(said, world.gp).status_code == 201
    assert sent.isdisjoint(one["id"] for one in world.of("Condition", world.norma, nurse))
    for name in sent:
        assert is_outcome(gateway.get(f"Condition/{name}", nurse), 404)
        assert gateway.get(f"Condition/{name}", world.gp).status_code == 200


@pytest.mark.parametrize("denied", [PRACTICE, OTHER_PRACTICE])
@pytest.mark.parametrize("at", ["2026-06-02T10:00:00Z", "2026-05-31T10:00:00Z"])
def test_a_sender_that_names_another_practice_opens_nothing(gateway, world, at, denied):
    """Whichever of its two records is the later: it sent for both."""
    for practice, said_at in ((PRACTICE, "2026-06-01T10:00:00Z"), (OTHER_PRACTICE, at)):
        record = json.loads(gp_record(practice, NORMA, [HYPERTENSION, ASTHMA]))
        record["timestamp"] = said_at
        gateway.push("gp", SENDER, json.dumps(record).encode())
    nurse = gateway.token("community-nurse", "cn-2", COUNCIL)

    def sent() -> int:
        found = world.of("Condition", world.norma, nurse)
        return sum(f":{SENDER}:" in one["meta"]["source"] for one in found)

    assert sent() == 2
    said = dissent(world.norma, actor=[actor("IRCP", COUNCIL), actor("CST", denied)])
    assert gateway.create(said, world.gp).status_code == 201
    assert sent() == 0


def test_a_permit_of_what_a_practice_holds_stays_as_narrow_as_it_is_said(gateway, world):
    record = json.loads(gp_record(PRACTICE, NORMA, [HYPERTENSION, ASTHMA]))
    gateway.push("gp", SENDER, json.dumps(record).encode())
    nurse = gateway.token("community-nurse", "cn-2", COUNCIL)
    said = dissent(world.norma, type="permit", actor=[actor("CST", PRACTICE)])
    assert gateway.create(said, world.gp).status_code == 201
    sources = {one["meta"]["source"] for one in world.of("Condition", world.norma, nurse)}
    assert sources == {f"urn:care-gateway:source:{PRACTICE}:gp"}


def _record_with(consent: dict) -> bytes:
    """A record in R4 that says this of sharing."""
    number = {"system": NHS, "value": NORMA["nhs_number"]}
    person = {
        "resourceType": "Patient", "id": NORMA["id"], "identifier": [number],
        "birthDate": NORMA["born"], "name": [{"family": NORMA["family"]}],
        "generalPractitioner": [{"identifier": {"system": ODS, "value": PRACTICE}}],
    }  # fmt: skip
    entries = [{"resource": one} for one in (person, consent | {"id": "c-9", "patient": PERSON})]
    when = "2026-06-05T10:00:00Z"
    body = {"resourceType": "Bundle", "type": "collection", "timestamp": when, "entry": entries}
    return json.dumps(body).encode()


NAMED = {
    "an organisation": actor("IRCP", COUNCIL),
    "somebody": actor("IRCP", "sw-1", system=SDS),
    "a stranger": actor("IRCP", HOSPITAL),
    "nobody known": actor("IRCP", "Z99999"),
}


@pytest.mark.parametrize("whom", NAMED)
def test_a36_whomever_a_permit_of_a_practice_names_is_let_past_no_dissent(gateway, world, whom):
    """Nor to anybody without a relationship, whoever is said to have agreed."""
    said = consent_resource(
        performer=[{"identifier": {"system": SDS, "value": "sw-1"}}],
        provision={"type": "permit", "actor": [NAMED[whom]]},
    )
    stranger = gateway.token("hospital-doctor", "hd-9", HOSPITAL)
    gateway.push("gp", PRACTICE, _record_with(said), FHIR)
    assert len(world.of("Consent", world.norma, world.gp)) == 1
    assert is_outcome(gateway.get(f"Patient/{world.norma}", stranger), 404)
    assert gateway.get(f"Patient/{world.norma}", world.social_worker).status_code == 200
    herself = gateway.token("patient", "norma-1", patient=world.norma)
    assert gateway.create(dissent(world.norma, **against(COUNCIL)), herself).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{world.norma}", world.social_worker), 404)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", stranger), 404)
