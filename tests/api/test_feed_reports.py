"""A provider's report card over HTTP: its own and nobody else's, recorded before it leaves."""

import json

import pytest

from gateway.audit.events import Event
from gateway.errors import AuditUnavailableError
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from tests.api.messages import support_plan
from tests.api.service import is_outcome
from tests.api.world import (
    ALICE,
    BOB,
    COUNCIL,
    HOSPITAL,
    NORMA,
    OTHER_PRACTICE,
    PRACTICE,
    council_person,
)
from tests.integration.test_ingest_identity import OTHER, seen_by


def _system(gateway, org, *feeds):
    return gateway.token("provider", "system", org, feeds=list(feeds))


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "role",
    ["gp", "hospital-doctor", "social-worker", "governance-lead", "privacy-officer", "researcher"],
)
def test_a33_a_report_is_for_the_providers_system_alone(gateway, role):
    size = gateway.size()
    answer = gateway.get("/feeds/social-care/report", gateway.token(role, org=COUNCIL))
    assert is_outcome(answer, 403, "forbidden")
    (entry,) = gateway.entries(size)
    assert (entry.event, str(entry.outcome)) == (Event.OPERATION, "refused")


def test_a33_a_system_sees_no_report_of_a_feed_it_may_not_push_to(gateway):
    answer = gateway.get("/feeds/gp/report", _system(gateway, COUNCIL, "social-care"))
    assert is_outcome(answer, 403, "forbidden")
    assert is_outcome(gateway.get("/feeds/no-such-feed/report", _system(gateway, COUNCIL)), 404)
    assert is_outcome(gateway.get("/feeds/gp/report"), 401, "login")


def test_a33_a_report_is_of_the_tokens_organisation_whatever_is_asked(gateway):
    """The other practice's figures are the same whatever is sent by, or waits for, the first."""
    other = _system(gateway, OTHER_PRACTICE, "gp")
    before = gateway.get("/feeds/gp/report", other).json()
    gateway.ask(
        "POST", "/feeds/gp", _system(gateway, PRACTICE, "gp"), content=b'{"resourceType":"Bundle"}',
        headers={"Content-Type": "application/fhir+json"},
    )  # fmt: skip
    for query in ("", "?org=H85001", "?organisation=H85001", "?source_org=H85001&org=*"):
        assert gateway.get(f"/feeds/gp/report{query}", other).json() == before
    assert before["organisation"] == OTHER_PRACTICE
    assert before["volumes"]["items"] == {"taken": 1}
    assert before["identity"]["records"] == 1
    text = gateway.get("/feeds/gp/report", other, headers={"Accept": "text/plain"}).text
    assert "\n  1 record of a person\n" in text
    assert PRACTICE not in json.dumps(before)
    stranger = gateway.get("/feeds/gp/report", _system(gateway, HOSPITAL, "gp")).json()
    assert stranger["volumes"] == {"deliveries": {}, "items": {}}
    assert stranger["identity"]["records"] == 0
    assert stranger["freshness"]["last_received"] is None


