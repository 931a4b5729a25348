"""Source paths find what they say; element paths put it where they say."""

from typing import Any

import pytest

from mappings.core.model.paths import (
    EVERY,
    ElementPath,
    Found,
    Scope,
    SourcePath,
    dotted,
    parse_steps,
)

FACTS: dict[str, Any] = {
    "plan": {"id": "P1", "empty": "", "none": None, "list": [], "no": False},
    "goals": [{"id": "G1", "tags": ["a", "b"]}, {"id": "G2"}, "not a goal"],
}
ROOT = Scope(FACTS, Found((), FACTS))
GOAL = ROOT.inside(Found(("goals", 0), FACTS["goals"][0]))


@pytest.mark.parametrize(
    ("text", "scope", "values"),
    [
        ("plan.id", ROOT, ["P1"]),
        ("plan.no", ROOT, [False]),
        ("plan.empty", ROOT, []),
        ("plan.none", ROOT, []),
        ("plan.list", ROOT, []),
        ("plan.id.deeper", ROOT, []),
        ("goals[].id", ROOT, ["G1", "G2"]),
        ("goals[1].id", ROOT, ["G2"]),
        ("goals[7].id", ROOT, []),
        ("plan[0]", ROOT, []),
        ("plan[]", ROOT, []),
        ("goals[].tags[]", ROOT, ["a", "b"]),
        (".", GOAL, [FACTS["goals"][0]]),
        ("id", GOAL, ["G1"]),
        ("/plan.id", GOAL, ["P1"]),
        ("../plan.id", GOAL, ["P1"]),
    ],
)
def test_a_source_path_finds(text, scope, values):
    path = SourcePath.parse(text)
    found = list(path.find(scope))
    assert [one.value for one in found] == values
    assert path.first(scope) == (found[0] if found else None)
    assert path.is_one is ("[]" not in text)


def test_found_values_know_where_they_stood():
    path = SourcePath.parse("goals[].tags[]")
    assert [one.steps for one in path.find(ROOT)] == [
        ("goals", 0, "tags", 0),
        ("goals", 0, "tags", 1),
    ]
    assert SourcePath.parse("tags[1]").first(GOAL) == Found(("goals", 0, "tags", 1), "b")


def test_a_path_out_of_the_item_is_a_mistake_of_the_rows():
    with pytest.raises(ValueError, match="leads out"):
        SourcePath.parse("../../plan").first(GOAL)


@pytest.mark.parametrize("text", ["a..b", "a[", "a[x]", "[0]"])
def test_what_is_not_a_path_is_refused_when_compiled(text):
    with pytest.raises(ValueError, match="not a path"):
        parse_steps(text)


def test_steps():
    assert parse_steps("a.b[].c[0][1]") == ("a", "b", EVERY, "c", 0, 1)
    assert parse_steps(".") == ()
    assert dotted(("needs", 0, "goals", 1, "words")) == "needs[0].goals[1].words"


@pytest.mark.parametrize(
    ("texts", "made", "shown"),
    [
        (["status"], {"status": 1}, "status"),
        (["period.start"], {"period": {"start": 1}}, "period.start"),
        (["note[+].text"], {"note": [{"text": 1}]}, "note[0].text"),
        (["note[+]", "note[+]"], {"note": [1, 1]}, "note[1]"),
        (["name[1].text"], {"name": [{}, {"text": 1}]}, "name[1].text"),
        (["a[0].b", "a[0].c"], {"a": [{"b": 1, "c": 1}]}, "a[0].c"),
        (["a[0]", "a[0]"], {"a": [1]}, "a[0]"),
    ],
)
def test_an_element_path_puts(texts, made, shown):
    resource: dict[str, Any] = {}
    paths = [ElementPath.parse(text) for text in texts]
    assert [path.put(resource, 1) for path in paths][-1] == shown
    assert resource == made
    assert paths[-1].appends is ("+" in texts[-1])


@pytest.mark.parametrize("text", ["", "a.", "a[]", "1a", "a[-1]"])
def test_what_is_not_an_element_path_is_refused_when_compiled(text):
    with pytest.raises(ValueError, match="not an element path"):
        ElementPath.parse(text)
