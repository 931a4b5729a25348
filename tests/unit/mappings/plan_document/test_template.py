"""The CSV template: the same contract as rows, joined to plans or taken visit by visit."""

import csv
import io
import itertools
import json

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import NotThisFormatError
from mappings.plan_document.kinds import FORMATS
from mappings.plan_document.message import template, visit
from mappings.registry import FEEDS
from mappings.social_care import FEED

ROW = {
    "written_at": "2026-11-03T10:00:00Z",
    "person.local_id": "VC-7",
    "person.birth_date": "12/05/1951",
    "plan.id": "VP-7",
    "plan.type": "wellbeing",
    "plan.state": "active",
}
GOAL = ROW | {"goals.id": "G1", "goals.words": "To paint.", "goals.state": "agreed"}
VISIT = {
    "written_at": "2026-11-03T10:00:00Z",
    "person.local_id": "HC-1",
    "plan.id": "HP-1",
    "visit.id": "V1",
    "visit.state": "done",
    "visit.planned_start": "2026-11-03T08:00",
}


def _body(*rows):
    headings = tuple(dict.fromkeys(itertools.chain.from_iterable(rows)))
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return {"": text.getvalue().encode()}


def _items(*rows):
    return list(template.read(_body(*rows)))


def _outcome(*rows):
    (item,) = _items(*rows)
    return map_item(FEED.kinds[item.kind], item)


def _errors(outcome):
    return [(i.path, i.code) for i in outcome.issues if i.severity == "error"]


def test_a_row_is_the_document_that_would_have_been_sent_as_json():
    (item,) = _items(
        GOAL
        | {
            "goals.importance": "9",
            "goals.baseline.measure": "Pictures",
            "goals.baseline.value": "1.5",
            "goals.baseline.on": "2026-10-01",
            "person.interpreter_needed": "Yes",
            "person.given_names": "Beryl; Ann ;",
        }
    )
    assert not item.issues
    assert json.loads(json.dumps(item.facts)) == {
        "document": "support-plan",
        "version": "1",
        "written_at": "2026-11-03T10:00:00Z",
        "person": {
            "local_id": "VC-7",
            "birth_date": "12/05/1951",
            "interpreter_needed": True,
            "given_names": ["Beryl", "Ann"],
        },
        "plan": {"id": "VP-7", "type": "wellbeing", "state": "active"},
        "goals": [
            {
                "id": "G1",
                "words": "To paint.",
                "state": "agreed",
                "importance": 9,
                "baseline": {"measure": "Pictures", "value": 1.5, "on": "2026-10-01"},
            }
        ],
    }


def test_rows_of_one_plan_are_joined_wherever_they_stand():
    other = ROW | {"person.local_id": "VC-8", "plan.id": "VP-8"}
    second = ROW | {"goals.id": "G2", "goals.words": "To draw.", "goals.state": "idea"}
    review = ROW | {
        "goals.id": "G1",
        "goals.reviews.id": "R1",
        "goals.reviews.measure": "Pictures",
        "goals.reviews.on": "2026-11-01",
    }
    first, last = _items(GOAL, other, second, review)
    assert (first.number, last.number) == (1, 2)
    assert [goal["id"] for goal in first.facts["goals"]] == ["G1", "G2"]
    assert [one["id"] for one in first.facts["goals"][0]["reviews"]] == ["R1"]
    assert "goals" not in last.facts


def test_many_rows_of_one_plan_are_joined():
    rows = [
        ROW | {"goals.id": f"G{n}", "goals.words": "w", "goals.state": "idea"} for n in range(4000)
    ]
    (item,) = template.read(_body(*rows))
    assert [goal["id"] for goal in item.facts["goals"]] == [f"G{n}" for n in range(4000)]


NUMBERED = GOAL | {"person.nhs_number": "9990000077"}
SECOND = ROW | {"goals.id": "G2", "goals.words": "To draw.", "goals.state": "idea"}


@pytest.mark.parametrize("named", [("person.local_id",), ("person.nhs_number",)])
def test_a_row_that_names_the_person_by_one_of_two_numbers_is_of_the_same_plan(named):
    whole = SECOND | {"person.nhs_number": NUMBERED["person.nhs_number"]}
    second = {k: v for k, v in whole.items() if k in named or not k.startswith("person.")}
    for rows in itertools.permutations((NUMBERED, second)):
        (item,) = _items(*rows)
        assert {goal["id"] for goal in item.facts["goals"]} == {"G1", "G2"}
        assert not item.issues


