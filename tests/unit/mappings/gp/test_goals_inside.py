"""What stands inside the plan that has it: resources of their own, as restricted as it."""

import pytest

from mappings.core.model import systems
from tests.unit.mappings.gp import bundles as stu3
from tests.unit.mappings.gp.bundles import issues, of_type
from tests.unit.mappings.gp.resources import WHO, bundle, goal, mapped, plan

INSIDE = {"reference": "#stairs"}


def _inside(**more):
    return {**goal("stairs"), "description": {"text": "Climb my own stairs"}} | more


def _codes(resource):
    return {coding["code"] for coding in resource["meta"]["security"]}


def test_a_goal_inside_its_plan_is_one_of_its_own_and_the_plan_names_it():
    outcome = mapped(
        bundle(plan(contained=[_inside()], goal=[INSIDE, {"reference": "Goal/g"}]), goal())
    )
    (sent,) = of_type(outcome, "CarePlan")
    assert sent["goal"] == [
        {"reference": "urn:source:Goal:CarePlan/p#stairs"},
        {"reference": "urn:source:Goal:Goal/g"},
    ]
    (made,) = (one for one in outcome.resources if one.key == "CarePlan/p#stairs")
    assert made.resource["description"] == {"text": "Climb my own stairs"}
    (line,) = (line for line in made.lineage if line.path.startswith("description"))
    assert line.source == "CarePlan[0].contained[0].description"
    assert outcome.issues == ()


def test_it_is_found_by_the_plan_alone_and_by_no_other_plan_that_has_the_same_name_inside():
    other = plan("q", contained=[_inside(description={"text": "Sleep"})], goal=[INSIDE])
    first = plan(contained=[_inside()], goal=[INSIDE])
    outcome = mapped(bundle(first, other, goal("stairs")))
    assert [
        one["goal"][0]["reference"].rpartition(":")[2] for one in of_type(outcome, "CarePlan")
    ] == [
        "CarePlan/p#stairs",
        "CarePlan/q#stairs",
    ]
    assert len(of_type(outcome, "Goal")) == 3
    assert issues(outcome, "duplicate-id") == []


def test_it_names_what_stands_beside_it_in_the_plan():
    doctor = {"resourceType": "Practitioner", "id": "dr", "name": [{"text": "Dr In"}]}
    sent = _inside(expressedBy={"reference": "#dr"})
    outcome = mapped(bundle(plan(contained=[doctor, sent], goal=[INSIDE])))
    (made,) = of_type(outcome, "Goal")
    assert made["expressedBy"] == {"type": "Practitioner", "display": "Dr In"}


def test_it_is_no_less_restricted_than_its_plan():
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    hiv = [{"coding": [{"system": systems.SNOMED_CT, "code": "86406008"}]}]
    sent = plan(contained=[_inside()], goal=[INSIDE], meta=restricted, category=hiv)
    outcome = mapped(bundle(sent))
    (made,) = of_type(outcome, "Goal")
    (held,) = of_type(outcome, "CarePlan")
    assert {"R", "HIV"} <= _codes(made)
    assert _codes(made) == _codes(held)


def test_one_that_cannot_be_read_leaves_alone_and_nothing_names_it():
    bad = _inside(modifierExtension=[{"url": "https://a.example"}])
    outcome = mapped(bundle(plan(contained=[bad, "nothing"], goal=[INSIDE]), goal()))
    assert [one.key for one in outcome.resources if one.type == "Goal"] == ["Goal/g"]
    (sent,) = of_type(outcome, "CarePlan")
    assert "goal" not in sent
    assert issues(outcome, "unknown-modifier") == [
        ("error", "CarePlan[0].contained[0].modifierExtension")
    ]


def test_a_plan_that_is_refused_takes_its_goals_with_it():
    bad = plan(contained=[_inside()], goal=[INSIDE], implicitRules="https://a.example")
    outcome = mapped(bundle(bad, goal()))
    assert [one.key for one in outcome.resources if one.type == "Goal"] == ["Goal/g"]


def test_somebody_elses_goal_inside_the_plan_is_refused():
    sent = _inside(subject={"reference": "Patient/else"})
    outcome = mapped(bundle(plan(contained=[sent], goal=[INSIDE])))
    assert of_type(outcome, "Goal") == []
    assert issues(outcome, "other-person") == [("error", "CarePlan[0].contained[0].subject")]


def test_a_reference_to_a_version_of_the_person_is_to_the_person():
    whom = {"reference": f"https://gp.example/fhir/{WHO['reference']}/_history/3"}
    for sent in (bundle({**goal(), "subject": whom}), {**goal(), "subject": whom}):
        outcome = mapped(sent)
        assert outcome.person.local_id == "ada-1"
        assert len(of_type(outcome, "Goal")) == 1


def _older(*inside, **more):
    """What becomes of a plan of STU3 with these inside it."""
    named = [{"reference": f"#{one['id']}"} for one in inside if one["resourceType"] == "Goal"]
    plan = {"resourceType": "CarePlan", "id": "p", "status": "active", "intent": "plan"}
    return stu3.mapped(plan | {"contained": list(inside), "goal": named} | more)


def _older_goal(**more):
    goal = {"resourceType": "Goal", "id": "stairs", "status": "in-progress"}
    return goal | {"description": {"text": "Climb my own stairs"}} | more


