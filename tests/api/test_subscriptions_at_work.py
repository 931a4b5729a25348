"""Subscriptions while a worker, an owner and slow addresses are at work at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.clock import to_micros
from gateway.flows.subscriptions.subscription_match import forget, match
from gateway.store.leaving import subscriptions
from tests.api.rows import goal_row, plan_row
from tests.api.subscribing import (
    TOPIC,
    changed,
    look,
    look_at_calendar,
    pulled,
    put_noted,
    subscribed,
)
from tests.api.world import COUNCIL
from tests.fake_log import FakeLog


def find(gateway):
    """A worker finds what happened, and has told nobody yet."""
    gateway.at += timedelta(seconds=1)
    gateway.run(match(gateway.site, gateway.app.state.subscriptions, gateway.at))


def test_another_topic_is_told_of_nothing_that_was_of_the_one_before(gateway, world):
    who, alice = world.social_worker, world.alice
    one = subscribed(gateway, who, "goal-changed")
    for name in ("one", "two"):
        put_noted(gateway, alice, goal_row(f"goal-{name}", alice, name), org=COUNCIL)
        find(gateway)
        if name == "one":
            assert pulled(gateway, who, one)["events"] == [(1, "Goal/goal-one")]
    assert changed(gateway, who, one, criteria=f"{TOPIC}plan-changed").status_code == 200
    assert pulled(gateway, who, one)["events"] == []
    put_noted(gateway, alice, plan_row("plan-a", alice), org=COUNCIL)
    find(gateway)
    assert pulled(gateway, who, one)["events"] == [(2, "CarePlan/plan-a")], "numbers go on"


def test_no_number_is_given_twice_where_a_worker_looks_as_its_owner_asks(gateway, world):
    who, alice, store = world.social_worker, world.alice, gateway.site.store
    one = subscribed(gateway, who, "goal-changed")
    put_noted(gateway, alice, goal_row("goal-one", alice, "one"), org=COUNCIL)
    find(gateway)
    at = to_micros(gateway.at)

    async def hold(conn):
        return await subscriptions.hold(conn, store.vault, one["id"], "w", at, at + 1_000_000)

    row, _ = gateway.run(store.write(hold))
    assert pulled(gateway, who, one)["events"] == [(1, "Goal/goal-one")]
    assert not gateway.run(store.write(lambda conn: subscriptions.settle(conn, row, "w")))
    put_noted(gateway, alice, goal_row("goal-two", alice, "two"), org=COUNCIL)
    find(gateway)
    told_of = pulled(gateway, who, one, "?eventsSinceNumber=2")["events"]
    assert told_of == [(2, "Goal/goal-two")]


def test_slow_addresses_keep_nobody_waiting_for_longer_than_a_turn(gateway, world, monkeypatch):
    for number in range(5):
        url = f"https://there.example/{number}"
        subscribed(gateway, world.social_worker, "plan-changed", url)
    sent = []

    async def slowly(url, *_given):
        gateway.at += timedelta(seconds=20)
        sent.append(url[-1])
        return True

    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver.send", slowly)
    assert [look(gateway) for _ in range(3)] == [2, 2, 1]
    assert sent == ["0", "1", "2", "3", "4"]


def test_a_review_is_found_once_though_events_are_forgotten_sooner_than_it_is_late(gateway, world):
    narrowed = f"CarePlan?patient=Patient/{world.alice}"
    subscribed(gateway, world.social_worker, "review-due", filter=narrowed)
    detail = {
        "status": "scheduled",
        "description": "Review of the plan",
        "scheduledPeriod": {"end": "2026-11-24"},
    }
    plan = plan_row("plan-r", world.alice, activity=[{"detail": detail}])
    put_noted(gateway, world.alice, plan, org=COUNCIL)
    keep = timedelta(days=2)
    gateway.app.state.subscriptions = replace(gateway.app.state.subscriptions, keep=keep)
    gateway.at += timedelta(days=3)
    assert look_at_calendar(gateway) == 1
    gateway.at += keep
    gateway.run(forget(gateway.site, keep, gateway.at))
    assert look_at_calendar(gateway) == 0


def test_a_delivery_that_fails_is_noted_and_stops_none_of_its_owners(gateway, world, monkeypatch):
    ids = [
        subscribed(gateway, world.social_worker, "plan-changed", f"https://there.example/{one}")[
            "id"
        ]
        for one in range(4)
    ]
    sent, noted = [], FakeLog()

    async def badly(url, *_given):
        if url[-1] in "13":
            raise LookupError(url)
        sent.append(url[-1])
        return True

    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver.send", badly)
    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver._log", noted)
    with pytest.raises(LookupError):
        look(gateway)
    assert sent == ["0", "2"]
    assert noted.lines == [
        ("subscription", {"subscription": ids[1], "fault": "LookupError"}),
        ("subscription", {"subscription": ids[3], "fault": "LookupError"}),
    ]


def test_what_waits_as_it_ends_is_told_no_more_though_no_worker_looked(gateway, world):
    who, alice = world.social_worker, world.alice
    one = subscribed(gateway, who, "goal-changed", end="2026-11-21T12:30:00Z")
    put_noted(gateway, alice, goal_row("goal-one", alice, "one"), org=COUNCIL)
    find(gateway)
    gateway.at += timedelta(minutes=30)
    assert pulled(gateway, who, one)["events"] == []
