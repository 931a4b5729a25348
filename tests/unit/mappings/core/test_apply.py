"""The applier: what is put, refused and reported, on a small mapping of its own."""

from dataclasses import replace
from typing import Any

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import dates
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import (
    Fold,
    Item,
    Lineage,
    PersonClaim,
    Severity,
    UnreadableValueError,
    error,
    warning,
)
from mappings.core.model.paths import Found
from mappings.core.model.rows import Kind, Row, Target
from mappings.core.shaping import elements
from mappings.terms.access import Category

STATE = CodeTable("test", {"going on": "active", "over": "completed"}, required=True)
SORT = CodeTable("test", {"walk": Concept("urn:sort", "w", "Walking")})
GENDER = CodeTable("test", {"f": "female"})


def the_person(facts):
    return PersonClaim(facts.get("who"))


def the_time(facts):
    return facts.get("at", "")


def parts_named(scope):
    for index, one in enumerate(scope.element["parts"]):
        yield Found((*scope.here.steps, "parts", index), one)


GOAL_ROWS = (
    Row("g.state", "lifecycleStatus", "state", table=STATE, must=True),
    Row("g.words", "description.text", "words", must=True),
    Row("g.sort", "category[+]", "sort", table=SORT),
    Row("g.start", "startDate", "start", fn=dates.fhir_date),
    Row("g.parts", "addresses[+]", gather=parts_named, fn=elements.ReferenceTo("Condition")),
    Row("g.due", "target[0]", "due", rows=(Row("d.on", "dueDate", "on", fn=dates.fhir_date),)),
)
PLAN = Target(
    "CarePlan",
    category=Category.CARE_PLAN,
    key=("plan",),
    rows=(
        Row("p.status", "status", value="active", why="a test says so"),
        Row("p.intent", "intent", value="plan", why="a test says so"),
        Row("p.kind", "category[0]", value={"coding": [{"code": "x"}]}, why="a test says so"),
        Row("p.words", "category[0].text", "kind_words"),
        Row("p.goals", "goal[+]", refers_to="Goal"),
    ),
)


def _kind(**given):
    goal: dict[str, Any] = {"each": "goals[]", "key": ("id",), "category": Category.CARE_PLAN}
    parts: dict[str, Any] = {
        "targets": (PLAN, Target("Goal", rows=GOAL_ROWS, **goal)),
        "ignored": {},
        "person": the_person,
        "named_at": "person.id",
        "time": the_time,
        "reads": ("who", "at", "goals[].parts"),
    }
    return Kind("test", "Test", **(parts | given))


def _facts(*goals, **more):
    return {"who": "P-1", "plan": "C-1", "goals": list(goals), **more}


def _goal(**given):
    return {"id": "G-1", "state": "going on", "words": "To walk.", "parts": [], **given}


def _map(facts, issues=(), **given):
    return map_item(_kind(**given), Item("test", 1, facts, tuple(issues)))


def _said(outcome):
    return [(str(issue.severity), issue.path, issue.code) for issue in outcome.issues]


def test_a_whole_item():
    outcome = _map(_facts(_goal(sort="walk", parts=["a", "b"], due={"on": "2026-01-02"})))
    assert outcome.issues == ()
    plan, goal = outcome.resources
    assert plan.resource["goal"] == [{"reference": "urn:source:Goal:G-1"}]
    assert goal.resource["category"] == [
        {"coding": [{"system": "urn:sort", "code": "w", "display": "Walking"}], "text": "walk"}
    ]
    assert goal.resource["subject"] == {"reference": "urn:source:Patient:P-1"}
    assert {line.path: (line.source, line.rule) for line in goal.lineage} == {
        "lifecycleStatus": ("goals[0].state", "g.state"),
        "description.text": ("goals[0].words", "g.words"),
        "category[0]": ("goals[0].sort", "g.sort"),
        "addresses[0]": ("goals[0].parts[0]", "g.parts"),
        "addresses[1]": ("goals[0].parts[1]", "g.parts"),
        "target[0].dueDate": ("goals[0].due.on", "d.on"),
        "subject": ("", "test.subject"),
    }


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (_goal(state="lost"), ("error", "goals[0].state", "unmapped-code")),
        (_goal(state=["x"]), ("error", "goals[0].state", "wrong-type")),
        (_goal(state=None), ("error", "goals[0].state", "missing")),
        (_goal(words=""), ("error", "goals[0].words", "missing")),
        (_goal(words=5), ("error", "goals[0].words", "not-fhir")),
        (_goal(id=None), ("error", "goals[0]", "no-key")),
        (_goal(id={"a": 1}), ("error", "goals[0]", "no-key")),
    ],
)
def test_what_must_be_there_refuses_the_item_with_one_issue(goal, said):
    outcome = _map(_facts(goal))
    assert said in _said(outcome)
    assert [one for one in _said(outcome) if one[0] == "error"] == [said]
    assert outcome.quarantined
    assert outcome.resources == ()


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (_goal(sort="swim"), ("warning", "goals[0].sort", "unmapped-code")),
        (_goal(start="soon"), ("warning", "goals[0].start", "invalid-date")),
        (_goal(start=20260102), ("warning", "goals[0].start", "wrong-type")),
        (_goal(parts=7), ("warning", "goals[0]", "wrong-type")),
        (_goal(due={"on": "31/02/2026"}), ("warning", "goals[0].due.on", "invalid-date")),
        (_goal(extra=1), ("warning", "goals[0].extra", "unknown-field")),
    ],
)
def test_what_may_be_left_out_is_reported_and_the_rest_taken(goal, said):
    outcome = _map(_facts(goal))
    assert _said(outcome) == [said]
    assert [one.type for one in outcome.resources] == ["CarePlan", "Goal"]


