"""Who looked at my record: in plain words, for the person alone, through their own filter."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.search_log import Operator
from gateway.flows.audit import who_looked
from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from gateway.store.site import site_data
from gateway.store.site.site_data import Entry
from tests.api.opened import break_glass
from tests.api.rows import mark
from tests.api.service import is_outcome
from tests.api.world import ALICE, COUNCIL, HOSPITAL, PRACTICE
from tests.api.writing import goal as wanted


def _person(gateway, world, whom=None):
    patient = whom or world.norma
    return gateway.token("patient", "norma-herself", patient=patient)


def _told(gateway, who, **query):
    answer = gateway.get("/access/log", who, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_s62_the_person_is_told_who_looked_in_which_role_why_and_when(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    gateway.at += timedelta(minutes=1)
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    line = _told(gateway, who)["accesses"][0]
    assert line == {
        "at": "2026-11-21T12:01:00.000000Z",
        "organisation": COUNCIL,
        "role": "Social worker",
        "purpose": "to give you care",
        "break_glass": False,
        "words": f"Social worker at {COUNCIL} looked at your record to give you care.",
    }


def test_an_organisation_is_told_by_the_name_that_the_site_gives_it(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    gateway.at += timedelta(minutes=1)
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    body = json.dumps({"ods": COUNCIL, "name": "Elmbridge Council"})
    rows = [Entry("organisation", COUNCIL, "", body)]
    gateway.write(lambda conn: site_data.replace(conn, rows, []))
    line = _told(gateway, who)["accesses"][0]
    assert line["organisation"] == COUNCIL
    assert line["words"] == (
        "Social worker at Elmbridge Council looked at your record to give you care."
    )


def test_s32_of_whom_the_whereabouts_are_masked_no_organisation_is_named(gateway, world):
    """As in every answer about them: who reads beside the person would learn where they live."""
    norma, who = world.norma, _person(gateway, world)
    gateway.get(f"Goal?patient={norma}", world.gp)
    break_glass(gateway, world.doctor, norma)
    assert PRACTICE in gateway.get("/access/log", who).text
    mark(gateway, norma, pds="R")
    found = _told(gateway, who)["accesses"]
    assert {one["organisation"] for one in found} == {""}
    assert "General practitioner looked at your record to give you care." in {
        one["words"] for one in found
    }
    for words in ({}, {"Accept": "text/plain"}):
        copy = gateway.get("/access/record", who, headers=words)
        assert "to give you care" in copy.text
        assert not [org for org in (PRACTICE, HOSPITAL) if org in copy.text]


def test_names_and_what_was_read_are_not_told(gateway, world):
    gateway.get(f"Goal?patient={world.norma}", world.social_worker)
    text = json.dumps(_told(gateway, _person(gateway, world)))
    for withheld in ("sw-1", "gp-1", "Goal", "ASHDOWN", "9990000077"):
        assert withheld not in text


def test_who_read_what_the_person_may_not_see_is_not_told(gateway, world):
    alice = world.person(ALICE, world.gp)
    who = gateway.token("patient", "alice-herself", patient=alice)
    nurse = gateway.token("social-worker", "sw-2", COUNCIL)
    (goal, *_) = world.of("Goal", alice, nurse)
    before = _told(gateway, who)["accesses"]
    assert gateway.get(f"Goal/{goal['id']}", nurse).status_code == 200
    assert len(_told(gateway, who)["accesses"]) == len(before) + 1

    async def held(conn):
        await conn.execute("UPDATE resource SET holds = 1 WHERE resource_id = $1", (goal["id"],))

    gateway.write(held)
    gone = len(_told(gateway, who)["accesses"])
    assert gone == len(before), "its label hides it from the person, and who read it with it"


def test_refused_attempts_showed_nothing_and_are_not_told(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    before = _told(gateway, who)["accesses"]
    gateway.get(f"Patient/{norma}", world.stranger)
    assert _told(gateway, who)["accesses"] == before


def test_of_a_record_that_is_nobodys_to_see_nobody_is_told_who_looked(gateway, world):
    """Of somebody who died, whoever comes with their token: no emergency either."""
    norma, who = world.norma, _person(gateway, world)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert any(one["break_glass"] for one in _told(gateway, who)["accesses"])
    mark(gateway, norma, deceased="yes")
    answer = gateway.get("/access/log", who)
    missing = gateway.get("/access/log", _person(gateway, world, "no-such"))
    assert is_outcome(answer, 404)
    assert answer.content == missing.content


def test_what_was_written_is_no_look(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    before = _told(gateway, who)["accesses"]
    assert gateway.create(wanted(norma), world.gp).status_code == 201
    assert gateway.entries()[-1].outcome == Outcome.STORED
    assert _told(gateway, who)["accesses"] == before


def test_who_saw_it_held_as_one_with_anothers_is_told_after_they_were_parted(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    gateway.get(f"Goal?patient={norma}", world.gp)
    gateway.get(f"Goal?patient={norma}", who)

    async def records(conn):
        sql = "SELECT patient_id FROM source_record WHERE person_id = $1 ORDER BY patient_id"
        return [row[0] for row in await conn.fetch(sql, (norma,))]

    one, other = gateway.write(records)
    operator, parted = Operator("an-operator", gateway.at), other if one == norma else one
    said = (one, other, Verdict.DIFFERENT)
    gateway.run(decide(gateway.site.store, operator, said, "two people"))
    of_each = {
        whom: _told(gateway, gateway.token("patient", "somebody", patient=whom))["accesses"]
        for whom in (norma, parted)
    }
    looked = "Another person, whose record was held as one with yours, looked at your record."
    words = [line["words"] for lines in of_each.values() for line in lines]
    assert looked in words, "whoever the goals are of"
    assert any("General practitioner" in each for each in words)
    own = _told(gateway, gateway.token("patient", "norma-herself", patient=norma))["accesses"]
    assert looked not in [line["words"] for line in own]


@pytest.mark.parametrize(
    ("kind", "user", "records", "words"),
    [
        ("patient", "norma", ("a", "b"), "You"),
        ("patient", "other", ("a",), "You"),
        ("patient", "other", ("a", "b"),
         "Another person, whose record was held as one with yours,"),
        ("proxy", "daughter", ("a",), "Somebody acting for you"),
        ("proxy", "daughter", ("a", "b"),
         "Somebody acting for you, or for another person whose record was held as one with yours,"),
        ("staff", "gp-1", ("a", "b"), ""),
    ],
)  # fmt: skip
def test_whose_look_it_was_is_told_as_far_as_the_log_knows(kind, user, records, words):
    entry = AuditEntry(
        datetime(2026, 11, 21, tzinfo=UTC), Event.READ, Outcome.SERVED, Agent(user, kind),
        patient_ids=records,
    )  # fmt: skip
    assert who_looked._whose(entry, "norma", ("a", "norma-now")) == words


def test_pages_lose_and_repeat_nothing(gateway, world):
    norma, who = world.norma, _person(gateway, world)
    for _ in range(5):
        gateway.at += timedelta(seconds=1)
        gateway.get(f"Patient/{norma}", world.gp)
    whole = _told(gateway, who)["accesses"]
    found, page = [], ""
    while True:
        answer = _told(gateway, who, count=2, **({"page": page} if page else {}))
        found += answer["accesses"]
        page = answer["next"]
        if not page:
            break
    assert found == whole
    first = _told(gateway, who, count=2)["next"]
    other = gateway.token("patient", "somebody-else", patient=world.alice)
    assert is_outcome(gateway.get(f"/access/log?page={first}", other), 404)


@pytest.mark.changes_nothing
@pytest.mark.parametrize("role", ["gp", "governance-lead", "proxy", "receptionist"])
def test_everybody_else_is_refused_and_the_refusal_recorded(gateway, world, role):
    more = {"patient": world.norma} if role == "proxy" else {"org": COUNCIL}
    who = gateway.token(role, "other", **more)
    before = gateway.size()
    assert is_outcome(gateway.get("/access/log", who), 403, "forbidden")
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome) == ("audit-view", "refused")


def test_the_look_at_the_log_is_recorded_and_is_nobody_elses(gateway, world):
    who, before = _person(gateway, world), gateway.size()
    _told(gateway, who)
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.person_id) == ("audit-view", "served", world.norma)
    nobody = gateway.token("patient", "nobody", patient="no-such-person")
    assert is_outcome(gateway.get("/access/log", nobody), 404)
