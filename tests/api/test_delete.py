"""Delete, row by row."""

import pytest

from tests.api.consents import organisation, team
from tests.api.service import is_outcome
from tests.api.world import HOSPITAL, PRACTICE
from tests.api.writing import goal, on_shelf, plan


@pytest.fixture
def stored(gateway, world):
    return gateway.create(goal(world.norma, meta=on_shelf("support-plan")), world.gp).json()


def test_delete_01_02_04_05_a_version_without_content(gateway, world, stored):
    path = f"Goal/{stored['id']}"
    holding = gateway.create(plan(world.norma, path), world.gp).json()
    first = gateway.ask("DELETE", path, world.gp)
    assert (first.status_code, first.content, first.headers["etag"]) == (204, b"", 'W/"2"')
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    assert is_outcome(gateway.get(path, world.gp), 410, "deleted")
    found = gateway.get(f"Goal?_id={stored['id']}", world.gp)
    assert (found.status_code, found.json()["total"]) == (200, 0)
    history = gateway.get(f"{path}/_history", world.gp).json()
    newest = history["entry"][0]
    assert (newest["request"]["method"], "resource" in newest) == ("DELETE", False)
    assert history["total"] == 2
    plan_now = gateway.get(f"CarePlan/{holding['id']}", world.gp).json()
    assert "goal" not in plan_now, "what is gone is referred to no more"
    stored_twice = [e for e in gateway.entries() if (e.event, e.outcome) == ("delete", "stored")]
    assert len(stored_twice) == 1


def test_delete_03_missing_and_hidden_look_alike(gateway, world, stored):
    hidden = gateway.create(goal(world.alice), world.gp).json()
    for who in (world.other_gp, world.stranger):
        answers = [
            gateway.ask("DELETE", f"Goal/{one}", who) for one in ("no-such-id", hidden["id"])
        ]
        assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert gateway.get(f"Goal/{hidden['id']}", world.gp).json() == hidden


def test_only_who_wrote_it_deletes_it(gateway, world, stored):
    answer = gateway.ask("DELETE", f"Goal/{stored['id']}", world.social_worker)
    assert is_outcome(answer, 403, "forbidden")
    clinical = gateway.create(goal(world.norma, meta=on_shelf("care-plan")), world.gp).json()
    for role, one in (("receptionist", stored), ("discharge-coordinator", clinical)):
        colleague = gateway.token(role, f"{role}-1", PRACTICE)
        answer = gateway.ask("DELETE", f"Goal/{one['id']}", colleague)
        assert is_outcome(answer, 403, "forbidden"), "who works there, and may not write it"
    stale = gateway.ask("DELETE", f"Goal/{stored['id']}", world.gp | {"If-Match": 'W/"9"'})
    assert is_outcome(stale, 412, "conflict")
    assert gateway.get(f"Goal/{stored['id']}", world.gp).json() == stored


@pytest.mark.parametrize("path", ["Patient/none", "AuditEvent/1", "Consent/none", "Condition/none"])
def test_delete_06_07_some_types_are_never_deleted(gateway, world, path):
    assert is_outcome(gateway.ask("DELETE", path, world.gp), 405, "not-supported")
    (claimed,) = [
        one
        for one in gateway.get("metadata").json()["rest"][0]["resource"]
        if one["type"] == path.partition("/")[0]
    ]
    assert {"code": "delete"} not in claimed["interaction"]


def test_a_deletion_of_a_team_is_recorded_as_the_change_it_is(gateway, world):
    made = gateway.create(team(world.norma, organisation(HOSPITAL)), world.coordinator).json()
    gateway.ask("DELETE", f"CareTeam/{made['id']}", world.coordinator)
    entry = gateway.entries()[-1]
    assert (entry.event, entry.outcome) == ("relationship-change", "stored")
    assert entry.resources == (("CareTeam", made["id"], 2),)
