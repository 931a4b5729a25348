"""The person says that something is wrong: a note beside it, an answer by a day, no more told."""

import json
from datetime import timedelta

import pytest

from tests.api.consents import against, dissent
from tests.api.opened import alert_rows, post
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, PRACTICE

WORDS = "I never said that I want this, please ask my sister"
WHY = "asked her again, and wrote down what she wants instead"


def dispute(gateway, who, resource, **more):
    return post(gateway, "/access/disputes", who, **({"resource": resource, "text": WORDS} | more))


def answer(gateway, who, task, **more):
    said = {"outcome": "corrected", "reason": WHY} | more
    return post(gateway, f"/access/disputes/{task.removeprefix('Task/')}/answer", who, **said)


@pytest.fixture
def own(gateway, world):
    return gateway.token("patient", "p-1", patient=world.norma, purpose="PATRQT")


@pytest.fixture
def goal(world):
    """A goal of Norma's that the council sent."""
    return "Goal/" + world.of("Goal", world.norma, world.social_worker)[0]["id"]


def tasks(gateway, who, norma):
    return resources(gateway.get(f"Task?patient={norma}", who).json())


def test_a_note_stands_beside_the_item_until_it_is_answered(gateway, world, own, goal):
    made = dispute(gateway, own, goal)
    assert made.status_code == 201, made.text
    assert made.json()["due"] == "2026-12-19T12:00:00Z"
    (name,) = made.json()["disputes"]
    for who in (own, world.social_worker, world.gp):
        (task,) = [one for one in tasks(gateway, who, world.norma) if f"Task/{one['id']}" == name]
        assert (task["status"], task["description"]) == ("requested", WORDS)
        assert task["focus"]["reference"] == goal
        assert task["owner"]["identifier"]["value"] == COUNCIL
        assert task["restriction"]["period"]["end"] == "2026-12-19T12:00:00Z"
    assert is_outcome(dispute(gateway, own, goal), 400, "business-rule")
    answered = answer(gateway, world.social_worker, name)
    assert answered.json() == {"dispute": name, "status": "completed"}
    told = gateway.get(name, own).json()
    assert (told["status"], told["statusReason"]) == ("completed", {"text": WHY})
    assert told["meta"]["versionId"] == "2"
    assert is_outcome(answer(gateway, world.social_worker, name), 400, "business-rule")
    assert dispute(gateway, own, goal).status_code == 201


def test_what_is_not_answered_is_overdue_at_the_desk_of_whose_it_is(gateway, world, own, goal):
    (name,) = dispute(gateway, own, goal).json()["disputes"]
    gateway.at += timedelta(days=29)
    (listed,) = gateway.get("/ig/alerts?kind=dispute", world.lead).json()["alerts"]
    assert (listed["organisation"], listed["overdue"]) == (COUNCIL, True)
    assert WORDS not in json.dumps(listed)
    other = gateway.token("governance-lead", "ig-2", PRACTICE)
    assert gateway.get("/ig/alerts?kind=dispute", other).json()["alerts"] == []
    assert answer(gateway, world.social_worker, name, outcome="stands").status_code == 200
    assert gateway.get("/ig/alerts?kind=dispute", world.lead).json()["alerts"] == []
    assert gateway.get(name, world.gp).json()["status"] == "rejected"


def test_nobody_answers_but_whose_item_it_is_and_nobody_takes_the_note_away(
    gateway, world, own, goal
):
    (name,) = dispute(gateway, own, goal).json()["disputes"]
    assert is_outcome(answer(gateway, world.gp, name), 403)
    assert is_outcome(answer(gateway, own, name), 403)
    missing = answer(gateway, world.stranger, "Task/none")
    hidden = answer(gateway, world.stranger, name)
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert is_outcome(missing, 404)
    tag = {"If-Match": 'W/"1"', "Content-Type": "application/fhir+json"}
    task = gateway.get(name, world.social_worker).json() | {"status": "cancelled"}
    for who in (world.social_worker, own, world.gp):
        gone = gateway.ask("DELETE", name, who, headers=tag)
        changed = gateway.ask("PUT", name, who, content=json.dumps(task), headers=tag)
        assert (gone.status_code, changed.status_code) == (403, 403)
    assert gateway.get(name, own).json()["status"] == "requested"


def test_a1_what_the_person_does_not_see_is_not_there_to_be_disputed(gateway, world, own):
    norma = world.norma
    put(gateway, norma, goal_row("g-h", norma, "kept back"), hold="SAFEG")
    missing = dispute(gateway, own, "Goal/none")
    for one in ("Goal/g-h", f"Patient/{world.bob}", "Observation/g-h"):
        refused = dispute(gateway, own, one)
        assert (refused.status_code, refused.content) == (404, missing.content)
    assert alert_rows(gateway) == []


@pytest.mark.parametrize("role", ["gp", "social-worker", "provider"])
def test_nobody_disputes_for_the_person_but_who_acts_for_them(gateway, world, goal, role):
    who = gateway.token(role, "x", PRACTICE)
    assert is_outcome(dispute(gateway, who, goal), 403)


def test_a_note_bears_the_labels_of_what_it_is_beside(gateway, world, own):
    norma = world.norma
    put(gateway, norma, goal_row("g-r", norma, "restricted"), org=PRACTICE, conf="R", sens="PSY")
    (name,) = dispute(gateway, own, "Goal/g-r").json()["disputes"]
    assert gateway.get(name, world.gp).status_code == 200
    assert is_outcome(gateway.get("Goal/g-r", world.social_worker), 404)
    assert is_outcome(gateway.get(name, world.social_worker), 404)
    gateway.create(dissent(norma, **against(PRACTICE)), world.gp)
    assert is_outcome(gateway.get(name, world.social_worker), 404)


def test_what_stands_of_the_person_is_disputed_with_each_who_said_it(gateway, world, own):
    made = dispute(gateway, own, f"Patient/{world.norma}").json()
    owners = {
        one["owner"]["identifier"]["value"]
        for one in tasks(gateway, own, world.norma)
        if f"Task/{one['id']}" in made["disputes"]
    }
    assert owners == {COUNCIL, PRACTICE}


def test_what_is_kept_from_the_person_of_themselves_is_disputed_with_nobody(gateway, world, own):
    """The practice's words of who they are, held back from them."""
    norma = world.norma
    kept = {"resourceType": "Patient", "id": norma}
    put(gateway, norma, kept, version=9, org=PRACTICE, category="demographics", hold="NOPAT")
    made = dispute(gateway, own, f"Patient/{norma}")
    assert made.status_code == 201
    owners = {
        one["owner"]["identifier"]["value"]
        for one in tasks(gateway, world.gp, norma)
        if f"Task/{one['id']}" in made.json()["disputes"]
    }
    assert (len(made.json()["disputes"]), owners) == (1, {COUNCIL})


def test_a_token_without_the_scope_disputes_and_answers_nothing(gateway, world, own, goal):
    narrow = gateway.token(
        "patient", "p-1", patient=world.norma, purpose="PATRQT", scope="patient/Goal.rs"
    )
    assert is_outcome(dispute(gateway, narrow, goal), 403)
    (name,) = dispute(gateway, own, goal).json()["disputes"]
    reader = gateway.token("social-worker", "sw-1", COUNCIL, scope="user/Task.rs user/Goal.rs")
    assert is_outcome(answer(gateway, reader, name), 403)
    assert answer(gateway, world.social_worker, name).status_code == 200
