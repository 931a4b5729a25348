"""The code of a key safe by every way round: what names it, carries it off, decides on it again."""

import json

import pytest

from tests.api.exports import exported, system, write_clients
from tests.api.exports import named as exports_named
from tests.api.opened import post
from tests.api.world import COUNCIL, World, put_on_caseload
from tests.security.test_home_access import (
    CARERS,
    CODE,
    HOUR,
    NURSES,
    _push_plan,
    _visit,
    _who,
    told,
)
from tests.security.test_outbound import every_byte, profile, run

__all__ = ["told"]
NOBODY = "00000000-0000-8000-8000-000000000000"
WAYS = [
    "Flag?patient={person}&_id={id}", "Patient?_id={person}&_has:Flag:patient:_id={id}",
    "Provenance?target=Flag/{id}&_include=Provenance:target", "Provenance/{id}.1",
    "List?item=Flag/{id}", "Task?focus=Flag/{id}", "/access/explain?resource=Flag/{id}",
    "Flag/{id}/_history?_count=1", "Flag/{id}/$lineage", "Patient/{person}/Flag?_id={id}",
]  # fmt: skip
SHOWN = [
    "Flag/{id}/_history", "Flag/{id}/_history/1", "Flag/{id}?_format=xml",
    "Flag?_id={id}&_elements=code", "Patient?_id={person}&_revinclude=Flag:patient",
    "Provenance?target=Flag/{id}&_include=Provenance:target",
]  # fmt: skip


def _id(told):
    return told.removeprefix("Flag/")


@pytest.mark.parametrize(
    ("role", "org"), [("home-care", CARERS), ("social-worker", COUNCIL), ("gp", "H85001")]
)
def test_naming_it_is_as_naming_what_is_not_there(gateway, world, told, role, org):
    who = _who(gateway, role, org)
    for way in WAYS:
        hidden, missing = (
            gateway.get(way.format(person=world.norma, id=name), who)
            for name in (_id(told), NOBODY)
        )
        assert hidden.status_code == missing.status_code
        assert hidden.text.replace(_id(told), NOBODY) == missing.text, way


def test_every_way_that_shows_it_leaves_an_entry_of_its_own(gateway, world, told):
    _visit(gateway, gateway.at)
    who = _who(gateway, "home-care", CARERS)
    batch = {
        "resourceType": "Bundle", "type": "batch",
        "entry": [{"request": {"method": "GET", "url": told}}],
    }  # fmt: skip
    for way in (*SHOWN, ""):
        before = gateway.size()
        if way:
            answer = gateway.get(way.format(person=world.norma, id=_id(told)), who)
        else:
            answer = gateway.ask("POST", "", who, json=batch)
        assert CODE in answer.text, way
        assert "home-access" in [one.event for one in gateway.entries(before)], way


def test_the_copy_that_governance_makes_does_not_hold_it_and_the_persons_own_does(
    gateway, world, told
):
    _visit(gateway, gateway.at, org=COUNCIL)
    borough = gateway.token("borough-governance", "bg-1", "QWE")
    lead = gateway.token("governance-lead", "ig-2", COUNCIL)
    person = gateway.token("patient", "p-1", patient=world.norma)
    for kind in ("application/x-ndjson", "text/plain"):
        for who in (lead, borough):
            asked = {"patient": world.norma, "reference": "SAR 1"}
            answer = post(gateway, "/ig/reports/subject-access", who | {"Accept": kind}, **asked)
            assert answer.status_code == 200
            assert "Norma" in answer.text
            assert CODE not in answer.text
        before = gateway.size()
        assert CODE in gateway.get("/access/record", person | {"Accept": kind}).text
        assert "home-access" in [one.event for one in gateway.entries(before)]


def test_near_a_visit_no_file_holds_it(gateway, world, told, tmp_path):
    _visit(gateway, gateway.at)
    _visit(gateway, gateway.at, name="V2", org=NURSES)
    assert CODE in gateway.get(told, _who(gateway, "community-nurse", NURSES)).text
    for org, role in ((CARERS, "home-care"), (NURSES, "community-nurse")):
        run(gateway, tmp_path / "files", profile(org, role))
    files = every_byte(tmp_path / "files")
    assert world.norma in files
    assert CODE not in files
    assert _id(told) not in files


def test_near_a_visit_no_export_holds_it(start, tmp_path):
    gateway = start(clients_file=write_clients(tmp_path))
    norma = World(gateway).norma
    put_on_caseload(gateway, norma, CARERS)
    named = [one["reference"] for one in _push_plan(gateway)["resources"]]
    _visit(gateway, gateway.at)
    (flag,) = (one for one in named if one.startswith("Flag/"))
    assert CODE in gateway.get(flag, _who(gateway, "home-care", CARERS)).text
    files = exported(gateway, system(gateway, "carers-system"))
    assert f"Patient/{norma}" in exports_named(files)
    assert flag not in exports_named(files)
    assert CODE not in json.dumps(files)


@pytest.mark.parametrize("later", ["called off", "as it was"])
def test_a_look_near_a_visit_is_decided_again_or_visits_are_said_to_be_missing(
    gateway, world, told, later
):
    start = gateway.at
    _visit(gateway, start)
    before = gateway.size()
    assert CODE in gateway.get(told, _who(gateway, "home-care", CARERS)).text
    gateway.at += 5 * HOUR
    if later == "called off":
        _visit(gateway, start, state="cancelled")
    number = before + [one.event for one in gateway.entries(before)].index("read")
    borough = gateway.token("borough-governance", "bg-1", "QWE")
    answer = post(gateway, "/access/replay", borough, entry=number)
    assert CODE not in answer.text
    again = answer.json()
    assert again["same"] is (later == "as it was")
    assert again["same"] or "visits" in again["not_held"][0]
