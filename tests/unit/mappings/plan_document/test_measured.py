"""Goals of a plan document: progress worked out, contradictions found, nothing converted."""

import copy

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Item
from mappings.social_care import FEED

KIND = FEED.kinds["support-plan"]
PLAN = {
    "document": "support-plan",
    "version": "1",
    "written_at": "2026-11-10T09:00:00Z",
    "person": {"local_id": "P-1"},
    "plan": {"id": "SP-1", "type": "support", "state": "active"},
}
BASE = {"measure": "Stairs", "value": 2, "unit": "flights", "on": "2026-08-01"}


def _review(number, **given):
    return {**BASE, "id": f"R{number}", "on": f"2026-09-{number:02}", **given}


def _mapped(**goal):
    made = {"id": "G1", "words": "To climb.", "state": "working on", "baseline": BASE, **goal}
    return map_item(KIND, Item("support-plan", 1, copy.deepcopy(PLAN | {"goals": [made]})))


def _status(outcome):
    (goal,) = [one.resource for one in outcome.resources if one.type == "Goal"]
    found = goal.get("achievementStatus")
    return found and (found["coding"][0]["code"], found["text"])


def _issues(outcome):
    return [(str(i.severity), i.path, i.code) for i in outcome.issues]


TARGET = {"value": 4, "unit": "flights", "by_date": "2026-12-01"}
TOLD = "Worked out from what was measured"


def test_progress_that_is_not_stated_is_worked_out_and_says_so():
    outcome = _mapped(target=TARGET, reviews=[_review(1, value=3)])
    assert _status(outcome) == ("improving", TOLD)
    (goal,) = [one for one in outcome.resources if one.type == "Goal"]
    (line,) = [line for line in goal.lineage if line.path == "achievementStatus"]
    assert (line.source, line.rule) == ("goals[0].reviews[0]", "goal.progress_told")


def test_what_is_stated_stands():
    outcome = _mapped(target=TARGET, reviews=[_review(1, value=5)], progress="getting better")
    assert _status(outcome) == ("improving", "getting better")


def test_no_change_on_a_goal_to_maintain_is_success_however_it_is_said():
    assert _status(_mapped(aim="maintain", reviews=[_review(1)])) == ("sustaining", TOLD)
    stated = _mapped(aim="maintain", progress="No  change")
    assert _status(stated) == ("sustaining", "no change, as hoped")
    assert _status(_mapped(aim="regain", progress="no change")) == ("no-change", "no change")


def test_the_order_in_which_reviews_are_sent_changes_nothing():
    reviews = [_review(1, value=5), _review(2, value=3)]
    assert _status(_mapped(target=TARGET, reviews=reviews)) == _status(
        _mapped(target=TARGET, reviews=reviews[::-1])
    )


def test_what_was_measured_before_the_baseline_is_no_progress_from_it():
    before = _review(1, value=3, on="2026-07-01")
    assert _status(_mapped(target=TARGET, reviews=[before])) is None
    after = _review(2, value=1)
    assert _status(_mapped(target=TARGET, reviews=[before, after])) == ("worsening", TOLD)


def test_a_day_after_the_document_was_written_tells_nothing():
    assert _status(_mapped(target=TARGET, reviews=[_review(1, on="2027-01-01", value=5)])) is None


def test_a_floor_below_the_baseline_does_not_make_less_better():
    floor = TARGET | {"value": 1}
    for aim in ("slow loss", "maintain"):
        lost = _mapped(aim=aim, target=floor, reviews=[_review(1, value=0)])
        assert (_status(lost), lost.quarantined) == (None, False)
        stated = _mapped(
            aim=aim, target=floor, reviews=[_review(1, value=0)], progress="getting worse"
        )
        assert (_status(stated), stated.issues) == (("worsening", "getting worse"), ())


def test_a_unit_is_never_converted():
    outcome = _mapped(target=TARGET, reviews=[_review(1, value=40, unit="steps")])
    assert _issues(outcome) == [("warning", "goals[0].reviews[0].unit", "unit-differs")]
    assert _status(outcome) is None
    values = [o.resource["valueQuantity"] for o in outcome.resources if o.type == "Observation"]
    assert values == [{"value": 2, "unit": "flights"}, {"value": 40, "unit": "steps"}]


def test_a_target_in_another_unit_is_met_by_nothing():
    outcome = _mapped(target={"value": 2, "unit": "steps"}, reviews=[_review(1, value=3)])
    assert _status(outcome) is None
    assert ("warning", "goals[0].target.unit", "unit-differs") in _issues(outcome)


DENIED = [
    ("getting better", 1),
    ("achieved", 1),
    ("keeping it up", 1),
    ("getting worse", 3),
    ("getting worse", 4),
    ("not achieved", 4),
]


@pytest.mark.parametrize(("stated", "last"), DENIED)
def test_progress_that_the_figures_deny_is_quarantined(stated, last):
    outcome = _mapped(target=TARGET, reviews=[_review(1, value=last)], progress=stated)
    assert _issues(outcome) == [("error", "goals[0].progress", "contradiction")]
    assert outcome.quarantined


@pytest.mark.parametrize(("stated", "last"), [("achieved", 3), ("no change", 3), ("started", 1)])
def test_a_workers_judgement_that_figures_do_not_deny_is_taken(stated, last):
    outcome = _mapped(target=TARGET, reviews=[_review(1, value=last)], progress=stated)
    assert not outcome.issues


