"""What the walk-through prints: the documented JSON, and a text that names nobody."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from gateway.cli.demo.findings import (
    Findings,
    Integrity,
    Look,
    Origin,
    View,
    counted,
    without_numbers,
)
from gateway.cli.demo.report import show, show_onward

ANSWER = {
    "items": {"taken": 3, "quarantined": 1},
    "issues": [
        {"severity": "error", "item": 2, "path": "goals[1].state", "code": "unmapped-code"},
        {"severity": "error", "item": 3, "path": "goals[4].state", "code": "unmapped-code"},
    ],
}
ROOT = "ab" * 32


@pytest.fixture
def found():
    made = Findings(
        people=20,
        views=[
            View(
                "gp",
                {"Goal": 3, "Patient": 1},
                "General practitioner: of the shelves finance: nothing",
            ),
            View("home-care", {"Goal": 2}, "Home-care worker: of the shelves problems: nothing"),
        ],
        before=12,
        after=9,
        refused_status=404,
        refused_like_missing=True,
        refused_words="Not here. In an emergency ring 020 7946 0999",
        goal="I want to walk.",
        lineage=[
            Origin("description.text", "goals[0].words", "goal.words", "d1"),
            Origin("intent", "", "goal.intent", "d1"),
        ],
        looks=[
            Look("2026-11-16T09:00:00Z", "read", "gp-h85901", "gp", "H85901", "served"),
            Look("2026-11-16T08:00:00Z", "read", "stranger", "hospital-doctor", "RZZ", "refused"),
        ],
        looks_of_one=1,
        integrity=Integrity(120, ROOT, verified=True),
    )
    made.count("gp", ANSWER)
    return made


def test_the_json_is_the_documented_one(found):
    assert found.as_json() == {
        "people": 20,
        "feeds": {"gp": {"taken": 3, "quarantined": 1}},
        "views": [
            {
                "role": "gp",
                "total": 4,
                "by_type": {"Goal": 3, "Patient": 1},
                "why_less": "General practitioner: of the shelves finance: nothing",
            },
            {
                "role": "home-care",
                "total": 2,
                "by_type": {"Goal": 2},
                "why_less": "Home-care worker: of the shelves problems: nothing",
            },
        ],
        "dissent": {"before": 12, "after": 9},
        "refused": {"status": 404},
        "lineage": [
            {
                "path": "description.text",
                "source_field": "goals[0].words",
                "rule": "goal.words",
                "delivery": "d1",
            },
            {"path": "intent", "source_field": "", "rule": "goal.intent", "delivery": "d1"},
        ],
        "audit": {"size": 120, "root": ROOT, "verified": True},
    }


def test_like_issues_count_together(found):
    assert found.feeds["gp"].issues == {("error", "unmapped-code", "goals.state"): 2}


def test_a_walk_that_showed_everything_has_no_faults(found):
    assert found.faults == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"views": []}, "shown to nobody"),
        ({"after": 12}, "dissent changed nothing"),
        ({"refused_status": 200}, "stranger was not refused"),
        ({"refused_like_missing": False}, "told from a missing person"),
        ({"refused_words": "Not here"}, "whom to ring"),
        ({"lineage": [Origin("intent", "", "goal.intent", "d1")]}, "has a source"),
        ({"looks": []}, "audit trail"),
        ({"looks_of_one": 2}, "one organisation sees every look"),
        ({"integrity": Integrity(120, ROOT, verified=False)}, "not as it was written"),
    ],
)
def test_what_was_not_shown_is_a_fault(found, change, said):
    faults = replace(found, **change).faults
    assert any(said in fault for fault in faults)


def test_roles_that_are_shown_the_same_are_a_fault(found):
    same = replace(found, views=[found.views[0], found.views[0]])
    assert any("the same" in fault for fault in same.faults)


def test_counts_come_most_first():
    types = ("Goal", "Flag", "Goal", "CarePlan")
    assert list(counted([{"resourceType": name} for name in types]).items()) == [
        ("Goal", 2),
        ("CarePlan", 1),
        ("Flag", 1),
    ]


@pytest.mark.parametrize(
    ("path", "bare"),
    [
        ("goals[0].reviews[12].on", "goals.reviews.on"),
        ("PRB[1]-3.2", "PRB-3.2"),
        ("MHS008.CarePlanID", "MHS008.CarePlanID"),
        ("", ""),
    ],
)
def test_paths_without_their_numbers(path, bare):
    assert without_numbers(path) == bare


def text_of(write):
    file = io.StringIO()
    write(Console(file=file, highlight=False, width=100))
    return file.getvalue()


def test_the_text_tells_the_whole_story_plainly(found):
    text = text_of(lambda console: show(console, found))
    assert "\x1b" not in text
    for part in ("20 people", "unmapped-code at goals.state (2)", "12 resources", "404"):
        assert part in text
    for part in ("goals[0].words", "stranger", "refused", ROOT[:16], "verified from the first"):
        assert part in text
    assert "of the shelves problems: nothing" in text
    assert "support-plan is shown to whoever sees that shelf" in " ".join(text.split())


def test_a_log_that_was_changed_is_not_called_verified(found):
    changed = replace(found, integrity=Integrity(120, ROOT, verified=False))
    text = text_of(lambda console: show(console, changed))
    assert "NOT AS WRITTEN" in text
    assert "verified from" not in text


def test_the_way_onward_can_be_pasted():
    text = text_of(
        lambda console: show_onward(console, "http://127.0.0.1:9", "keys.json", "H85901")
    )
    assert "care-gateway dev token --as gp --user gp-h85901 --org H85901" in text
    assert "GATEWAY_KEY_FILE=keys.json GATEWAY_BASE_URL=http://127.0.0.1:9" in text
