"""Teams and permissions: what gives sight, from when until when."""

import json
from datetime import timedelta

import pytest

from tests.api.consents import against, dissent, organisation, practitioner, team
from tests.api.opened import self_claim
from tests.api.service import is_outcome, resources
from tests.api.world import (
    COUNCIL,
    HOSPITAL,
    NHS,
    NORMA,
    PRACTICE,
    World,
    put_on_caseload,
)

TODAY = {"start": "2026-11-21", "end": "2026-11-21"}


def _permit(gateway, who, **body):
    sent = {"asked_how": "in-person", "kind": "visit"} | body
    headers = {"Content-Type": "application/json"}
    return gateway.ask("POST", "/access/permission", who, content=json.dumps(sent), headers=headers)


def test_membership_gives_sight_for_its_period_and_no_longer(gateway, world):
    norma = world.norma
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    gateway.create(team(norma, organisation(HOSPITAL, period=TODAY)), world.coordinator)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    gateway.at = gateway.at.replace(hour=23, minute=59, second=59)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    gateway.at += timedelta(seconds=1)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "inactive"},
        {"status": "proposed"},
        {"period": {"end": "2026-11-20"}},
        {"period": {"start": "2026-11-22"}},
    ],
)
def test_a_team_that_is_not_active_now_gives_nothing(gateway, world, changes):
    gateway.create(team(world.norma, organisation(HOSPITAL), **changes), world.coordinator)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", world.doctor), 404)


def test_a_named_member_and_not_their_colleagues(gateway, world):
    gateway.create(team(world.norma, practitioner("hd-1", HOSPITAL)), world.coordinator)
    colleague = gateway.token("hospital-doctor", "hd-2", HOSPITAL)
    same_name_elsewhere = gateway.token("hospital-doctor", "hd-1", "RJ1")
    assert gateway.get(f"Patient/{world.norma}", world.doctor).status_code == 200
    assert is_outcome(gateway.get(f"Patient/{world.norma}", colleague), 404)
    assert is_outcome(gateway.get(f"Patient/{world.norma}", same_name_elsewhere), 404)


def test_a_member_without_an_organisation_is_on_the_team_and_is_no_evidence(gateway, world):
    member = practitioner("hd-1", HOSPITAL)
    del member["onBehalfOf"]
    made = gateway.create(team(world.norma, member), world.coordinator)
    assert made.status_code == 201
    assert is_outcome(gateway.get(f"Patient/{world.norma}", world.doctor), 404)


def test_the_team_of_one_person_gives_no_sight_of_another(gateway, world):
    put_nobody = gateway.get(f"Patient/{world.bob}", world.doctor)
    gateway.create(team(world.norma, organisation(HOSPITAL)), world.coordinator)
    assert is_outcome(put_nobody, 404)
    assert is_outcome(gateway.get(f"Patient/{world.bob}", world.doctor), 404)


@pytest.fixture
def recorded(start):
    return start(permission_to_view="recorded")


@pytest.fixture
def asked(recorded) -> tuple[World, str]:
    """A world where permission must be recorded, and Norma's id as her practice knows it."""
    world = World(recorded)
    herself = recorded.search("Patient", world.gp, identifier=f"{NHS}|{NORMA['nhs_number']}")
    return world, resources(herself.json())[0]["id"]


def test_without_permission_a_relationship_shows_nothing(recorded, asked):
    world, norma = asked
    mine = world.person(NORMA, world.social_worker)
    council = recorded.get(f"Patient/{mine}/$everything", world.social_worker)
    types = {one["meta"]["source"].split(":")[3] for one in resources(council.json())[1:]}
    assert types == {COUNCIL}, "it sent these; nobody else's are shown"
    put_on_caseload(recorded, norma, HOSPITAL)
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)


def test_permission_for_this_visit_is_for_one_and_ends(recorded, asked):
    world, norma = asked
    put_on_caseload(recorded, norma, HOSPITAL)
    given = _permit(recorded, world.doctor, patient=norma)
    assert given.status_code == 201, given.text
    assert given.json()["for"] == "person"
    colleague = recorded.token("hospital-doctor", "hd-2", HOSPITAL)
    assert recorded.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert is_outcome(recorded.get(f"Patient/{norma}", colleague), 404)
    recorded.at += timedelta(hours=24, seconds=1)
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)


def test_standing_permission_is_for_the_organisation_until_its_end(recorded, asked):
    world, norma = asked
    put_on_caseload(recorded, norma, HOSPITAL)
    until = (recorded.at + timedelta(days=30)).isoformat()
    given = _permit(recorded, world.doctor, patient=norma, kind="standing", until=until)
    assert given.json()["until"] == until
    colleague = recorded.token("hospital-doctor", "hd-2", HOSPITAL)
    assert recorded.get(f"Patient/{norma}", colleague).status_code == 200
    recorded.at += timedelta(days=30)
    colleague = recorded.token("hospital-doctor", "hd-2", HOSPITAL)
    assert is_outcome(recorded.get(f"Patient/{norma}", colleague), 404)


