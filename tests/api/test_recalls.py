"""Recalls: everyone who was shown what was wrong, and a Task to each of their organisations."""

import json
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from gateway.audit.events import Event
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.decide_identity import decide
from gateway.flows.upkeep import label_queue
from gateway.flows.upkeep.label_queue import Choice
from gateway.identity.statements import Verdict
from gateway.store.audit import shown
from mappings.core.checking.validate import validate
from tests.api.messages import support_plan
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import (
    ALICE,
    ALICE_PLAN,
    COUNCIL,
    HOSPITAL,
    PRACTICE,
    World,
    council_person,
)


@pytest.fixture
def borough(gateway):
    return gateway.token("borough-governance", "caldicott", "QWE")


def _goal(world: World) -> str:
    """A goal of Alice's plan that her practice and the council's workers see."""
    goals = world.of("Goal", world.alice, world.gp)
    return next(one["id"] for one in goals if "swim" in one["description"]["text"])


def _ask(gateway, who, method="GET", **question):
    return gateway.ask(method, "/ig/recall", who, params=question)


def _plan(goals: list, written_at: str) -> bytes:
    """Alice's plan with these goals, written then."""
    content = json.loads(support_plan(council_person(ALICE), {"id": "SP-A"}, goals=goals))
    return json.dumps(content | {"written_at": written_at}).encode()


def _without_goal(gateway, number: str = "G1") -> None:
    """The council sends Alice's plan again without a goal."""
    gateway.at += timedelta(minutes=5)
    goals = [one for one in ALICE_PLAN if one["id"] != number]
    gateway.push("social-care", COUNCIL, _plan(goals, "2026-11-20T10:00:00Z"))


def test_everyone_who_was_shown_a_withdrawn_goal_is_named_with_the_version(gateway, world, borough):
    goal = _goal(world)
    world.of("Goal", world.alice, world.gp)
    assert gateway.get(f"Goal/{goal}", world.social_worker).status_code == 200
    assert gateway.get(f"Goal/{goal}", world.stranger).status_code == 404
    _without_goal(gateway)
    answer = _ask(gateway, borough, resource=f"Goal/{goal}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["reason"] == "withdrawn"
    assert found["wrong"] == [{"reference": f"Goal/{goal}", "versions": [1]}]
    assert {one["caller"] for one in found["shown"]} == {"gp-1", "sw-1"}
    for one in found["shown"]:
        assert one["versions"] == [f"Goal/{goal}/_history/1"]
        assert one["sees_now"] is False
    assert found["organisations"] == [PRACTICE, COUNCIL]
    assert "swim" not in answer.text


def test_the_question_is_recorded_before_it_is_answered(gateway, world, borough):
    goal, size = _goal(world), gateway.size()
    _ask(gateway, borough, resource=f"Goal/{goal}")
    (entry,) = gateway.entries(size)[-1:]
    assert (entry.event, str(entry.outcome), entry.query) == (Event.AUDIT_VIEW, "served", "recall")
    assert dict(entry.detail)["reason"] == "named"


def test_a_raised_label_tells_who_saw_it_before_and_may_not_now(gateway, world, borough):
    person = world.alice
    row = goal_row("raised-goal", person, "I want to feel safe at home.")
    put(gateway, person, row, org=COUNCIL)
    for who in (world.gp, world.social_worker):
        assert gateway.get("Goal/raised-goal", who).status_code == 200
    gateway.at += timedelta(minutes=5)
    put(gateway, person, row, org=COUNCIL, version=2, conf="V")
    found = _ask(gateway, borough, resource="Goal/raised-goal").json()
    assert found["reason"] == "access-changed"
    assert found["wrong"] == [{"reference": "Goal/raised-goal", "versions": [1]}]
    sees = {one["caller"]: one["sees_now"] for one in found["shown"]}
    assert sees["gp-1"] is False
    assert set(sees) == {"gp-1", "sw-1"}


def test_a_label_raised_by_decision_tells_who_saw_the_version_that_stands(gateway, world, borough):
    goal = _goal(world)
    assert gateway.get(f"Goal/{goal}", world.social_worker).status_code == 200
    gateway.at += timedelta(minutes=5)
    operator = Operator("lead", gateway.at)
    work = label_queue.decide(gateway.site.store, operator, Choice(goal, level="V"), "asked by her")
    gateway.run(work)
    assert gateway.get(f"Goal/{goal}", world.social_worker).status_code == 404
    found = _ask(gateway, borough, resource=f"Goal/{goal}").json()
    assert found["reason"] == "access-changed"
    assert found["wrong"] == [{"reference": f"Goal/{goal}", "versions": [1]}]
    assert {one["caller"]: one["sees_now"] for one in found["shown"]}["sw-1"] is False


def test_each_organisation_gets_one_task_and_sees_no_others(gateway, world, borough):
    goal = _goal(world)
    gateway.get(f"Goal/{goal}", world.social_worker)
    _without_goal(gateway)
    made = _ask(gateway, borough, "POST", resource=f"Goal/{goal}")
    assert made.status_code == 201, made.text
    tasks = made.json()["tasks"]
    assert [one["owner"]["identifier"]["value"] for one in tasks] == [PRACTICE, COUNCIL]
    for one in tasks:
        assert not validate(one), one
        assert one["focus"] == {"reference": f"Goal/{goal}/_history/1"}
        assert one["status"] == "requested"
    assert _ask(gateway, borough, "POST", resource=f"Goal/{goal}").json()["tasks"] == []

    def owned(who):
        answer = gateway.get("/recalls", who)
        assert answer.status_code == 200, answer.text
        return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]

    assert owned(world.gp) == [tasks[0]["id"]]
    assert owned(world.social_worker) == owned(world.lead) == [tasks[1]["id"]]
    assert owned(world.doctor) == owned(world.stranger) == []
    assert sorted(owned(borough)) == sorted(one["id"] for one in tasks)
    for role in ("receptionist", "researcher", "commissioner", "personal-assistant"):
        answer = gateway.get("/recalls", gateway.token(role, org=PRACTICE))
        assert is_outcome(answer, 403, "forbidden")