def test_a_report_says_what_was_sent_and_what_would_mend_most(gateway):
    who = _system(gateway, COUNCIL, "social-care")
    plan = {"document": "support-plan", "version": "1", "plan": {"id": "X", "state": "odd"}}
    headers = {"Content-Type": "application/json"}
    pushed = gateway.ask(
        "POST", "/feeds/social-care", who, content=json.dumps(plan), headers=headers
    ).json()
    assert pushed["status"] == "quarantined"
    size = gateway.size()
    answer = gateway.get("/feeds/social-care/report?days=7", who)
    assert answer.status_code == 200
    card = answer.json()
    assert card["volumes"]["items"] == {"quarantined": 1, "taken": 3}
    assert card["waiting"] == {"quarantined": 1, "taken in part": 0, "refused": 0}
    assert pushed["delivery"] in {row["example"]["delivery"] for row in card["rules"]}
    (problem,) = card["identity"]["problems"]
    assert (problem["state"], problem["number"]) == ("unusable-number", 1)
    assert problem["example"]["item"] == 1
    assert [(week["taken"], week["not_taken"]) for week in card["trend"]["weeks"]] == [(3, 1)]
    (entry,) = gateway.entries(size)
    assert (entry.event, str(entry.outcome), entry.query) == (
        Event.OPERATION,
        "served",
        "report social-care",
    )
    text = gateway.get("/feeds/social-care/report", who, headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "1 x unusable-number" in text.text
    for person in (NORMA, ALICE, BOB):
        for value in person.values():
            assert value not in answer.text + text.text


def _problems(gateway, org, feed):
    card = gateway.get(f"/feeds/{feed}/report", _system(gateway, org, feed)).json()
    return {one["state"]: one for one in card["identity"]["problems"]}


def test_a22_a_provider_is_told_of_its_own_local_id_that_named_two_people(gateway, world):
    """By its own messages alone: the same before and after an operator decides, and nothing of a
    decision that no longer holds where each message is of one person."""
    gateway.push("hospital", "RYX", seen_by("RYX", NORMA["nhs_number"]).body)
    assert _problems(gateway, "RYX", "hospital") == {}
    oliver = seen_by("RYX", OTHER, "19510622", at="20261003090000", name="Oliver")
    pushed = gateway.push("hospital", "RYX", oliver.body)
    before = _problems(gateway, "RYX", "hospital")
    (problem,) = before.values()
    assert (problem["state"], problem["number"]) == ("reused-local-id", 1)
    assert problem["example"] == {"delivery": pushed["delivery"], "item": 1}
    assert "an id of their own" in problem["text"]
    headers = {"Accept": "text/plain"}
    who = _system(gateway, "RYX", "hospital")
    assert problem["text"] in gateway.get("/feeds/hospital/report", who, headers=headers).text

    async def record(conn):
        sql = "SELECT patient_id FROM source_record WHERE source_org = 'RYX'"
        return (await conn.fetch(sql, ()))[0][0]

    said = (gateway.write(record), world.norma, Verdict.SAME)
    gateway.run(decide(gateway.site.store, Operator("ops", gateway.at), said, "the ward rang"))
    assert _problems(gateway, "RYX", "hospital") == before
    assert _problems(gateway, HOSPITAL, "hospital") == {}


def test_a22_a_record_that_waits_by_what_others_say_is_no_reused_local_id(gateway, world):
    """A decision that one corrected number ended: whose that was is others' to know."""
    gateway.push("hospital", "RYX", seen_by("RYX", NORMA["nhs_number"], "19430403").body)

    async def record(conn):
        sql = "SELECT patient_id, link_state FROM source_record WHERE source_org = 'RYX'"
        return (await conn.fetch(sql, ()))[0]

    said = (gateway.write(record)[0], world.norma, Verdict.SAME)
    gateway.run(decide(gateway.site.store, Operator("ops", gateway.at), said, "the ward rang"))
    corrected = seen_by("RYX", OTHER, "19430403", at="20261003090000")
    gateway.push("hospital", "RYX", corrected.body)
    assert gateway.write(record)[1] == "says-otherwise"
    assert _problems(gateway, "RYX", "hospital") == {}


def test_a22_a_report_does_not_tell_whether_anybody_else_knows_a_person(gateway):
    """A number that others hold, with another birth date, and one that nobody holds."""
    cards = []
    for number, org in (("9990000239", "XK8"), ("9990000301", "XK9")):
        person = council_person(BOB | {"nhs_number": number, "born": "1950-01-01"})
        gateway.push("social-care", org, support_plan(person, {"id": "SP-B"}))
        card = gateway.get("/feeds/social-care/report", _system(gateway, org, "social-care"))
        kept = {name: card.json()[name] for name in ("identity", "volumes", "warnings", "rules")}
        cards.append(kept)
    assert cards[0] == cards[1]
    assert cards[0]["identity"] == {"records": 1, "problems": []}


def test_a22_a_number_without_a_name_is_told_whoever_else_holds_it(gateway, world):
    """The number of somebody known and of nobody; and after an operator said whose it is."""
    cards = []
    for number, org in ((NORMA["nhs_number"], "XK8"), ("9990000301", "XK9")):
        person = council_person(NORMA | {"nhs_number": number, "given": "N"})
        gateway.push("social-care", org, support_plan(person, {"id": "SP-B"}))
        card = gateway.get("/feeds/social-care/report", _system(gateway, org, "social-care"))
        cards.append(card.json()["identity"])
    (problem,) = cards[0]["problems"]
    assert (problem["state"], problem["number"]) == ("nameless", 1)

    async def record(conn):
        sql = "SELECT patient_id, link_state FROM source_record WHERE source_org = 'XK8'"
        return (await conn.fetch(sql, ()))[0]

    patient_id, state = gateway.write(record)
    assert state == "nameless"
    said = (patient_id, world.norma, Verdict.SAME)
    operator = Operator("bench", gateway.at)
    gateway.run(decide(gateway.site.store, operator, said, "the council was asked"))
    card = gateway.get("/feeds/social-care/report", _system(gateway, "XK8", "social-care"))
    assert card.json()["identity"] == cards[0]
    told = [[(one["state"], one["number"]) for one in card["problems"]] for card in cards]
    assert told[0] == told[1]


def test_a22_a_report_does_not_tell_that_an_operator_found_whose_a_record_is(gateway, world):
    system = _system(gateway, "XK8", "social-care")
    person = {name: text for name, text in council_person(NORMA).items() if name != "nhs_number"}
    gateway.push("social-care", "XK8", support_plan(person, {"id": "SP-B"}))
    before = gateway.get("/feeds/social-care/report", system).json()["identity"]
    assert [one["state"] for one in before["problems"]] == ["no-number"]

    async def record(conn):
        sql = "SELECT patient_id FROM source_record WHERE source_org = 'XK8'"
        return (await conn.fetch(sql, ()))[0][0]

    said = (gateway.write(record), world.norma, Verdict.SAME)
    operator = Operator("bench", gateway.at)
    gateway.run(decide(gateway.site.store, operator, said, "she said so herself"))
    assert gateway.get("/feeds/social-care/report", system).json()["identity"] == before


@pytest.mark.changes_nothing
@pytest.mark.parametrize("days", ["0", "367", "x", "-1"])
def test_a_span_that_is_none_is_a_bad_request_and_is_not_repeated(gateway, days):
    who = _system(gateway, COUNCIL, "social-care")
    answer = gateway.get(f"/feeds/social-care/report?days={days}", who)
    assert is_outcome(answer, 400, "invalid")


def test_a29_without_the_log_no_report(gateway, monkeypatch):
    async def failing(_log, _entry):
        raise AuditUnavailableError

    who = _system(gateway, COUNCIL, "social-care")
    monkeypatch.setattr(type(gateway.site.store.log), "append", failing)
    answer = gateway.get("/feeds/social-care/report", who)
    assert is_outcome(answer, 503, "transient")
    assert COUNCIL not in answer.text
