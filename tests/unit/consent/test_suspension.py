"""A suspension holds for its user, there, from its first moment until before its last."""

from datetime import UTC, datetime, timedelta

import pytest

from consent.suspension import Suspension, is_suspended

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
