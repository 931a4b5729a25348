"""The support plan: what a council sends of a person's plan, and what becomes of it."""

import copy
import itertools
import json
import sys

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import systems
from mappings.core.model.outcome import NotThisFormatError
from mappings.core.model.rows import LOCAL
from mappings.plan_document import codes
from mappings.plan_document.message import document as support_plan
from mappings.social_care import FEED
from tests.contract.deliveries import leaves
from tests.golden.cases import GOLDEN

FULL = json.loads((GOLDEN / "social-care/full/input/plan.json").read_bytes())


def _sent(**sections):
    return copy.deepcopy(FULL) | sections


def _item(document):
    return next(iter(support_plan.read({"": json.dumps(document).encode()})))


def _map(document):
    return map_item(FEED.kinds["support-plan"], _item(document))


def _made(outcome, kind):
    return [one for one in outcome.resources if one.type == kind]


def _goal(**given):
    return {"id": "G1", "words": "To walk.", "state": "working on", **given}


def _first_goal(**given):
    outcome = _map(_sent(goals=[_goal(**given)], actions=[]))
    assert not outcome.quarantined, outcome.issues
    return _made(outcome, "Goal")[0]


def _errors(outcome):
    return [(i.path, i.code) for i in outcome.issues if i.severity == "error"]


def test_needs_come_first_among_what_a_goal_addresses_then_the_baseline():
    measure = {"measure": "Steps", "value": 3, "on": "2026-01-02"}
    goal = _first_goal(need_ids=["N2", "N1"], baseline=measure)
    assert [one["reference"] for one in goal.resource["addresses"]] == [
        "urn:source:Condition:SP-2|N2",
        "urn:source:Condition:SP-2|N1",
        "urn:source:Observation:SP-2|G1|baseline",
    ]
    sources = {line.path: line.source for line in goal.lineage}
    assert sources["addresses[0]"] == "goals[0].need_ids[0]"
    assert sources["addresses[2]"] == "goals[0].baseline"


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({"target": {"value": 5, "unit": "m"}},
         {"measure": "To walk.", "value": 5, "unit": "m"}),
        ({"target": {"words": "Alone"}}, {"measure": "To walk.", "words": "Alone"}),
        ({"target": {"measure": "Far", "words": "Ha"}}, {"measure": "Far", "words": "Ha"}),
        ({"target": {"by_date": "2026-12-01"}}, {"due": "2026-12-01"}),
        ({"target": {"measure": "Far"}}, {"measure": "Far"}),
        ({"target": {}}, None),
        ({"baseline": {"measure": "Far", "on": "2026-01-01"}}, None),
        (
            {"baseline": {"measure": "Far", "on": "2026-01-01"}, "target": {"value": 0}},
            {"measure": "Far", "value": 0},
        ),
    ],
)  # fmt: skip
def test_a_target_always_says_what_it_measures(given, target):
    made = _first_goal(**given).resource.get("target", [None])[0]
    if target is None:
        assert made is None
        return
    quantity = {name: target[name] for name in ("value", "unit") if name in target}
    expected = {
        "measure": {"text": target["measure"]} if "measure" in target else None,
        "detailQuantity": quantity or None,
        "detailString": target.get("words"),
        "dueDate": target.get("due"),
    }
    assert made == {name: value for name, value in expected.items() if value is not None}


def test_words_beside_a_number_are_a_note():
    goal = _first_goal(target={"value": 5, "words": "Never on Sunday"})
    assert goal.resource["note"] == [{"text": "Never on Sunday"}]
    assert "detailString" not in goal.resource["target"][0]


@pytest.mark.parametrize(
    ("importance", "level"),
    [(1, "low"), (3, "low"), (4, "medium"), (7, "medium"), (8, "high"), (10, "high")],
)
def test_importance_is_a_priority_and_stays_readable(importance, level):
    priority = _first_goal(importance=importance).resource["priority"]
    assert priority["coding"][0]["code"] == f"{level}-priority"
    assert priority["text"] == f"Importance to the person: {importance} of 10"


