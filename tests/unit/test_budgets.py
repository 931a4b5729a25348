"""Counted budgets are scaled by the machine, and the counts stay as they were measured."""

from bench import budgets


def rows(bare, core, read):
    machine = {"a second": bare, "factor": budgets.factor(bare, core)}
    return {budgets.BARE: machine, "read one": {"a second": read}}


def test_half_a_machine_is_asked_for_half():
    (one,) = budgets.held(rows(8_800, 8_000, 2_100))
    assert (one.measured, one.must, one.scaled) == (2_100, 4_000, 2_000)
    assert one.is_met


def test_a_slow_sender_of_load_does_not_lower_what_is_asked():
    (one,) = budgets.held(rows(4_400, 8_800, 1_500))
    assert one.scaled == 2_000
    assert not one.is_met
