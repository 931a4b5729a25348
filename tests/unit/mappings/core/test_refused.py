"""A refused resource leaves nothing behind that refers to it."""

from typing import Any

import pytest

from mappings.core.applying.refused import without_refused
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import Fold, Lineage, Mapped

SUBJECT = {"reference": "urn:source:Patient:p"}

GONE = {"reference": "urn:source:Observation:b"}
KIN = {"reference": "urn:source:RelatedPerson:k"}


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


def _list(**more):
    held = {"resourceType": "List", "status": "current", "mode": "working"}
    return held | {"subject": dict(SUBJECT)} | more


def test_what_is_not_whole_without_it_leaves_alone_and_nothing_dangles():
    """A reference outside every list goes as well; entries that name it beside much else stay."""
    gone = {"reference": "urn:source:Encounter:b"}
    held = _list(
        encounter=dict(gone),
        note=[{"authorReference": {"reference": "urn:source:Practitioner:b"}, "text": "words"}],
        entry=[
            {"item": {"reference": "urn:source:Observation:a"}, "date": "2026-01-01"},
            {"item": dict(gone), "date": "2026-01-02"},
            {"item": {"reference": "urn:source:Observation:c"}},
        ],
    )
    listed = _made("List", "1", held, ("entry[1].date", "e[1].on"), ("entry[2].item", "e[2]"))
    issues: list[Any] = []
    refused = {gone["reference"], "urn:source:Practitioner:b"}
    (left,) = without_refused([listed], refused, issues)
    assert left.resource == _list(
        note=[{"text": "words"}], entry=[held["entry"][0], held["entry"][2]]
    )
    assert [(line.path, line.source) for line in left.lineage] == [("entry[1].item", "e[2]")]
    assert [i.text.partition(";")[0] for i in issues if i.text.startswith("is not")] == [
        "is not whole without a resource that was refused"
    ]
    assert {str(i.severity) for i in issues} == {"warning"}


def test_an_element_leaves_outwards_until_what_is_left_is_whole():
    """Only what is missing something leaves: a part, then what is nothing without that part."""
    held = _plan(
        activity=[
            {"detail": {"status": "scheduled"}, "outcomeReference": [dict(GONE)]},
            {"reference": dict(GONE), "progress": [{"text": "walks to the shop"}]},
        ],
        extension=[{"url": "urn:x", "valueReference": dict(GONE)}],
    )
    issues: list[Any] = []
    (left,) = without_refused([_made("CarePlan", "1", held)], {GONE["reference"]}, issues)
    assert left.resource == _plan(
        activity=[
            {"detail": {"status": "scheduled"}},
            {"progress": [{"text": "walks to the shop"}]},
        ]
    )


@pytest.mark.parametrize(
    "limited",
    [
        {"data": [{"meaning": "related", "reference": dict(GONE)}]},
        {"actor": [{"role": {"text": "whom it binds"}, "reference": dict(KIN)}]},
        {"provision": [{"actor": [{"role": {"text": "who"}, "reference": dict(KIN)}]}]},
    ],
)
def test_a_consent_is_not_widened_by_the_loss_of_what_it_is_limited_to(limited):
    """No to one treatment, or to one person, is not no to everything; nor is yes."""
    consent = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"text": "an advance decision"},
        "category": [{"text": "refusal"}],
        "patient": dict(SUBJECT),
        "dateTime": "2026-01-01",
        "policy": [{"uri": "urn:x"}],
        "provision": {"type": "deny", **limited},
    }
    made = _made("Consent", "1", consent)
    assert not validate(made.alone())
    issues: list[Any] = []
    assert without_refused([made], {GONE["reference"], KIN["reference"]}, issues) == []
    assert [str(i.severity) for i in issues] == ["warning", "error"]
    assert without_refused([made], {"urn:source:Observation:c"}, []) == [made]


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
