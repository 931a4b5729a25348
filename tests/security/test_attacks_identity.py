"""Attacks on what stands on a person: a restricted person's whereabouts, by every way out.

Each test bears the number of its scenario or attack; docs/security-properties.md lists them.
"""

import json
import re
from datetime import timedelta

import pytest

from tests.api.messages import HYPERTENSION, goal, gp_record, support_plan
from tests.api.rows import mark, plan_row, put
from tests.api.service import Service, references, resources
from tests.api.world import COUNCIL, HOSPITAL, NHS, NORMA, PRACTICE, World, council_person
from tests.integration.test_person_facts import told
from tests.security.canary import set_feed

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
WHERE = ("KT6 5ZZ", "Ash Row", "7946", "Hideaway", PRACTICE, PRACTICE.lower(), "Elm Road")
FHIR_JSON = "application/fhir+json"
CHARITY = "VCS1"


def _surgery(name: str = "Hideaway surgery") -> dict:
    own = {"system": ODS, "value": PRACTICE}
    return {"type": "Organization", "identifier": own, "display": name}


def _scattered(gateway: Service, norma: str) -> None:
    """A place in every element that can hold one."""
    subject, surgery = {"reference": f"Patient/{norma}"}, _surgery()
    place = {"reference": "Location/L1", "display": "Hideaway"}
    rows = [
        plan_row("w-plan", norma, author=surgery, contributor=[surgery]),
        {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
         "identifier": [{"system": f"https://EMISWeb/{PRACTICE}", "value": "7"}],
         "serviceProvider": surgery, "location": [{"location": place}],
         "hospitalization": {"origin": place, "destination": surgery}},
        {"resourceType": "CareTeam", "status": "active", "managingOrganization": [surgery],
         "telecom": [{"value": "020 7946 0900"}],
         "participant": [{"member": surgery}, {"onBehalfOf": surgery}]},
        {"resourceType": "Observation", "status": "final", "code": {"text": "weight"},
         "performer": [surgery]},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order",
         "requester": surgery, "performer": [surgery], "locationReference": [place]},
        {"resourceType": "RelatedPerson", "patient": subject,
         "address": [{"text": "Hideaway"}], "telecom": [{"value": "020 7946 0900"}]},
        {"resourceType": "DocumentReference", "status": "current", "custodian": surgery,
         "content": [{"attachment": {"title": "letter"}}], "author": [surgery]},
        {"resourceType": "EpisodeOfCare", "status": "active", "patient": subject,
         "managingOrganization": surgery},
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": subject,
         "owner": surgery, "location": place},
    ]  # fmt: skip
    for number, row in enumerate(rows):
        made = {"id": f"w-{number}", "subject": subject} | row
        if row["resourceType"] in ("RelatedPerson", "EpisodeOfCare", "Task"):
            del made["subject"]
        put(gateway, norma, made, category="demographics")


def _ways_out(gateway: Service, world: World, norma: str):
    """Every answer that holds anything of the record, by its path."""
    everything = gateway.get(f"Patient/{norma}/$everything?_count=500", world.gp)
    yield "$everything", everything
    yield "Patient", gateway.search("Patient", world.gp, identifier=f"{NHS}|{NORMA['nhs_number']}")
    for name in references(everything.json()):
        for path in (name, f"{name}/_history", f"{name}/_history/1", f"{name}/$lineage"):
            answer = gateway.get(path, world.gp)
            if answer.status_code != 404:
                yield path, answer
    for kind in ("CarePlan", "CareTeam", "Encounter", "Observation", "ServiceRequest"):
        include = "&_include=CarePlan:goal" if kind == "CarePlan" else ""
        yield kind, gateway.get(f"{kind}?patient={norma}{include}", world.gp)


def test_s32_s33_a_restricted_persons_whereabouts_leave_by_no_way(gateway, world):
    norma = world.norma
    _scattered(gateway, norma)
    before = {path: answer.text for path, answer in _ways_out(gateway, world, norma)}
    for words in WHERE:
        assert any(words in text for text in before.values()), words
    gateway.push("hospital", HOSPITAL, told("RAX", "20261001120000", zu8="2").body)
    after = dict(_ways_out(gateway, world, norma))
    assert len(after) >= len(before)
    for path, answer in after.items():
        assert answer.status_code == 200, path
        found = [words for words in WHERE if words in answer.text]
        assert not found, path
    assert "Hypertensive" in after["$everything"].text
    gateway.push("hospital", HOSPITAL, told("RAX", "20261002120000", zu8="0").body)
    assert "KT6 5ZZ" in gateway.get(f"Patient/{norma}", world.gp).text