def test_a_second_recall_asks_those_who_were_shown_more_since(gateway, world, borough):
    person = world.alice
    row = goal_row("twice-wrong", person, "I want to feel safe at home.")
    put(gateway, person, row, org=COUNCIL)
    gateway.get("Goal/twice-wrong", world.gp)
    asked = {"resource": "Goal/twice-wrong"}
    (first,) = _ask(gateway, borough, "POST", **asked).json()["tasks"]
    gateway.at += timedelta(minutes=5)
    put(gateway, person, row, org=COUNCIL, version=2)
    gateway.get("Goal/twice-wrong", world.gp)
    (second,) = _ask(gateway, borough, "POST", **asked).json()["tasks"]
    assert first["focus"] == second["focus"]
    (more,) = second["input"]
    assert more["valueReference"] == {"reference": "Goal/twice-wrong/_history/2"}
    assert _ask(gateway, borough, "POST", **asked).json()["tasks"] == []


def test_a_delivery_of_which_nothing_was_taken_was_shown_to_nobody(gateway, world, borough):
    system = gateway.token("provider", "council", COUNCIL, feeds=["social-care"])
    sent = support_plan(council_person(ALICE), {"id": "SP-Z", "state": "no such state"})
    answer = gateway.ask("POST", "/feeds/social-care", system, content=sent).json()
    assert answer["items"]["quarantined"] == 1
    delivery = answer["delivery"]
    found = _ask(gateway, borough, delivery=delivery)
    assert (found.status_code, found.json()["shown"], found.json()["wrong"]) == (200, [], [])
    assert _ask(gateway, borough, "POST", delivery=delivery).json()["tasks"] == []


