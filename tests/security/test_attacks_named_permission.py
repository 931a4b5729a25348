"""Volunteers, circles, advocates and personal assistants look on a permission by name alone. A
professional of direct care records what the person said of them; nobody says it of themselves.
"""

from datetime import timedelta

import pytest

from tests.api.consents import dissent
from tests.api.opened import post
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome
from tests.api.world import put_on_caseload
from tests.unit.consent.fhir_consents import USER, actor

BY_NAME = ["navigator", "personal-assistant", "circle-member", "advocate"]
THERE, SELF = "XVS", "helper-1"


def _record(gateway, who, patient, **more):
    body = {"patient": patient, "asked_how": "paper", "kind": "standing", "for": "named"}
    return post(gateway, "/access/permission", who, **(body | _named() | more))


def _named(user=SELF, org=THERE):
    return {"user": user, "organisation": org}


def _seen(gateway, goal, role, user=SELF, org=THERE):
    return gateway.get(f"Goal/{goal}", gateway.token(role, user, org)).status_code == 200


@pytest.fixture
def goal(gateway, world):
    """A goal of the support plan, and a helper whom a list names."""
    put_on_caseload(gateway, world.norma, THERE)
    shown = goal_row("g-shown", world.norma, "words")
    return put(gateway, world.norma, shown, category="support-plan")


@pytest.mark.parametrize("role", BY_NAME)
def test_s71_who_is_named_sees_and_nobody_beside_them(gateway, world, goal, role):
    norma = world.norma
    alone = goal_row("g-held", norma, "canary")
    held = put(gateway, norma, alone, category="support-plan", hold="THIRDPARTY")
    assert not _seen(gateway, goal, role)
    made = _record(gateway, world.social_worker, norma)
    assert made.status_code == 201, made.text
    assert (made.json()["organisation"], made.json()["for"]) == (THERE, "person")
    assert _seen(gateway, goal, role)
    assert not _seen(gateway, goal, role, "helper-2")
    assert not _seen(gateway, goal, role, SELF, "XVT")
    assert not _seen(gateway, goal, role, SELF.upper()), "a right is of the id as it is issued"
    assert _seen(gateway, held, role) is (role == "navigator"), "lay callers wait for what is held"
    herself = gateway.token("patient", "norma", patient=norma)
    said = dissent(norma, actor=[actor("IRCP", SELF, USER)])
    assert gateway.create(said, herself).status_code == 201
    assert not _seen(gateway, goal, role), "it is taken back by a no"


@pytest.mark.parametrize("role", BY_NAME)
def test_s71_a_permission_by_name_ends_and_opens_nothing_to_whom_no_list_names(
    gateway, world, goal, role
):
    norma, until = world.norma, (gateway.at + timedelta(hours=2)).isoformat()
    assert _record(gateway, world.gp, norma, until=until).status_code == 201
    assert _record(gateway, world.gp, norma, **_named(org="XVT")).status_code == 201
    assert not _seen(gateway, goal, role, SELF, "XVT")
    assert _seen(gateway, goal, role)
    gateway.at += timedelta(hours=2)
    assert not _seen(gateway, goal, role)


@pytest.mark.parametrize("role", [*BY_NAME, "receptionist", "governance-lead", "researcher"])
def test_a_role_that_is_no_profession_of_care_names_nobody(gateway, world, goal, role):
    assert _record(gateway, world.gp, world.norma).status_code == 201
    who = gateway.token(role, SELF, THERE)
    assert is_outcome(_record(gateway, who, world.norma, **_named("helper-2")), 403)


def test_nobody_names_themselves_in_whatever_form_of_their_id(gateway, world, goal):
    for written in ("sw-1", "SW-1", "\uff53\uff57-1"):
        asked = _record(gateway, world.social_worker, world.norma, **_named(written))
        assert is_outcome(asked, 403), written
    assert not _seen(gateway, goal, "personal-assistant", "sw-1")


def test_it_rests_on_a_relationship_that_a_list_says(gateway, world, goal):
    norma, stranger = world.norma, gateway.token("gp", "gp-9", "H85009")
    assert is_outcome(_record(gateway, stranger, norma), 404)
    claim = {"patient": norma, "reason": "seen-now", "text": "She is with me in the surgery."}
    assert post(gateway, "/access/self-claim", stranger, **claim).status_code == 201
    assert is_outcome(_record(gateway, stranger, norma), 404)
    mine = {"patient": norma, "asked_how": "paper", "kind": "visit"}
    assert post(gateway, "/access/permission", stranger, **mine).status_code == 201
    nobody = "00000000-0000-8000-8000-000000000000"
    assert is_outcome(_record(gateway, world.gp, nobody), 404)
    for kind in ("patient", "proxy"):
        assert is_outcome(_record(gateway, gateway.token(kind, "n", patient=norma), norma), 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": ""},
        {"user": " helper-1"},
        {"user": "help\u200ber"},
        {"user": "\u3164"},
        {"user": "h" * 201},
        {"user": 7},
        {"organisation": "xvs"},
        {"organisation": ""},
        {"until": "2026-11-21T12:00:00Z"},
        {"until": "2020-01-01T00:00:00Z"},
        {"for": "me"},
        {"for": "organisation"},
        {"for": "everybody"},
    ],
)
def test_what_names_nobody_or_is_over_is_refused(gateway, world, wrong):
    assert is_outcome(_record(gateway, world.gp, world.norma, **wrong), 400)


def test_s62_the_person_reads_who_recorded_their_permission(gateway, world, goal):
    norma = world.norma
    herself = gateway.token("patient", "norma", patient=norma)
    before = gateway.get("/access/log", herself).json()["accesses"]
    assert _record(gateway, world.social_worker, norma).status_code == 201
    refused = _record(gateway, world.social_worker, norma, **_named("sw-1"))
    assert is_outcome(refused, 403)
    own = {"patient": norma, "asked_how": "telephone", "kind": "standing"}
    assert post(gateway, "/access/permission", world.social_worker, **own).status_code == 201
    told = gateway.get("/access/log", herself)
    words = [one["words"] for one in told.json()["accesses"][: -len(before) or None]]
    assert SELF not in told.text
    assert [one for one in words if "permission to look at your record" in one]
    assert [one for one in words if "permission for somebody else to look at your record" in one]
    assert len([one for one in words if "permission" in one]) == 2
