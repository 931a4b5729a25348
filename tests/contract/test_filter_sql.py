"""One filter, three answers: the predicate, the SQL on a real engine, and a plain reference."""

import re
import sqlite3
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.filter import EVERYTHING, And, Clause, Filter, Not, Or
from consent.periods import MAX_MICROS, MIN_MICROS
from consent.terms import Labels, Reason
from gateway.store.clear.filter_sql import COLUMNS, where
from gateway.store.record.reads import Group
from gateway.store.record.statement import Statement
from tests.sampling import examples

WORDS = ("a", "b", "c'; --")
EDGES = (MIN_MICROS, -5, 0, 1, 5, 9, MAX_MICROS)
FIELD = {"starts": "start", "ends": "end"}
MASKS = (0, 1, 2, 3, 6, 1 << 61, 1 << 62)

words = st.sampled_from(WORDS)
some_words = st.none() | st.frozensets(words, max_size=2)
level = st.none() | st.integers(0, 3)
mask = st.none() | st.sampled_from(MASKS)
span = st.none() | st.tuples(st.sampled_from(EDGES), st.sampled_from(EDGES))


def clause(**tests) -> Clause:
    """A function, as all fields of a tuple would be drawn, those that nobody names too."""
    return Clause(**tests)


clauses = st.builds(
    clause,
    categories=some_words,
    resource_types=some_words,
    resource_ids=some_words,
    source_orgs=some_words,
    authors=some_words,
    feeds=some_words,
    confidentiality_max=level,
    confidentiality_min=level,
    sensitivities_within=mask,
    sensitivities_any=mask,
    holds_any=mask,
    legal_any=mask,
    overlaps=span,
    contained_in=span,
)
sparse = st.one_of(
    st.builds(clause, categories=some_words),
    st.builds(clause, confidentiality_max=level, sensitivities_within=mask),
    st.builds(clause, sensitivities_any=mask),
    st.builds(clause, holds_any=mask, authors=some_words),
    st.builds(clause, overlaps=span),
    st.builds(clause, contained_in=span),
    clauses,
)


def _branches(children):
    few = st.lists(children, max_size=3).map(tuple)
    return st.builds(And, few) | st.builds(Or, few) | st.builds(Not, children)


nodes = st.recursive(sparse, _branches, max_leaves=6)
filters = st.builds(
    Filter,
    grants=st.lists(nodes, max_size=3).map(tuple),
    denies=st.lists(nodes, max_size=3).map(tuple),
)
rows = st.builds(
    Labels,
    category=words,
    confidentiality=st.integers(0, 3),
    sensitivities=st.sampled_from(MASKS),
    holds=st.sampled_from(MASKS),
    legal=st.sampled_from(MASKS),
    source_org=words,
    author=words,
    start=st.sampled_from(EDGES),
    end=st.sampled_from(EDGES),
    resource_type=words,
    resource_id=words,
    feed=words,
)


def reference(node, row) -> bool:
    """What a node means, said again from the definition and bit by bit."""
    if isinstance(node, Not):
        return not reference(node.part, row)
    if isinstance(node, And):
        return False not in [reference(part, row) for part in node.parts]
    if isinstance(node, Or):
        return True in [reference(part, row) for part in node.parts]
    wanted = [
        (node.categories, row.category),
        (node.resource_types, row.resource_type),
        (node.resource_ids, row.resource_id),
        (node.source_orgs, row.source_org),
        (node.authors, row.author),
        (node.feeds, row.feed),
    ]
    if any(allowed is not None and value not in list(allowed) for allowed, value in wanted):
        return False
    if node.confidentiality_max is not None and row.confidentiality > node.confidentiality_max:
        return False
    if node.confidentiality_min is not None and row.confidentiality < node.confidentiality_min:
        return False
    return _bits_hold(node, row) and _dates_hold(node, row)


def _bits(number) -> set[int]:
    return {bit for bit in range(63) if number >> bit & 1}


def _bits_hold(node, row) -> bool:
    within = node.sensitivities_within
    if within is not None and _bits(row.sensitivities) - _bits(within):
        return False
    return all(
        asked is None or _bits(held) & _bits(asked)
        for asked, held in (
            (node.sensitivities_any, row.sensitivities),
            (node.holds_any, row.holds),
            (node.legal_any, row.legal),
        )
    )


def _dates_hold(node, row) -> bool:
    if node.overlaps is not None:
        start, end = node.overlaps
        apart = row.start >= end or (row.end <= start and row.start < start)
        if apart:
            return False
    if node.contained_in is None:
        return True
    start, end = node.contained_in
    return not (row.start < start or row.start >= end or row.end > end)


@pytest.fixture(scope="module")
def database():
    connection = sqlite3.connect(":memory:")
    columns = ", ".join(f"{name} NOT NULL" for name in COLUMNS)
    connection.execute(f"CREATE TABLE item (n INTEGER, {columns})")
    connection.execute(f"CREATE TABLE owned (n INTEGER, patient_id TEXT, {columns})")
    yield connection
    connection.close()


