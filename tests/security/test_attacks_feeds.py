"""Attacks on a feed that has not joined: nothing of it is found by any way out."""

import json

import pytest

from consent.feeds import FeedState
from gateway.errors import FaultyRequestError
from gateway.flows.asking.search_log import Operator
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
