"""A refused resource leaves nothing behind that refers to it."""

from typing import Any

from mappings.core.outcome import Fold, Lineage, Mapped
from mappings.core.refused import without_refused

SUBJECT = {"reference": "urn:source:Patient:p"}


def _plan(**more):
    resource = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": dict(SUBJECT),
    }
    return resource | more


def _made(kind, key, resource, *lineage):
    lines = tuple(Lineage(path, source, "row") for path, source in lineage)
    return Mapped(kind, key, resource, lines, Fold.REPLACE)


def test_references_to_what_was_refused_go_and_lineage_follows():
    goals = [{"reference": f"urn:source:Goal:{key}"} for key in "abc"]
    plan = _made(
        "CarePlan",
        "1",
        _plan(goal=goals),
        ("goal[0]", "g[0]"),
        ("goal[1]", "g[1]"),
        ("goal[2]", "g[2]"),
    )
    issues: list[Any] = []
    (left,) = without_refused([plan], {"urn:source:Goal:b"}, issues)
    assert [one["reference"][-1] for one in left.resource["goal"]] == ["a", "c"]
    assert [(line.path, line.source) for line in left.lineage] == [
        ("goal[0]", "g[0]"),
        ("goal[1]", "g[2]"),
    ]
    assert [(str(i.severity), i.path, i.code) for i in issues] == [
        ("warning", "g[1]", "refused-target")
    ]
    assert len(plan.resource["goal"]) == 3


def test_what_is_not_whole_without_it_is_refused_in_its_turn():
    target = {"reference": "urn:source:CarePlan:1"}
    record = {
        "resourceType": "Provenance",
        "target": [target],
        "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"who": {"display": "somebody"}}],
    }
    other = _plan(basedOn=[{"reference": "urn:source:CarePlan:1"}])
    issues: list[Any] = []
    made = [_made("Provenance", "2", record), _made("CarePlan", "3", other)]
    (left,) = without_refused(made, {"urn:source:CarePlan:1"}, issues)
    assert left.key == "3"
    assert "basedOn" not in left.resource
    assert [str(i.severity) for i in issues] == ["warning", "error", "warning"]


def test_an_entry_that_is_nothing_without_it_leaves_and_the_list_stays():
    """A consultation is not lost with one prescription that cannot be read."""
    items = [{"item": {"reference": f"urn:source:Observation:{key}"}} for key in "abc"]
    held = {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "subject": dict(SUBJECT),
        "entry": items,
    }
    listed = _made("List", "1", held, ("entry[1].item", "e[1]"), ("entry[2].item", "e[2]"))
    issues: list[Any] = []
    (left,) = without_refused([listed], {"urn:source:Observation:b"}, issues)
    named = [one["item"]["reference"][-1] for one in left.resource["entry"]]
    assert named == ["a", "c"]
    assert [(line.path, line.source) for line in left.lineage] == [("entry[1].item", "e[2]")]
    assert [(str(i.severity), i.path) for i in issues] == [("warning", "e[1]")]


def test_a_chain_of_refusals_is_followed_to_its_end():
    def record(of):
        return {
            "resourceType": "Provenance",
            "target": [{"reference": of}],
            "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"who": {"display": "somebody"}}],
        }

    made = [
        _made("Provenance", "2", record("urn:source:Provenance:1")),
        _made("Provenance", "1", record("urn:source:CarePlan:0")),
    ]
    assert without_refused(made, {"urn:source:CarePlan:0"}, []) == []


def test_what_refers_to_nothing_refused_is_the_same():
    plan = _made("CarePlan", "1", _plan())
    issues: list[Any] = []
    assert without_refused([plan], {"urn:source:Goal:b"}, issues) == [plan]
    assert issues == []