def test_a_name_to_be_called_by_stands_alone_where_no_other_name_is_sent():
    person = {"local_id": "1", "likes_to_be_called": "Taid"}
    patient = _made(_map(_sent(person=person)), "Patient")[0]
    assert patient.resource["name"] == [{"text": "Taid"}]
    assert ("name[0].text", "person.likes_to_be_called") in {
        (line.path, line.source) for line in patient.lineage
    }


def test_every_local_reference_is_to_a_resource_of_the_document():
    outcome = _map(FULL)
    made = {f"{LOCAL}{one.type}:{one.key}" for one in outcome.resources}
    text = json.dumps([one.resource for one in outcome.resources])
    named = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert named <= made
    assert len(named) > 10


def test_every_word_and_number_of_a_plan_is_to_be_found_in_what_it_becomes():
    outcome = _map(FULL)
    made = json.dumps([one.resource for one in outcome.resources], ensure_ascii=False)
    aside = {
        ("written_at",),
        ("document",),
        ("version",),
        ("plan", "state"),
    }
    for steps, value in leaves(FULL):
        names = tuple(step for step in steps if isinstance(step, str))
        if names in aside or names[-1] in ("eligible", "state", "sharing", "days"):
            continue
        sent = str(value).replace(" ", "") if names[-1] == "nhs_number" else str(value)
        assert sent.lower() in made.lower(), steps


@pytest.mark.parametrize("part", ["baseline", "target", "reviews"])
def test_a_unit_without_a_value_is_reported(part):
    measure = {"measure": "M", "on": "2026-01-01", "unit": "km"}
    given = {
        "baseline": measure,
        "target": {"unit": "km", "words": "Far"},
        "reviews": [measure | {"id": "R1"}],
    }
    outcome = _map(_sent(goals=[_goal(**{part: given[part]})], actions=[]))
    where = "reviews[0]" if part == "reviews" else part
    assert [(i.path, i.code) for i in outcome.issues] == [(f"goals[0].{where}.unit", "unit-alone")]
    assert not outcome.quarantined


WRONG = [
    ("goals", "x", "goals"),
    ("goals", {"id": "G1"}, "goals"),
    ("goals", ["x"], "goals[0]"),
    ("goals", [[]], "goals[0]"),
    ("needs", 7, "needs"),
    ("actions", True, "actions"),
    ("safety", [{"id": "S1", "kind": "falls"}], "safety[0].instruction"),
    ("plan", None, "plan"),
    ("plan", [], "plan"),
    ("plan", {"id": 7, "type": "support", "state": "active"}, "plan.id"),
    ("plan", {"id": "", "type": "support", "state": "active"}, "plan.id"),
    ("plan", {"id": " ", "type": "support", "state": "active"}, "plan.id"),
    ("goals", [_goal(words=" \t\u00a0")], "goals[0].words"),
    ("goals", [_goal(state="  ")], "goals[0].state"),
    ("person", {"local_id": "1", "given_names": "Odette"}, "person.given_names"),
    ("person", {"local_id": "1", "address": "12 Elm Crescent"}, "person.address"),
    ("goals", [_goal(importance=0)], "goals[0].importance"),
    ("goals", [_goal(importance=11)], "goals[0].importance"),
    ("goals", [_goal(importance="9")], "goals[0].importance"),
    ("goals", [_goal(importance=True)], "goals[0].importance"),
    ("goals", [_goal(need_ids="N1")], "goals[0].need_ids"),
    ("goals", [_goal(baseline=[])], "goals[0].baseline"),
    ("goals", [_goal(baseline={"measure": "M", "on": "2026-01-01", "value": "6"})],
     "goals[0].baseline.value"),
    ("goals", [_goal(reviews=[{"measure": "M", "on": "2026"}])], "goals[0].reviews[0].id"),
    ("goals", [_goal(sharing="restricted")], "goals[0].sharing"),
    ("written_at", 20260101, "written_at"),
    ("written_at", "yesterday", "written_at"),
    ("version", 1, "version"),
    ("version", "2", "version"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "value", "path"), WRONG)
def test_what_is_not_to_the_schema_is_quarantined_with_its_path(section, value, path):
    outcome = _map(_sent(**{section: value}))
    assert outcome.quarantined
    assert outcome.resources == ()
    assert path in {found for found, _ in _errors(outcome)}


