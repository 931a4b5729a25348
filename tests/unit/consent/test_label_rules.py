"""What labels an item: rules raise, a decision lowers what it saw, and nothing that came later."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.label_page import page
from consent.label_rules import Decision, LabelRules, Marks, decided
from consent.labels import (
    HOLDS,
    LEGAL,
    SENSITIVITIES,
    UNKNOWN_SENSITIVITY,
    WAITING,
    LabelParts,
    labels_of,
)
from consent.policy_reading import PolicyError
from consent.terms import CATEGORIES

FILE = Path(__file__).resolve().parents[3] / "consent" / "label_rules.toml"
PENDING, REVIEW = HOLDS["PENDING"], HOLDS["REVIEW"]

marks = st.builds(
    Marks,
    st.integers(0, 3),
    st.sampled_from([0, 1, 2, 3, UNKNOWN_SENSITIVITY]),
    st.sampled_from([0, PENDING, HOLDS["NOPAT"]]),
    st.sampled_from([0, LEGAL["GRA"]]),
)


def document(**changes):
    return tomllib.loads(FILE.read_text("utf-8")) | changes


def rules() -> LabelRules:
    return LabelRules.parse(document())


RULES = rules()
FEEDS = sorted({rule.feed for rule in RULES.sources})


def parts(category="problems", level=1, sens=0, holds=0, legal=0) -> LabelParts:
    return LabelParts(category, level, sens, holds, legal)


def test_version_and_hash_follow_the_content():
    assert rules().version == "1.1.0"
    assert rules().hash == rules().hash
    assert LabelRules.parse(document(version="2")).hash != rules().hash


def test_assisted_fertilisation_and_gender_are_hard_stops():
    sets = rules().sets
    assert sets["gp-assisted-fertilisation"].marks.legal == LEGAL["HFEA"]
    assert sets["gp-gender"].marks.legal == LEGAL["GRA"]
    assert sets["gp-termination"].marks.alone() == LabelParts(
        "unknown", 2, SENSITIVITIES["SEX"], 0, 0
    )


def test_what_a_set_brings_is_added_to_what_the_feed_said():
    brought = [rules().sets["gp-sexually-transmitted"].marks]
    assert rules().labelled(parts(sens=1), "gp", brought) == parts(
        level=2, sens=1 | SENSITIVITIES["STD"]
    )


def test_a_shelf_of_one_feed_bears_what_its_rule_says():
    letter = parts("documents")
    assert rules().labelled(letter, "mental-health").holds == PENDING
    assert rules().labelled(letter, "gp") == letter
    assert rules().labelled(parts("problems"), "mental-health") == parts("problems")


@pytest.mark.parametrize("category", ["care-plan", "support-plan", "crisis-plan"])
def test_own_words_and_agreed_plans_wait_without_being_held_from_the_person(category):
    found = rules().labelled(parts(category, 2, holds=PENDING))
    assert found == parts(category, 2, holds=REVIEW)
    assert found.holds & WAITING


def test_what_nobody_labelled_is_restricted_and_waits():
    assert rules().labelled(labels_of([])) == LabelParts("unknown", 2, 0, PENDING, 0)


@given(said=marks, more=marks)
def test_rules_never_lower(said, more):
    found = rules().labelled(said.on(parts()), "gp", [more])
    assert Marks.of(found) | said | more == Marks.of(found)


def test_a_decision_lowers_what_it_saw():
    said = parts(level=2, sens=1, holds=PENDING)
    made = decided(said, said, "N", (), ("PSY",))
    assert rules().labelled(said, decision=made) == parts()


def test_what_is_said_after_a_decision_raises_again():
    said = parts(level=2, sens=1)
    made = decided(said, said, "N", (), ("PSY",))
    later = parts(level=3, sens=3, holds=HOLDS["NOPAT"], legal=LEGAL["GRA"])
    assert rules().labelled(later, decision=made) == parts(
        level=3, sens=2, holds=HOLDS["NOPAT"], legal=LEGAL["GRA"]
    )


@given(seen=marks, chosen=marks, said=marks)
def test_what_is_said_later_never_lowers_what_was_chosen(seen, chosen, said):
    found = Decision(seen, chosen).applied(said)
    assert found | chosen == found


@given(
    shelf=st.tuples(st.sampled_from(["", *FEEDS]), st.sampled_from(sorted(CATEGORIES))),
    seen=marks,
    chosen=marks,
    said=marks,
    brought=st.lists(st.sampled_from([rule.marks for rule in RULES.sets.values()]), max_size=3),
)
def test_no_rule_lowers_what_was_chosen(shelf, seen, chosen, said, brought):
    feed, category = shelf
    decision = Decision(seen, chosen)
    found = Marks.of(RULES.labelled(said.on(parts(category)), feed, brought, decision))
    assert found | chosen == found


def test_a_decision_that_raised_stands_when_less_is_said_later():
    said = parts(level=1)
    made = decided(said, said, "V", (), ())
    assert rules().labelled(parts(level=2), decision=made) == parts(level=3)


def test_a_second_decision_is_on_the_labels_the_first_left():
    said = parts(level=2, sens=1)
    first = decided(said, said, "N", (), ("PSY",))
    borne = rules().labelled(said, decision=first)
    second = decided(said, borne, "", ("NOPAT",), ())
    assert rules().labelled(said, decision=second) == parts(holds=HOLDS["NOPAT"])


@given(said=marks, chosen=marks)
def test_a_hard_stop_and_an_unknown_label_are_never_lowered(said, chosen):
    found = Decision(said, chosen).applied(said)
    assert found.legal & said.legal == said.legal
    assert found.sensitivities & UNKNOWN_SENSITIVITY >= said.sensitivities & UNKNOWN_SENSITIVITY


@pytest.mark.parametrize(
    ("level", "add", "path"),
    [("X", (), "level"), ("", ("SECRET",), "label"), ("", ("PENDING",), "label")],
)
def test_a_decision_names_labels_that_are_known(level, add, path):
    with pytest.raises(PolicyError) as fault:
        decided(parts(), parts(), level, add, ())
    assert fault.value.path == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"sources": {}}, "sources"),
        ({"sources": [{"feed": "gp"}]}, "sources[0].categories"),
        ({"own_words": ["nowhere"]}, "own_words"),
        ({"sets": {"x": {"title": "t", "level": "Z"}}}, "sets.x.level"),
        ({"sets": {"x": {"title": "t", "level": "N", "holds": ["Z"]}}}, "sets.x.holds"),
        ({"more": 1}, "more"),
    ],
)
def test_rules_that_cannot_be_used_are_refused(changes, path):
    with pytest.raises(PolicyError) as fault:
        LabelRules.parse(document(**changes))
    assert fault.value.path == path


def test_the_printed_page_names_every_rule():
    printed = page(rules())
    assert (
        "| `gp-termination` | GP summary exclusions: termination of pregnancy | R, SEX |" in printed
    )
    assert "| `mental-health` | `documents` | N, PENDING |" in printed
    assert all(f"`{name}`" in printed for name in rules().sets)


def test_the_hash_is_of_the_content_and_not_of_its_order():
    turned = dict(reversed(document().items()))
    assert list(turned) != list(document())
    assert LabelRules.parse(turned).hash == rules().hash


SOURCE = {
    "feed": "gp",
    "categories": ["problems"],
    "why": "because",
    "level": "R",
    "sensitivities": ["HIV"],
    "holds": ["NOPAT"],
    "legal": ["SEALED"],
}


def test_a_source_rule_says_all_that_it_may():
    (rule,) = LabelRules.parse(document(sources=[SOURCE])).sources
    said = Marks(2, SENSITIVITIES["HIV"], HOLDS["NOPAT"], LEGAL["SEALED"])
    assert (rule.feed, rule.categories, rule.marks) == ("gp", frozenset({"problems"}), said)
    assert rule.why == "because"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sources": "x"}, "sources: a list of tables is needed"),
        ({"sources": [SOURCE | {"colour": "red"}]}, "sources[0].colour: this entry has no meaning"),
        (
            {"sources": [SOURCE, SOURCE | {"categories": ["novel"]}]},
            "sources[1].categories: a word here is not known",
        ),
        ({"version": ""}, "version: a text is needed"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_by_path(changes, text):
    with pytest.raises(PolicyError) as refused:
        LabelRules.parse(document(**changes))
    assert str(refused.value).startswith(text)


def test_rules_need_no_sources():
    whole = document()
    del whole["sources"]
    assert LabelRules.parse(whole).sources == ()


def test_the_persons_own_words_wait_for_review_only_where_something_waited():
    for category in RULES.own_words:
        assert RULES.labelled(parts(category), "gp").holds == 0


@pytest.mark.parametrize(
    ("level", "add", "path", "words"),
    [
        ("", ["NOVEL"], "label", [*SENSITIVITIES, "NOPAT", "THIRDPARTY", "SAFEG", "SERIOUSHARM"]),
        ("X", [], "level", ["U", "N", "R", "V"]),
    ],
)
def test_a_decision_of_unknown_words_is_refused_with_those_that_are_known(level, add, path, words):
    with pytest.raises(PolicyError) as refused:
        decided(parts(), parts(), level, add, [])
    assert refused.value.path == path
    assert refused.value.text == f"one of {', '.join(words)} is needed"


def test_a_decision_may_lower_to_the_lowest_level_and_leaves_what_the_law_says():
    borne = parts(level=2, legal=LEGAL["GRA"])
    lowered = decided(borne, borne, "U", [], [])
    assert lowered.applied(Marks.of(borne)).confidentiality == 0
    assert lowered.applied(Marks()).legal == LEGAL["GRA"]
