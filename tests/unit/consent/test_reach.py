"""What is written of a Filter's denies: the same of what is granted, in fewer words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.filter import EVERYTHING, And, Clause, Not, Or
from consent.reach import reaching
from tests.contract.test_filter_sql import filters, rows
from tests.sampling import examples

A, B, C = (frozenset({letter}) for letter in "abc")
SPAN = (0, 9)


@settings(max_examples=examples(500), deadline=None)
@given(filters, st.lists(rows, max_size=8))
def test_of_what_is_granted_the_same_is_stopped(filter_, held):
    kept = Or(reaching(filter_.denies, filter_.grants))
    granted = [row for row in held if Or(filter_.grants).matches(row)]
    stopped = [Or(filter_.denies).matches(row) for row in granted]
    assert [kept.matches(row) for row in granted] == stopped


@pytest.mark.parametrize(
    ("deny", "grant"),
    [
        (Clause(categories=A), Clause(categories=B)),
        (Clause(resource_types=A), Clause(resource_types=B)),
        (Clause(resource_ids=A), Clause(resource_ids=B)),
        (Clause(source_orgs=A), Clause(source_orgs=B)),
        (Clause(feeds=A), Clause(feeds=B)),
        (Clause(authors=A), Clause(authors=B)),
        (Clause(confidentiality_min=3), Clause(confidentiality_max=2)),
        (Clause(sensitivities_any=6), Clause(sensitivities_within=9)),
        (Clause(categories=A), And((Clause(categories=B), EVERYTHING))),
        (Clause(categories=A), Or((Clause(categories=B), Clause(categories=C)))),
        (And((Clause(categories=A), Not(Clause(authors=C)))), Clause(categories=B)),
        (And((EVERYTHING, Clause(categories=A))), Clause(categories=B)),
        (And((Clause(categories=A), Clause(categories=B))), EVERYTHING),
        (Or((Clause(categories=A), Clause(authors=C))), Clause(categories=B, authors=A)),
    ],
)
def test_what_is_said_of_other_rows_alone_is_left_out(deny, grant):
    assert reaching((deny,), (grant,)) == ()


@pytest.mark.parametrize(
    ("deny", "grant"),
    [
        (Clause(categories=A), Clause(categories=A | B)),
        (Clause(categories=A), Clause(authors=B)),
        (Clause(confidentiality_min=2), Clause(confidentiality_max=2)),
        (Clause(confidentiality_min=3), EVERYTHING),
        (Clause(sensitivities_any=6), Clause(sensitivities_within=10)),
        (Clause(categories=A), Or((Clause(categories=B), Clause(categories=A)))),
        (Clause(categories=A), Not(Clause(categories=A))),
        (Not(Clause(categories=A)), EVERYTHING),
        (And(()), Clause(categories=A)),
    ],
)
def test_what_may_be_said_of_a_granted_row_is_kept(deny, grant):
    assert reaching((deny,), (grant,)) == (deny,)


def test_one_grant_that_it_meets_is_enough():
    deny = Clause(categories=A)
    assert reaching((deny,), (Clause(categories=B), Clause(categories=A))) == (deny,)


def test_a_permit_that_takes_nothing_back_is_left_out():
    hidden, elsewhere = Clause(categories=A), Clause(categories=B)
    assert reaching((And((hidden, Not(elsewhere))),), (EVERYTHING,)) == (hidden,)
    assert reaching((Not(elsewhere),), (hidden,)) == (EVERYTHING,)
    some = And((hidden, Not(Or((elsewhere, Clause(authors=C))))))
    assert reaching((some,), (EVERYTHING,)) == (And((hidden, Not(Clause(authors=C)))),)


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        (Clause(categories=A), Clause(categories=B), Clause(categories=A | B)),
        (Clause(authors=A), Clause(authors=B), Clause(authors=A | B)),
        (Clause(resource_ids=A), Clause(resource_ids=B), Clause(resource_ids=A | B)),
        (Clause(sensitivities_any=1), Clause(sensitivities_any=4), Clause(sensitivities_any=5)),
        (
            Clause(categories=A, overlaps=SPAN),
            Clause(categories=B, overlaps=SPAN),
            Clause(categories=A | B, overlaps=SPAN),
        ),
    ],
)
def test_what_differs_in_one_set_alone_is_said_once(one, two, both):
    assert reaching((one, two), (EVERYTHING,)) == (both,)
    assert reaching((Or((one, two)),), (EVERYTHING,)) == (both,)


def test_what_is_said_twice_is_said_once():
    others = Not(Clause(source_orgs=C))
    assert reaching((others, others, And((others, EVERYTHING))), (EVERYTHING,)) == (others,)


def test_what_differs_in_more_is_said_apart():
    said = (
        Clause(categories=A, authors=B),
        Clause(categories=B, authors=A),
        Clause(categories=C),
        EVERYTHING,
    )
    assert set(reaching(said, (EVERYTHING,))) == set(said)


def test_who_sent_a_row_is_asked_once_and_first():
    dated = Clause(source_orgs=A, overlaps=SPAN)
    sparing = And((Clause(source_orgs=A, categories=B), Not(Clause(authors=C))))
    others = Not(Clause(source_orgs=C))
    assert reaching((dated, sparing, others), (EVERYTHING,)) == (
        others,
        And((
            Clause(source_orgs=A),
            Or((Clause(overlaps=SPAN), And((Clause(categories=B), Not(Clause(authors=C)))))),
        )),
    )  # fmt: skip
    assert reaching((dated,), (EVERYTHING,)) == (dated,)
