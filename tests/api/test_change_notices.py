"""After one organisation changed a plan or a goal, the others are told once, of nothing hidden."""

import json
from datetime import timedelta

import pytest

from gateway.flows.writing import change_notices
from gateway.flows.writing.change_notices import tell_changes
from mappings.core.checking.validate import validate
from tests.api.consents import dissent
from tests.api.messages import goal as said_goal
from tests.api.messages import support_plan
from tests.api.world import (
    ALICE,
    ALICE_PLAN,
    COUNCIL,
    HOSPITAL,
    PRACTICE,
    council_person,
)
from tests.api.writing import goal, on_shelf, put
from tests.unit.consent.fhir_consents import actor

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"


@pytest.fixture
def told(gateway, world):
    """The worker, who has told everything up to now."""

    def tell():
        gateway.at += timedelta(minutes=1)
        return gateway.run(tell_changes(gateway.site, gateway.at))

    assert tell() == 0
    return tell


def _notices(world, person, who, org):
    """The Tasks of this kind that somebody sees, for one organisation."""
    return [
        one for one in world.of("Task", person, who)
        if one["code"]["text"].startswith("Something has changed")
        and one["owner"]["identifier"] == {"system": ODS, "value": org}
    ]  # fmt: skip


def _resend(gateway, name, words):
    """The council sends Alice's plan again, with one goal in other words."""
    goals = [one | {"words": words} if one["id"] == name else one for one in ALICE_PLAN]
    plan = {"id": "SP-A", "written_at": "2026-11-20T10:00:00Z"}
    gateway.at += timedelta(minutes=1)
    gateway.push("social-care", COUNCIL, support_plan(council_person(ALICE), plan, goals=goals))


def test_the_others_get_a_communication_and_a_task_that_refer_to_what_changed(gateway, world, told):
    world.revise("2026-11-20T10:00:00Z", title="Another title")
    assert told() == 1, "the practice alone has a part in it besides the council"
    (task,) = _notices(world, world.norma, world.gp, PRACTICE)
    assert (task["status"], task["requester"]["identifier"]["value"]) == ("requested", COUNCIL)
    read = gateway.get(task["focus"]["reference"], world.gp)
    news = read.json()
    plan = news["about"][0]["reference"]
    assert gateway.get(plan, world.gp).json()["title"] == "Another title"
    assert "Another title" not in json.dumps([task, news])
    assert (validate(task), validate(news)) == ((), ())
    assert told() == 0
    entry = next(e for e in reversed(gateway.entries()) if e.query == "something-changed")
    assert (entry.outcome, entry.person_id) == ("stored", world.norma)


def test_while_one_waits_there_is_no_second_and_then_there_is(gateway, world, told):
    for number in range(3):
        world.revise(f"2026-11-20T1{number}:00:00Z", title=f"Title {number}")
        assert told() == (1 if number == 0 else 0)
    (task,) = _notices(world, world.norma, world.gp, PRACTICE)
    for status in ("accepted", "completed"):
        seen = gateway.get(f"Task/{task['id']}", world.gp).json()
        version = int(seen["meta"]["versionId"])
        assert put(gateway, seen | {"status": status}, world.gp, version).status_code == 200
    assert told() == 0, "to close a notice is no change"
    world.revise("2026-11-20T15:00:00Z", title="Title 5")
    assert told() == 1


def test_what_a_member_writes_and_edits_is_told_to_the_source_and_the_others(gateway, world, told):
    shelf = on_shelf("support-plan")
    gateway.create(goal(world.norma, meta=shelf), world.gp)
    assert told() == 1
    (task,) = _notices(world, world.norma, world.social_worker, COUNCIL)
    assert task["requester"]["identifier"]["value"] == PRACTICE
    found = world.of("Goal", world.alice, world.gp)
    mine = next(one for one in found if "swim" in one["description"]["text"])
    version = int(mine["meta"]["versionId"])
    assert put(gateway, mine | {"priority": {"text": "x"}}, world.gp, version).status_code == 200
    told()
    assert _notices(world, world.alice, world.social_worker, COUNCIL), "whose goal was edited"


def test_a_notice_of_what_is_hidden_is_hidden(gateway, world, told):
    """Of a goal about mental health: who does not see it is not told, nor by a count."""
    before = gateway.get(f"Task?patient={world.alice}&_summary=count", world.social_worker).json()
    _resend(gateway, "G3", "I want the voices to go.")
    told()
    assert _notices(world, world.alice, world.doctor, HOSPITAL) == []
    for who in (world.social_worker, world.doctor):
        assert [one for one in world.of("Task", world.alice, who)
                if "Something" in one["code"]["text"]] == []  # fmt: skip
    after = gateway.get(f"Task?patient={world.alice}&_summary=count", world.social_worker).json()
    assert after["total"] == before["total"]
    nurse = gateway.token("mental-health-nurse", "mh-1", PRACTICE)
    assert _notices(world, world.alice, nurse, PRACTICE), "who sees it is told"


@pytest.mark.parametrize("data", ["whose change it was", "the goal itself"])
def test_of_whom_the_data_is_kept_no_change_is_told(gateway, world, told, data):
    found = world.of("Goal", world.alice, world.gp)
    swim = next(one for one in found if "swim" in one["description"]["text"])
    side = {"actor": [actor("IRCP", HOSPITAL), actor("CST", COUNCIL)]}
    if data == "the goal itself":
        named = {"meaning": "instance", "reference": {"reference": f"Goal/{swim['id']}"}}
        side = {"actor": [actor("IRCP", HOSPITAL)], "data": [named]}
    assert gateway.create(dissent(world.alice, **side), world.gp).status_code == 201
    told()
    _resend(gateway, "G1", "I want to swim in the sea.")
    told()
    assert _notices(world, world.alice, world.doctor, HOSPITAL) == []
    others = _notices(world, world.alice, world.gp, PRACTICE)
    assert bool(others) == (data != "the goal itself"), "a notice stands in the whole record"


def test_what_a_feed_states_for_the_first_time_is_no_change(gateway, world, told):
    plan = {"id": "SP-B", "written_at": "2026-11-20T10:00:00Z"}
    more = [said_goal("G9", "I want to paint.")]
    gateway.push("social-care", COUNCIL, support_plan(council_person(ALICE), plan, goals=more))
    assert told() == 0


def test_a_log_of_several_stretches_is_read_to_its_end_in_one_look(
    gateway, world, told, monkeypatch
):
    monkeypatch.setattr(change_notices, "_AT_ONCE", 3)
    for _ in range(8):
        gateway.get(f"Patient/{world.norma}", world.gp)
    world.revise("2026-11-20T10:00:00Z", title="Another title")
    assert told() == 1
