"""Meetings: what is on a screen that several people look at is what each of them may see alone."""

import json

import pytest

from gateway.flows.asking import sight
from tests.api.consents import against, dissent
from tests.api.opened import break_glass
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import is_outcome, references
from tests.api.world import COUNCIL, HIDDEN_WORDS, HOSPITAL, PRACTICE
from tests.api.writing import bundle, entry, goal, send

WORKER = f"social-worker;{COUNCIL};sw-1"
DOCTOR = f"hospital-doctor;{HOSPITAL};hd-1"
CARER = f"home-care;{COUNCIL};hc-1"


def _with(who, *named):
    return who | {"X-Present": ", ".join(named)}


def _ways(world):
    alice = world.alice
    return (
        f"Goal?patient={alice}&_count=500",
        f"Goal?patient={alice}&_summary=count",
        f"Patient/{alice}/$everything?_count=500",
        f"CarePlan?patient={alice}&_include=CarePlan:goal",
        "Goal?_count=1",
    )


@pytest.mark.changes_nothing
def test_a_meeting_sees_what_everybody_present_may_see(gateway, world):
    alice = world.alice
    own = {g["id"] for g in world.of("Goal", alice, world.social_worker)}
    every = {g["id"] for g in world.of("Goal", alice, world.gp)}
    assert own < every
    for who, named in ((world.gp, WORKER), (world.social_worker, f"gp;{PRACTICE};gp-1")):
        present = _with(who, named)
        assert {g["id"] for g in world.of("Goal", alice, present)} == own
        for hidden in every - own:
            assert is_outcome(gateway.get(f"Goal/{hidden}", present), 404)
            assert is_outcome(gateway.get(f"Goal/{hidden}/_history", present), 404)
        for way in _ways(world):
            answer = gateway.get(way, present)
            assert answer.status_code == 200
            assert not any(words in answer.text for words in HIDDEN_WORDS)
    counted = gateway.get(_ways(world)[1], _with(world.gp, WORKER)).json()["total"]
    assert counted == len(own)
    by_form = gateway.search("Goal", _with(world.gp, WORKER), patient=alice)
    assert by_form.json()["total"] == len(own)


def test_whoever_may_see_nothing_of_the_person_closes_the_record_to_the_meeting(gateway, world):
    norma = world.norma
    missing = gateway.get("Patient/none", _with(world.gp, DOCTOR))
    answer = gateway.get(f"Patient/{norma}", _with(world.gp, DOCTOR))
    assert (answer.status_code, answer.content) == (missing.status_code, missing.content)
    assert gateway.get(f"Patient/{norma}", _with(world.gp, WORKER)).status_code == 200
    assert gateway.create(dissent(norma, **against(COUNCIL)), world.gp).status_code == 201
    assert is_outcome(gateway.get(f"Patient/{norma}", _with(world.gp, WORKER)), 404)
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 200


def test_an_emergency_that_one_opened_is_not_the_meetings(gateway, world):
    norma = world.norma
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    present = _with(world.doctor, f"therapist;{HOSPITAL};th-1")
    assert is_outcome(gateway.get(f"Patient/{norma}", present), 404)


def test_the_log_names_who_was_present_and_the_decision_can_be_made_again(gateway, world):
    alice = world.alice
    before = gateway.size()
    said = (WORKER, CARER, WORKER, f"gp;{PRACTICE};gp-1")
    assert gateway.get(f"Patient/{alice}", _with(world.gp, *said)).status_code == 200
    (looked,) = gateway.entries(before)
    assert looked.agent.user_id == "gp-1"
    assert dict(looked.detail)["present"] == f"{CARER} {WORKER}"
    assert "narrowed-to-those-present" in looked.reasons
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)
    again = gateway.ask("POST", "/access/replay", lead, json={"entry": before}).json()
    assert again["same"] is True
    alone = gateway.size()
    gateway.get(f"Patient/{alice}", world.gp)
    assert "present" not in dict(gateway.entries(alone)[0].detail)