def test_a_task_goes_forward_by_its_own_organisation_alone(gateway, world, borough):
    goal = _goal(world)
    (task,) = _ask(gateway, borough, "POST", resource=f"Goal/{goal}").json()["tasks"]
    path = f"/recalls/{task['id']}"
    missing = gateway.ask("POST", "/recalls/no-such-task/accepted", world.doctor)
    for who in (world.doctor, world.lead, borough):
        answer = gateway.ask("POST", f"{path}/accepted", who)
        assert is_outcome(answer, 404)
        assert answer.content == missing.content
    assert is_outcome(gateway.ask("POST", f"{path}/reopened", world.gp), 400)
    size = gateway.size()
    accepted = gateway.ask("POST", f"{path}/accepted", world.gp).json()
    assert (accepted["status"], accepted["meta"]["versionId"]) == ("accepted", "2")
    assert gateway.ask("POST", f"{path}/completed", world.gp).json()["status"] == "completed"
    assert is_outcome(gateway.ask("POST", f"{path}/accepted", world.gp), 400)
    events = [(entry.event, str(entry.outcome)) for entry in gateway.entries(size)]
    assert events == [(Event.UPDATE, one) for one in ("stored", "stored", "refused")]
    open_ones = gateway.get("/recalls?still_open=true", world.gp).json()
    assert open_ones["total"] == 0


def test_a_lead_asks_about_own_data_and_others_are_not_asked_about(gateway, world):
    goal = _goal(world)
    condition = world.of("Condition", world.alice, world.gp)[0]["id"]
    found = _ask(gateway, world.lead, resource=f"Goal/{goal}")
    assert found.status_code == 200
    assert {one["organisation"] for one in found.json()["shown"]} == {PRACTICE}
    for missing in (f"Condition/{condition}", "Condition/no-such-one"):
        answer = _ask(gateway, world.lead, resource=missing)
        assert is_outcome(answer, 404)
    for who in (world.gp, world.social_worker, world.doctor):
        assert is_outcome(_ask(gateway, who, resource=f"Goal/{goal}"), 403)


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "question",
    [{}, {"resource": "x"}, {"resource": "Goal/a", "delivery": "b"}, {"resource": "Goal/a b"}],
)
def test_what_is_not_a_question_is_400_and_not_repeated(gateway, borough, question):
    answer = _ask(gateway, borough, **question)
    assert is_outcome(answer, 400)
    assert "a b" not in answer.text


def test_a_delivery_that_was_wrong_names_who_was_shown_anything_of_it(gateway, world, borough):
    gateway.at += timedelta(minutes=1)
    before = _goal(world)
    entry = next(one for one in gateway.entries() if one.event is Event.PUSH and before in str(one))
    world.of("Goal", world.alice, world.social_worker)
    found = _ask(gateway, borough, delivery=entry.delivery_id).json()
    assert found["reason"] == "wrong-delivery"
    assert {one["caller"] for one in found["shown"]} == {"gp-1", "sw-1"}
    shown_to = {one["caller"]: one for one in found["shown"]}
    assert len(shown_to["sw-1"]["versions"]) == 3
    other = gateway.token("governance-lead", "ig-2", HOSPITAL)
    assert is_outcome(_ask(gateway, other, delivery=entry.delivery_id), 404)


def test_two_records_that_were_one_person_by_mistake_name_who_saw_them_together(
    gateway, world, borough
):
    """The practice's and the council's records of Norma are told apart by an operator."""
    norma = world.norma
    mixed = gateway.get(f"Patient/{norma}/$everything", world.gp).json()
    size = len({e["resource"]["id"] for e in mixed["entry"]})
    assert size > 2
    pairs = {p for e in gateway.entries() if e.event is Event.OPERATION for p in e.patient_ids}
    one, other = sorted(pairs)
    operator = Operator("an-operator", gateway.at)
    made = gateway.run(
        decide(gateway.site.store, operator, (one, other, Verdict.DIFFERENT), "not one person")
    )
    gateway.get(f"Patient/{norma}/$everything", world.gp)
    found = _ask(gateway, borough, decision=made["decision"]).json()
    assert found["reason"] == "wrong-person"
    everyone = {row["caller"]: row for row in found["shown"]}
    assert "gp-1" in everyone
    named = {ref.split("/")[1] for ref in everyone["gp-1"]["versions"]}
    assert len(named) >= size
    assert everyone["gp-1"]["sees_now"] is False
    own = _ask(gateway, world.lead, decision=made["decision"]).json()
    assert len(own["wrong"]) < len(found["wrong"])