def test_rows_that_only_a_third_shows_to_be_of_one_plan_are_refused():
    local = {k: v for k, v in NUMBERED.items() if k != "person.nhs_number"}
    number = {k: v for k, v in NUMBERED.items() if k != "person.local_id"}
    for rows in itertools.permutations((local, number | {"goals.id": "G2"})):
        items = _items(*rows, NUMBERED | {"goals.id": "G3"})
        outcomes = [map_item(FEED.kinds[item.kind], item) for item in items]
        assert [("person", "contradiction") in _errors(one) for one in outcomes] == [True, True]


def test_two_nhs_numbers_under_one_number_of_ones_own_are_refused():
    outcome = _outcome(NUMBERED, NUMBERED | {"person.nhs_number": "9990000115"})
    assert ("person.nhs_number", "contradiction") in _errors(outcome)


@pytest.mark.parametrize("heading", ["person", "plan", "goals", "goals.baseline"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_heading_that_names_a_part_is_said_and_holds_nothing(heading, is_first):
    row = {heading: "x", **GOAL} if is_first else {**GOAL, heading: "x"}
    outcome = _outcome(row)
    said = [(i.path, i.code) for i in outcome.issues]
    assert said == [(heading, "unknown-field")]
    assert not outcome.quarantined


def test_one_plan_number_of_two_people_is_two_plans():
    items = _items(GOAL, GOAL | {"person.local_id": "VC-9", "goals.words": "To sing."})
    assert [item.facts["goals"][0]["words"] for item in items] == ["To paint.", "To sing."]


def test_rows_that_contradict_each_other_are_quarantined():
    outcome = _outcome(GOAL, GOAL | {"goals.words": "To sing."})
    assert _errors(outcome) == [("goals.words", "contradiction")]
    assert outcome.quarantined
    assert not _errors(_outcome(GOAL, GOAL))


@pytest.mark.parametrize("left_out", ["plan.id", "person.local_id", "goals.id", "goals.words"])
def test_a_row_says_whose_it_is_and_which_entry(left_out):
    row = {name: value for name, value in GOAL.items() if name != left_out}
    full = ROW | {"person.local_id": "VC-1", "plan.id": "VP-1"}
    items = _items(full, row)
    outcomes = [map_item(FEED.kinds[item.kind], item) for item in items]
    assert [outcome.quarantined for outcome in outcomes] == [False, True]


def test_a_row_without_a_plan_is_never_put_to_the_plan_above_it():
    items = _items(GOAL, GOAL | {"plan.id": "", "goals.id": "G2"})
    assert [len(item.facts["goals"]) for item in items] == [1, 1]


@pytest.mark.parametrize(
    ("column", "cell", "path"),
    [
        ("goals.importance", "very", "goals[0].importance"),
        ("goals.importance", "11", "goals[0].importance"),
        ("person.interpreter_needed", "perhaps", "person.interpreter_needed"),
    ],
)
def test_a_cell_of_another_kind_is_reported_at_its_place(column, cell, path):
    assert (path, "wrong-type") in _errors(_outcome(GOAL | {column: cell}))


def test_every_heading_of_the_template_is_read_by_a_row():
    kind = FEED.kinds["support-plan"]
    for columns, of in (
        (template.PLAN_COLUMNS, kind),
        (template.VISIT_COLUMNS, FEED.kinds["visit"]),
    ):
        row = dict.fromkeys(columns, "x")
        (item,) = list(template.read(_body(row)))
        unknown = [i.path for i in map_item(of, item).issues if i.code == "unknown-field"]
        assert unknown == []


def test_an_unknown_heading_is_kept_and_reported():
    outcome = _outcome(GOAL | {"favourite tea": "Assam"})
    assert [(i.path, i.code) for i in outcome.issues] == [("favourite tea", "unknown-field")]


def test_each_visit_is_an_item_of_its_own():
    items = _items(VISIT, VISIT | {"visit.id": "V2", "visit.state": "perhaps"})
    outcomes = [map_item(FEED.kinds["visit"], item) for item in items]
    assert [item.number for item in items] == [1, 2]
    assert [outcome.quarantined for outcome in outcomes] == [False, True]


def test_a_visit_as_json_is_the_same_as_a_row():
    (row,) = _items(VISIT | {"visit.tasks_done": "Washed; Dressed"})
    (item,) = visit.read({"": json.dumps(row.facts).encode()})
    assert item.facts == row.facts
    assert item.facts["visit"]["tasks_done"] == ["Washed", "Dressed"]
    outcomes = [map_item(FEED.kinds["visit"], one) for one in (row, item)]
    assert outcomes[0] == outcomes[1]
    assert not outcomes[0].issues


def _encounter(**given):
    outcome = _outcome(VISIT | {f"visit.{name}": value for name, value in given.items()})
    (made,) = [one.resource for one in outcome.resources if one.type == "Encounter"]
    return made


def test_a_visit_says_when_it_was_to_be_and_when_it_was():
    made = _encounter(planned_end="2026-11-03T08:30", started_at="2026-11-03T08:10")
    assert made["period"] == {"start": "2026-11-03T08:10:00+00:00"}
    (planned,) = [one for one in made["extension"] if "valuePeriod" in one]
    assert planned["valuePeriod"] == {
        "start": "2026-11-03T08:00:00+00:00",
        "end": "2026-11-03T08:30:00+00:00",
    }


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ({"ended_at": "2026-11-03T07:59"}, True),
        ({"ended_at": "2026-11-02"}, True),
        ({"ended_at": "2026-11-03"}, False),
        ({"ended_at": "2026-11-03T08:00"}, False),
        ({"started_at": "2026-11-03T08:40", "planned_end": "2026-11-03T08:30"}, False),
    ],
)
def test_an_end_before_its_start_alone_is_left_out_and_told(ends, told):
    outcome = _outcome(VISIT | {f"visit.{name}": value for name, value in ends.items()})
    assert not outcome.quarantined
    assert [one.code for one in outcome.issues] == ["contradiction"] * told


