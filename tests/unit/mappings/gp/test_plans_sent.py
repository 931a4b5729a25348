"""Plans, goals and teams that an STU3 bundle sends as such."""

import pytest

from tests.unit.mappings.gp.bundles import diary, issues, mapped, observation, of_type

WHO = {"subject": {"reference": "Patient/pat-1"}}


def plan(id_="p", **more):
    made = {"resourceType": "CarePlan", "id": id_, "status": "active", "intent": "plan"}
    return made | WHO | more


def goal(id_="g", status="proposed", **more):
    words = {"text": "Walk to the park"}
    return {"resourceType": "Goal", "id": id_, "status": status, "description": words} | WHO | more


@pytest.mark.parametrize(
    ("sent", "lifecycle", "achieved"),
    [
        ("proposed", "proposed", None),
        ("in-progress", "active", "in-progress"),
        ("behind-target", "active", "in-progress"),
        ("sustaining", "active", "sustaining"),
        ("achieved", "completed", "achieved"),
        ("rejected", "rejected", None),
    ],
)
def test_what_stu3_says_in_one_word_r4_says_in_two(sent, lifecycle, achieved):
    (made,) = of_type(mapped(goal(status=sent)), "Goal")
    assert made["lifecycleStatus"] == lifecycle
    said = made.get("achievementStatus", {})
    assert said.get("coding", [{}])[0].get("code") == achieved
    assert said.get("text") == (sent if achieved else None)


def test_an_activity_of_a_plan_that_is_sent_stands_there_alone():
    held = plan(activity=[{"reference": {"reference": "ProcedureRequest/a"}}])
    outcome = mapped(held, diary("a"), diary("b"))
    plans = {one.get("title", ""): one["activity"] for one in of_type(outcome, "CarePlan")}
    assert {name: len(held) for name, held in plans.items()} == {
        "": 1,
        "Planned care in the GP record": 1,
    }
    assert plans[""][0]["reference"]["reference"].endswith("ProcedureRequest/a")


def test_a_plan_names_its_goals_and_restricts_them():
    restricted = {"security": [{"system": "http://hl7.org/fhir/v3/Confidentiality", "code": "R"}]}
    outcome = mapped(plan(goal=[{"reference": "Goal/g"}], meta=restricted), goal())
    (sent,) = of_type(outcome, "CarePlan")
    (held,) = of_type(outcome, "Goal")
    assert sent["goal"] == [{"reference": "urn:source:Goal:Goal/g"}]
    assert "R" in [coding["code"] for coding in held["meta"]["security"]]


def test_a_status_nobody_knows_refuses_the_resource_alone():
    outcome = mapped(plan(status="dreaming"), goal(), goal("h", status="dreaming"))
    assert issues(outcome, "unmapped-code") == [
        ("error", "CarePlan[0].status"),
        ("error", "Goal[1].status"),
    ]
    assert len(of_type(outcome, "Goal")) == 1


def test_a_preference_is_a_goal_of_the_plan_for_the_end_of_life():
    home = observation("w", "110481000000108", "2026-01-01", comment="first choice")
    ward = observation("v", "109401000000108", "2026-01-01T09:00:00Z", comment="second choice")
    old = observation("u", "110481000000108", "2020-01-01")
    review = observation("r", "196121000000104", "2026-01-02")
    outcome = mapped(home, ward, old, review, observation("t", "315612005", "2026-01-01"))
    by_title = {one["title"]: one for one in of_type(outcome, "CarePlan")}
    assert len(by_title["End of life care plan"]["goal"]) == 3
    assert len(by_title["Planned care in the GP record"]["goal"]) == 1
    goals = of_type(outcome, "Goal")
    assert [one["lifecycleStatus"] for one in goals] == ["active", "active", "cancelled", "active"]
    assert [one.get("category") for one in goals] == [[{"text": "Patient preference"}]] * 3 + [None]
    assert ["target" in one for one in goals] == [False, False, False, True]


def test_a_preference_without_such_a_plan_stands_in_the_general_one():
    outcome = mapped(observation("w", "505401000000102", "2026-01-01"))
    (made,) = of_type(outcome, "CarePlan")
    assert (made["status"], len(made["goal"])) == ("active", 1)


def test_codes_of_hl7_move_to_the_systems_of_r4_and_others_stay():
    own = {"system": "https://gp.example/aims", "code": "x"}
    moved = {"system": "http://hl7.org/fhir/goal-category", "code": "dietary"}
    (made,) = of_type(mapped(goal(category=[{"coding": [own, moved]}])), "Goal")
    systems = [one["system"] for one in made["category"][0]["coding"]]
    assert systems == [own["system"], "http://terminology.hl7.org/CodeSystem/goal-category"]
