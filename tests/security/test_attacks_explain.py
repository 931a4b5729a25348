"""Explanations and replays tell governance what it may ask about, and nobody what is hidden."""

from datetime import timedelta

import pytest

from consent.feeds import FeedState
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_state import set_state
from mappings.registry import FEEDS
from tests.api.consents import against, dissent, of_category, organisation, team
from tests.api.messages import support_plan
from tests.api.opened import alert_rows, break_glass, post
from tests.api.rows import goal_row, mark, put
from tests.api.service import is_outcome
from tests.api.world import (
    COUNCIL,
    HOSPITAL,
    NORMA,
    PRACTICE,
    council_person,
    put_on_caseload,
)
from tests.api.writing import goal
from tests.api.writing import put as update
from tests.integration.test_person_facts import told as said_by_hospital


def ask(gateway, who, resource, **more):
    query = "&".join(f"{name}={value}" for name, value in {"resource": resource, **more}.items())
    return gateway.get(f"/access/explain?{query}", who)


def test_a_caller_is_told_why_they_see_an_item_and_never_content(gateway, world):
    norma = world.norma
    (goal, *_) = world.of("Goal", norma, world.gp)
    before = gateway.size()
    answer = ask(gateway, world.gp, f"Goal/{goal['id']}")
    told = answer.json()
    assert told["shown"] is True
    assert "registered" in answer.text
    assert told["never"] == ["finance", "safeguarding"]
    assert goal["description"]["text"] not in answer.text
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.resources) == ("decision", "served", ())


def test_a1_a_callers_question_about_a_hidden_item_is_answered_as_about_a_missing_one(
    gateway, world
):
    norma = world.norma
    put(gateway, norma, goal_row("g-v", norma, "very restricted"), conf="V")
    (goal, *_) = world.of("Goal", norma, world.gp)
    gateway.create(dissent(norma, **against(COUNCIL)), world.gp)
    hidden = ["Goal/g-v", f"Patient/{world.bob}", "Condition/g-v"]
    missing = ask(gateway, world.doctor, "Goal/none")
    for one in (*hidden, f"Goal/{goal['id']}"):
        answer = ask(gateway, world.doctor, one)
        assert (answer.status_code, answer.content) == (404, missing.content)


def test_a45_nobody_is_told_that_the_person_said_no_to_something_else(gateway, world):
    norma = world.norma
    (goal, *_) = world.of("Goal", norma, world.gp)
    before = ask(gateway, world.gp, f"Goal/{goal['id']}").json()
    made = gateway.create(dissent(norma, **of_category("medicines")), world.gp)
    assert made.status_code == 201
    gateway.get(f"Patient/{norma}", world.gp)
    assert "dissent" in gateway.entries(gateway.size() - 1)[0].reasons
    assert ask(gateway, world.gp, f"Goal/{goal['id']}").json() == before


def test_another_callers_sight_is_asked_about_by_governance_alone(gateway, world):
    norma = world.norma
    (goal, *_) = world.of("Goal", norma, world.gp)
    named = {"caller": "sw-1", "role": "social-worker", "org": COUNCIL}
    for who in (world.gp, world.doctor, gateway.token("patient", "x", patient=norma)):
        for one in (f"Goal/{goal['id']}", "Goal/none"):
            assert is_outcome(ask(gateway, who, one, **named), 403)


def test_a39_a_lead_asks_about_own_data_and_is_told_layers_and_no_content(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-own", norma, "swim again"), org=COUNCIL, conf="V")
    put(gateway, norma, goal_row("g-other", norma, "dance again"), org="RQY")
    named = {"caller": "sw-1", "role": "home-care", "org": COUNCIL}
    before = gateway.size()
    answer = ask(gateway, world.lead, "Goal/g-own", **named)
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.person_id) == ("audit-view", "served", norma)
    assert answer.json()["shown"] is False
    assert "swim" not in answer.text
    missing = ask(gateway, world.lead, "Goal/none", **named)
    assert ask(gateway, world.lead, "Goal/g-other", **named).content == missing.content
    theirs = {"caller": "hd-1", "role": "hospital-doctor", "org": HOSPITAL}
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    for one in ("Goal/g-own", "Goal/g-other"):
        assert ask(gateway, world.lead, one, **theirs).content == missing.content
        assert ask(gateway, borough, one, **theirs).status_code == 200
    last = ask(gateway, borough, "Goal/g-own", **theirs).json()["layers"][-1]
    assert (last["layer"], last["passes"]) == ("relationship", False)
    break_glass(gateway, world.doctor, norma)
    layers = ask(gateway, borough, "Goal/g-own", **theirs).json()["layers"]
    assert "cleared" in layers[-1]["why"][0]


