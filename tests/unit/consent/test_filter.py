"""The hash of a filter: the same for the same meaning, and another for another."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from consent.filter import EVERYTHING, And, Clause, Filter, Not, Or, Reduction, canonical, unique
from consent.periods import MAX_MICROS, MIN_MICROS
from consent.terms import Obligation, Reason
from tests.contract.test_filter_sql import clauses, nodes
from tests.sampling import examples
from tests.unit.consent.world import item

A, B = Clause(categories=frozenset({"a"})), Clause(categories=frozenset({"b"}))


@settings(max_examples=examples(500), deadline=None)
@given(nodes, nodes)
def test_two_conditions_have_one_text_only_where_they_are_the_same(one, two):
    if canonical(one) == canonical(two):
        assert _sorted(one) == _sorted(two)


def _sorted(node):
    """A node without the order and repetition of its parts."""
    if isinstance(node, Clause):
        return node
    if isinstance(node, Not):
        return ("not", _sorted(node.part))
    return (type(node), frozenset(_sorted(part) for part in node.parts))


@settings(max_examples=examples(200), deadline=None)
@given(clauses)
def test_every_test_of_a_clause_is_in_its_text(clause):
    for name in Clause._fields:
        if getattr(clause, name) is not None:
            assert canonical(clause._replace(**{name: None})) != canonical(clause)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (And((A, B)), Or((A, B))),
        (And((A,)), A),
        (Not(A), A),
        (Clause(confidentiality_max=1), Clause(confidentiality_max=2)),
        (Clause(confidentiality_max=1), Clause(confidentiality_min=1)),
        (Clause(categories=frozenset()), EVERYTHING),
        (Clause(categories=frozenset({"a, b"})), Clause(categories=frozenset({"a", "b"}))),
    ],
)
def test_different_conditions_have_different_texts(one, two):
    assert canonical(one) != canonical(two)


def test_order_and_repetition_are_not_in_the_hash():
    some = Filter((A, B), (And((A, B)),), ("x", "y"), (Obligation.ALERT_BREAK_GLASS,))
    assert some.hash == replace(some, grants=(B, A, B), denies=(And((B, A, A)),)).hash
    assert some.hash == replace(some, masks=("y", "x", "x")).hash


@pytest.mark.parametrize(
    "changes",
    [
        {"grants": (A,)},
        {"denies": ()},
        {"grants": (B,), "denies": (A,)},
        {"masks": ("x",)},
        {"obligations": ()},
        {"reduction": Reduction(frozenset({"safety"}), (A,), ())},
    ],
)
def test_every_part_that_changes_what_is_shown_or_owed_is_in_the_hash(changes):
    some = Filter((A, B), (B,), ("x", "y"), (Obligation.ALERT_BREAK_GLASS,))
    assert some.hash != replace(some, **changes).hash


def test_two_reductions_that_show_different_rows_whole_have_different_hashes():
    one, two = (Filter((A,), reduction=Reduction(frozenset(), (n,), ())) for n in (A, B))
    assert one.hash != two.hash


def test_reasons_and_evidence_are_not_in_the_hash():
    assert Filter((A,)).hash == Filter((A,), reasons=(Reason.ROLE,), evidence=("y",)).hash


def test_each_node_stands_once_in_its_order():
    assert unique([B, A, B]) == (B, A)


@pytest.mark.parametrize(
    ("start", "end", "contained", "overlaps"),
    [
        (0, 10, True, True),
        (2, 9, True, True),
        (5, 5, True, True),
        (0, 0, True, True),
        (-1, 5, False, True),
        (5, 11, False, True),
        (-5, 15, False, True),
        (-5, 0, False, False),
        (-5, 1, False, True),
        (10, 10, False, False),
        (10, 12, False, False),
        (9, 12, False, True),
        (MIN_MICROS, MAX_MICROS, False, True),
    ],
)
def test_a_span_is_half_open_and_what_is_undated_fails_safe(start, end, contained, overlaps):
    row = item(start=start, end=end)
    assert Clause(contained_in=(0, 10)).matches(row) is contained
    assert Clause(overlaps=(0, 10)).matches(row) is overlaps


@pytest.mark.parametrize(
    ("clause", "matches"),
    [
        (Clause(confidentiality_max=1), False),
        (Clause(confidentiality_max=2), True),
        (Clause(confidentiality_min=2), True),
        (Clause(confidentiality_min=3), False),
        (Clause(sensitivities_within=3), True),
        (Clause(sensitivities_within=1), False),
        (Clause(sensitivities_any=2), True),
        (Clause(sensitivities_any=4), False),
        (Clause(holds_any=1), True),
        (Clause(holds_any=2), False),
        (Clause(legal_any=1), True),
        (Clause(legal_any=2), False),
        (Clause(feeds=frozenset({"gp"})), True),
        (Clause(feeds=frozenset({"x"})), False),
        (Clause(resource_ids=frozenset({"plan-1"})), True),
        (Clause(resource_ids=frozenset({"x"})), False),
        (EVERYTHING, True),
        (And(()), True),
        (Or(()), False),
        (Not(EVERYTHING), False),
    ],
)
def test_each_test_of_a_clause_is_of_its_own_column(clause, matches):
    row = item("a", 2, ["PSY", "HIV"], ["NOPAT"], ["GRA"], feed="gp")
    assert clause.matches(row) is matches


def test_organisations_are_named_unless_a_mask_takes_them():
    assert Filter((A,), masks=("*.address", "*.@Location")).names_organisations
    assert not Filter((A,), masks=("*.address", "*.@Organization")).names_organisations


def test_a_filter_without_a_grant_is_nothing_and_any_deny_wins():
    row = item("a")
    assert Filter(()).is_nothing
    assert not Filter((A,)).is_nothing
    assert not Filter(()).allows(row)
    assert Filter((B, A)).allows(row)
    assert not Filter((B,)).allows(row)
    assert not Filter((A,), (B, A)).allows(row)
    refused = Filter.nothing(Reason.ROLE, obligations=(Obligation.ALERT_BREAK_GLASS,))
    assert refused == Filter(
        (), reasons=(Reason.ROLE,), obligations=(Obligation.ALERT_BREAK_GLASS,)
    )
