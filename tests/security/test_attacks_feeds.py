"""Attacks on a feed that has not joined: nothing of it is found by any way out."""

import json
from datetime import timedelta

import pytest

from consent.feeds import FeedState
from gateway.errors import FaultyRequestError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds import feed_state
from gateway.flows.feeds.feed_state import set_state, standing
from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, put
from tests.api.service import resources
from tests.api.world import ALICE, COUNCIL, PRACTICE, council_person
from tests.security.canary import (
    CANARY,
    FEEDS,
    TRUST,
    canary,
    hidden_and_never,
    lookers,
    pages_since,
    push_canary,
    set_feed,
)


def test_a_feed_in_the_sandbox_is_found_by_no_way_out(start):
    """The same bytes as where nothing was ever sent: read, vread, history, search, include,
    totals, everything, lineage."""
    for hidden, never in hidden_and_never(start, lambda service: set_feed(service, "sandbox")):
        assert hidden == never
        assert CANARY not in str(hidden)


def test_no_role_and_no_tie_opens_a_sandbox(gateway, world):
    push_canary(gateway)
    name = canary(world, world.gp)
    callers = lookers(gateway, world)
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [200] * 4
    set_feed(gateway, "sandbox")
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [404] * 4
    set_feed(gateway, "safety-access")
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [404] * 3 + [200]
    strangers = gateway.token("clinical-safety-officer", "so-2", COUNCIL, purpose="PATSFTY")
    assert gateway.get(f"Goal/{name}", strangers).status_code == 404
    set_feed(gateway, "open")
    assert [gateway.get(f"Goal/{name}", who).status_code for who in callers] == [200] * 4


def test_the_safety_officer_sees_what_the_own_organisation_sent_alone(gateway, world):
    push_canary(gateway)
    officer = gateway.token("clinical-safety-officer", "so-1", TRUST, purpose="PATSFTY")
    seen = resources(gateway.get("Goal?_count=500", officer).json())
    assert [CANARY in json.dumps(one) for one in seen] == [True]


def test_a_feed_in_the_sandbox_gives_nobody_a_tie(gateway, world):
    """A practice that is still being tried out is not the person's practice by that."""
    assert gateway.get(f"Patient/{world.bob}", world.other_gp).status_code == 200
    bob = world.bob
    set_feed(gateway, "sandbox", "H85002", "gp")
    put(gateway, bob, goal_row("g-bob", bob, "of another organisation"))
    assert gateway.get("Goal/g-bob", world.other_gp).status_code == 404


def test_what_came_by_nobody_knows_which_feed_is_hidden_with_its_organisation(gateway, world):
    person = world.alice
    put(gateway, person, goal_row("g-old", person, "from before feeds were kept"), org=TRUST)
    assert gateway.get("Goal/g-old", world.gp).status_code == 200
    set_feed(gateway, "sandbox")
    assert gateway.get("Goal/g-old", world.gp).status_code == 404


def test_a_page_token_of_before_shows_nothing_of_a_feed_closed_since(gateway, world):
    push_canary(gateway)
    rest = pages_since(gateway, world, lambda service: set_feed(service, "sandbox"))
    assert CANARY not in json.dumps(rest)
    assert {page["total"] for page in rest} == {5}


def test_a_paused_feed_is_kept_sealed_and_applied_once_open(gateway, world):
    from gateway.flows.intake.finish_deliveries import finish_deliveries
    from mappings.registry import FEEDS as ALL

    set_feed(gateway, "paused")
    who = gateway.token("provider", "system", TRUST, feeds=["mental-health"])
    body = support_plan(council_person(ALICE), {"id": "SP-T"}, goals=[goal("G1", CANARY)])

    def send():
        headers = {"Content-Type": "application/json"}
        return gateway.ask("POST", "/feeds/mental-health", who, content=body, headers=headers)

    answer = send()
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert send().json()["duplicate"] is True
    assert CANARY not in json.dumps(world.of("Goal", world.alice, world.gp))
    store = gateway.site.store
    assert gateway.run(finish_deliveries(store, ALL, gateway.at))[0] == 0
    set_feed(gateway, "open")
    assert gateway.run(finish_deliveries(store, ALL, gateway.at))[0] == 1
    assert CANARY in json.dumps(world.of("Goal", world.alice, world.gp))


def test_a_feed_begins_as_the_deployment_says(gateway, world):
    set_feed(gateway, "sandbox", "*", "mental-health")
    push_canary(gateway)
    assert CANARY not in json.dumps(world.of("Goal", world.alice, world.gp))
    found = {(one["organisation"], one["feed"]): one for one in _standing(gateway)}
    assert found[TRUST, "mental-health"]["state"] == "sandbox"
    assert found[COUNCIL, "social-care"]["state"] == "open"


