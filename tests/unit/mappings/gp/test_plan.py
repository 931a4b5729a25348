"""The plan put together from scattered entries."""

import pytest

from tests.unit.mappings.gp.bundles import (
    GPC,
    SNOMED,
    UK,
    diary,
    issues,
    mapped,
    observation,
    of_type,
    problem,
)

MADE = {"meta": {"lastUpdated": "2026-10-22T10:00:00Z"}}
PERSONAL = observation("p", "523051000000100", "2026-10-01")


def plans(outcome):
    return {one["title"]: one for one in of_type(outcome, "CarePlan")}


def test_no_sign_no_plan():
    referral = {
        "resourceType": "ReferralRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
    }
    assert plans(mapped(observation("a", "1"), problem("c"), referral)) == {}


def test_a_code_called_completed_is_a_plan_in_use_and_derived():
    (plan,) = of_type(mapped(PERSONAL), "CarePlan")
    assert plan["status"] == "active"
    assert plan["intent"] == "plan"
    assert [tag["code"] for tag in plan["meta"]["tag"]] == ["derived"]
    assert "Derived" in plan["note"][0]["text"]
    assert plan["supportingInfo"] == [{"reference": "urn:source:Observation:Observation/p"}]


def test_one_plan_of_each_sort_and_the_newest_sign_leads():
    older = observation("q", "523051000000100", "2024-01-01", comment="old words")
    newer = {**PERSONAL, "comment": "new words"}
    outcome = mapped(
        newer, older, observation("g", "288834001", "2025-05-05"), observation("d", "371538006")
    )
    found = plans(outcome)
    assert set(found) == {
        "Personalised care and support plan",
        "Care plan",
        "Advance care plan",
    }
    plan = found["Personalised care and support plan"]
    assert plan["created"] == "2026-10-01"
    assert plan["period"] == {"start": "2024-01-01"}
    assert plan["note"][1]["text"] == "new words"
    assert len(plan["supportingInfo"]) == 2


def test_diary_entries_alone_imply_one_plan_that_says_so():
    outcome = mapped(diary("a", due="2027-01-01"), diary("b"))
    (plan,) = of_type(outcome, "CarePlan")
    assert plan["title"] == "Planned care in the GP record"
    assert len(plan["activity"]) == 2


def test_an_ordered_test_is_no_diary_entry():
    outcome = mapped(diary("a", intent="order"))
    assert of_type(outcome, "CarePlan") == []
    assert len(of_type(outcome, "ServiceRequest")) == 1


def test_an_overdue_entry_is_kept_and_flagged():
    outcome = mapped(diary("a", due="2004-03-01"), diary("b", due="2033-03-01"), **MADE)
    (plan,) = of_type(outcome, "CarePlan")
    late, early = plan["activity"]
    assert late["progress"] == [{"text": "Overdue: due on 2004-03-01"}]
    assert "progress" not in early
    notes = [one.get("note") for one in of_type(outcome, "ServiceRequest")]
    assert "still open when the record was made on 2026-10-22" in notes[0][0]["text"]
    assert notes[1] is None


def test_nothing_is_overdue_in_a_record_that_has_no_time_or_when_it_is_done():
    (plan,) = of_type(mapped(diary("a", due="2004-03-01")), "CarePlan")
    assert "progress" not in plan["activity"][0]
    (done,) = of_type(mapped(diary("a", due="2004-03-01", status="completed"), **MADE), "CarePlan")
    assert "progress" not in done["activity"][0]
    assert done["status"] == "unknown"


def test_active_major_problems_are_what_the_plan_addresses():
    outcome = mapped(
        PERSONAL,
        problem("a"),
        problem("b", "minor"),
        problem("c", status="inactive"),
        problem("d", verificationStatus="entered-in-error"),
    )
    (plan,) = of_type(outcome, "CarePlan")
    assert plan["addresses"] == [{"reference": "urn:source:Condition:Condition/a"}]


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_target_of_a_measure_is_pursued_in_any_order(order):
    targets = [
        observation("old", "315612005", "2024-01-01", valueQuantity={"value": 140}),
        observation("new", "315612005", "2026-01-01", valueQuantity={"value": 150}),
        observation("dia", "315613000", "2020-01-01", valueQuantity={"value": 80}),
    ]
    link = {"url": f"{UK}RelatedClinicalContent-1"}
    linked = problem("c")
    linked["extension"].append({**link, "valueReference": {"reference": "Observation/new"}})
    outcome = mapped(*targets[::order], linked)
    goals = {one["target"][0]["detailQuantity"]["value"]: one for one in of_type(outcome, "Goal")}
    assert {value: one["lifecycleStatus"] for value, one in goals.items()} == {
        140: "cancelled",
        150: "active",
        80: "active",
    }
    assert goals[140]["statusReason"] == "superseded"
    assert goals[150]["addresses"] == [{"reference": "urn:source:Condition:Condition/c"}]
    (plan,) = of_type(outcome, "CarePlan")
    keys = [one.key for one in outcome.resources if one.type == "Goal"]
    assert [one["reference"] for one in plan["goal"]] == [f"urn:source:Goal:{k}" for k in keys]
    assert len(of_type(outcome, "Observation")) == 3


