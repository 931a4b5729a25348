"""A version is of what a resource says itself; its links come and go, each line with its source."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.store.clear.columns import links
from gateway.store.record.fold import Origin, State, own_bytes, relinked
from gateway.store.record.lineage_union import Lines

GOLDEN: Final = Path(__file__).resolve().parents[2] / "golden"
FIRST, SECOND = (Origin(name, f"d-{name}", 1, "plan", "m", at) for at, name in enumerate("ab"))


def _ref(name: str, **more: Any) -> dict[str, Any]:
    return {"reference": f"Goal/{name}", **more}


def _state(
    body: dict[str, Any], origin: Origin = FIRST, lines: dict[str, str] | None = None
) -> State:
    """Lines are path -> source field."""
    whole = {"resourceType": "CarePlan", "meta": {"security": []}, **body}
    said: Lines = {path: (source, "rule", 0) for path, source in (lines or {}).items()}
    return State("CarePlan", "p", whole, said, [origin], ("", ""))


def _said(state: State) -> dict[str, tuple[str, str]]:
    return {
        path: (source, state.origins[place].item_id)
        for path, (source, _, place) in state.lineage.items()
    }


@pytest.mark.parametrize(
    ("body", "linked"),
    [
        ({"title": "x"}, {"title": "x", "goal": [_ref("a"), _ref("b")]}),
        (
            {"title": "x", "activity": [{"detail": {"status": "completed"}}]},
            {
                "title": "x",
                "activity": [
                    {"reference": {"reference": "Task/1"}},
                    {"detail": {"status": "completed", "goal": [_ref("a")]}},
                ],
            },
        ),
        (
            {"diagnosis": [{"rank": 1}]},
            {"diagnosis": [{"condition": {"reference": "Condition/1"}, "rank": 2}, {"rank": 1}]},
        ),
    ],
)
def test_what_is_linked_is_no_part_of_a_version(body, linked):
    assert own_bytes(_state(body)) == own_bytes(_state(linked))


@pytest.mark.parametrize(
    "other",
    [
        {"title": "y", "goal": [_ref("a")]},
        {"title": "x", "note": [{"text": "new"}], "goal": [_ref("a")]},
        {"title": "x", "goal": [_ref("a"), {"display": "words of the plan's own"}]},
        {"title": "x", "subject": {"reference": "Patient/other"}, "goal": [_ref("a")]},
        {"title": "x", "meta": {"security": [{"code": "R"}]}, "goal": [_ref("a")]},
    ],
)
def test_what_a_resource_says_itself_is(other):
    assert own_bytes(_state(other)) != own_bytes(_state({"title": "x", "goal": [_ref("a")]}))


def test_each_element_keeps_the_item_that_said_it_wherever_it_stands_now():
    before = _state(
        {"title": "x", "goal": [_ref("a"), _ref("b")]},
        lines={"title": "plan.title", "goal[0]": "goals[0].id", "goal[1]": "goals[1].id"},
    )
    after = _state(
        {"goal": [_ref("new"), _ref("b"), _ref("a", display="renamed")], "title": "x"},
        SECOND,
        {"title": "plan.name"} | {f"goal[{n}]": f"goals[{n}].id" for n in range(3)},
    )
    made = relinked(before, after)
    assert _said(made) == {
        "title": ("plan.title", "a"),
        "goal[1]": ("goals[1].id", "a"),
        "goal[0]": ("goals[0].id", "b"),
        "goal[2]": ("goals[2].id", "b"),
    }
    assert list(made.body) == list(before.body)
    assert made.body == after.body


def test_an_element_beside_a_link_that_came_before_it_keeps_its_line():
    step = {"detail": {"status": "completed"}}
    before = _state({"activity": [step]}, lines={"activity[0].detail.status": "steps[0].state"})
    after = _state(
        {"activity": [{"reference": {"reference": "Task/1"}}, step]},
        SECOND,
        {"activity[0].reference": "steps[0].id", "activity[1].detail.status": "steps[1].state"},
    )
    assert _said(relinked(before, after)) == {
        "activity[0].reference": ("steps[0].id", "b"),
        "activity[1].detail.status": ("steps[0].state", "a"),
    }


def test_a_link_that_is_gone_takes_its_line_and_its_item_with_it():
    lines = {"title": "plan.title", "goal[0]": "goals[0]"}
    between = _state({"title": "x", "goal": [_ref("a")]}, SECOND, lines)
    linked = relinked(_state({"title": "x"}, FIRST, {"title": "plan.title"}), between)
    assert linked.origins == [FIRST, SECOND]
    made = relinked(linked, _state({"title": "x"}, SECOND, {"title": "plan.title"}))
    assert _said(made) == {"title": ("plan.title", "a")}
    assert made.origins == [FIRST]


def _golden() -> list[dict[str, Any]]:
    files = sorted(GOLDEN.glob("*/*/expected.json"))
    items = [item for file in files for item in json.loads(file.read_text())["items"]]
    return [resource for item in items for resource in item["resources"]]


def test_every_line_of_every_golden_resource_is_found_again():
    """The same said once more: each line stays, with the item that said it first."""
    compared = 0
    for golden in _golden():
        body = json.loads(json.dumps(golden["resource"]).replace("urn:source:", "Local/"))
        lines = {line.partition(" <- ")[0]: line for line in golden["lineage"]}
        if links(body):
            compared += 1
            made = relinked(_state(body, FIRST, lines), _state(body, SECOND, lines))
            assert _said(made) == {path: (line, "a") for path, line in lines.items()}
    assert compared > 100
