"""How the log has notices that are not taken: at first, where access moved since, and at last."""

from datetime import timedelta

from tests.api.consents import against, dissent
from tests.api.outside import outside
from tests.api.rows import goal_row
from tests.api.subscribing import changed, look, put_noted, subscribed, told
from tests.api.world import COUNCIL, HOSPITAL

__all__ = ["outside"]


def test_what_is_tried_again_and_again_is_recorded_at_first_and_at_last(gateway, world, outside):
    """And in between where access moved: it is another decision then."""
    norma = world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    outside.answers, before = 503, gateway.size()
    for _ in range(5):
        look(gateway)
        gateway.at += timedelta(hours=1)
    (first,) = gateway.entries(before)
    assert (first.event, first.person_id) == ("notify", norma)
    assert [part[1] for part in first.resources] == ["goal-n"]
    before = gateway.size()
    assert gateway.create(dissent(norma, **against(HOSPITAL)), world.gp).status_code == 201
    look(gateway)
    assert [one.event for one in gateway.entries(before)] == ["consent-change", "notify"]
    outside.answers, before = 200, gateway.size()
    gateway.at += timedelta(hours=1)
    assert look(gateway) == 1
    assert told(outside) == [(1, "Goal/goal-n")]
    (last,) = gateway.entries(before)
    assert (last.event, last.outcome, last.reasons) == ("completion", "served", ("taken-later",))
    assert dict(last.detail)["attempts"] == "7"


def test_what_is_given_up_says_so_once(gateway, world, outside):
    norma = world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    outside.answers, before = 503, gateway.size()
    for _ in range(10):
        look(gateway)
        gateway.at += timedelta(days=1)
    found = [(each.event, each.outcome, each.reasons) for each in gateway.entries(before)]
    assert [one[0] for one in found] == ["notify", "completion"]
    assert found[-1][1:] == ("failed", ("given-up",))
    assert told(outside) == []


def test_what_waits_is_recorded_anew_under_another_authority(gateway, world, outside):
    norma = world.norma
    one = subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    outside.answers = 503
    look(gateway)
    assert changed(gateway, world.social_worker, one).status_code == 200
    outside.answers, before = 200, gateway.size()
    gateway.at += timedelta(hours=1)
    look(gateway)
    assert told(outside) == [(1, "Goal/goal-n")]
    named = [each for each in gateway.entries(before) if each.person_id == norma]
    assert [each.event for each in named] == ["notify"]


def test_what_is_given_up_is_named_as_what_it_was(gateway, world, outside):
    """A new address that takes no handshake is told of nobody: the log says so."""
    outside.answers = 503
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    before = gateway.size()
    for _ in range(10):
        look(gateway)
        gateway.at += timedelta(days=1)
    last = gateway.entries(before)[-1]
    assert (last.event, last.outcome, last.reasons) == ("completion", "failed", ("given-up",))
    assert dict(last.detail)["kind"] == "handshake"


def test_attempts_are_those_of_the_events_alone(gateway, world, outside):
    """What is told first after heartbeats that nobody took was not tried before."""
    norma = world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url, heartbeat=60)
    look(gateway)
    outside.answers = 503
    for _ in range(4):
        gateway.at += timedelta(hours=1)
        look(gateway)
    outside.answers, before = 200, gateway.size()
    put_noted(gateway, norma, goal_row("goal-n", norma, "seen"), org=COUNCIL)
    gateway.at += timedelta(hours=2)
    look(gateway)
    assert told(outside) == [(1, "Goal/goal-n")]
    assert "completion" not in [one.event for one in gateway.entries(before)]