@pytest.mark.parametrize("label", ["R", "V", "REDACTED"])
def test_s31_s33_the_practices_own_word_holds_from_the_next_request(gateway, world, label):
    norma, worker = world.norma, world.social_worker
    assert "KT6 5ZZ" in gateway.get(f"Patient/{norma}", worker).text
    confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    meta = {"security": [{"system": confidentiality, "code": label}]}
    gateway.at += timedelta(minutes=5)
    again = gp_record(PRACTICE, NORMA, [HYPERTENSION], meta=meta)
    gateway.push("gp", PRACTICE, again, FHIR_JSON)
    answer = gateway.get(f"Patient/{norma}", worker)
    missing = gateway.get("Patient/00000000-0000-4000-8000-000000000000", worker)
    if label == "R":
        assert answer.status_code == 200
        assert "KT6 5ZZ" not in answer.text
    else:
        assert (answer.status_code, answer.content) == (missing.status_code, missing.content)


def test_s34_an_opted_out_persons_record_is_its_owners_alone(gateway, world):
    norma = world.norma
    mark(gateway, norma, opted_out="yes")
    goals = resources(gateway.get(f"Goal?patient={norma}", world.social_worker).json())
    assert {one["meta"]["source"].split(":")[3] for one in goals} == {COUNCIL}
    seen = resources(gateway.get(f"Patient/{norma}/$everything", world.gp).json())
    others = [one for one in seen if one["resourceType"] != "Patient"]
    assert {one["meta"]["source"].split(":")[3] for one in others} == {PRACTICE}
    mark(gateway, norma, opted_out="open")


def _told(document: dict, number: str, born: str, local: str) -> bytes:
    sent = json.loads(json.dumps(document))
    sent["person"] = council_person(NORMA, local_id=local, birth_date=born)
    del sent["person"]["nhs_number"]
    if number:
        sent["person"]["nhs_number"] = number
        sent["written_at"] = "2026-11-20T10:00:00Z"
    return json.dumps(sent).encode()


