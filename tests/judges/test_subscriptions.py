"""Notices, and subscriptions as served, under the judges: what is sent conforms to FHIR R4 and to
the backport's shapes."""

import json

import pytest

from mappings.core.checking.validate import validate
from tests.api.outside import outside
from tests.api.service import resources
from tests.api.subscribing import look, subscribed

__all__ = ["outside"]
_STATUS = {
    "subscription": "valueReference",
    "topic": "valueCanonical",
    "status": "valueCode",
    "type": "valueCode",
    "events-since-subscription-start": "valueString",
}
_EVENT = {"event-number": "valueString", "timestamp": "valueInstant", "focus": "valueReference"}


@pytest.fixture
def emitted(gateway, world, outside):
    """A handshake, a notice, what is asked for, how it stands, and the subscription."""
    who = world.social_worker
    one = subscribed(gateway, who, "plan-changed", outside.url, heartbeat=60)
    look(gateway)
    world.revise("2026-11-21T13:00:00Z", what_matters="Tea at four.")
    look(gateway)
    path = f"Subscription/{one['id']}"
    asked = [gateway.get(f"{path}{part}", who).json() for part in ("", "/$events", "/$status")]
    return [one, *(json.loads(body) for body in outside.taken), *asked]


def test_what_subscribers_are_told_holds_every_invariant(emitted, broken_invariants):
    bundles = [one for one in emitted if one["resourceType"] == "Bundle"]
    assert len(emitted) == 6
    assert len(bundles) == 4
    for one in [*emitted, *(part for each in bundles for part in resources(each))]:
        assert validate(one, local_references=False) == ()
        assert broken_invariants(one) == []


def test_google_accepts_what_subscribers_are_told(emitted, google_verdicts):
    wrong = {**emitted[1], "type": "notice"}
    verdicts = google_verdicts([*emitted, wrong])
    assert [one for one in verdicts[:-1] if one] == []
    assert verdicts[-1]


def test_a_notice_has_the_shape_of_the_backport(emitted):
    (_, _, notice, *_) = emitted
    assert notice["type"] == "history"
    (status,) = resources(notice)
    assert status["resourceType"] == "Parameters"
    *about, event = status["parameter"]
    assert {one["name"]: next(n for n in one if n != "name") for one in about} == _STATUS
    assert event["name"] == "notification-event"
    parts = {one["name"]: next(n for n in one if n != "name") for one in event["part"]}
    assert parts == _EVENT
