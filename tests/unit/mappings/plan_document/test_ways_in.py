"""Words that tell the code of a way into somebody's home, and words that do not."""

import pytest

from mappings.plan_document.rows.ways_in import tells_a_code, told_as


@pytest.mark.parametrize(
    "text",
    ["Key safe 1234", "keysafe: C4711", "the key-safe is by the door, 0987", "Door code is 4711#",
     "KEY BOX no. 123", "entry code 55010", "lockbox 4711 on the left"],
)  # fmt: skip
def test_a_code_is_read(text):
    assert tells_a_code(text)


@pytest.mark.parametrize(
    "text",
    ["The key safe is by the side door.", "Ring the door twice; call 020 7946 0901 if no answer",
     "Key safe fitted. Two carers from 2026", "Walk to the gate and back, 200 metres", ""],
)  # fmt: skip
def test_other_words_are_left_alone(text):
    assert not tells_a_code(text)


def test_a_way_in_is_told_in_words():
    assert told_as("key safe", "by the side door", "4711") == "Key safe, by the side door: 4711"
    assert told_as("a neighbour", None, "4711") == "a neighbour: 4711"
    assert told_as("key safe", "by the side door", None) is None