def _without_ids(answer) -> str:
    """What an answer says, apart from ids, which are each record's own."""
    bare = json.loads(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", answer.text))
    if "entry" in bare:  # their order is that of ids
        bare["entry"].sort(key=json.dumps)
    return json.dumps(bare)


def _confirmed(gateway: Service, number: str, born: str, local: str) -> list[tuple[int, str]]:
    """A charity sends somebody without a number, and then with one: all that it is told."""
    document = json.loads(support_plan({}, {"id": "SP-C"}, goals=[goal("G1", "I want tea.")]))
    system = gateway.token("provider", "system", CHARITY, feeds=["social-care"])
    own = gateway.token("social-worker", "vw-1", CHARITY)
    headers = {"Content-Type": "application/json"}
    seen = []
    for sent in ("", number):
        body = _told(document, sent, born, local)
        answer = gateway.ask("POST", "/feeds/social-care", system, content=body, headers=headers)
        patient = next(
            one["reference"]
            for one in answer.json()["resources"]
            if one["reference"].startswith("Patient/")
        )
        delivery = f"/feeds/social-care/deliveries/{answer.json()['delivery']}"
        seen += [answer, gateway.get(patient, own), gateway.get(delivery, system)]
        seen.append(gateway.get(f"{patient}/$everything", own))
        seen.append(gateway.search("Patient", own, identifier=f"{NHS}|{number}"))
    told = [(one.status_code, _without_ids(one)) for one in seen]
    return [(status, re.sub(f"{number}|{born}|{local}", "own", text)) for status, text in told]


def test_a22_who_confirms_a_person_learns_nothing_of_what_else_is_held(gateway, world):
    """Its answers and its own view are the same, whether others hold that person or nobody does."""
    held = _confirmed(gateway, NORMA["nhs_number"], NORMA["born"], "C-1")
    nobody = _confirmed(gateway, "9990000433", "1939-01-05", "C-2")
    assert [status for status, _ in held] == [200] * len(held)
    assert held == nobody


def test_somebody_without_a_number_waits_until_their_sender_confirms_them(gateway, world):
    officer = gateway.token("identity-officer", "io-1", COUNCIL, purpose="HSYSADMIN")
    document = json.loads(support_plan({}, {"id": "SP-C"}, goals=[goal("G1", "I want tea.")]))

    def waits() -> list[dict]:
        rows = gateway.get("/identity/queue", officer).json()["queue"]
        return [one for one in rows if CHARITY in json.dumps(one)]

    gateway.push("social-care", CHARITY, _told(document, "", NORMA["born"], "C-1"))
    (row,) = waits()
    assert {row["record"]["state"], row["other"]["state"]} == {"no-number", "linked"}
    gateway.push("social-care", CHARITY, _told(document, "", "1901-02-03", "C-2"))
    assert waits() == [row]  # nobody looks like the second
    confirmed = _told(document, NORMA["nhs_number"], NORMA["born"], "C-1")
    gateway.push("social-care", CHARITY, confirmed)
    assert waits() == []


def _records(gateway: Service, person_id: str) -> dict[str, str]:
    """Organisation -> its record of the person."""

    async def found(conn):
        sql = "SELECT source_org, patient_id FROM source_record WHERE person_id = $1"
        return dict(await conn.fetch(sql, (person_id,)))

    return gateway.write(found)


def _death(gateway: Service, person_id: str, who: dict[str, str], **headers: str) -> dict:
    answer = gateway.get(f"Patient/{person_id}", who | headers)
    assert answer.status_code == 200
    return {name: value for name, value in answer.json().items() if name.startswith("deceased")}


def test_a_death_that_an_operator_states_is_shown_and_searched_from_the_next_request(
    gateway, world
):
    norma, gp = world.norma, world.gp
    record = _records(gateway, norma)[COUNCIL]
    held = {"If-None-Match": gateway.get(f"Patient/{norma}", gp).headers["etag"]}
    assert _death(gateway, norma, gp) == {}
    mark(gateway, record, deceased="yes")
    assert _death(gateway, norma, gp, **held) == {"deceasedBoolean": True}
    assert gateway.search("Patient", gp, _id=norma, deceased="true").json()["total"] == 1
    (whole,) = [
        one
        for one in resources(gateway.get(f"Patient/{norma}/$everything", gp).json())
        if one["resourceType"] == "Patient"
    ]
    assert whole["deceasedBoolean"] is True
    gateway.at += timedelta(minutes=1)
    mark(gateway, record, deceased="open")
    assert _death(gateway, norma, gp, **held) == {}


def test_a_death_stated_of_a_record_is_told_to_nobody_who_is_not_shown_that_record(gateway, world):
    """As the same word of its source would not be."""
    norma, gp = world.norma, world.gp
    set_feed(gateway, "sandbox", COUNCIL, "social-care")
    before = gateway.get(f"Patient/{norma}", gp)
    mark(gateway, _records(gateway, norma)[COUNCIL], deceased="yes")
    after = gateway.get(f"Patient/{norma}", gp)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


def _senders(answer) -> set[str]:
    """Whose words these are, the Patient's apart, which is one of several."""
    said = [one for one in resources(answer.json()) if one["resourceType"] != "Patient"]
    return {one["meta"]["source"].split(":")[3] for one in said}


@pytest.mark.parametrize(
    ("born", "state"), [("1943-03-04", "name-conflict"), ("1990-01-02", "says-otherwise")]
)
def test_a_local_id_that_is_used_again_shows_nobody_the_record_of_before(
    gateway, world, born, state
):
    """Another person's names come without a number under the id of somebody who had one."""
    norma, whole = world.norma, f"Patient/{world.norma}/$everything"
    assert _senders(gateway.get(whole, world.gp)) == {PRACTICE, COUNCIL}
    held = council_person(NORMA | {"given": "Maureen", "born": born}, local_id="SC-20417")
    del held["nhs_number"]
    sent = json.loads(support_plan({}, {"id": "SP-N"}, goals=[goal("G1", "I want tea.")]))
    sent |= {"person": held, "written_at": "2026-11-20T10:00:00Z"}
    record = _records(gateway, norma)[COUNCIL]
    gateway.push("social-care", COUNCIL, json.dumps(sent).encode())
    assert _senders(gateway.get(whole, world.gp)) == {PRACTICE}
    theirs = gateway.get(f"Patient/{record}/$everything", world.social_worker)
    assert "I want tea." in theirs.text
    assert _senders(theirs) == {COUNCIL}
    officer = gateway.token("identity-officer", "io-1", COUNCIL, purpose="HSYSADMIN")
    waiting = gateway.get("/identity/queue", officer).json()["queue"]
    states = {one["record"]["source_record"]: one["record"]["state"] for one in waiting}
    assert states[record] == state
