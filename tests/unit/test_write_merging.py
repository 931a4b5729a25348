"""An edit joined with what its writer could not see."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flows.writing.write_merging import WordedError, rejoined
from gateway.store.clear.columns import references
from gateway.store.clear.cutting import cut

HIDDEN = frozenset(f"Goal/h{n}" for n in range(4))
_words = st.sampled_from(["a", "b", "c"])
_named = st.sampled_from(sorted([*HIDDEN, "Goal/s1", "Goal/s2"]))
_link = st.fixed_dictionaries({"reference": _named}, optional={"display": _words})
_entry = st.fixed_dictionaries(
    {}, optional={"reference": _link, "progress": st.lists(st.fixed_dictionaries({"text": _words}),
                                                         min_size=1, max_size=2)}
).filter(bool)  # fmt: skip
PLANS = st.fixed_dictionaries(
    {"title": _words},
    optional={
        "goal": st.lists(_link, min_size=1, max_size=4),
        "activity": st.lists(_entry, min_size=1, max_size=3),
        "author": _link,
    },
)


def _seen(plan: dict[str, Any]) -> dict[str, Any]:
    return cut(plan, HIDDEN).resource


def _hidden_in(plan: dict[str, Any]) -> list[str]:
    return sorted(one for one in references(plan) if one in HIDDEN)


@given(PLANS)
def test_what_is_sent_back_as_it_was_changes_nothing(plan):
    shown = cut(plan, HIDDEN)
    made = rejoined(plan, shown, shown.resource)
    assert _hidden_in(made) == _hidden_in(plan)
    assert _seen(made) == _seen(plan)


@given(PLANS, PLANS)
def test_the_writer_sees_what_they_sent_and_nothing_hidden_is_lost(plan, wanted):
    sent = _seen(wanted)
    made = rejoined(plan, cut(plan, HIDDEN), sent)
    if "author" in sent:  # one value, and the writer sees none: theirs stands
        plan, made = ({n: v for n, v in one.items() if n != "author"} for one in (plan, made))
        sent = {name: value for name, value in sent.items() if name != "author"}
    assert _hidden_in(made) == _hidden_in(plan)
    assert _seen(made) == sent


def test_an_entry_is_found_again_by_its_id_though_it_moved_and_changed():
    plan = {
        "activity": [
            {"id": "one", "reference": {"reference": "Goal/h1"}, "progress": [{"text": "a"}]},
            {"id": "two", "progress": [{"text": "b"}]},
        ]
    }
    sent = {
        "activity": [
            {"id": "two", "progress": [{"text": "b"}]},
            {"id": "one", "progress": [{"text": "changed"}]},
            {"id": "new"},
        ]
    }
    made = rejoined(plan, cut(plan, HIDDEN), sent)
    assert [one.get("id") for one in made["activity"]] == ["two", "one", "new"]
    assert made["activity"][1]["reference"] == {"reference": "Goal/h1"}


def test_words_in_place_of_a_reference_cannot_be_changed():
    consent = {
        "provision": {"data": [{"meaning": "instance", "reference": {"reference": "Goal/h1"}}]},
        "status": "active",
    }
    shown = cut(consent, HIDDEN)
    assert rejoined(consent, shown, shown.resource | {"status": "inactive"}) == consent | {
        "status": "inactive"
    }
    with pytest.raises(WordedError) as refused:
        rejoined(consent, shown, {"status": "active", "provision": {"type": "deny"}})
    assert refused.value.element == "provision"
