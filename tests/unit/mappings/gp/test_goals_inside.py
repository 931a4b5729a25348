"""Goals that stand inside the plan that has them (R4): goals of their own, as restricted as it."""

from mappings.core.model import systems
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
