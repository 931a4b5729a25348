"""Which file replaces which: a function of the set, whatever order they came in."""

from itertools import permutations
from typing import Any

import pytest

from gateway.store.absences.absence_judging import (
    APPLIED,
    CONFIRMED,
    IN_PART,
    REFUSED,
    SEVERAL,
    Filed,
    Guard,
    judged,
)


def filed(name: str, made: str = "2026-11-05", **more) -> Filed:
    given: dict[str, Any] = {"refused": 0, "decided": "", "tables": {"plans": 2}} | more
    return Filed(name, "2026-10-01", "2026-10-31", made, 0, f"digest-{name}", **given)


def states(*files: Filed) -> dict[str, tuple[str, bool]]:
    found = judged(files, Guard())
    return {name: (one.state, one.counts["plans"]) for name, one in found.items()}


def test_the_later_of_two_replaces_the_earlier():
    later = filed("b", "2026-11-06")
    assert states(filed("a"), later) == {"a": (APPLIED, False), "b": (APPLIED, True)}


@pytest.mark.parametrize("made", ["", "2026-11-05T08:00:00Z"])
def test_of_two_made_at_one_moment_or_at_none_neither_replaces_the_other(made):
    both = filed("a", made), filed("b", made)
    assert states(*both) == {"a": (SEVERAL, True), "b": (SEVERAL, True)}


def test_the_one_that_is_chosen_replaces_the_others_of_its_moment():
    chosen = states(filed("a", decided=CONFIRMED), filed("b"), filed("c"))
    assert chosen == {"a": (APPLIED, True), "b": (REFUSED, False), "c": (REFUSED, False)}


def test_a_later_file_replaces_all_of_one_moment():
    found = states(filed("a"), filed("b"), filed("c", "2026-11-06"))
    assert found == {"a": (SEVERAL, False), "b": (SEVERAL, False), "c": (APPLIED, True)}


def test_no_order_of_arrival_changes_anything():
    files = filed("a"), filed("b", refused=1), filed("c", "2026-11-06"), filed("d", "2026-11-06")
    assert states(*files)["b"] == (IN_PART, True)
    assert all(states(*order) == states(*files) for order in permutations(files))