def test_a_blank_text_was_not_sent():
    outcome = _map(_sent(goals=[_goal(words="  ")], actions=[]))
    assert ("goals[0].words", "missing") in _errors(outcome)
    assert "note" not in _first_goal(note=" \n ").resource


def test_a_word_of_no_required_table_is_answered_with_the_words_there_are():
    outcome = _map(_sent(goals=[_goal(state="going places")], actions=[]))
    (issue,) = [one for one in outcome.issues if one.path == "goals[0].state"]
    assert issue.code == "unmapped-code"
    assert issue.text.endswith(f"send one of: {', '.join(codes.GOAL_STATE.rows)}")
    assert "going places" not in issue.text


def test_a_plan_that_ends_before_it_starts_is_reported_at_the_sources_own_field():
    plan = FULL["plan"] | {"starts_on": "2026-05-01", "ends_on": "2026-04-01"}
    (issue,) = [one for one in _map(_sent(plan=plan)).issues if one.code == "contradiction"]
    assert issue.path == "plan.starts_on"
    assert issue.text.startswith("CarePlan.period: ")


@pytest.mark.parametrize("person", [None, {}, "Norma", 7, [], {"local_id": 7}, {"local_id": " "}])
def test_a_document_about_nobody_is_quarantined(person):
    outcome = _map(_sent(person=person))
    assert outcome.quarantined
    assert {issue.code for issue in outcome.issues} & {"names-nobody", "wrong-type"}


def test_a_missing_person_is_said_to_be_missing():
    document = _sent()
    del document["person"]
    assert ("person", "missing") in _errors(_map(document))


@pytest.mark.parametrize(
    ("born", "claimed"), [("1943-03-04", "1943-03-04"), ("1943", None), ("31/02/1943", None)]
)
def test_only_a_whole_and_real_birth_date_is_claimed(born, claimed):
    outcome = _map(_sent(person={"local_id": "1", "birth_date": born}))
    assert outcome.person.birth_date == claimed
    assert not outcome.quarantined
    assert (claimed is None) == bool(outcome.issues)


@pytest.mark.parametrize(
    ("section", "twice", "path"),
    [
        ("goals", _goal(), "goals[1]"),
        ("needs", {"id": "N1", "words": "w"}, "needs[1]"),
        ("actions", {"id": "A1", "what": "w", "state": "done"}, "actions[1]"),
        ("safety", {"id": "S1", "kind": "falls", "instruction": "w"}, "safety[1]"),
    ],
)
def test_two_of_one_id_are_quarantined(section, twice, path):
    rest: dict[str, list[object]] = {"goals": [], "needs": [], "actions": [], "safety": []}
    outcome = _map(_sent(**(rest | {section: [twice, twice]})))
    assert _errors(outcome) == [(path, "duplicate-key")]


def test_ids_that_hold_a_bar_do_not_meet():
    first, second = _goal(id="a|b"), _goal(id="a")
    review = {"measure": "M", "on": "2026-01-01"}
    first["reviews"] = [{**review, "id": "c"}]
    second["reviews"] = [{**review, "id": "b|c"}]
    outcome = _map(_sent(goals=[first, second], actions=[]))
    reviews = [one.key for one in _made(outcome, "Observation") if "|plan|" not in one.key]
    assert len(set(reviews)) == 2


def _codes(one):
    return {coding["code"] for coding in one.resource["meta"]["security"]}


def test_the_audience_of_a_plan_holds_for_all_of_it_but_the_person():
    plan = {**FULL["plan"], "sharing": ["Very Restricted", "not for the person"]}
    for one in _map(_sent(plan=plan)).resources:
        assert ("V" in _codes(one)) is (one.type != "Patient")
        assert ("NOPAT" in _codes(one)) is (one.type != "Patient")


