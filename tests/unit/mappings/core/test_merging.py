"""Under Fold.MERGE each item changes only what it names."""

from typing import Any

from mappings.core.applying.merging import merged
from mappings.core.model.outcome import Fold, Mapped


def _said(adds=(), defaults=None, **elements):
    resource = {"resourceType": "Encounter"} | elements
    return Mapped("Encounter", "k", resource, (), Fold.MERGE, adds, defaults or {})


def _folded(*items):
    made: Any = None
    for item in items:
        made = merged(made, item)
    return {name: value for name, value in made.items() if name != "resourceType"}


def test_what_is_named_is_replaced_and_what_is_cleared_goes():
    assert _folded(_said(a=[1], b="x", c=1), _said(a=[2], c=None)) == {"a": [2], "b": "x"}


def test_a_list_that_is_added_to_keeps_its_entries_once():
    first, second = {"reference": "A"}, {"reference": "B"}
    plan = _folded(_said(("goal",), goal=[first]), _said(("goal",), goal=[second, first]))
    assert plan["goal"] == [first, second]


def test_entries_that_differ_in_their_period_alone_are_one():
    was, now = {"member": "x", "period": {"start": "1"}}, {"member": "x", "period": {"end": "2"}}
    team = _folded(_said(("who",), who=[was]), _said(("who",), who=[now]))
    assert team["who"] == [now]


def test_parts_are_completed_and_cleared_one_by_one():
    adds = ("period",)
    start = _said(adds, period={"start": "1"})
    end = _said(adds, period={"end": "2"})
    assert _folded(start, end) == {"period": {"start": "1", "end": "2"}}
    assert _folded(start, end, _said(adds, period={"end": None})) == {"period": {"start": "1"}}
    assert _folded(end, _said(adds, period={"end": None})) == {}


def test_a_default_stands_until_something_is_said():
    unsaid = _said(defaults={"status": "unknown"})
    assert unsaid.alone()["status"] == "unknown"
    assert _folded(unsaid, _said(status="finished")) == {"status": "finished"}
    assert _folded(_said(status="finished"), unsaid) == {"status": "finished"}
    assert _folded(_said(defaults={"status": "unknown"}, status=None)) == {}


def test_the_state_before_is_left_as_it_was():
    before = {"goal": [1]}
    merged(before, _said(("goal",), goal=[2]))
    assert before == {"goal": [1]}
