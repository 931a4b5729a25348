"""What stands beside the record changes no byte of a drawn sequence of requests.

A suspension: whoever is suspended is answered as somebody who was never in touch with the person;
everybody else as though nobody were. Feeds that are behind: what hides between their rows is told
by no answer that says so.
"""

from datetime import timedelta
from random import Random

import pytest

from consent.feeds import FeedState
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_state import set_state
from mappings.registry import FEEDS
from tests.api.world import COUNCIL, World, put_on_caseload
from tests.security.test_attacks_safeguarding import suspend
from tests.security.test_non_interference import HIDDEN_LABELS, _hide, _visible
from tests.security.test_non_interference_drawn import (
    ASKED,
    FROM_THE_PERSON,
    _caller,
    _hidden,
    _sequence,
    _who_looked,
)

SEQUENCES, SOME_SEQUENCES = 30, 1
CARER, AGENCY = "hc-9", "XHC"


@pytest.fixture
def opened(start):
    """`opened()`: a service on a world of its own with what everybody sees of Alice, and her id."""

    def opening():
        gateway = start()
        alice = World(gateway).alice
        _visible(gateway, alice)
        return gateway, alice

    return opening


def _suspended(gateway, alice, user, *, in_touch=True):
    """The council's desk keeps them away; they go there, unless they never did."""
    if in_touch:
        put_on_caseload(gateway, alice, AGENCY, CARER)
    adviser = gateway.token("safeguarding-adviser", "sa-1", COUNCIL)
    assert suspend(gateway, adviser, alice, user).status_code == 201
    gateway.at += timedelta(minutes=1)


def _told(gateway, who, alice, seed):
    return _sequence(gateway, who, alice, seed), _who_looked(gateway, alice)


@pytest.mark.parametrize("role", ["social-worker", "home-care", "hospital-doctor"])
def test_s67_who_is_suspended_is_answered_as_who_was_never_in_touch(opened, whole, role):
    for seed in range(SEQUENCES if whole else SOME_SEQUENCES):
        (kept_away, alice), (stranger, _) = opened(), opened()
        _suspended(kept_away, alice, CARER)
        _suspended(stranger, alice, "somebody-else", in_touch=False)
        there, here = (
            _told(one, one.token(role, CARER, AGENCY), alice, seed) for one in (kept_away, stranger)
        )
        assert there == here


def test_who_is_in_touch_and_not_suspended_is_answered_otherwise(opened):
    (in_touch, alice), (stranger, _) = opened(), opened()
    put_on_caseload(in_touch, alice, AGENCY, CARER)
    there, here = (
        _told(one, one.token("social-worker", CARER, AGENCY), alice, 0)
        for one in (in_touch, stranger)
    )
    assert there != here


@pytest.mark.parametrize("role", ["social-worker", "home-care", "patient", "proxy"])
def test_s67_nobody_else_is_answered_otherwise_for_a_suspension(opened, whole, role):
    for seed in range(SEQUENCES if whole else SOME_SEQUENCES):
        (kept_away, alice), (nobody, _) = opened(), opened()
        _suspended(kept_away, alice, CARER)
        put_on_caseload(nobody, alice, AGENCY, CARER)
        nobody.at += timedelta(minutes=1)
        there, here = (
            _told(one, _caller(one, role, alice), alice, seed) for one in (kept_away, nobody)
        )
        assert there == here
        assert [one[1] for one in here[0]].count(200) > ASKED / 5


def _behind(gateway):
    """Two feeds are down and paused, one of which brought what is shown."""
    for named, state in (
        ((COUNCIL, "social-care"), FeedState.DOWN),
        (("RQY", "mental-health"), FeedState.PAUSED),
    ):
        operator = Operator("an operator", gateway.at)
        store = gateway.site.store
        gateway.run(set_state(store, operator, named, state, "as it is", FEEDS.keys()))
    gateway.at += timedelta(minutes=1)


@pytest.mark.parametrize("role", ["social-worker", "hospital-doctor", "patient", "meeting"])
def test_s67_feeds_that_are_behind_tell_nothing_of_hidden_rows(opened, whole, role):
    labels = FROM_THE_PERSON if role == "patient" else HIDDEN_LABELS
    for seed in range(SEQUENCES if whole else SOME_SEQUENCES):
        (without, alice), (with_hidden, _) = opened(), opened()
        for one in _hidden(Random(f"{role}{seed}"), labels):
            _hide(with_hidden, alice, one)
        for gateway in (without, with_hidden):
            _behind(gateway)
        there, here = (
            _told(one, _caller(one, role, alice), alice, seed) for one in (with_hidden, without)
        )
        assert there == here
        headers = [dict(one[3]) for one in here[0] if len(one) > 3]
        assert {one["care-record-behind"].count(" is ") for one in headers} == {2}
