"""Attacks by one source key under two people: whatever is asked by id is of one of them alone.

A source may use a key twice, by mistake or on purpose. Neither person's record is reached by what
names the other's.
"""

import json

import pytest

from tests.api.messages import goal, support_plan
from tests.api.service import resources
from tests.api.world import ALICE, COUNCIL, NORMA, council_person

WORDS = {"Alice": "I want to paint the boat.", "Norma": "I want to mend the fence."}


@pytest.fixture
def goals(gateway, world) -> dict[str, tuple[str, str]]:
    """Name -> person and the id of the goal that the council sent of each under one key."""
    made = {}
    for person in (ALICE, NORMA):
        own = [goal("G1", WORDS[person["given"]])]
        sent = support_plan(council_person(person), {"id": "SP-SHARED"}, goals=own)
        gateway.push("social-care", COUNCIL, sent)
    for name, person in (("Alice", world.alice), ("Norma", world.norma)):
        seen = world.of("Goal", person, world.gp)
        [one] = [one["id"] for one in seen if one["description"]["text"] == WORDS[name]]
        made[name] = (person, one)
    return made


def test_a46_a_key_under_two_people_gives_two_ids_and_each_leads_to_its_own(gateway, world, goals):
    assert len({one for _, one in goals.values()}) == 2
    for name, (person, one) in goals.items():
        subject = {"reference": f"Patient/{person}"}
        for path in (f"Goal/{one}", f"Goal/{one}/_history/1"):
            shown = gateway.get(path, world.gp).json()
            assert (shown["subject"], shown["description"]["text"]) == (subject, WORDS[name])
        told = resources(gateway.get(f"Goal/{one}/_history", world.gp).json())
        assert [one["subject"] for one in told] == [subject]
        [found] = resources(gateway.get(f"Goal?_id={one}", world.gp).json())
        assert found["subject"] == subject


def test_a46_what_a_plan_links_to_is_of_its_own_person(gateway, world, goals):
    for person, one in goals.values():
        plans = [p for p in world.of("CarePlan", person, world.gp) if one in json.dumps(p)]
        assert [plan["subject"]["reference"] for plan in plans] == [f"Patient/{person}"]
        answer = gateway.get(
            f"CarePlan?_id={plans[0]['id']}&_include=CarePlan:goal", world.gp
        ).json()
        reached = [r for r in resources(answer) if r["resourceType"] == "Goal"]
        assert {r["subject"]["reference"] for r in reached} == {f"Patient/{person}"}


def test_a46_the_log_and_a_recall_by_one_id_tell_of_one_person(gateway, world, goals):
    hers, others = goals["Alice"][1], goals["Norma"][1]
    gateway.get(f"Goal/{hers}", world.gp)
    gateway.get(f"Goal/{others}", world.social_worker)
    lead = gateway.token("governance-lead", "ig-council", COUNCIL)
    for one, other in ((goals["Alice"], goals["Norma"]), (goals["Norma"], goals["Alice"])):
        asked = f"AuditEvent?entity=Goal/{one[1]}&_count=500"
        events = resources(gateway.get(asked, lead).json())
        assert "push" in [event["subtype"][-1]["code"] for event in events]
        for event in events:
            told = json.dumps(event["entity"])
            assert all(name in told for name in one)
            assert not any(name in told for name in other)
    borough = gateway.token("borough-governance", "caldicott", "QWE")
    for one, users in ((hers, {"gp-1"}), (others, {"gp-1", "sw-1"})):
        question = {"resource": f"Goal/{one}"}
        found = gateway.ask("GET", "/ig/recall", borough, params=question).json()
        assert found["wrong"] == [{"reference": f"Goal/{one}", "versions": [1]}]
        assert {row["caller"] for row in found["shown"]} == users
