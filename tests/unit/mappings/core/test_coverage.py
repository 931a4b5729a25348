"""A field is covered by the row that reads it, wherever the row stands, or by a reason."""

import pytest

from mappings.core.applying.coverage import covered_paths, uncovered
from mappings.core.model.outcome import PersonClaim
from mappings.core.model.paths import EVERY
from mappings.core.model.rows import Kind, Row, Target
from mappings.terms.access import Category


def gathered(_):
    return ()


def _kind(*targets, ignored=None, reads=()):
    return Kind(
        "k",
        "K",
        targets=targets,
        ignored=ignored or {},
        person=lambda _: PersonClaim("1"),
        named_at="person.id",
        time=lambda _: "",
        reads=reads,
    )


def _target(*rows, **given):
    return Target("Goal", rows=rows, category=Category.CARE_PLAN, **given)


NESTED = Row("n", "target[+]", "aims[]", rows=(Row("m", "dueDate", "due"), Row("o", "x", "../id")))
GATHERED = Row(
    "h", "note[+]", gather=gathered, reads=("notes[]",), rows=(Row("t", "text", "words"),)
)


def test_paths_are_told_from_the_root():
    kind = _kind(
        _target(NESTED, Row("r", "startDate", "/when"), each="goals[]", key=("id", "=x", "/plan")),
        _target(GATHERED, each=gathered, key=gathered, reads=("made",)),
        _target(Row("q", "description", "."), each="a.b"),
        ignored={"cost": "not shared with anyone"},
        reads=("who",),
    )
    assert covered_paths(kind) >= {
        ("goals", EVERY, "aims", EVERY, "due"),
        ("goals", EVERY, "id"),
        ("when",),
        ("plan",),
        ("notes", EVERY),
        ("made",),
        ("a", "b"),
        ("cost",),
        ("who",),
    }


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"plan": 1, "cost": {"any": ["thing"]}}, []),
        ({"goals": [{"aims": [{"due": 1}]}]}, []),
        (
            {"goals": [{"odd": 1}, {"odd": 2}, {"other": 3}]},
            [("goals", 0, "odd"), ("goals", 2, "other")],
        ),
        ({"goals": [{"aims": [{"odd": 1}]}]}, [("goals", 0, "aims", 0, "odd")]),
        ({"goals": "none"}, [("goals",)]),
        ({"goals": [["deep"]]}, [("goals", 0, 0)]),
        ({"odd": None, "empty": "", "list": [], "map": {}, "goals": ""}, []),
        ({"odd": {"a": {"b": 1}}}, [("odd",)]),
    ],
)  # fmt: skip
def test_what_nobody_reads_is_named_once_and_at_its_top(facts, left):
    kind = _kind(
        _target(NESTED, each="goals[]", key=("/plan", "id")),
        ignored={"cost": "not shared with anyone"},
    )
    assert list(uncovered(kind, facts)) == left
