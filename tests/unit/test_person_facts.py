"""What stands on a person: the strictest word on any record; an operator's comes first."""

import itertools

import pytest

from gateway.identity.person_facts import OPEN, VALUES, Fact, Said, is_value, standing


def pds(record: str, value: str, decided: bool = False) -> Said:
    return Said(record, Fact.PDS, value, decided)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([], {}),
        ([pds("a", "U")], {Fact.PDS: "U"}),
        ([pds("a", "U"), pds("b", "R")], {Fact.PDS: "R"}),
        ([pds("a", "V"), pds("b", "REDACTED"), pds("c", "R")], {Fact.PDS: "REDACTED"}),
        ([pds("a", "R"), pds("a", "U", decided=True)], {Fact.PDS: "U"}),
        ([pds("a", "R"), pds("a", OPEN, decided=True)], {Fact.PDS: "R"}),
        ([pds("a", OPEN, decided=True)], {}),
        ([pds("a", "R"), pds("b", "U", decided=True)], {Fact.PDS: "R"}),
        ([Said("a", Fact.REVIEW, "no")], {Fact.REVIEW: "no"}),
        (
            [Said("a", Fact.REVIEW, day) for day in ("no",)]
            + [Said("b", Fact.REVIEW, "2026-11-10"), Said("c", Fact.REVIEW, "2025-01-31")],
            {Fact.REVIEW: "2025-01-31"},
        ),
        (
            [Said("a", Fact.DECEASED, "yes"), Said("b", Fact.DECEASED, "no"), pds("b", "R")],
            {Fact.DECEASED: "yes", Fact.PDS: "R"},
        ),
    ],
)
def test_the_strictest_word_stands_in_any_order(said, stands):
    for order in itertools.permutations(said):
        assert standing(order) == stands


def test_parting_records_gives_each_its_own_back():
    said = [pds("a", "R"), pds("b", "U"), Said("b", Fact.DECEASED, "yes")]
    assert standing(said) == {Fact.PDS: "R", Fact.DECEASED: "yes"}
    assert standing(said[:1]) == {Fact.PDS: "R"}
    assert standing(said[1:]) == {Fact.PDS: "U", Fact.DECEASED: "yes"}


def test_every_fact_has_its_values_and_the_mildest_is_first():
    assert set(VALUES) == set(Fact)
    assert {order[0] for order in VALUES.values()} == {"U", "no"}


def test_s36_of_a_review_a_day_may_be_said_and_of_nothing_else():
    assert is_value(Fact.REVIEW, "2026-11-10")
    assert is_value(Fact.REVIEW, "no")
    for value in ("yes", "2026-02-30", "20261110", "", "2026-11-10T00:00"):
        assert not is_value(Fact.REVIEW, value)
    assert not is_value(Fact.DECEASED, "2026-11-10")
    assert is_value(Fact.PDS, "R")
