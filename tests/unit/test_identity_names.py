"""First names of one person fit however they are written; those of twins do not."""

import hashlib

import pytest

from gateway.identity.names import Fit, from_marks, marks_of


def _token(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _fit(one: str, other: str) -> Fit:
    called = [from_marks(marks_of([text.split()], _token)) for text in (one, other)]
    fit = called[0].fit(called[1])
    assert called[1].fit(called[0]) is fit
    return fit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robert", "BOB"),
        ("Robert James", "James"),
        ("Lizzie", "Elizabeth Anne"),
        ("Bill", "Billy"),
        ("Zoë", "ZOE"),
        ("D'Arcy", "Darcy"),
        ("Mr John", "John"),
        ("Mohammed", "Muhammad Ali"),
        ("Danny", "Daniel"),
        ("Sammy", "Samantha"),
        ("Micheal", "Michael"),
        ("Alison", "Allison"),
        ("Sean", "Shaun"),
    ],
)
def test_a_short_form_another_spelling_and_a_second_name_are_the_same(one, other):
    assert _fit(one, other) is Fit.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J Ann", "James"),
        ("Will", "William"),
        ("Phil", "Philip"),
    ],
)
def test_a_beginning_and_an_initial_beside_a_name_are_near(one, other):
    assert _fit(one, other) is Fit.NEAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Emma", "Oliver"),
        ("Ella", "Bella"),
        ("Jayden", "Hayden"),
        ("Joan", "John"),
        ("Amelia", "Emily"),
        ("James William", "Thomas William"),
        ("Mohammed Ali", "Muhammad Hassan"),
        ("Christopher", "Christine"),
        ("Aisling", "Aisline"),
        ("Jayden", "Jaylen"),
        ("Harry", "Harvey"),
        ("Carrie", "Carly"),
        ("Carol", "Carola"),
        ("Hassan", "Hussain"),
        ("Jasmin", "Yasmin"),
    ],
)
def test_names_of_twins_differ(one, other):
    assert _fit(one, other) is Fit.DIFFERS


@pytest.mark.parametrize(
    "nobody", ["", "Baby", "BABY BOY", "Unknown", "Twin 1", "-", "?", "J", "E."]
)
def test_a_name_that_anybody_may_bear_says_nothing(nobody):
    assert _fit(nobody, "Emma") is Fit.UNSAID


def test_a_former_name_fits_beside_the_one_that_is_used():
    both = from_marks(marks_of([["Jan"], ["Margaret", "Ann"]], _token))
    assert both.fit(from_marks(marks_of([["Peggy"]], _token))) is Fit.SAME
    assert both.fit(from_marks(marks_of([["Ruth"]], _token))) is Fit.DIFFERS


def test_marks_hold_no_name_and_those_of_two_numbers_nothing_in_common():
    def of_number(number: str) -> set[str]:
        marks = marks_of([["Norma", "Jean"]], lambda word: _token(f"{number} {word}"))
        assert "NORMA" not in marks.upper()
        return {marks[at : at + 8] for at in range(0, len(marks), 8)}

    assert of_number("one").isdisjoint(of_number("two"))