def selected(database, filter_, held, first=1) -> list[int]:
    values = [
        (n, *(getattr(row, FIELD.get(name, name)) for name in COLUMNS))
        for n, row in enumerate(held)
    ]
    text, parameters = where(filter_, "t", first)
    for number in range(len(parameters), 0, -1):
        text = text.replace(f"${number + first - 1}", f"?{number + first - 1}")
    database.execute("DELETE FROM item")
    database.executemany(f"INSERT INTO item VALUES ({', '.join('?' * (len(COLUMNS) + 1))})", values)  # noqa: S608
    before = "".join(f"?{number} = 0 AND " for number in range(1, first))
    query = f"SELECT n FROM item t WHERE {before}{text} ORDER BY n"  # noqa: S608
    return [n for (n,) in database.execute(query, [*[0] * (first - 1), *parameters])]


@settings(max_examples=examples(200), deadline=None)
@given(filter_=filters, held=st.lists(rows, min_size=1, max_size=8), first=st.sampled_from([1, 4]))
def test_s67_predicate_sql_and_reference_agree(database, filter_, held, first):
    by_predicate = [n for n, row in enumerate(held) if filter_.allows(row)]
    by_reference = [
        n
        for n, row in enumerate(held)
        if reference(Or(filter_.grants), row) and not reference(Or(filter_.denies), row)
    ]
    assert by_predicate == by_reference
    assert selected(database, filter_, held, first) == by_predicate


@pytest.mark.parametrize(
    "asked", [lambda span: Clause(overlaps=span), lambda span: Clause(contained_in=span)]
)
def test_every_edge_of_a_period_is_the_same_in_every_form(database, asked):
    """Each span beside each row: a period that ends too late is drawn too seldom by chance."""
    held = [
        Labels("a", 0, 0, 0, 0, "o", "", start, end, "Goal", "1")
        for start, end in product(EDGES, repeat=2)
    ]
    for one in product(EDGES, repeat=2):
        wanted = asked(one)
        shown = [n for n, row in enumerate(held) if wanted.matches(row)]
        assert shown == [n for n, row in enumerate(held) if reference(wanted, row)]
        assert selected(database, Filter((wanted,)), held) == shown


def test_the_filter_that_shows_nothing_selects_nothing(database):
    row = Labels("a", 0, 0, 0, 0, "o", "", 0, 1, "Goal", "1")
    nothing = Filter.nothing(Reason.RELATIONSHIP)
    assert selected(database, nothing, [row]) == []
    assert where(nothing, "t", 7) == ("((1 = 0))", ())
    assert selected(database, Filter((EVERYTHING,)), [row]) == [0]


def test_values_are_parameters_and_numbers_follow_on():
    text, parameters = where(Filter((Clause(authors=frozenset({"x'", "y"})),)), "row", 5)
    assert text == "(((row.author IN ($5, $6))))"
    assert parameters == ("x'", "y")


def test_an_alias_is_an_identifier_or_refused():
    with pytest.raises(ValueError, match="identifier"):
        where(Filter(()), "t; DROP TABLE item", 1)


_SEVERAL = st.lists(st.tuples(st.integers(1, 2), filters), min_size=1, max_size=4)


@settings(max_examples=examples(200), deadline=None)
@given(several=_SEVERAL, shared=filters, held=st.lists(rows, min_size=1, max_size=8))
def test_each_of_several_peoples_rows_is_asked_their_own_filter(database, several, shared, held):
    """However much their Filters have in common: grants, some of the denies, some of them twice."""
    alike = [
        (count, Filter(shared.grants, (*shared.denies, *one.denies * 2))) for count, one in several
    ]
    groups, number = [], 0
    for count, one in (*several, *alike):
        groups.append(Group(tuple(str(number + n) for n in range(count)), one))
        number += count
    of = [(owner, group.allowed) for group in groups for owner in group.patient_ids]
    owned = [(owner, allowed, row) for owner, allowed in of for row in held]
    assert _passing(database, groups, owned) == [
        n for n, (_, allowed, row) in enumerate(owned) if allowed.allows(row)
    ]


def _passing(database, groups, owned) -> list[int]:
    database.execute("DELETE FROM owned")
    database.executemany(
        f"INSERT INTO owned VALUES ({', '.join('?' * (len(COLUMNS) + 2))})",  # noqa: S608
        [
            (n, owner, *(getattr(row, FIELD.get(name, name)) for name in COLUMNS))
            for n, (owner, _, row) in enumerate(owned)
        ],
    )
    to = Statement(groups)
    text = f"{to.people_named}SELECT n FROM owned r1 WHERE {to.allowed('r1')} ORDER BY n"  # noqa: S608
    return [n for (n,) in database.execute(re.sub(r"\$(\d+)", r"?\1", text), to.args)]
