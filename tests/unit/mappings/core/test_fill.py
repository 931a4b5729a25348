"""Rows as functions: each puts what it names, says what it cannot put, and shares nothing."""

import pytest

from mappings.core.applying.fill import fill, fillers
from mappings.core.applying.finding import Filling
from mappings.core.model import dates
from mappings.core.model.codes import CodeTable
from mappings.core.model.paths import Found, Scope, dotted
from mappings.core.model.rows import Row

SORT = CodeTable("test", {"walk": "w"}, required=True)


def joined(*words):
    return "-".join(str(word) for word in words)


def one_of_parts(scope):
    yield Found((*scope.here.steps, "parts", 0), scope.element["parts"][0])


def _filled(facts, *rows, within=None):
    filling = Filling(dotted, lambda name, scope: [(scope.here, {"display": name})], [], {}, [])
    root = Scope(facts, Found((), facts))
    fill(fillers(rows), filling, root.inside(within) if within else root)
    issues = [(issue.path, issue.code) for issue in filling.issues]
    return filling.resource, [tuple(line) for line in filling.lineage], issues


@pytest.mark.parametrize(
    ("row", "facts", "made"),
    [
        (Row("r", "x", "a.b"), {"a": {"b": 0}}, {"x": 0}),
        (Row("r", "x", "a.b"), {"a": ["b"]}, {}),
        (Row("r", "x", "a"), {"a": ""}, {}),
        (Row("r", "x", "a[1]"), {"a": [1, 2]}, {"x": 2}),
        (Row("r", "x", "a[1]"), {"a": [1]}, {}),
        (Row("r", "x", "a[]"), {"a": [1, 2]}, {"x": 1}),
        (Row("r", "x[+]", "a[]"), {"a": [1, None, 2]}, {"x": [1, 2]}),
        (Row("r", "x[+].y[0]", "a[].b"), {"a": [{"b": 1}, {}]}, {"x": [{"y": [1]}]}),
        (Row("r", "x[1].y", "a"), {"a": 1}, {"x": [{}, {"y": 1}]}),
        (Row("r", "x", ("a", "b"), fn=joined), {"b": 2}, {"x": "None-2"}),
        (Row("r", "x", ("a", "b.c"), fn=joined), {"b": {"d": 1}}, {}),
        (Row("r", "x", ("a", "b"), fn=dates.fhir_date), {"a": "2026-01-02"}, {}),
        (Row("r", "x", "a", fn=lambda _: None), {"a": 1}, {}),
        (Row("r", "x", value={"y": [1]}, why="test"), {}, {"x": {"y": [1]}}),
        (Row("r", "x", "."), {"a": 1}, {"x": {"a": 1}}),
        (Row("r", "x", gather=one_of_parts), {"parts": [7]}, {"x": 7}),
        (Row("r", "x[+]", refers_to="Goal"), {}, {"x": [{"display": "Goal"}]}),
    ],
)
def test_a_row_puts_what_it_names(row, facts, made):
    assert _filled(facts, row)[0] == made


@pytest.mark.parametrize(
    ("row", "facts", "said"),
    [
        (Row("r", "x", "a", must=True), {}, ("a", "missing")),
        (Row("r", "x", "a.b", must=True), {"a": 1}, ("a.b", "missing")),
        (Row("r", "x", "a", fn=dates.fhir_date), {"a": "soon"}, ("a", "invalid-date")),
        (Row("r", "x", "a", fn=dates.fhir_date), {"a": 5}, ("a", "wrong-type")),
        (Row("r", "x", "a", table=SORT), {"a": {"b": 1}}, ("a", "wrong-type")),
        (Row("r", "x", "a", table=SORT), {"a": "run"}, ("a", "unmapped-code")),
        (Row("r", "x", gather=one_of_parts), {"parts": 7}, ("", "wrong-type")),
    ],
)
def test_what_a_row_cannot_put_is_said_once(row, facts, said):
    resource, lineage, issues = _filled(facts, row)
    assert (resource, lineage) == ({}, [])
    assert issues == [said]


def test_an_element_that_is_no_object_has_no_fields():
    rows = (Row("r", "x", "a"), Row("s", "y", "../b"), Row("t", "z", "/b"))
    within = Found(("list", 0), "text")
    assert _filled({"list": ["text"], "b": 1}, *rows, within=within)[0] == {"y": 1, "z": 1}


def test_nested_rows_make_an_element_for_each_value_and_none_for_an_empty_one():
    inner = (Row("i.a", "p", "a"), Row("i.b", "q", "../b"))
    facts = {"b": 9, "list": [{"a": 1}, {"a": 2}]}
    resource, lineage, _ = _filled(facts, Row("r", "x[+]", "list[]", rows=inner))
    assert resource == {"x": [{"p": 1, "q": 9}, {"p": 2, "q": 9}]}
    assert lineage[2:] == [("x[1].p", "list[1].a", "i.a"), ("x[1].q", "b", "i.b")]
    first = Row("r", "x", "list[]", rows=inner[:1])
    assert _filled({"list": [{"c": 1}, {"a": 2}, {"a": 3}]}, first)[0] == {"x": {"p": 2}}


def test_lineage_names_the_place_in_the_senders_words():
    _, lineage, _ = _filled(
        {"a": [{"b": 1}], "c": 2},
        Row("one", "x[+]", "a[].b"),
        Row("two", "y.z", ("d", "c"), fn=joined),
        Row("three", "w", value=1, why="test"),
    )
    assert lineage == [("x[0]", "a[0].b", "one"), ("y.z", "c", "two"), ("w", "", "three")]


def test_what_is_put_shares_nothing():
    facts = {"a": {"b": [1]}}
    constant = {"c": [1]}
    rows = fillers((Row("r", "x", "a"), Row("s", "y", value=constant, why="test")))
    made = []
    for _ in range(2):
        filling = Filling(dotted, lambda name, scope: [], [], {}, [])
        fill(rows, filling, Scope(facts, Found((), facts)))
        made.append(filling.resource)
    made[0]["x"]["b"].append(2)
    made[0]["y"]["c"].append(2)
    assert made[1] == {"x": {"b": [1]}, "y": {"c": [1]}}
    assert (facts, constant) == ({"a": {"b": [1]}}, {"c": [1]})
