"""The people of the synthetic borough: repeatable, nobody's, and enough of every kind."""

from datetime import date

import nhs_number
import pytest

from gateway.cli.demo import places
from gateway.cli.demo.cast import CAST, borough_of
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, check_digit, nhs_numbers
from mappings.core.shaping.identifiers import is_usable_nhs_number

BOROUGH = borough_of(1, 200)


def test_the_same_seed_gives_the_same_people():
    assert borough_of(1, 200).people == BOROUGH.people


def test_another_seed_gives_other_people_and_the_same_cast():
    other = borough_of(2, 200).people
    assert other[: len(CAST)] == CAST
    assert other != BOROUGH.people


def test_more_people_change_none_of_the_first():
    assert borough_of(1, 300).people[:200] == BOROUGH.people


def test_the_cast_is_there_however_few_are_asked_for():
    assert borough_of(1, 0).people == CAST


def test_every_nhs_number_is_valid_distinct_and_of_the_range_that_is_nobodys():
    numbers = [person.nhs_number for person in BOROUGH.people]
    assert len(set(numbers)) == len(numbers) == 200
    assert all(is_usable_nhs_number(number) for number in numbers)
    assert all(number.startswith("999") for number in numbers)


@pytest.mark.parametrize("nine", [str(nine) for nine in range(999_000_000, 999_000_040)])
def test_the_check_digit_is_the_one_the_library_takes(nine):
    taken = [digit for digit in range(10) if nhs_number.is_valid(f"{nine}{digit}")]
    given = check_digit(nine)
    assert ([] if given is None else [given]) == taken


def test_numbers_without_a_check_digit_are_passed_over():
    without = next(n for n in range(999_000_000, 999_000_100) if check_digit(str(n)) is None)
    assert next(nhs_numbers(without)).startswith(str(without + 1))


def test_norma_is_as_the_documents_tell():
    norma = BOROUGH.by_role["norma"]
    assert (norma.nhs_number, norma.born) == ("9990000077", date(1943, 3, 4))
    assert norma.town == "New Malden"
    assert {places.HOSPITAL, places.COUNCIL, places.HOME_FIRST} <= set(norma.providers)


def test_the_cast_holds_what_its_stories_need():
    cast = BOROUGH.by_role
    assert set(cast) == {"norma", "alice", "bob", "cara", "dee", "vic", "ola"}
    assert {"depression", "hiv"} <= set(cast["alice"].conditions)
    assert cast["alice"].is_known_to(places.MENTAL_HEALTH)
    assert cast["bob"].age(SEEN_ON) == 14
    assert (cast["dee"].sensitivity, cast["vic"].sensitivity) == (
        "restricted",
        "very restricted",
    )
    assert cast["ola"].opted_out


def test_every_locality_practice_and_provider_has_people():
    people = BOROUGH.people
    assert {person.locality for person in people} == set(places.LOCALITIES)
    assert {person.practice for person in people} == set(places.PRACTICES)
    assert all(BOROUGH.known_to(provider) for provider in places.PROVIDERS)


def test_young_and_old_live_in_the_borough():
    ages = [person.age() for person in BOROUGH.people]
    assert min(ages) < 18
    assert max(ages) > 85
    assert 0.25 < sum(age >= 65 for age in ages) / len(ages) < 0.55


def test_each_kind_of_wrong_data_is_planted_once():
    planted = [person.dirt for person in BOROUGH.people if person.dirt]
    assert sorted(planted) == ["birth date", "number", "status", "table key"]


def test_dice_repeat_themselves_and_differ_by_name():
    throws = [Dice("a", 1).below(1_000_000) for _ in range(2)]
    assert throws[0] == throws[1]
    assert Dice("a", 1).below(1_000_000) != Dice("a", 2).below(1_000_000)


def test_some_of_gives_different_values_in_their_own_order():
    taken = Dice("b").some_of("abcdefgh", 5)
    assert len(set(taken)) == 5
    assert list(taken) == sorted(taken)
    assert Dice("b").some_of("ab", 5) == ("a", "b")