def test_two_goals_of_one_key_are_refused():
    outcome = _map(_facts(_goal(), _goal()))
    assert _said(outcome) == [("error", "goals[1]", "duplicate-key")]


def test_one_bad_resource_is_refused_alone_where_the_kind_keeps_the_rest():
    outcome = _map(_facts(_goal(), _goal(id="G-2", state="lost")), keeps_rest=True)
    assert not outcome.quarantined
    assert [one.key for one in outcome.resources] == ["C-1", "G-1"]
    assert _said(outcome) == [
        ("error", "goals[1].state", "unmapped-code"),
        ("warning", "goals[1]", "refused-target"),
    ]
    assert outcome.resources[0].resource["goal"] == [{"reference": "urn:source:Goal:G-1"}]


def test_what_reading_said_of_a_place_is_not_said_again():
    read = error("goals[0].state", "wrong-type", "as read")
    outcome = _map(_facts(_goal(state="lost")), issues=[read])
    assert [issue.text for issue in outcome.issues] == ["as read"]
    assert outcome.quarantined
    mended = _map(_facts(_goal()), issues=[warning("", "mended", "as read")])
    assert not mended.quarantined


def _raising(problem):
    def raising(_):
        raise problem

    return raising


@pytest.mark.parametrize(
    ("problem", "code"),
    [(UnreadableValueError("odd", "odd"), "odd"), (KeyError(), "wrong-type")],
)
@pytest.mark.parametrize("place", ["person", "time"])
def test_a_person_or_time_that_cannot_be_read_refuses_the_item(problem, code, place):
    found = warning("x", "mended", "as read")
    outcome = _map(_facts(), issues=[found], **{place: _raising(problem)})
    assert outcome.quarantined
    assert outcome.issues[0] == found
    assert outcome.issues[1].code == code


@pytest.mark.parametrize("where", ["check", "each", "key", "when", "labels", "category"])
def test_a_function_of_the_kind_that_fails_refuses_and_never_raises(where):
    broken = _raising(TypeError("the value"))
    target: dict[str, Any] = {"category": Category.CARE_PLAN, "key": ("id",), "each": "goals[]"}
    given: dict[str, Any] = {"check": broken} if where == "check" else {}
    if where != "check":
        given["targets"] = (Target("Goal", rows=GOAL_ROWS, **(target | {where: broken})),)
    outcome = _map(_facts(_goal()), **given)
    assert outcome.quarantined
    assert {i.code for i in outcome.issues if i.severity is Severity.ERROR} == {"wrong-type"}
    assert "the value" not in str(outcome.issues)


def test_nobody_is_named():
    outcome = _map(_facts() | {"who": None})
    assert [issue.code for issue in outcome.issues] == ["names-nobody"]
    by_number = _map(_facts(), person=lambda _: PersonClaim(None, nhs_numbers=("9990000077",)))
    assert by_number.resources[0].resource["subject"] == {
        "reference": "urn:source:Patient:nhs-number:9990000077"
    }


def test_a_constant_is_never_shared_between_resources():
    """Else the words of one person would stay in the table and reach the next."""
    first = _map(_facts(kind_words="the words of one person"))
    second = _map(_facts())
    assert first.resources[0].resource["category"][0]["text"] == "the words of one person"
    assert "text" not in second.resources[0].resource["category"][0]


def test_facts_are_never_shared_with_a_resource():
    rows = (
        Row("o.status", "status", value="final", why="a test says so"),
        Row("o.code", "code", "code"),
        Row("o.more", "code.text", "words"),
    )
    target = Target("Observation", rows=rows, category=Category.OBSERVATIONS)
    facts = {"who": "P-1", "code": {"coding": [{"code": "1"}]}, "words": "more"}
    made = _map(facts, targets=(target,)).resources[0]
    assert made.resource["code"]["text"] == "more"
    assert facts["code"] == {"coding": [{"code": "1"}]}


def _patient(fold):
    rows = (
        Row("x.gender", "gender", "gender", table=GENDER),
        Row("x.family", "name[0].family", "family"),
        Row("x.called", "name[1].text", "called"),
    )
    return (Target("Patient", rows=rows, category=Category.DEMOGRAPHICS, fold=fold),)