def test_permission_creates_no_relationship(recorded, asked):
    world, norma = asked
    assert is_outcome(_permit(recorded, world.doctor, patient=norma), 404)
    assert is_outcome(_permit(recorded, world.doctor, patient="no-such"), 404)
    entries = recorded.entries()[-2:]
    assert [(e.event, e.outcome) for e in entries] == [("permission", "refused")] * 2


def test_who_the_person_keeps_out_records_no_permission_and_learns_of_nobody(recorded, asked):
    world, norma = asked
    put_on_caseload(recorded, norma, HOSPITAL)
    _permit(recorded, world.gp, patient=norma)
    said = recorded.create(dissent(norma, **against(HOSPITAL)), world.gp)
    assert said.status_code == 201, said.text
    missing = _permit(recorded, world.doctor, patient="no-such")
    refused = _permit(recorded, world.doctor, patient=norma)
    assert is_outcome(refused, 404)
    assert refused.content == missing.content
    assert recorded.entries()[-1].outcome == "refused"


@pytest.mark.parametrize(("later", "ends"), [(7 * 24, 24), (2, 2)])
def test_a_permission_for_a_visit_is_over_with_the_visit_whatever_day_is_named(
    recorded, asked, later, ends
):
    world, norma = asked
    put_on_caseload(recorded, norma, HOSPITAL)
    until, ended = (recorded.at + timedelta(hours=one) for one in (later, ends))
    given = _permit(recorded, world.doctor, patient=norma, until=until.isoformat())
    assert given.json()["until"] == ended.isoformat()
    recorded.at = ended - timedelta(seconds=1)
    assert recorded.get(f"Patient/{norma}", world.doctor).status_code == 200
    recorded.at = ended
    assert is_outcome(recorded.get(f"Patient/{norma}", world.doctor), 404)


def test_holding_a_record_is_no_ground_to_record_a_permission(recorded, asked):
    world, norma = asked
    put_on_caseload(recorded, norma, "XK9")
    holder = recorded.token("hospital-doctor", "hd-9", COUNCIL)
    assert _permit(recorded, holder, patient=norma).status_code == 201, "it has a caseload"
    olive = [
        p["id"]
        for p in resources(recorded.get("Patient", world.social_worker).json())
        if p["name"][0]["family"] == "GREENFIELD"
    ]
    assert is_outcome(_permit(recorded, holder, patient=olive[0]), 404)


FAULTY = [
    ({"patient": 7}, "patient"),
    ({"asked_how": "telepathy"}, "asked_how"),
    ({"kind": "for-ever"}, "kind"),
    ({"for": "everybody"}, "for"),
    ({"until": "tomorrow"}, "until"),
    ({"until": "2026-12-01T10:00:00"}, "until"),
    ({"extra": 1}, ""),
]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(("change", "path"), FAULTY)
def test_a_permission_that_is_not_well_formed(gateway, world, change, path):
    answer = _permit(gateway, world.gp, **{"patient": world.norma, **change})
    assert is_outcome(answer, 400)
    expressions = [e for i in answer.json()["issue"] for e in i.get("expression", [""])]
    assert expressions == [path]


@pytest.mark.changes_nothing
@pytest.mark.parametrize("role", ["patient", "provider"])
def test_only_staff_record_a_permission(gateway, world, role):
    more = {"patient": world.norma} if role == "patient" else {"org": PRACTICE}
    answer = _permit(gateway, gateway.token(role, "x", **more), patient=world.norma)
    assert is_outcome(answer, 403)


def test_ties_that_ended_count_no_longer_towards_too_many_people(gateway, world, monkeypatch):
    """A search over a caseload is refused where it is too large: as it stands now."""
    nurse = gateway.token("community-nurse", "cn-1", "RY9")
    gateway.create(team(world.norma, organisation("RY9", period=TODAY)), world.coordinator)
    gateway.create(team(world.alice, organisation("RY9")), world.coordinator)
    claim = self_claim(gateway, nurse, world.norma)
    assert claim.status_code == 201, claim.text
    monkeypatch.setattr("gateway.flows.asking.sight.MOST_PEOPLE", 1)
    assert is_outcome(gateway.get("Goal", nurse), 400, "too-costly")
    gateway.at += timedelta(days=60)
    nurse = gateway.token("community-nurse", "cn-1", "RY9")
    assert gateway.get("Goal", nurse).status_code == 200
