"""When a visit to somebody's home is near: its window, to the moment."""

from datetime import timedelta

import pytest

from consent.periods import BEGINNING, FOREVER
from consent.terms import HomeVisit
from consent.visiting import HomeAccessRules
from tests.unit.consent.world import NOW, caller, item, person, policy, sees, visit

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = HomeAccessRules(frozenset({"home-care"}), 60 * MINUTE, 30 * MINUTE, HOUR, 24 * HOUR)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (NOW + 2 * HOUR, NOW + 2 * HOUR + 30 * MINUTE),
        (FOREVER, NOW + HOUR + 30 * MINUTE),
        (NOW + 24 * HOUR, NOW + 24 * HOUR + 30 * MINUTE),
        (NOW + 25 * HOUR, NOW + 24 * HOUR + 30 * MINUTE),
    ],
    ids=["as it says", "nobody said", "the longest", "too long"],
)
def test_a_window_is_about_the_visit_and_never_too_long(end, last):
    assert RULES.window(visit("HC001", NOW, end)) == (NOW - HOUR, last)


@pytest.mark.parametrize(
    ("start", "opens"),
    [(BEGINNING, False), (BEGINNING + 59 * MINUTE, False), (BEGINNING + HOUR, True)],
)
def test_without_a_start_it_opens_nothing(start, opens):
    first, last = RULES.window(HomeVisit("HC001", start, NOW, "visit-1"))
    assert (first < last) is opens


@pytest.mark.parametrize(
    ("at", "near"),
    [
        (NOW - HOUR - MINUTE, False),
        (NOW - HOUR, True),
        (NOW, True),
        (NOW + HOUR + 29 * MINUTE, True),
        (NOW + HOUR + 30 * MINUTE, False),
    ],
)
def test_it_is_near_from_its_first_moment_until_its_last_for_who_comes(at, near):
    visits = [visit("HC002", NOW - timedelta(days=9), NOW - timedelta(days=9)), visit("HC001")]
    assert RULES.is_near(visits, "HC001", at) is near
    assert not RULES.is_near(visits, "HC003", at)
    assert not RULES.is_near([], "HC001", at)


def test_the_rules_are_the_policys():
    assert policy().home_access.before == HOUR
    assert policy().home_access.after == 30 * MINUTE
    assert policy().home_access.assumed == HOUR
    assert policy().home_access.longest == 24 * HOUR


def test_how_to_get_in_stays_closed_though_instructions_stay():
    way, instruction = item("safety", 2, ["HOMEACCESS"]), item("safety", 2, ["HIV"])
    carer = caller("home-care")
    near, far = (person(visits=those) for those in ((visit(carer.org, NOW),), ()))
    for about, shown in ((near, True), (far, False)):
        assert sees(carer, about, way) is shown
        assert sees(carer, about, instruction)
        assert not sees(caller("gp"), about, way)
