"""A suspension holds for its user, there, from its first moment until before its last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.decision import compile_filter
from consent.periods import FOREVER
from consent.suspension import Suspension, is_suspended
from consent.terms import Reason
from tests.unit.consent.world import (
    LONG_AGO,
    NOW,
    caller,
    item,
    person,
    policy,
    proxy,
    request,
    sees,
)

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "holds"),
    [(START - MOMENT, False), (START, True), (END - MOMENT, True), (END, False)],
)
def test_it_holds_between_its_moments(at, holds):
    assert is_suspended([Suspension("u-1", "", START, END, "e")], "u-1", "RAX", at) is holds


@pytest.mark.parametrize(("org", "holds"), [("", True), ("RAX", True), ("RJ7", False)])
def test_it_holds_where_it_says_or_everywhere(org, holds):
    those = [Suspension("u-1", org, START, END, "e")]
    assert is_suspended(those, "u-1", "RAX", START) is holds
    assert not is_suspended(those, "u-2", "RAX", START)


def test_who_is_suspended_stands_as_somebody_without_a_tie():
    mother, gp = caller("proxy", user_id="mum"), caller("gp")
    acting = proxy(mother.user_id, "court-appointed-personal-welfare-deputy")
    for who, reason in ((gp, Reason.RELATIONSHIP), (mother, Reason.PROXY)):
        away = Suspension(who.user_id, "", LONG_AGO, FOREVER, "e")
        about = person(suspensions=(away,), proxies=(acting,))
        assert not sees(who, about, item())
        assert compile_filter(who, about, request(), policy()).reasons == (reason,)
        over = replace(about, suspensions=(replace(away, end=NOW),))
        assert sees(who, over, item())