def test_a_goal_inside_a_plan_of_the_older_release_is_one_of_its_own_too():
    doctor = {"resourceType": "Practitioner", "id": "dr", "name": [{"text": "Dr In"}]}
    outcome = _older(_older_goal(expressedBy={"reference": "#dr"}), doctor)
    (made,) = (one for one in outcome.resources if one.type == "Goal")
    assert made.key == "CarePlan/p#stairs"
    assert made.resource["description"] == {"text": "Climb my own stairs"}
    assert made.resource["expressedBy"]["display"] == "Dr In"
    (line,) = (line for line in made.lineage if line.path.startswith("description"))
    assert line.source == "CarePlan[0].contained[0].description"
    (plan,) = of_type(outcome, "CarePlan")
    assert plan["goal"] == [{"reference": "urn:source:Goal:CarePlan/p#stairs"}]
    assert outcome.issues == ()


def test_in_the_older_release_too_it_is_no_less_restricted_than_its_plan():
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    outcome = _older(_older_goal(), meta=restricted)
    (made,) = of_type(outcome, "Goal")
    assert "R" in _codes(made)


def test_in_the_older_release_too_one_that_cannot_be_read_leaves_alone():
    outcome = _older(_older_goal(status="climbing"))
    assert of_type(outcome, "Goal") == []
    assert issues(outcome, "unmapped-code") == [("error", "CarePlan[0].contained[0].status")]
    assert issues(outcome, "refused-target") == [("warning", "CarePlan[0].goal[0]")]


NEED = {"resourceType": "Condition", "id": "need", "code": {"text": "Falls"}}
NAMES_IT = [{"reference": "#need"}]


def _needs(outcome):
    (made,) = (one for one in outcome.resources if one.type == "Condition")
    (plan,) = of_type(outcome, "CarePlan")
    return made, plan["addresses"]


def test_a_need_inside_a_plan_of_the_older_release_is_a_problem_that_the_plan_addresses():
    hiv = {"coding": [{"system": systems.SNOMED_CT, "code": "86406008"}]}
    goal = _older_goal(addresses=NAMES_IT)
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    outcome = _older(NEED | {"code": hiv}, goal, addresses=NAMES_IT, meta=restricted)
    made, addressed = _needs(outcome)
    assert (made.key, made.resource["code"]) == ("CarePlan/p#need", hiv)
    assert {"R", "HIV", "problems"} <= _codes(made.resource)
    assert addressed == [{"reference": "urn:source:Condition:CarePlan/p#need"}]
    (aim,) = of_type(outcome, "Goal")
    assert aim["addresses"] == addressed
    assert outcome.issues == ()


def test_a_need_inside_a_plan_is_one_of_its_own_in_either_release():
    outcome = mapped(bundle(plan(contained=[NEED | {"subject": WHO}], addresses=NAMES_IT)))
    made, addressed = _needs(outcome)
    assert made.resource["code"] == {"text": "Falls"}
    assert addressed == [{"reference": "urn:source:Condition:CarePlan/p#need"}]


def test_somebody_elses_need_inside_a_plan_is_refused():
    theirs = NEED | {"subject": {"reference": "Patient/else"}}
    outcome = _older(theirs, addresses=NAMES_IT)
    assert of_type(outcome, "Condition") == []
    assert issues(outcome, "other-person") == [("error", "CarePlan[0].contained[0].subject")]
    assert issues(outcome, "refused-target") == [("warning", "CarePlan[0].addresses[0]")]


def test_what_else_stands_inside_and_cannot_be_named_is_called_what_it_is():
    seen = {
        "resourceType": "Observation",
        "id": "seen",
        "status": "final",
        "code": {"text": "Gait"},
    }
    outcome = _older(seen, supportingInfo=[{"reference": "#seen"}])
    assert of_type(outcome, "Observation") == []
    assert issues(outcome, "inside-resource") == [("warning", "CarePlan[0].supportingInfo[0]")]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("ServiceRequest", {"status": "active", "intent": "plan", "code": {"text": "Physio"}}),
        ("Task", {"status": "requested", "intent": "plan", "description": "Fit a rail"}),
    ],
)
def test_an_action_inside_its_plan_is_one_of_its_own_and_as_restricted(kind, more):
    about = {"for" if kind == "Task" else "subject": WHO}
    held = {"resourceType": kind, "id": "do", **about, **more}
    restricted = {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}
    sent = plan(contained=[held], activity=[{"reference": {"reference": "#do"}}], meta=restricted)
    outcome = mapped(bundle(sent))
    ((made,), (whole,)) = of_type(outcome, kind), of_type(outcome, "CarePlan")
    named = whole["activity"][0]["reference"]["reference"]
    assert named == f"urn:source:{kind}:CarePlan/p#do"
    assert "R" in _codes(made)
    assert outcome.issues == ()
    other = {**held, ("for" if kind == "Task" else "subject"): {"reference": "Patient/else"}}
    assert of_type(mapped(bundle({**sent, "contained": [other]})), kind) == []


def test_what_else_stands_inside_is_called_what_it_is_where_something_names_it():
    seen = {"resourceType": "Observation", "id": "seen", "status": "final", "subject": WHO}
    sent = plan(
        contained=[seen | {"code": {"text": "Gait"}}],
        supportingInfo=[{"reference": "#seen"}, {"reference": "#gone"}],
    )
    outcome = mapped(bundle(sent))
    assert of_type(outcome, "Observation") == []
    assert issues(outcome, "inside-resource") == [("warning", "CarePlan[0].supportingInfo[0]")]
    assert issues(outcome, "dangling-reference") == [("warning", "CarePlan[0].supportingInfo[1]")]