def test_the_borough_alone_is_told_what_stands_before_the_layers(gateway, world):
    """A plan that nobody on a team sees: its record is linked with none, or its feed is not open.
    How a record is linked tells of others', so an organisation's lead is not told."""
    twin = council_person(NORMA, local_id="CH-9") | {"given_names": ["Nora"]}
    pushed = gateway.push("community", COUNCIL, support_plan(twin, {"id": "P-9"}, goals=[]))
    plan = next(r["reference"] for r in pushed["resources"] if "CarePlan" in r["reference"])
    named = {"caller": "hd-1", "role": "hospital-doctor", "org": HOSPITAL}
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    told = ask(gateway, borough, plan, **named).json()
    assert [told[name] for name in ("shown", "linked", "open")] == [False, "name-conflict", True]
    store, operator = gateway.site.store, Operator("an operator", gateway.at)
    sandbox = (FeedState.SANDBOX, "new here", FEEDS.keys())
    gateway.run(set_state(store, operator, (COUNCIL, "community"), *sandbox))
    assert ask(gateway, borough, plan, **named).json()["open"] is False
    mine = ask(gateway, world.lead, plan, **named | {"org": COUNCIL}).json()
    assert mine.keys() == {"resource", "shown", "layers"}


def test_a39_the_desk_is_told_by_what_it_sees_itself_and_not_by_who_else_holds_a_record(
    gateway, world
):
    """The person opted out: each organisation is shown what is its own. That the hospital is shown
    something would tell the council's desk that the hospital holds a record."""
    norma = world.norma
    put_on_caseload(gateway, norma, HOSPITAL)
    desk = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    doctors = {"caller": "hd-1", "role": "hospital-doctor", "org": HOSPITAL}
    mark(gateway, norma, opted_out=1)
    before = ask(gateway, desk, f"Patient/{norma}", **doctors).json()
    assert before["shown"] is False
    gateway.push("hospital", HOSPITAL, said_by_hospital(HOSPITAL, "20261001120000").body)
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    assert ask(gateway, desk, f"Patient/{norma}", **doctors).json() == before


def test_a_person_is_explained_with_what_they_see(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-held", norma, "held"), org=COUNCIL, hold="NOPAT")
    named = {"caller": "n-1", "role": "patient"}
    told = ask(gateway, world.lead, "Goal/g-held", **named).json()
    assert (told["shown"], told["layers"][-1]["layer"]) == (False, "stops")


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "more",
    [
        {"caller": "x", "role": "nobody"},
        {"caller": "x", "role": "privacy-officer"},
        {"role": "gp"},
        {"caller": "x", "role": "gp", "purpose": "CURIOUS"},
    ],
)
def test_a_question_that_names_nobody_who_reads_is_refused(gateway, world, more):
    assert is_outcome(ask(gateway, world.lead, "Goal/none", **more), 400)


def latest(gateway) -> int:
    return gateway.size() - 1


def test_a_past_decision_made_again_gives_the_same_answer(gateway, world):
    norma = world.norma
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    numbers = []
    assert is_outcome(gateway.get(f"Patient/{norma}", world.doctor), 404)
    numbers.append(latest(gateway))
    gateway.get(f"Goal?patient={norma}", world.gp)
    numbers.append(latest(gateway))
    gateway.at += timedelta(seconds=1)
    grant = break_glass(gateway, world.doctor, norma).json()["grant"]
    gateway.get(f"Patient/{norma}", world.doctor)
    numbers.append(latest(gateway))
    gateway.at += timedelta(seconds=1)
    gateway.ask("POST", f"/access/break-glass/{grant}/close", world.doctor)
    gateway.create(dissent(norma, **against(COUNCIL)), world.gp)
    gateway.get(f"Patient/{norma}/$everything", world.social_worker)
    numbers.append(latest(gateway))
    gateway.at += timedelta(seconds=1)
    gateway.create(dissent(norma, **against(PRACTICE)), world.gp)
    gateway.create(team(norma, organisation(HOSPITAL)), world.gp)
    answers = [post(gateway, "/access/replay", borough, entry=one).json() for one in numbers]
    for one in answers:
        assert one["same"] is True, one
        assert one["decided"]["filter"] == one["again"]["filter"]
    assert "no-relationship" in answers[0]["again"]["reasons"]
    assert "break-glass" in answers[2]["again"]["reasons"]


