"""A code table matches words as people type them, and never guesses."""

import pytest

from mappings.core.model.codes import CodeTable, Concept

WALK = Concept("urn:sort", "w", "Walking")
TABLE = CodeTable("test", {"Going  On": "active", "walk": WALK})


@pytest.mark.parametrize("word", ["going on", " GOING ON ", "Going\tOn"])
def test_case_and_blanks_do_not_matter(word):
    assert TABLE.find(word) == "active"


@pytest.mark.parametrize("word", ["", "going", "goingon", "active"])
def test_anything_else_is_not_found(word):
    assert TABLE.find(word) is None


def test_two_keys_that_would_match_one_word_are_refused():
    with pytest.raises(ValueError, match="differ only by case"):
        CodeTable("test", {"Walk": "a", " walk": "b"})


def test_a_concept_shows_as_fhir():
    coding = {"system": "urn:sort", "code": "w", "display": "Walking"}
    assert WALK.concept() == {"coding": [coding]}
    assert WALK.concept("walk") == {"coding": [coding], "text": "walk"}
    assert Concept("urn:sort", "x").coding() == {"system": "urn:sort", "code": "x"}


def test_a_table_knows_whether_its_element_can_hold_text():
    assert TABLE.gives_codes
    assert not CodeTable("test", {"walk": WALK}).gives_codes
