"""Misuse triage over a running gateway's own log: what is told, raised and settled."""

from datetime import timedelta

import pytest

from gateway.errors import ConfigurationError
from gateway.flows.search_log import Operator
from gateway.flows.triage import look_for_misuse, raise_alerts, reference, shown
from gateway.setting_parts import StaffFile, StaffMember
from tests.api.world import COUNCIL, NORMA

DAUGHTER = StaffMember(user_id="sw-9", org=COUNCIL, kin=(NORMA["nhs_number"],))
HERSELF = StaffMember(user_id="sw-9", org=COUNCIL, nhs_number=NORMA["nhs_number"])
NEIGHBOUR = StaffMember(user_id="sw-9", org=COUNCIL, house="7 ash row", postcode="kt6 5zz")


def _look(gateway, *staff):
    day = timedelta(days=1)
    who = Operator("privacy", gateway.at)
    found = look_for_misuse(gateway.site.store, who, staff, gateway.at - day, gateway.at + day)
    return gateway.run(found)


def _read(gateway, whom):
    nurse = gateway.token("social-worker", "sw-9", COUNCIL)
    assert gateway.get(f"Patient/{whom}", nurse).status_code == 200
    return gateway.size() - 1


def test_what_is_held_explains_an_access(gateway, world):
    _read(gateway, world.norma)
    assert _look(gateway).suspicions == ()


@pytest.mark.parametrize(("staff", "why"), [(DAUGHTER, "next-of-kin"), (HERSELF, "own-record")])
def test_a_relative_or_oneself_is_told_with_the_reason(gateway, world, staff, why):
    number = _read(gateway, world.norma)
    ((one, _),) = _look(gateway, staff).suspicions
    assert (one.access.number, [str(each) for each in one.why]) == (number, [why])


def test_who_lives_at_the_address_is_told(gateway, world):
    _read(gateway, world.alice)
    ((one, _),) = _look(gateway, NEIGHBOUR).suspicions
    assert [str(each) for each in one.why] == ["same-address"]


def test_what_is_told_names_nobody(gateway, world):
    _read(gateway, world.norma)
    ((one, _),) = _look(gateway, DAUGHTER).suspicions
    told = shown(one)
    assert set(told) == {"alert", "entry", "organisation", "points", "why"}
    for word in ("sw-9", world.norma, "ASHDOWN", NORMA["nhs_number"]):
        assert word not in str(told)
    assert NORMA["nhs_number"] not in repr(DAUGHTER)


def test_each_is_raised_once_and_settled_as_every_alert(gateway, world):
    number = _read(gateway, world.norma)
    found = _look(gateway, DAUGHTER)
    who = Operator("privacy", gateway.at)
    assert gateway.run(raise_alerts(gateway.site.store, who, found)) == 1
    assert gateway.run(raise_alerts(gateway.site.store, who, found)) == 0
    officer = gateway.token("privacy-officer", "po-1", COUNCIL)
    (alert,) = gateway.get("/ig/alerts", officer).json()["alerts"]
    name = reference(found.suspicions[0][0])
    assert (alert["alert"], alert["kind"]) == (name, "unexplained-access")
    one = gateway.get(f"/ig/alerts/{name}", officer).json()
    assert (one["entry"], one["reasons"]) == (number, ["next-of-kin"])


def test_the_look_is_recorded_and_so_is_what_was_raised(gateway, world):
    before = gateway.size()
    found = _look(gateway)
    gateway.run(raise_alerts(gateway.site.store, Operator("privacy", gateway.at), found))
    entries = gateway.entries(before)
    assert [entry.event for entry in entries] == ["audit-view", "alert"]
    assert {dict(entry.detail)["what"] for entry in entries} == {"triage"}


def test_staff_are_people_only_where_a_file_says_so(tmp_path):
    assert StaffFile.read(None).staff == ()
    file = tmp_path / "staff.toml"
    file.write_text('[[staff]]\nuser_id = "555"\norg = "RAX"\nkin = ["9990000077"]\n')
    (one,) = StaffFile.read(file).staff
    assert (one.user_id, one.kin) == ("555", ("9990000077",))
    file.write_text('[[staff]]\nuser = "secret-name"\n')
    with pytest.raises(ConfigurationError) as refused:
        StaffFile.read(file)
    assert "secret-name" not in str(refused.value)