def test_two_values_of_one_day_are_quarantined_and_the_same_value_twice_is_not():
    twice = [_review(1, value=3), _review(1, id="R2", value=4)]
    assert _issues(_mapped(reviews=twice)) == [
        ("error", "goals[0].reviews[1].value", "contradiction")
    ]
    assert not _mapped(reviews=[twice[0], twice[0] | {"id": "R2"}]).issues


@pytest.mark.parametrize(
    ("scale", "value", "wrong"),
    [
        ("PHQ-9", 27, False),
        ("PHQ-9", 28, True),
        ("GAS", -2, False),
        ("GAS", -3, True),
        ("EQ-5D-5L index", -0.2, False),
        ("979641000000103", 9, False),
        ("979641000000103", 5, True),
        ("Barthel 20", 35, True),
        ("Barthel 100", 35, False),
    ],
)
def test_a_score_is_checked_against_the_scale_and_version_it_names(scale, value, wrong):
    outcome = _mapped(baseline={**BASE, "unit": None, "scale": scale, "value": value})
    expected = [("error", "goals[0].baseline.value", "out-of-range")] if wrong else []
    assert _issues(outcome) == expected


def test_a_score_that_means_not_known_is_no_number():
    honos = {**BASE, "unit": None, "scale": "979641000000103"}
    outcome = _mapped(baseline=honos | {"value": 9}, reviews=[{**honos, **_review(1, value=2)}])
    first, second = [one.resource for one in outcome.resources if one.type == "Observation"]
    assert "valueQuantity" not in first
    assert first["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert (second["valueQuantity"], "dataAbsentReason" in second) == (
        {"value": 2, "unit": "flights"},
        False,
    )


def test_a_scale_is_named_by_its_code_and_its_version():
    outcome = _mapped(baseline={**BASE, "unit": None, "scale": "506701000000100"})
    (measured,) = [one.resource for one in outcome.resources if one.type == "Observation"]
    assert measured["code"]["coding"][0]["code"] == "720433000"
    assert measured["code"]["text"] == "Stairs"
    assert "v1" in measured["method"]["text"]


def test_a_verdict_on_the_plan_is_given_to_no_goal():
    review = {"id": "PR1", "on": "2026-11-01", "outcome": "partially met"}
    facts = {
        **PLAN,
        "plan": {"id": "SP-1", "type": "support", "state": "active", "reviews": [review]},
    }
    goals = [{"id": f"G{n}", "words": "To climb.", "state": "working on"} for n in (1, 2, 3)]
    outcome = map_item(KIND, Item("support-plan", 1, facts | {"goals": goals}))
    made = [one.resource for one in outcome.resources]
    assert not any("achievementStatus" in one for one in made)
    (verdict,) = [one for one in made if one["resourceType"] == "Observation"]
    assert verdict["valueCodeableConcept"]["coding"][0]["code"] == "partially-met"
    assert verdict["basedOn"] == [{"reference": "urn:source:CarePlan:SP-1|plan"}]


def _money(**plan):
    facts = {**PLAN, "plan": {"id": "SP-1", "type": "support", "state": "active", **plan}}
    action = {"id": "A1", "what": "Bath", "state": "arranged", "cost": {"per": "hour"}}
    outcome = map_item(KIND, Item("support-plan", 1, facts | {"actions": [action]}))
    return [one.resource for one in outcome.resources if one.type == "Coverage"]


def test_who_pays_is_named_as_far_as_the_plan_says():
    assert _money(funding="self funder")[0]["payor"] == [{"display": "The person"}]
    assert (
        _money(funding="self funder", funded_by="A cousin")[0]["payor"][0]["display"] == "A cousin"
    )
    plan, action = _money(funding="council")
    assert plan["payor"] == action["payor"] == [{"display": "Not said in the plan"}]
    assert not any("/cost" in one["url"] for one in action["extension"])


def test_a_review_that_is_none_is_refused_and_breaks_nothing():
    outcome = _mapped(reviews=["x"])
    assert ("error", "goals[0].reviews[0]", "no-key") in _issues(outcome)
    assert outcome.quarantined


def test_a_stage_that_is_reached_leaves_its_goal_as_it_was():
    whole = {"id": "G1", "words": "To climb.", "state": "working on"}
    stage = whole | {"id": "G2", "stage_of": "G1", "state": "finished", "progress": "achieved"}
    outcome = map_item(KIND, Item("support-plan", 1, PLAN | {"goals": [whole, stage]}))
    first, second = [one.resource for one in outcome.resources if one.type == "Goal"]
    assert (first["lifecycleStatus"], "achievementStatus" in first) == ("active", False)
    (link,) = second["extension"]
    assert {one["url"] for one in link["extension"]} == {"type", "target"}
    assert "Goal:SP-1|G1" in repr(link)


@pytest.mark.parametrize("parent", ["G9", "G1"])
def test_a_stage_is_a_stage_of_another_goal_that_was_sent(parent):
    assert ("error", "goals[0].stage_of", "unknown-reference") in _issues(_mapped(stage_of=parent))


@pytest.mark.parametrize(
    ("scale", "unit", "shown"),
    [
        ("PHQ-9", None, "score"),
        ("PHQ-9", "points", "points"),
        ("A scale of our own", None, None),
        (None, None, None),
    ],
)
def test_a_number_on_a_known_scale_is_said_to_be_a_score(scale, unit, shown):
    baseline = {"measure": "Mood", "value": 9, "on": "2026-10-01"}
    baseline |= {"scale": scale} if scale else {}
    baseline |= {"unit": unit} if unit else {}
    outcome = _mapped(baseline=baseline)
    (made,) = [one.resource for one in outcome.resources if one.type == "Observation"]
    assert made["valueQuantity"].get("unit") == shown
    assert made["valueQuantity"]["value"] == 9