def test_a_replay_says_what_is_no_longer_held(gateway, start, world):
    norma = world.norma
    gateway.get(f"Goal?patient={norma}", world.gp)
    number, lead = latest(gateway), gateway.token("governance-lead", "ig-2", PRACTICE)

    async def other(conn):
        await conn.execute(
            "UPDATE source_record SET practice = 'H85002' WHERE practice = $1", (PRACTICE,)
        )

    gateway.write(other)
    told = post(gateway, "/access/replay", lead, entry=number).json()
    assert told["same"] is False
    assert told["not_held"]


def test_the_boroughs_question_is_an_alert_as_its_look_at_the_log_is(gateway, world):
    (goal, *_) = world.of("Goal", world.norma, world.gp)
    number = gateway.size() - 1
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    before = gateway.size()
    asked = ask(gateway, borough, f"Goal/{goal['id']}", caller="gp-1", role="gp", org=PRACTICE)
    replayed = post(gateway, "/access/replay", borough, entry=number)
    assert (asked.status_code, replayed.status_code) == (200, 200)
    assert [one.event for one in gateway.entries(before)] == ["alert", "audit-view"] * 2
    assert [(one.kind, one.user_id) for one in alert_rows(gateway)] == [("borough-view", "cg-1")]


def test_a_replay_is_for_governance_within_its_reach(gateway, world):
    norma = world.norma
    gateway.get(f"Goal?patient={norma}", world.gp)
    number = latest(gateway)
    assert is_outcome(post(gateway, "/access/replay", world.gp, entry=number), 403)
    hospital = gateway.token("governance-lead", "ig-3", HOSPITAL)
    missing = post(gateway, "/access/replay", hospital, entry=10**9)
    assert post(gateway, "/access/replay", hospital, entry=number).content == missing.content
    own = gateway.token("governance-lead", "ig-2", PRACTICE)
    assert post(gateway, "/access/replay", own, entry=number).json()["same"] is True


@pytest.mark.changes_nothing
@pytest.mark.parametrize("body", [{}, {"entry": "7"}, {"entry": -1}, {"entry": True}, {"x": 1}])
def test_a_replay_names_an_entry(gateway, world, body):
    assert is_outcome(post(gateway, "/access/replay", world.lead, **body), 400)


def test_what_is_no_decision_about_a_person_is_not_made_again(gateway, world):
    gateway.get("AuditEvent", world.lead)
    answers = [post(gateway, "/access/replay", world.lead, entry=latest(gateway))]
    gateway.get("Patient/nobody-of-that-name", world.social_worker)
    answers.append(post(gateway, "/access/replay", world.lead, entry=latest(gateway)))
    for answer, word in zip(answers, ("of a kind", "about no one person"), strict=True):
        assert is_outcome(answer, 422, "business-rule")
        assert word in answer.json()["issue"][0]["diagnostics"]


def test_a_writing_of_the_past_is_decided_again_too(gateway, world):
    norma, numbers = world.norma, []
    for sent in (
        goal(norma),
        dissent(norma, **against(COUNCIL)),
        team(norma, organisation(HOSPITAL)),
    ):
        made = gateway.create(sent, world.gp)
        numbers.append(latest(gateway))
        gateway.at += timedelta(seconds=1)
        assert update(gateway, made.json() | {"language": "en"}, world.gp, 1).status_code == 200
        numbers.append(latest(gateway))
        gateway.at += timedelta(seconds=1)
        assert update(gateway, made.json(), world.doctor, 1).status_code in (403, 405, 412)
        numbers.append(latest(gateway))
        gateway.at += timedelta(seconds=1)
    assert gateway.create(goal(norma), world.other_gp).status_code == 422
    numbers.append(latest(gateway))
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    for number in numbers:
        answer = post(gateway, "/access/replay", borough, entry=number)
        assert answer.json().get("same") is True, (numbers.index(number), answer.text)
