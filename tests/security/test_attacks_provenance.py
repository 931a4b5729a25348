"""Attacks by Provenance: who wrote what, and when, tells nothing of what is hidden.

A version's Provenance is made of the version, and is there where the version is, for whoever may
be told the origin of things at all.
"""

import json
from typing import Any

import pytest

from mappings.core.checking.validate import validate
from mappings.core.shaping.identifiers import organisation
from tests.api.consents import dissent
from tests.api.rows import goal_row, mark, plan_row, put
from tests.api.service import resources
from tests.api.world import COUNCIL, PRACTICE, World
from tests.api.writing import goal
from tests.api.writing import put as sent
from tests.unit.consent.fhir_consents import actor

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
SHUT: dict[str, Any] = {"conf": "V"}


@pytest.fixture
def world(start):
    world = World(start())
    for name, labels in (("o-goal", {}), ("h-goal", SHUT)):
        put(world.service, world.norma, goal_row(name, world.norma, name), **labels)
    put(world.service, world.norma, plan_row("o-plan", world.norma, "o-goal", "h-goal"))
    return world


def _ids(world, path, who) -> set[str]:
    answer = world.service.get(path, who)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in resources(answer.json())}


def test_a20_a_hidden_version_has_no_provenance_by_any_way(world):
    for path in (
        f"Provenance?patient={world.norma}&_count=500",
        "Provenance?target=Goal/h-goal",
        "Provenance?_id=h-goal.1,o-goal.1",
        "Goal?_id=h-goal,o-goal&_revinclude=Provenance:target",
        f"Provenance?agent:identifier={ODS}|RQY&_count=500",
        f"Patient/{world.norma}/Provenance?_count=500",
    ):
        assert not [one for one in _ids(world, path, world.gp) if one.startswith("h-goal")], path
    known = _ids(world, f"Provenance?patient={world.norma}&_count=500", world.gp)
    assert {"o-goal.1", "o-plan.1"} <= known
    counted = world.service.get(f"Provenance?patient={world.norma}&_summary=count", world.gp)
    assert counted.json()["total"] == len(known)


@pytest.mark.parametrize("path", ["", "/_history", "/_history/1", "/$lineage"])
def test_a1_the_provenance_of_what_is_hidden_and_of_nothing_are_one_answer(world, path):
    hidden = world.service.get(f"Provenance/h-goal.1{path}", world.gp)
    missing = world.service.get(f"Provenance/nothing.1{path}", world.gp)
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404


def test_a5_no_chain_through_provenance_asks_about_what_is_hidden(world):
    asked = f"Goal?patient={world.norma}&_id=h-goal,o-goal&_has:Provenance:target:recorded=ge2020"
    assert _ids(world, asked, world.gp) == {"o-goal"}
    chained = "Provenance?target:Goal._id=h-goal,o-goal"
    assert _ids(world, chained, world.gp) == {"o-goal.1"}


def test_a2_an_old_version_is_judged_by_the_labels_of_today_too(world):
    assert world.service.get("Provenance/o-goal.1", world.gp).status_code == 200
    put(world.service, world.norma, goal_row("o-goal", world.norma, "x"), version=2, **SHUT)
    assert world.service.get("Provenance/o-goal.1", world.gp).status_code == 404
    assert not _ids(world, "Provenance?target=Goal/o-goal", world.gp)


def test_a4_no_include_brings_a_provenance_that_tells_of_what_is_hidden(world):
    """One that was sent tells of another, which names a hidden goal beside an open one."""
    for name, *targets in (
        ("v-mixed", "Goal/o-goal", "Goal/h-goal"),
        ("v-open", "Goal/o-goal"),
        ("v-about", "Provenance/v-mixed"),
        ("v-on", "Provenance/v-open"),
    ):
        told = {
            "resourceType": "Provenance", "id": name, "recorded": "2026-11-01T10:00:00Z",
            "target": [{"reference": one} for one in targets],
            "agent": [{"who": {"display": "Priya Nair"}}],
        }  # fmt: skip
        put(world.service, world.norma, told, category="provenance")
    beside = _ids(world, "Provenance?_id=v-on&_include=Provenance:target", world.gp)
    assert beside == {"v-on", "v-open"}
    for asked in (
        "Provenance?_id=v-about&_include=Provenance:target",
        "Goal?_id=o-goal&_revinclude=Provenance:target&_revinclude:iterate=Provenance:target",
        f"Provenance?patient={world.norma}&_count=500",
        f"Patient/{world.norma}/$everything?_count=500",
    ):
        assert "v-mixed" not in _ids(world, asked, world.gp), asked


def test_who_may_see_a_goal_and_not_its_origin_is_told_nothing(world):
    """A receptionist sees no provenance of anything, a token without its scope neither."""
    desk = world.service.token("receptionist", org=PRACTICE)
    assert world.service.get(f"Patient/{world.norma}", desk).status_code == 200
    assert not _ids(world, f"Provenance?patient={world.norma}", desk)
    assert world.service.get(f"Provenance/{world.norma}.1", desk).status_code == 404


def test_a_masked_whereabouts_names_no_organisation(world):
    mark(world.service, world.norma, pds="R")
    for one in resources(world.service.get("Provenance?_id=o-goal.1", world.gp).json()):
        assert "RQY" not in str(one), one
        assert [agent["who"]["type"] for agent in one["agent"]] == ["Device"]
    for org in ("RQY", PRACTICE, COUNCIL):
        asked = f"Provenance?patient={world.norma}&agent:identifier={ODS}|{org}"
        assert not _ids(world, asked, world.gp)


def test_a_masked_whereabouts_leaves_what_was_told_an_agent_without_a_name(world):
    told = {"resourceType": "Provenance", "agent": [{"who": organisation(PRACTICE)}]}
    headers = {"X_Provenance": json.dumps(told)}
    made = world.service.create(goal(world.norma), world.gp, **headers).json()
    mark(world.service, world.norma, pds="R")
    found = resources(world.service.get(f"Provenance?target=Goal/{made['id']}", world.gp).json())
    shown = sorted(found, key=lambda one: one["id"].startswith(made["id"]))[0]
    assert shown["agent"] == [{"who": {"display": "Not part of this view"}}]
    assert all(PRACTICE not in str(one) and not validate(one) for one in found)


def test_a5_whose_edit_is_kept_from_somebody_is_found_by_nobody_they_name(world):
    """A goal of the council, written over by the practice, whose data is kept from the council."""
    service, worker = world.service, world.social_worker
    made = service.create(goal(world.norma), worker).json()
    changed = sent(service, made | {"priority": {"text": "soon"}}, world.gp, 1)
    assert changed.status_code == 200, changed.text
    of = f"Provenance?target=Goal/{made['id']}"
    by = {org: f"{of}&agent:identifier={ODS}|{org}" for org in (PRACTICE, COUNCIL)}
    second = f"{made['id']}.2"
    assert _ids(world, by[PRACTICE], worker) == {second}
    said = dissent(world.norma, actor=[actor("IRCP", COUNCIL), actor("CST", PRACTICE)])
    assert service.create(said, world.gp).status_code == 201
    assert second in _ids(world, of, worker)
    assert not _ids(world, by[PRACTICE], worker)
    assert second in _ids(world, by[COUNCIL], worker), "as it is shown to them"
    assert _ids(world, by[PRACTICE], world.gp) == {second}


def test_what_was_told_is_in_the_log_by_the_version_it_tells_of(world):
    world.service.get("Provenance/o-goal.1", world.gp)
    (entry,) = world.service.entries()[-1:]
    assert ("Goal", "o-goal", 1) in [tuple(one) for one in entry.resources]
