"""What an explanation says is what the Filter does, and every reason has its words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decision import compile_filter
from consent.explain import LAYERS, WORDS, explained
from consent.terms import Reason
from tests.sampling import examples
from tests.unit.consent.world import (
    break_glass,
    caller,
    item,
    person,
    policy,
    request,
)
from tests.unit.consent.worlds import choices, people, rows, who

DOCTOR = caller("hospital-doctor")


@settings(max_examples=examples(300), deadline=None)
@given(who, people, choices, rows, st.booleans())
def test_an_explanation_says_what_the_filter_does(asking, about, setting, row, emergency):
    asked = request(break_glass=break_glass(asking) if emergency else None)
    allowed = compile_filter(asking, about, asked, policy(setting))
    told = explained(asking, about, asked, policy(setting), row)
    assert told.shown == allowed.allows(row)
    assert [one.layer for one in told.steps] == list(LAYERS[: len(told.steps)])
    assert all(one.passes for one in told.steps[:-1])
    assert all(one.why for one in told.steps)


def test_every_reason_has_words():
    assert set(WORDS) == set(Reason)


@pytest.mark.parametrize(
    ("role", "row", "layer", "word"),
    [
        ("social-worker", item("problems", sens=["HIV"]), "role", "HIV"),
        ("hospital-doctor", item("care-plan", level=3), "role", "cleared"),
        ("home-care", item("mental-health"), "role", "never sees mental-health"),
        ("gp", item("care-plan", legal=["GRA"]), "stops", "hard stop"),
    ],
)
def test_the_layer_that_hides_says_why(role, row, layer, word):
    last = explained(caller(role), person(), request(), policy(), row).steps[-1]
    assert (last.layer, last.passes) == (layer, False)
    assert word in " ".join(last.why)


def test_without_a_relationship_nothing_further_is_said():
    told = explained(DOCTOR, person(relationships=()), request(), policy(), item())
    assert [one.layer for one in told.steps] == ["identity", "purpose", "relationship"]
    assert told.steps[-1].why == (WORDS[Reason.RELATIONSHIP],)