def test_a_cleared_value_leaves_under_replace_and_stays_as_clear_under_merge():
    facts = {"who": "P-1", "gender": '""', "family": '""', "called": "Taid"}
    replaced = _map(facts, targets=_patient(Fold.REPLACE)).resources[0]
    assert replaced.resource["name"] == [{"text": "Taid"}]
    assert "gender" not in replaced.resource
    assert [line.path for line in replaced.lineage] == ["name[0].text"]
    merged = _map(facts, targets=_patient(Fold.MERGE)).resources[0]
    assert merged.resource["gender"] is None
    assert [line.path for line in merged.lineage] == ["gender", "name[0].text"]


def test_a_part_that_is_cleared_stays_as_clear_where_the_item_adds_to_its_element():
    rows = (
        Row("e.state", "status", value="finished", why="a test says so"),
        Row("e.class", "class.code", value="AMB", why="a test says so"),
        Row("e.from", "period.start", "from"),
        Row("e.to", "period.end", "to"),
    )
    target = Target("Encounter", rows=rows, category=Category.CARE_PLAN, fold=Fold.MERGE)
    facts = {"who": "P-1", "from": "2026-01-02", "to": '""'}
    adding = _map(facts, targets=(replace(target, adds=("period",)),)).resources[0]
    assert adding.resource["period"] == {"start": "2026-01-02", "end": None}
    stating = _map(facts, targets=(target,)).resources[0]
    assert stating.resource["period"] == {"start": "2026-01-02"}


@pytest.mark.parametrize(
    ("to", "place", "wrong"),
    [
        ("target[0].measure.coding[0].system", "goals[0].more", ".coding[0].system: must be a URI"),
        ("target[0].detailString", "goals[0].more", "Goal.target[0]: gol-1"),
        ("note[0].authorString", "goals[0]", "Goal.note[0].text: is required"),
    ],
)
def test_what_is_no_fhir_is_said_at_the_field_it_came_from(to, place, wrong):
    rows = (
        *GOAL_ROWS,
        Row("g.more", to, "more"),
        Row("g.hollow", "statusReason", value="", why="a test says so"),
    )
    target = Target("Goal", rows=rows, category=Category.CARE_PLAN, each="goals[]", key=("id",))
    outcome = _map(_facts(_goal(more="a b")), targets=(target,), ignored={"plan": "a test"})
    assert _said(outcome) == [("error", place, "not-fhir")]
    assert wrong in outcome.issues[0].text


@pytest.mark.parametrize("fold", Fold)
def test_a_default_has_a_line_with_a_rule_of_its_own_until_an_item_says_it(fold):
    (target,) = _patient(fold)
    target = replace(target, defaults={"gender": "unknown"})
    silent = _map({"who": "P-1", "called": "Taid"}, targets=(target,)).resources[0]
    assert silent.alone()["gender"] == "unknown"
    assert silent.lineage_alone()[-1] == Lineage("gender", "", "Patient.default.gender")
    said = _map({"who": "P-1", "gender": "f"}, targets=(target,)).resources[0]
    assert [line.rule for line in said.lineage_alone()] == ["x.gender"]


def test_a_code_that_cannot_be_text_is_left_out_and_said_to_be():
    outcome = _map({"who": "P-1", "gender": "x"}, targets=_patient(Fold.REPLACE))
    assert "left out" in outcome.issues[0].text
    assert "gender" not in outcome.resources[0].resource


def test_labels_may_only_raise():
    def lowered(_):
        return [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}]

    target = Target(
        "Goal",
        rows=GOAL_ROWS,
        category=lambda _: Category.CRISIS_PLAN,
        each="goals[]",
        key=("id",),
        confidentiality="R",
        labels=lowered,
    )
    security = _map(_facts(_goal()), targets=(target,)).resources[0].resource["meta"]["security"]
    assert [coding["code"] for coding in security] == ["R", "crisis-plan"]


def test_a_row_may_tag_and_the_labels_stand_beside():
    rows = (*GOAL_ROWS, Row("g.tag", "meta.tag[+].code", value="derived", why="a test says so"))
    target = Target("Goal", rows=rows, category=Category.CARE_PLAN, each="goals[]", key=("id",))
    meta = _map(_facts(_goal()), targets=(target,)).resources[0].resource["meta"]
    assert meta["tag"] == [{"code": "derived"}]
    assert len(meta["security"]) == 2


def test_a_missing_gathered_element_is_named_by_its_element():
    rows = (
        *GOAL_ROWS[:2],
        Row("g.m", "addresses[+]", gather=parts_named, must=True),
        Row("g.x", "expressedBy", ("../who_else", "x"), fn=elements.quantity, must=True),
    )
    target = Target("Goal", rows=rows, category=Category.CARE_PLAN, each="goals[]", key=("id",))
    assert _said(_map(_facts(_goal()), targets=(target,)))[:2] == [
        ("error", "goals[0].addresses[+]", "missing"),
        ("error", "who_else", "missing"),
    ]


def test_a_name_that_may_hold_a_value_is_not_repeated():
    outcome = _map(_facts(**{"Norma, born 19430304": 1, "mood": 2, "9990000077": 3}))
    assert [i.path for i in outcome.issues] == ["(a field)", "mood", "(a field)"]
