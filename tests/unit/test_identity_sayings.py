"""What was said of one record over time: of one person, corrected, or of whoever has its id now."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.holding import held
from gateway.identity.names import marks_of
from gateway.identity.sayings import MANY, Saying, from_text, is_one, to_text, with_saying
from gateway.identity.statements import Statement, Verdict


def said(text):
    """`number date name`, `-` where one is not said."""
    number, born, name = ("" if word == "-" else word for word in text.split())
    marks = marks_of([[name]], lambda word: f"{word:_<8}"[:8]) if name else ""
    return Saying(number, born, marks)


def sayings(*texts):
    return frozenset(map(said, texts))


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["n d Norma"],
        ["n d Norma", "m d Norma"],
        ["n d Norma", "n e Norma"],
        ["n d Norma", "n d Mary"],
        ["n d Norma", "n e Norma", "m e Norma"],
        ["n d Norma", "- d Mary"],
        ["n d -", "m d -"],
        ["n d -", "n d Norma", "- - Norma"],
        ["- e -", "n d Norma"],
        ["!conflict e Norma", "n d Norma"],
    ],
)
def test_what_is_corrected_a_part_at_a_time_is_one_person(texts):
    assert is_one(sayings(*texts))


@pytest.mark.parametrize(
    "texts",
    [
        ["n d Norma", "m e Oliver"],
        ["n d Norma", "m d Oliver"],
        ["n d Norma", "m e Norma"],
        ["n d Norma", "n e Oliver"],
        ["n d -", "m e -"],
        ["- d Norma", "- e Oliver"],
        ["n d Norma", "- d Mary", "m d Mary"],
        ["n d Norma", "- d -", "m d Oliver"],
        ["n d Norma", "m e Oliver", "n d Norma"],
    ],
)
def test_two_parts_that_differ_are_somebody_else_whatever_came_between(texts):
    for order in itertools.permutations(texts):
        assert not is_one(sayings(*order))


def test_a_local_id_of_anybody_is_nobodys():
    text = ""
    for number in range(40):
        text = with_saying(text, said(f"n{number} d Norma"))
    assert from_text(text) == {MANY}
    assert with_saying(text, said("n d Norma")) == text
    assert not is_one(from_text(text))
    decision = Statement("a", "b", Verdict.SAME, ("1", ""), True, (from_text(text), sayings()))
    assert held([decision], {"a": from_text(text)}, lambda *_: True) == ([], {"a"})


_SAID = st.builds(
    " ".join,
    st.tuples(
        st.sampled_from(["-", "n", "m", "!conflict"]), st.sampled_from("-de"),
        st.sampled_from(["-", "Norma", "Oliver"]),
    ),
).map(said)  # fmt: skip


@given(st.lists(_SAID), st.randoms())
def test_what_was_said_is_kept_alike_in_any_order(spoken, random):
    mixed = [*spoken, *spoken]
    random.shuffle(mixed)
    texts = []
    for order in (spoken, mixed):
        text = ""
        for one in order:
            text = with_saying(text, one)
        texts.append(text)
    assert texts[0] == texts[1]
    assert from_text(texts[0]) == {one for one in spoken if any(one)}
    assert to_text(from_text(texts[0])) == texts[0]


def waiting(one, other, since_one=(), since_other=(), *, alike=False):
    """Who waits, of a and b, where they were put together when each had said that."""
    decision = Statement("a", "b", Verdict.SAME, ("1", ""), True, (sayings(one), sayings(other)))
    now = {"a": sayings(one, *since_one), "b": sayings(other, *since_other)}
    holds, waits = held([decision], now, lambda *_: alike)
    assert bool(holds) != bool(waits)
    return "".join(sorted(waits))


@pytest.mark.parametrize(
    ("since", "waits"),
    [
        ((["m d Norma"], []), "a"),
        ((["n e Norma"], []), "a"),
        ((["n d Oliver"], []), "a"),
        ((["!conflict d Norma"], []), "a"),
        (([], ["m d Norma"]), "ab"),
        (([], ["n d Oliver"]), "ab"),
        ((["m e Oliver"], ["m e Oliver"]), "ab"),
        ((["n d Norma"], []), ""),
        (([], ["- - Norma"]), ""),
        ((["n - -"], ["- d -"]), ""),
    ],
)
def test_a_decision_holds_for_what_was_said_by_then_and_for_nothing_else(since, waits):
    assert waiting("n d Norma", "n d Norma", *since) == waits


def test_what_corrects_one_record_to_what_the_other_says_is_no_contradiction():
    assert waiting("m e Norma", "n d Norma", ["n d Norma"]) == ""
    assert waiting("m e Norma", "n d Norma", ["p d Norma"]) == "a"


def test_what_neither_said_may_be_said_once():
    assert waiting("- d Norma", "- d Norma", ["n d Norma"]) == ""
    assert waiting("- d Norma", "- d Norma", ["n d Norma"], ["m d Norma"]) == "ab"
    assert waiting("- d Norma", "- d Norma", ["n d Norma", "m d Norma"]) == "a"


def test_a_first_name_that_neither_could_be_compared_by_waits():
    assert waiting("n d -", "n d Norma", ["n d Norma"], alike=True) == ""
    assert waiting("n d -", "n d Norma", ["n d Norma"]) == "a"
    assert waiting("n d -", "n d Norma", ["n d Norma", "n d Oliver"], alike=True) == "a"


def test_a_later_decision_settles_what_an_earlier_one_no_longer_holds_for():
    seen, now = sayings("n d Norma"), sayings("n d Norma", "m e Oliver")
    first = Statement("a", "b", Verdict.SAME, ("1", ""), True, (seen, seen))
    said_of = {"a": now, "b": seen, "c": sayings("m e Oliver")}
    assert held([first], said_of, lambda *_: False) == ([], {"a"})
    second = Statement("a", "c", Verdict.SAME, ("2", ""), True, (now, said_of["c"]))
    assert held([first, second], said_of, lambda *_: False) == ([second], set())
    early = Statement("a", "c", Verdict.SAME, ("0", ""), True, (now, said_of["c"]))
    assert held([early, first], said_of, lambda *_: False) == ([early], {"a"})