def test_the_audience_of_a_goal_holds_for_what_belongs_to_it_and_for_nothing_else():
    """Its measurements, who agreed it, its stage with what was measured of that, its action."""
    goals = copy.deepcopy(FULL["goals"])
    goals[0]["sharing"] = ["domestic abuse"]
    labelled = {
        (one.type, one.key) for one in _map(_sent(goals=goals)).resources if "SDV" in _codes(one)
    }
    assert labelled == {
        ("Goal", "SP-2|G1"),
        ("Observation", "SP-2|G1|baseline"),
        ("Observation", "SP-2|G1|R1"),
        ("Observation", "SP-2|G1|R2"),
        ("Provenance", "SP-2|G1|Idris Bracken|2026-06-05"),
        ("Goal", "SP-2|G5"),
        ("Observation", "SP-2|G5|baseline"),
        ("Observation", "SP-2|G5|R1"),
        ("Observation", "SP-2|G5|R2"),
        ("ServiceRequest", "SP-2|A1"),
        ("Coverage", "SP-2|A1|money"),
    }


def test_stages_that_name_each_other_are_narrowed_together():
    goals = [
        _goal(id="G1", stage_of="G2"),
        _goal(id="G2", stage_of="G1", sharing=["HIV"]),
        _goal(id="G3"),
    ]
    made = {one.key: _codes(one) for one in _made(_map(_sent(goals=goals, actions=[])), "Goal")}
    assert {key for key, found in made.items() if "HIV" in found} == {"SP-2|G1", "SP-2|G2"}
    assert len(made) == 3


def test_a_word_for_the_audience_that_nobody_knows_restricts_and_is_reported():
    goal = _first_goal(sharing=["just my sister"])
    assert _codes(goal) >= {"R", "PENDING"}
    outcome = _map(_sent(goals=[_goal(sharing=["just my sister"])], actions=[]))
    assert [(i.path, i.code) for i in outcome.issues] == [("goals[0].sharing[0]", "unmapped-code")]
    assert {c["system"] for c in goal.resource["meta"]["security"]} >= {systems.HOLD}


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"": b"[]"}, "document"),
        ({"": b'{"document": "another"}'}, "document"),
        ({"": b"not json"}, ""),
        ({"a": b"{}", "b": b"{}"}, ""),
        ({}, ""),
    ],
)
def test_what_is_not_a_support_plan_is_refused_before_the_first_item(members, path):
    with pytest.raises(NotThisFormatError) as refused:
        support_plan.read(members)
    assert refused.value.path == path


def test_a_support_plan_is_recognised_however_it_is_written():
    late = {"plan": {"title": "x" * 9000}} | FULL
    for body in (json.dumps(late).encode(), b"\xef\xbb\xbf \r\n" + json.dumps(FULL).encode()):
        assert support_plan.recognises({"": body})
    assert not support_plan.recognises({"": b'["support-plan"]'})
    assert not support_plan.recognises({"a": b"{}", "b": b"{}"})


def test_many_goals_are_mapped_in_steps_that_grow_with_their_number():
    def steps(count):
        goals = [
            {**copy.deepcopy(FULL["goals"][0]), "id": f"G{i}", "need_ids": ["N1"]}
            for i in range(count)
        ]
        item = _item(_sent(goals=goals, actions=[]))
        calls = itertools.count()
        sys.setprofile(lambda *_: next(calls))
        try:
            outcome = map_item(FEED.kinds["support-plan"], item)
        finally:
            sys.setprofile(None)
        assert len(_made(outcome, "Goal")) == count
        return next(calls)

    steps(10)
    assert steps(100) < 2.2 * steps(50)


@pytest.mark.parametrize(
    ("said", "code"),
    [("ur", "ur"), ("zh-Hant", "zh-Hant"), ("Urdu, and a little English", "und"), ("Urdu", "und")],
)
def test_a_language_is_coded_where_it_is_sent_as_a_code_and_stays_readable(said, code):
    patient = _made(_map(_sent(person={"local_id": "1", "language": said})), "Patient")[0]
    language = patient.resource["communication"][0]["language"]
    assert language["text"] == said
    assert [one["code"] for one in language["coding"]] == [code]


def test_what_a_word_means_is_shown_and_not_our_own_code_for_it():
    """A reader is shown the text of a concept before its display."""
    goal = _first_goal(care_act_outcome="community", wellbeing_domain="control", aim="maintain")
    assert ["text" in one for one in goal.resource["category"]] == [False, False, False]
    shown = [one["coding"][0]["display"] for one in goal.resource["category"]]
    assert "Using what the community offers, transport and recreation" in shown