@pytest.mark.parametrize(("state", "status"), [("missed", "cancelled"), ("refused", "cancelled")])
def test_why_there_was_no_visit_is_told_apart(state, status):
    made = _encounter(state=state)
    assert made["status"] == status
    assert {"valueString": state} == {
        name: value
        for one in made["extension"]
        for name, value in one.items()
        if name == "valueString"
    }


def test_a_visit_overwrites_nothing_of_the_person():
    outcome = _outcome(VISIT | {"person.birth_date": "1951-05-12"})
    (patient,) = [one for one in outcome.resources if one.type == "Patient"]
    assert patient.fold == "merge"
    assert set(patient.resource) == {"resourceType", "identifier", "birthDate", "meta"}


@pytest.mark.parametrize(
    "members",
    [
        {"": b""},
        {"": b"a,b\n1,2\n"},
        {"": b'{"plan.id": 1}'},
        {"a": b"plan.id,written_at\n", "b": b"plan.id,written_at\n"},
        {"": b"LA Code,Event Type,Client Type\n"},
    ],
)
def test_what_is_no_template_is_refused(members):
    assert not template.recognises(members)
    with pytest.raises(NotThisFormatError):
        template.read(members)


@pytest.mark.parametrize("members", [{"": b"[]"}, {"": b'{"document": "x"}'}, {"a": b"", "b": b""}])
def test_what_is_no_visit_is_refused(members):
    with pytest.raises(NotThisFormatError):
        visit.read(members)


def test_every_sector_takes_the_same_formats():
    for feed in ("social-care", "community", "mental-health"):
        assert set(FORMATS) <= set(FEEDS[feed].formats)
        assert {"support-plan", "visit"} <= set(FEEDS[feed].kinds)


@pytest.mark.parametrize(
    ("feed", "kind", "shelf"),
    [
        ("social-care", "support", "support-plan"),
        ("community", "therapy", "care-plan"),
        ("mental-health", "recovery", "mental-health"),
        ("mental-health", "crisis", "crisis-plan"),
    ],
)
def test_the_feed_says_on_which_shelf_a_plan_stands(feed, kind, shelf):
    (item,) = _items(GOAL | {"plan.type": kind})
    outcome = map_item(FEEDS[feed].kinds[item.kind], item)
    shelves = {
        one.type: {c["code"] for c in one.resource["meta"]["security"]} for one in outcome.resources
    }
    assert shelf in shelves["CarePlan"]
    assert shelf in shelves["Goal"]
    assert "demographics" in shelves["Patient"]
