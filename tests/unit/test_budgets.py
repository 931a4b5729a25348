"""Counted budgets are scaled by the machine, and the counts stay as they were measured."""

import pytest

from bench import budgets


def rows(read, *bare):
    row = {"a second": 300, "a core second": read, "factor": budgets.factor(*bare)}
    return {"read one": row}


def test_half_a_machine_is_asked_for_half():
    (one,) = budgets.held(rows(2_100, (8_800, 8_000)))
    assert (one.of_core, one.by_clock, one.must, one.scaled) == (2_100, 300, 4_000, 2_000)
    assert one.is_met


def test_a_slow_sender_of_load_does_not_lower_what_is_asked():
    (one,) = budgets.held(rows(1_500, (4_400, 8_800)))
    assert one.scaled == 2_000
    assert not one.is_met


def test_the_machine_is_what_it_was_before_and_after_a_row():
    assert budgets.factor((8_800, 8_000), (4_400, 4_000)) == pytest.approx(0.375)
