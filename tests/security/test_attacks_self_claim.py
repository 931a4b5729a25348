"""A relationship that somebody claims for themselves, and what cannot be made of it."""

from datetime import timedelta

import pytest

from tests.api.consents import against, dissent, organisation, practitioner, team
from tests.api.opened import WHY, alert_rows, break_glass, post, self_claim
from tests.api.rows import goal_row, mark, put
from tests.api.service import is_outcome
from tests.api.world import HOSPITAL, NORMA, World, put_on_caseload


def test_s03_a_claim_opens_what_the_role_sees_for_a_day_and_is_alerted(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-v", norma, "very restricted"), conf="V")
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    before = gateway.size()
    made = self_claim(gateway, world.doctor, norma)
    assert made.status_code == 201, made.text
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome) == ("self-claim", "stored")
    assert WHY not in repr(entry)
    assert [(one.kind, one.org) for one in alert_rows(gateway)] == [("self-claim", HOSPITAL)]
    before = gateway.size()
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert "relationship-self-claim" in gateway.entries(before)[0].reasons
    assert is_outcome(gateway.get("Goal/g-v", world.doctor), 404)
    listed = gateway.get("Patient", world.doctor).json()
    assert norma in [one["resource"]["id"] for one in listed["entry"]]
    colleague = gateway.token("hospital-doctor", "hd-2", HOSPITAL)
    assert is_outcome(gateway.get(f"Patient/{norma}", colleague), 404)
    gateway.at += timedelta(hours=24)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


@pytest.mark.parametrize("role", ["wellbeing", "navigator", "receptionist", "privacy-officer"])
def test_a_role_that_may_not_claim_is_refused_whoever_the_person_is(gateway, world, role):
    who = gateway.token(role, "u-1", HOSPITAL)
    answers = [self_claim(gateway, who, one) for one in (world.norma, "nobody")]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].content == answers[1].content
    assert {one.kind for one in alert_rows(gateway)} == {"self-claim-refused"}


def test_a37_a_claim_makes_no_team_that_would_outlast_it(gateway, world):
    norma = world.norma
    self_claim(gateway, world.doctor, norma)
    for member in (practitioner("hd-1", HOSPITAL), organisation(HOSPITAL)):
        assert is_outcome(gateway.create(team(norma, member), world.doctor), 403)
    gateway.at += timedelta(hours=25)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_a37_what_a_claim_gives_is_less_than_a_break_glass(gateway, world):
    norma = world.norma
    self_claim(gateway, world.doctor, norma)
    gateway.create(dissent(norma, **against(HOSPITAL)), world.gp)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200


def test_a22_who_dissented_opted_out_or_is_not_here_give_one_answer(gateway, world):
    norma, bob = world.norma, world.bob
    gateway.create(dissent(norma, **against(HOSPITAL)), world.gp)
    mark(gateway, bob, opted_out=1)
    answers = [self_claim(gateway, world.doctor, one) for one in (norma, bob, "nobody")]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert [one.kind for one in alert_rows(gateway)] == ["self-claim-refused"] * 3


def test_a_claim_is_not_renewed_before_its_end_and_can_be_closed(gateway, world):
    norma = world.norma
    grant = self_claim(gateway, world.doctor, norma).json()["grant"]
    assert is_outcome(self_claim(gateway, world.doctor, norma), 400, "business-rule")
    other = f"/access/break-glass/{grant}/close"
    assert is_outcome(gateway.ask("POST", other, world.doctor), 404)
    assert gateway.ask("POST", f"/access/self-claim/{grant}/close", world.doctor).is_success
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_where_permission_is_recorded_a_claim_is_a_relationship_and_no_permission(start):
    recorded = start(permission_to_view="recorded")
    world = World(recorded)
    norma = world.person(NORMA, world.gp)
    assert self_claim(recorded, world.doctor, norma).status_code == 201
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)
    asked = {"patient": norma, "asked_how": "in-person", "kind": "visit"}
    assert post(recorded, "/access/permission", world.doctor, **asked).status_code == 201
    assert recorded.get(f"Patient/{norma}", world.doctor).status_code == 200


def test_asking_to_claim_leaves_no_decision_behind_that_needs_no_permission(start):
    recorded = start(permission_to_view="recorded")
    world = World(recorded)
    norma = world.person(NORMA, world.gp)
    put_on_caseload(recorded, norma, HOSPITAL)
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)
    self_claim(recorded, world.doctor, norma)
    assert is_outcome(self_claim(recorded, world.doctor, norma), 400)
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)