def test_end_of_life_things_stand_in_their_own_plan():
    outcome = mapped(
        PERSONAL,
        diary("r", "196121000000104", "2027-01-01"),
        diary("d", "314529007"),
        observation("h", "110481000000108"),
        observation("m", "787381000000106"),
    )
    found = plans(outcome)
    end, own = found["End of life care plan"], found["Personalised care and support plan"]
    assert [len(plan["activity"]) for plan in (end, own)] == [1, 1]
    assert end["supportingInfo"] == [{"reference": "urn:source:Observation:Observation/h"}]
    assert {"reference": "urn:source:Observation:Observation/m"} in own["supportingInfo"]


def test_a_plan_for_the_end_of_life_addresses_the_problems_of_that_kind():
    """By the problem's own code, or by that of the entry it heads; ended ones are not."""
    palliative = {"coding": [{"system": SNOMED, "code": "103735009"}]}
    heads = [{"url": f"{GPC}ActualProblem-1", "valueReference": {"reference": "Observation/o"}}]
    outcome = mapped(
        observation("r", "196121000000104", "2026-10-01"),
        observation("o", "443761007", "2026-10-01"),
        problem("coded", "minor", code=palliative),
        {**problem("heads"), "extension": heads},
        problem("ended", status="inactive", code=palliative),
        problem("other"),
    )
    named = [one["reference"] for one in plans(outcome)["End of life care plan"]["addresses"]]
    assert [one.rpartition("/")[2] for one in named] == ["coded", "heads"]


def test_a_plan_entered_in_error_says_so_and_holds_nothing():
    outcome = mapped({**PERSONAL, "status": "entered-in-error"}, diary("a"))
    found = plans(outcome)
    wrong = found["Personalised care and support plan"]
    assert wrong["status"] == "entered-in-error"
    assert "activity" not in wrong
    assert len(found["Planned care in the GP record"]["activity"]) == 1


def test_a_warning_of_the_practice_reaches_the_plan():
    warned = {
        "resourceType": "List",
        "extension": [{"url": f"{GPC}ListWarningCode-1", "valueCode": "data-in-transit"}],
    }
    outcome = mapped(PERSONAL, warned, warned)
    (plan,) = of_type(outcome, "CarePlan")
    assert [tag["code"] for tag in plan["meta"]["tag"]] == ["derived", "incomplete-at-source"]
    assert issues(outcome, "incomplete-at-source") == [
        ("warning", "List[0].extension[0].valueCode")
    ]


def test_a_goal_is_never_less_restricted_than_its_plan():
    nopat = {"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}]}
    outcome = mapped({**PERSONAL, "meta": nopat}, observation("t", "315612005", "2026-01-01"))
    for name in ("CarePlan", "Goal"):
        (one,) = of_type(outcome, name)
        assert "NOPAT" in [coding["code"] for coding in one["meta"]["security"]]


def test_keys_of_plans_differ_between_people():
    (first,) = [o.key for o in mapped(PERSONAL).resources if o.type == "CarePlan"]
    assert first == "pat-1|plan|personal"


def test_what_has_no_key_stands_in_no_plan():
    """It is refused for that, and nothing refers to it."""
    local = {"system": "https://gp.example/codes", "code": "1"}
    home = observation("h", "505401000000102", "2026-01-01")
    home["code"]["coding"].insert(0, local)
    held = (diary("d"), observation("t", "315612005", "2026-01-01"), home)
    bare = [{name: value for name, value in one.items() if name != "id"} for one in held]
    (plan,) = of_type(mapped(*bare), "CarePlan")
    assert {"goal", "activity", "supportingInfo"} & set(plan) == set()
