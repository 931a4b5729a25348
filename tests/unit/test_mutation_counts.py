"""Which changes count as noticed when consent/ is changed in small ways."""

from tools import mutate
from tools.mutate import Tally


def test_a_failed_test_and_the_clock_notice_and_nothing_else_does():
    codes = {"a": 1, "b": 24, "c": 0, "d": 33, "e": 5, "f": 2, "g": -9, "h": 3, "i": None}
    tally = Tally.of(codes)
    assert tally.noticed == ("a", "b")
    assert tally.missed == ("c", "d", "e", "f", "g", "h")
    assert tally.untried == ("i",)


def test_tests_that_fail_by_themselves_measure_nothing(monkeypatch):
    all_noticed = {"residual": Tally(("a", "b"), (), ())}
    monkeypatch.setattr(mutate, "_still_pass", lambda: True)
    assert mutate._told(all_noticed) == 0
    assert mutate._told({"residual": Tally(("a",), ("b",), ())}) == 1
    assert mutate._told({"residual": Tally(("a",), (), ("b",))}) == 2
    assert mutate._told({}) == 2
    monkeypatch.setattr(mutate, "_still_pass", lambda: False)
    assert mutate._told(all_noticed) == 2
