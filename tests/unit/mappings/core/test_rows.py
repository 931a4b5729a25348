"""Rows and targets refuse what cannot work when they are made; keys are composed safely."""

from itertools import product

import pytest

from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.terms.access import Category


def _target(**given):
    return Target("Goal", rows=(), category=Category.CARE_PLAN, **given)


def _scope(facts):
    return Scope(facts, Found((), facts))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "one of source"),
        ({"source": "a", "value": "b", "why": "c"}, "one of source"),
        ({"value": "b"}, "says why"),
        ({"source": ("a", "b")}, "need a function"),
        ({"source": "a..b"}, "not a path"),
    ],
)
def test_a_row_that_cannot_work_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        Row("id", "status", **given)


def test_no_two_composites_make_one_key():
    parts = ["a", "b", "a|b", "a|", "|b", "%7C", "a%7Cb", "%", "%25"]
    keys = [joined_key(*pair) for pair in product(parts, repeat=2)]
    assert len(set(keys)) == len(keys)
    assert joined_key("SP-1", "G1") == "SP-1|G1"
    assert joined_key("one|alone%") == "one|alone%"


@pytest.mark.parametrize(
    ("key", "made"),
    [
        (("plan.id", "goals[].id"), "P1|G1"),
        (("plan.id", "=baseline"), "P1|baseline"),
        (("number",), "7"),
        ((), "the person"),
        (("plan.missing",), None),
        (("plan",), None),
        (("plan.id", "goals"), None),
        (lambda scope: scope.facts["plan"]["id"], "P1"),
    ],
)
def test_a_key_is_read_from_its_scope(key, made):
    scope = _scope({"plan": {"id": "P1"}, "goals": [{"id": "G1"}], "number": 7})
    assert _target(key=key).key_of(scope, "the person") == made


def test_a_target_is_made_for_each_element_it_names():
    facts = {"needs": [{"goals": [{"id": 1}, {"id": 2}]}, {"goals": [{"id": 3}]}, {}]}
    scopes = list(_target(each="needs[].goals[]").scopes(_scope(facts)))
    assert [scope.element["id"] for scope in scopes] == [1, 2, 3]
    assert [scope.here.steps for scope in scopes][2] == ("needs", 1, "goals", 0)
    assert "goals" in scopes[0].outer.element


def test_a_target_can_be_gathered_and_chosen():
    def odd(scope):
        return scope.element % 2 == 1

    def numbers(scope):
        return [Found(("n", i), n) for i, n in enumerate(scope.facts["n"])]

    target = _target(each=numbers, when=odd)
    assert [s.element for s in target.scopes(_scope({"n": [1, 2, 3]}))] == [1, 3]


def test_a_local_reference():
    assert local_reference("Goal", "a|b") == "urn:source:Goal:a|b"
