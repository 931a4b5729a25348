"""Weights rank pairs of records: closer weighs more, what is unsaid weighs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.weights import (
    LEVELS,
    Traits,
    is_near,
    is_turned_or_near,
    total,
    traits,
    weights,
)

NORMA = traits(
    {
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "999 000 0077"}],
        "name": [{"family": "Ashdown", "given": ["Norma", "Jean"]}],
        "birthDate": "1943-03-04",
        "gender": "female",
        "address": [{"postalCode": "KT3 4AA"}],
    }
)


def but(**changed):
    held = {name: getattr(NORMA, name) for name in LEVELS}
    return Traits(**held | {name: frozenset(values) for name, values in changed.items()})


def said(one, other):
    return {weight.trait: weight.agreement for weight in weights(one, other)}


@pytest.mark.parametrize("trait", LEVELS)
def test_closer_levels_weigh_more_and_shares_are_shares(trait):
    levels = LEVELS[trait]
    assert [level.weight for level in levels] == sorted(
        (level.weight for level in levels), reverse=True
    )
    assert levels[0].weight > 0 > levels[-1].weight
    assert sum(level.m for level in levels) == pytest.approx(1)
    assert sum(level.u for level in levels) == pytest.approx(1, abs=0.05)


def test_one_person_outranks_a_twin_and_a_twin_a_stranger():
    twin = but(number=["9990000085"], given=["MARY"])
    stranger = but(
        number=["9990000093"], born=["1960-01-01"], family=["OAK"], given=["BEN"],
        gender=["MALE"], postcode=["SW1 1AA"],
    )  # fmt: skip
    same, near, far = (total(weights(NORMA, one)) for one in (NORMA, twin, stranger))
    assert same > near > far
    assert far < 0


def test_each_trait_is_named_with_how_it_agrees():
    other = but(number=["9990000078"], born=["1943-04-03"], given=["N"], postcode=["KT34ZZ"])
    found = said(NORMA, other)
    assert found == {
        "number": "near", "born": "near", "family": "same", "given": "near", "postcode": "near",
        "gender": "same",
    }  # fmt: skip


def test_what_one_of_them_does_not_say_weighs_nothing():
    assert weights(NORMA, Traits()) == []
    assert "number" not in said(NORMA, but(number=[]))
    assert traits({"gender": "unknown", "name": [{"text": "N"}]}) == Traits()


def test_the_closest_of_several_values_counts():
    assert said(NORMA, but(family=["OAK", "ASHDOWN"]))["family"] == "same"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("ashdown", "ashdwon", True),
        ("ashdown", "ashdow", True),
        ("ashdown", "xashdown", True),
        ("ashdown", "ashdawn", True),
        ("ashdown", "ashdawm", False),
        ("ashdown", "ash", False),
        ("ab", "cd", False),
        ("", "", True),
    ],
)
def test_near_is_one_slip(one, other, near):
    assert is_near(one, other) is is_near(other, one) is near


def test_day_and_month_turned_are_near():
    assert is_turned_or_near("1943-03-04", "1943-04-03")
    assert not is_turned_or_near("1943-03-14", "1944-04-03")


@given(st.text(max_size=6), st.text(max_size=6))
def test_nearness_has_no_direction(one, other):
    assert is_near(one, other) is is_near(other, one)


def test_traits_never_show_what_they_hold():
    assert "ASHDOWN" not in repr(NORMA)
    assert "9990000077" not in repr(NORMA)
