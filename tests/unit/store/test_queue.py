"""What rule an issue breaks, and who waits under it."""

from dataclasses import replace

import pytest

from gateway.flows.feeds.feed_errors import Choice
from gateway.flows.feeds.waiting_tally import WaitingTally
from gateway.store.intake.queue import QUARANTINED, Waiting, rule_of
from mappings.core.model.outcome import error, warning
from mappings.registry import FEEDS


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("goals[0].state", "unmapped-code:goals[].state"),
        ("needs[3].goals[12].state", "unmapped-code:needs[].goals[].state"),
        ("PRB[2]-3.1", "unmapped-code:PRB[]-3.1"),
        ("MHS008.CarePlanID", "unmapped-code:MHS008.CarePlanID"),
        ("file 3", "unmapped-code:file"),
        ("", "unmapped-code"),
    ],
)
def test_a_rule_is_a_code_and_a_path_without_positions(path, rule):
    assert rule_of(error(path, "unmapped-code", "")) == rule


def _held(number, *issues):
    return Waiting(
        "social-care", "plan", "XK1", "d1", number, f"i{number}", "", 0, "", issues, True,
        QUARANTINED,
    )  # fmt: skip


def _by_rule(held):
    tally = WaitingTally()
    for one in held:
        tally.add(one)
    return tally.by_rule()


STATE = error("goals[0].state", "unmapped-code", "correct it")
OTHER = error("goals[4].state", "unmapped-code", "correct it")
NOBODY = error("person", "names-nobody", "name them")
NOTE = warning("goals[0].note", "unknown-field", "kept")


def test_rules_are_counted_once_for_an_item_and_say_what_mending_one_would_let_in():
    held = [_held(1, STATE, OTHER, NOTE), _held(2, STATE, NOBODY), _held(3, STATE)]
    rows = [(one["rule"], one["number"], one["alone"]) for one in _by_rule(held)]
    assert rows == [("unmapped-code:goals[].state", 3, 2), ("names-nobody:person", 1, 0)]


def test_what_was_told_in_several_words_is_not_told_as_if_all_said_the_same():
    other = replace(NOBODY, text="name them as the register does")
    for told, text in (([NOBODY, NOBODY], "name them"), ([NOBODY, other], "such as: name them")):
        held = [_held(number, issue) for number, issue in enumerate(told)]
        assert [one["text"] for one in _by_rule(held)] == [text]


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        ({}, True),
        ({"rule": "unmapped-code"}, True),
        ({"rule": "unmapped-code:goals[].state"}, True),
        ({"rule": "unmapped-code:goals[].words"}, False),
        ({"rule": "unknown-field"}, False),
        ({"message": "d1"}, True),
        ({"message": "i1"}, True),
        ({"message": "i2"}, False),
    ],
)
def test_what_is_meant_is_one_message_one_rule_or_all(choice, meant):
    assert Choice(FEEDS, **choice).means(_held(1, STATE, NOTE)) is meant
