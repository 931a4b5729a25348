"""Misuse triage over a running gateway's own log: what is told, raised and settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.audit.triage import Why
from gateway.errors import ConfigurationError
from gateway.flows.access.triage import look_for_misuse, raise_alerts, reference, shown
from gateway.flows.asking.search_log import Operator
from gateway.setting_parts import StaffFile, StaffMember
from gateway.store.commit.log import append
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
def test_s63_a_relative_or_oneself_is_told_with_the_reason(gateway, world, staff, why):
    number = _read(gateway, world.norma)
    ((one, _),) = _look(gateway, staff).suspicions
    assert (one.access.number, [str(each) for each in one.why]) == (number, [why])


def test_s63_who_lives_at_the_address_is_told(gateway, world):
    _read(gateway, world.alice)
    ((one, _),) = _look(gateway, NEIGHBOUR).suspicions
    assert [str(each) for each in one.why] == ["same-address"]


def _noted(gateway, *entries):
    """Put entries of other days into the log."""
    vault = gateway.site.store.vault

    async def unit(conn):
        await append(conn, vault, entries)

    gateway.write(unit)


NURSE = Agent("nurse-9", "staff", "community-nurse", "RAX", purpose="BTG")


@pytest.mark.parametrize(
    ("at", "out"),
    [
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), False),
        (datetime(2026, 7, 1, 19, 30, tzinfo=UTC), True),
        (datetime(2026, 1, 7, 6, 30, tzinfo=UTC), True),
        (datetime(2026, 1, 7, 19, 30, tzinfo=UTC), False),
    ],
)
def test_out_of_hours_is_by_the_clock_of_london(gateway, at, out):
    entry = AuditEntry(
        at, Event.READ, Outcome.SERVED, NURSE, reasons=("break-glass",), person_id="somebody"
    )
    _noted(gateway, entry)
    day, who = timedelta(days=1), Operator("privacy", gateway.at)
    found = gateway.run(look_for_misuse(gateway.site.store, who, (), at - day, at + day))
    ((one, _),) = found.suspicions
    assert (Why.OUT_OF_HOURS in one.why) is out


def test_who_wrote_in_the_record_before_these_days_is_explained(gateway, world):
    _read(gateway, world.norma)
    assert _look(gateway, DAUGHTER).suspicions
    worker = Agent("sw-9", "staff", "social-worker", COUNCIL)
    at = gateway.at - timedelta(days=30)
    wrote = AuditEntry(at, Event.UPDATE, Outcome.STORED, worker, person_id=world.norma)
    _noted(gateway, replace(wrote, outcome=Outcome.REFUSED))
    assert _look(gateway, DAUGHTER).suspicions
    _noted(gateway, wrote)
    assert _look(gateway, DAUGHTER).suspicions == ()


def test_an_unusual_day_is_told_by_the_days_before_it(gateway):
    def seen(day, number):
        at = gateway.at - timedelta(days=day)
        made = AuditEntry(at, Event.READ, Outcome.SERVED, replace(NURSE, purpose="TREAT"))
        return [replace(made, person_id=f"unknown-{day}-{n}") for n in range(number)]

    before = [entry for day in range(3, 10) for entry in seen(day, 3)]
    _noted(gateway, *seen(0, 30))
    assert _look(gateway).suspicions == (), "nothing says what is usual"
    _noted(gateway, *before)
    ((one, _),) = _look(gateway).suspicions
    assert set(one.why) == {Why.VOLUME, Why.BROWSING, Why.NO_TIE}


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