def _standing(service):
    return service.run(standing(service.site.store.engine))


def test_everybody_may_know_how_fresh_a_feed_is_and_nothing_of_anybody(gateway, world):
    set_feed(gateway, "down", PRACTICE, "gp")
    told = gateway.get("/status").json()
    found = {(one["organisation"], one["feed"]): one for one in told["sources"]}
    assert found[PRACTICE, "gp"]["state"] == "down"
    assert found[COUNCIL, "social-care"]["last_source"] == "2026-11-02T14:30:00.000000Z"
    assert found[COUNCIL, "social-care"]["last_received"] == "2026-11-21T12:00:00Z"
    assert told["labels"] == {"waiting": 0, "overdue": 0}
    assert "care_gateway_labels_overdue 0.0" in gateway.get("/metrics").text
    assert world.alice not in json.dumps(told)
    assert resources(gateway.get(f"Condition?patient={world.alice}", world.gp).json())


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("org", "feed", "state", "reason"),
    [
        (TRUST, "mental-health", "open", " "),
        (TRUST, "nothing", "open", "why"),
        ("not an org", "gp", "open", "why"),
        ("*", "gp", "paused", "why"),
        (TRUST, "*", "open", "why"),
    ],
)
def test_a_change_of_state_needs_a_reason_and_a_feed(gateway, org, feed, state, reason):
    before = gateway.size()
    with pytest.raises(FaultyRequestError):
        gateway.run(
            set_state(
                gateway.site.store, Operator("o", gateway.at), (org, feed), FeedState(state),
                reason, FEEDS,
            )
        )  # fmt: skip
    assert gateway.size() == before


@pytest.mark.parametrize("state", ["down", "paused"])
def test_every_reader_is_told_which_feed_is_behind_whoever_they_ask_about(gateway, world, state):
    """The same words for who has a record of that feed, who has none, and who does not exist."""
    norma, bob, nobody = world.norma, world.bob, "00000000-0000-4000-8000-000000000000"
    set_feed(gateway, state, PRACTICE, "gp")
    gateway.at += timedelta(minutes=1)
    words = f"gp of {PRACTICE} is {state} since 2026-11-21T12:00:00Z"
    for person in (norma, bob, nobody):
        answer = gateway.get(f"Condition?patient={person}", world.gp)
        assert answer.headers["care-record-behind"] == words
        *found, told = answer.json()["entry"]
        assert told["search"] == {"mode": "outcome"}
        (issue,) = told["resource"]["issue"]
        assert (issue["severity"], issue["code"]) == ("warning", "incomplete")
        assert issue["diagnostics"].endswith(words)
        assert answer.json()["total"] == len(found)
    hidden = gateway.get(f"Patient/{bob}", world.gp)
    missing = gateway.get(f"Patient/{nobody}", world.gp)
    assert hidden.headers["care-record-behind"] == missing.headers["care-record-behind"] == words
    whole = gateway.get(f"Patient/{norma}/$everything?_elements=status", world.gp).json()
    assert whole["entry"][-1] == told
    assert words in gateway.get(f"Goal?patient={norma}&_format=xml", world.gp).text
    counted = gateway.get(f"Goal?patient={norma}&_summary=count", world.gp).json()
    assert "entry" not in counted


@pytest.mark.parametrize("state", ["open", "sandbox", "safety-access"])
def test_no_reader_is_told_of_feeds_that_are_not_behind(gateway, world, state):
    set_feed(gateway, state)
    gateway.at += timedelta(minutes=1)
    answer = gateway.get(f"Condition?patient={world.norma}", world.gp)
    assert "care-record-behind" not in answer.headers
    assert {one["search"]["mode"] for one in answer.json()["entry"]} == {"match"}


def test_of_many_feeds_that_are_behind_some_are_named_and_the_rest_counted(gateway, world):
    norma = world.norma
    for number in range(12):
        set_feed(gateway, "down", f"ORG{number:02d}", "gp")
    gateway.at += timedelta(minutes=1)
    told = gateway.get(f"Patient/{norma}", world.gp).headers["care-record-behind"]
    assert told.count(" is down since ") == 10
    assert told.endswith("; and 2 more: see /status")


def test_an_answer_does_not_fail_by_what_it_says_of_feeds(gateway, world, monkeypatch):
    norma = world.norma
    set_feed(gateway, "down", PRACTICE, "gp")
    gateway.at += timedelta(minutes=1)
    first = gateway.get(f"Patient/{norma}", world.gp)

    async def broken(_engine):
        raise OSError("the database went away")

    monkeypatch.setattr(feed_state, "behind", broken)
    gateway.at += timedelta(minutes=1)
    again = gateway.get(f"Patient/{norma}", world.gp)
    assert again.status_code == 200
    assert again.headers["care-record-behind"] == first.headers["care-record-behind"]