def test_who_was_shown_one_of_two_people_alone_is_told_of_too(gateway, world, borough):
    """By the log nobody knows which of them they asked for."""
    found = resources(gateway.get(f"Patient/{world.norma}/$everything", world.gp).json())
    (pair,) = {tuple(e.patient_ids) for e in gateway.entries() if e.event is Event.OPERATION}
    names = [f"{one['resourceType']}/{one['id']}" for one in found]
    callers = {name: gateway.token("gp", f"gp-{name}", PRACTICE) for name in names[1:]}
    assert all(gateway.get(name, who).is_success for name, who in callers.items())
    said = (*sorted(pair), Verdict.DIFFERENT)
    operator = Operator("an-operator", gateway.at)
    made = gateway.run(decide(gateway.site.store, operator, said, "not one person"))
    lost = {name for name, who in callers.items() if not gateway.get(name, who).is_success}
    assert 0 < len(lost) < len(callers)
    answer = _ask(gateway, borough, decision=made["decision"]).json()
    sees = {row["caller"]: row["sees_now"] for row in answer["shown"]}
    assert {name: sees[f"gp-{name}"] for name in callers} == {
        one: one not in lost for one in callers
    }


def test_what_was_shown_while_a_correction_waited(gateway, world, borough):
    """The council's correction is taken late: who looked meanwhile saw the version before it."""
    goal = _goal(world)
    _without_goal(gateway, number="")
    changed = [one | {"words": "I want to swim in the sea."} if one["id"] == "G1" else one
               for one in ALICE_PLAN]  # fmt: skip
    gateway.at += timedelta(minutes=5)
    pushed = gateway.push("social-care", COUNCIL, _plan(changed, "2026-11-20T11:00:00Z"))
    found = _ask(gateway, borough, delivery=pushed["delivery"], missed="true").json()
    assert found["reason"] == "incomplete"
    assert found["shown"] == []
    assert {"reference": f"Goal/{goal}", "versions": [1]} in found["wrong"]


class Explained:
    """An engine that answers, and keeps the plan of each statement it is asked for rows."""

    def __init__(self, engine):
        self.engine, self.plans = engine, []

    @asynccontextmanager
    async def reading(self):
        async with self.engine.reading() as self.conn:
            yield self

    async def fetch(self, sql, args=(), seconds=None):
        if self.conn.lock_rows:
            await self.conn.execute("SET enable_seqscan = off")
            rows = await self.conn.fetch(f"EXPLAIN {sql}", args)
            self.plans.append(" ".join(row[0] for row in rows))
        else:
            rows = await self.conn.fetch(f"EXPLAIN QUERY PLAN {sql}", args)
            self.plans.append(" ".join(str(row[3]) for row in rows))
        return await self.conn.fetch(sql, args)


BY_PERSON = re.compile(r"Index Cond: \(+patient_id|SEARCH shown [^)]*\(patient_id=")


def test_entries_about_a_person_are_found_by_an_index(gateway, world):
    """By the plan of the database, and not by the clock."""
    world.of("Goal", world.alice, world.gp)
    gateway.run(shown.catch_up(gateway.site.store))
    engine: Any = Explained(gateway.site.store.engine)

    async def look():
        found = [one async for one in shown.entries(engine, [whom, "nobody"])]
        async with engine.reading() as conn:
            await conn.fetch("SELECT seq FROM shown WHERE seq > $1", [0])
        return found

    whom = next(one for entry in gateway.entries() for one in entry.patient_ids)
    assert gateway.run(look())
    by_person, whole = engine.plans
    assert BY_PERSON.search(by_person), by_person
    assert not BY_PERSON.search(whole), whole