def test_a_copy_of_ones_own_is_not_called_current_in_a_meeting(gateway, world):
    alice, held = world.alice, {"If-None-Match": 'W/"1"'}
    put(gateway, alice, goal_row("g-psy", alice, "words"), conf="R", sens="PSY")
    put(gateway, alice, plan_row("p-both", alice, "g-psy"))
    assert "goal" in gateway.get("CarePlan/p-both", world.gp).json()
    answer = gateway.get("CarePlan/p-both", _with(world.gp, WORKER) | held)
    assert answer.status_code == 200
    assert "goal" not in answer.json()


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "said",
    [
        "",
        "social-worker",
        f"social-worker;{COUNCIL}",
        f"social-worker;{COUNCIL};sw 1",
        f"no-such-role;{COUNCIL};sw-1",
        f"patient;{COUNCIL};sw-1",
        f"{WORKER},",
        ",".join(f"gp;{PRACTICE};u-{n}" for n in range(21)),
    ],
)
def test_who_is_present_is_said_in_full_or_refused(gateway, world, said):
    answer = gateway.get(f"Patient/{world.alice}", world.gp | {"X-Present": said})
    assert is_outcome(answer, 400)
    assert answer.json()["issue"][0]["expression"] == ["X-Present"]
    assert "sw-1" not in answer.text


def test_nothing_but_reading_a_record_is_done_as_a_meeting(gateway, world):
    alice, present = world.alice, _with(world.gp, WORKER)
    (plan, *_) = world.of("CarePlan", alice, world.gp)
    path = f"CarePlan/{plan['id']}"
    made = gateway.create(goal(alice), present)
    body = {"patient": alice, "reason": "emergency", "text": "found unconscious at home"}
    refused = [
        made,
        gateway.ask("DELETE", path, present),
        gateway.get(f"{path}/$lineage", present),
        send(gateway, bundle("batch", entry("GET", path)), present),
        gateway.ask("POST", "/access/break-glass", present, json=body),
        gateway.get(f"/access/explain?resource={path}", present),
        gateway.get("AuditEvent", _with(world.lead, WORKER)),
        gateway.get("Subscription", present),
    ]
    assert [one.status_code for one in refused] == [400] * len(refused)
    herself = gateway.token("patient", "alice", patient=alice)
    system = gateway.token("provider", "s", PRACTICE, feeds=["gp"])
    for who in (herself, system):
        assert is_outcome(gateway.get(f"Patient/{alice}", _with(who, WORKER)), 400)
    assert is_outcome(gateway.get(f"Patient/{alice}", {"X-Present": WORKER}), 401)


def test_hidden_rows_change_no_byte_of_what_a_meeting_sees(gateway, world):
    alice, present = world.alice, _with(world.gp, WORKER)

    def told():
        return [gateway.get(way, present).content for way in _ways(world)]

    before = told()
    put(gateway, alice, goal_row("h-1", alice, "words"), conf="R", sens="PSY")
    assert told() == before
    assert "Goal/h-1" in references(
        gateway.get(f"Goal?patient={alice}&_count=500", world.gp).json()
    )
    assert json.loads(before[1])["total"] > 0


def test_what_many_see_together_of_many_people_has_an_end_and_is_not_kept(
    gateway, world, monkeypatch
):
    alice, named = world.alice, [f"gp;{PRACTICE};u-{number}" for number in range(20)]
    every = gateway.get("Goal?_summary=count", world.gp).json()["total"]
    held = gateway.site.known.kept[alice].decided
    before = dict(held)
    answer = gateway.get("Goal?_summary=count", _with(world.gp, *named))
    assert answer.json()["total"] == every
    assert held == before
    monkeypatch.setattr(sight, "MOST_TOGETHER", 20)
    assert is_outcome(gateway.get("Goal?_count=1", _with(world.gp, *named)), 400, "too-costly")
    assert gateway.get("Goal?_count=1", world.gp).status_code == 200
    narrow = gateway.get(f"Goal?patient={alice}&_count=1", _with(world.gp, *named[1:]))
    assert narrow.status_code == 200


def test_who_of_a_team_wrote_something_is_told_where_no_lay_person_is_present(gateway, world):
    alice = world.alice
    made = gateway.create(goal(alice), world.gp).json()
    path = f"Provenance?target=Goal/{made['id']}"
    assert "gp-1" in gateway.get(path, world.gp).text
    helper = f"personal-assistant;{COUNCIL};pa-1"
    assert "gp-1" in gateway.get(path, _with(world.gp, WORKER)).text
    assert "gp-1" not in gateway.get(path, _with(world.gp, helper)).text
