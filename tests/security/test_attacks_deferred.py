"""An emergency that is told to the person later, where telling at once may do harm: coercion, or an
enquiry. Nothing that the person is given tells of it before, and the officer decides when."""

import json
from datetime import timedelta

import pytest

from tests.api.opened import alert_rows, break_glass, post, self_claim
from tests.api.service import is_outcome

WHY = "asked the person alone: they are watched at home"


@pytest.fixture
def norma(world):
    return world.norma


@pytest.fixture
def herself(gateway, norma):
    return gateway.token("patient", "norma-herself", patient=norma)


@pytest.fixture
def officer(gateway):
    return gateway.token("privacy-officer", "po-1", "RAX")


def told(gateway, herself):
    """What the person is told of who looked, in pages and in the copy of their record."""
    pages = gateway.get("/access/log?count=1", herself).json()["accesses"]
    whole = gateway.get("/access/log", herself).json()["accesses"]
    lines = gateway.get("/access/record", herself).text.splitlines()
    copied = [one for one in map(json.loads, lines) if one["part"] == "access"]
    return pages, whole, [{k: v for k, v in one.items() if k != "part"} for one in copied]


def emergencies(told):
    return [[one for one in part if one.get("break_glass")] for part in told]


def test_s62_what_is_deferred_is_told_once_the_officer_has_settled_it(
    gateway, world, norma, herself, officer
):
    before = told(gateway, herself)
    gateway.at += timedelta(minutes=1)
    assert break_glass(gateway, world.doctor, norma, defer="coercion").status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert gateway.get(f"Goal?patient={norma}", world.doctor).json()["total"] > 0
    assert emergencies(told(gateway, herself)) == emergencies(before)
    assert not any("AX" in one["words"] for one in told(gateway, herself)[1])
    (alert,) = alert_rows(gateway)
    path = f"/ig/alerts/{alert.alert_id}"
    assert gateway.get(path, officer).json()["deferred"] == "coercion"
    for step in ("ask", "escalate"):
        assert post(gateway, f"{path}/{step}", officer, reason=WHY).status_code == 200
        assert not emergencies(told(gateway, herself))[1]
    assert post(gateway, f"{path}/justify", officer, reason=WHY).status_code == 200
    page, whole, copied = emergencies(told(gateway, herself))
    assert len(whole) == len(copied) == 3  # the opening, and two looks
    assert all("RAX" in one["words"] for one in whole)
    assert len(page) <= 1


def test_other_emergencies_are_told_at_once(gateway, world, norma, herself, officer):
    assert break_glass(gateway, world.doctor, norma, defer="enquiry").status_code == 201
    assert break_glass(gateway, world.other_gp, norma).status_code == 201
    (line,) = emergencies(told(gateway, herself))[1]
    assert "H85002" in line["words"]
    answers = [gateway.get(f"/ig/alerts/{one.alert_id}", officer) for one in alert_rows(gateway)]
    assert {one.json()["deferred"] for one in answers if one.status_code == 200} == {"enquiry"}


@pytest.mark.parametrize("defer", ["", "because", "Coercion", 1, ["coercion"]])
def test_a_reason_to_tell_later_is_one_of_the_policys(gateway, world, norma, defer):
    refused = break_glass(gateway, world.doctor, norma, defer=defer)
    assert is_outcome(refused, 400)
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)


def test_a_claim_is_never_told_later(gateway, world, norma):
    assert is_outcome(self_claim(gateway, world.doctor, norma, defer="coercion"), 400)


def test_governance_finds_it_in_the_log_all_the_same(gateway, world, norma, officer):
    made = break_glass(gateway, world.doctor, norma, defer="coercion").json()
    found = gateway.get("AuditEvent?break-glass=true", officer)
    assert made["grant"] in found.text
