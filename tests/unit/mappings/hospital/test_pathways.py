"""PPP and PPG: pathways with the problems, goals, orders and people that stand in them."""

from itertools import permutations

import pytest

from tests.unit.mappings.hospital.messages import (
    codes_of,
    goal,
    header,
    made,
    only,
    outcome,
    person,
    problem,
    segment,
    state,
)


def _pathway(**more):
    return segment("PTH", {1: "AD", 2: "HIP^Hip pathway^L", 3: "T-9^RAX", 5: "Active"}, **more)


def _sent(kind, *rest, day=6):
    return outcome(header(kind, at=f"202610{day:02d}090000"), person(), *rest)


ORDER = (
    segment("ORC", _1="NW", _2="O-1^RAX", _7="^^^20261008"),
    segment("OBR", _2="O-1^RAX", _4="PHYS^Physiotherapy^L"),
    segment("NTE", _1="1", _3="Twice a week."),
)


def _references(plan, element):
    return [one["reference"].rpartition("|")[2] for one in plan.get(element, ())]


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("PPP^PCB", (problem(), goal())),
        ("PPP^PCC", (problem(), goal())),
        ("PPG^PCG", (goal(), problem())),
        ("PPG^PCH", (goal(), problem())),
    ],
)
def test_a_pathway_holds_what_stands_in_it(kind, rest):
    result = _sent(kind, _pathway(), *rest)
    plan = only(result, "CarePlan")
    assert (plan["status"], plan["title"]) == ("active", "Hip pathway")
    assert _references(plan, "addresses") == ["P-1^RAX"]
    assert _references(plan, "goal") == ["G-1^RAX"]
    assert _references(only(result, "Goal"), "addresses") == ["P-1^RAX"]
    assert result.issues == ()


@pytest.mark.parametrize("kind", ["PPP^PCD", "PPG^PCJ"])
def test_a_pathway_that_is_taken_back_is_in_error(kind):
    result = _sent(kind, _pathway(_1="DE"), problem(_1="DE"))
    assert only(result, "CarePlan")["status"] == "entered-in-error"
    condition = only(result, "Condition")
    assert condition["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


def test_messages_about_one_pathway_come_to_one_plan_in_any_order():
    sent = [
        _sent("PPP^PCB", _pathway(_4="20261002"), problem(), goal(), day=6),
        _sent("PPP^PCC", _pathway(), problem(_4="P-2^RAX"), goal(_4="G-2^RAX"), day=7),
        _sent("PPG^PCH", _pathway(_5="Suspended"), goal(_16="Delayed"), day=8),
        _sent("PPP^PCC", _pathway(_5="Completed", _6="20261009"), day=9),
    ]
    for arrived in permutations(sent):
        plan = state([*arrived, arrived[0]], "CarePlan")
        assert plan["status"] == "completed"
        assert plan["period"] == {"start": "2026-10-02", "end": "2026-10-09"}
        assert sorted(_references(plan, "goal")) == ["G-1^RAX", "G-2^RAX"]
        assert sorted(_references(plan, "addresses")) == ["P-1^RAX", "P-2^RAX"]


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("PPP^PCB", (_pathway(), problem(), goal(), *ORDER)),
        ("PPG^PCG", (_pathway(), goal(), *ORDER)),
        ("PGL^PC6", (goal(), *ORDER)),
        ("PGL^PC6", (goal(), _pathway(), *ORDER)),
    ],
)
def test_an_order_in_a_plan_is_one_of_its_actions(kind, rest):
    result = _sent(kind, *rest)
    (ordered,) = made(result, "ServiceRequest")
    (activity,) = only(result, "CarePlan")["activity"]
    assert activity["reference"]["reference"] == f"urn:source:ServiceRequest:{ordered.key}"
    order = ordered.alone()
    assert (order["status"], order["intent"]) == ("active", "order")
    assert order["note"] == [{"text": "Twice a week."}]
    assert order["occurrenceDateTime"] == "2026-10-08"


def test_an_order_has_one_key_in_a_pathway_and_in_an_order_message():
    (here,) = made(_sent("PPR^PC1", problem(), *ORDER), "ServiceRequest")
    (there,) = made(_sent("ORM^O01", *ORDER), "ServiceRequest")
    assert here.key == there.key
    medicine = segment("ORC", _1="NW", _2="O-2"), segment("RXO", _1="PARA^Paracetamol^L")
    result = _sent("PPR^PC1", problem(), *medicine)
    assert ("PRB[1].ORC[1]", "not-mapped") in codes_of(result)


def test_a_problem_that_is_only_expected_is_no_problem():
    risk = problem(_4="P-9^RAX", _28="INT")
    result = _sent("PPP^PCB", _pathway(), problem(), goal(), risk)
    assert [one.key[-7:] for one in made(result, "Condition")] == ["P-1^RAX"]
    assert _references(only(result, "CarePlan"), "addresses") == ["P-1^RAX"]
    assert ("PTH[1].PRB[2]-28", "not-present") in codes_of(result)
    there = _sent("PPR^PC1", problem(_28="EVN"))
    assert made(there, "Condition")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"_22": "INT"}, "planned"),
        ({"_22": "PRP"}, "proposed"),
        ({"_22": "EVN"}, "active"),
        ({"_22": "INT", "_18": "Active"}, "active"),
        ({"_22": "INT", "_16": "Achieved"}, "completed"),
    ],
)
def test_a_goals_mood_serves_where_nothing_else_says_its_state(fields, status):
    assert only(_sent("PGL^PC6", goal(**fields)), "Goal")["lifecycleStatus"] == status


def test_a_mood_that_is_not_known_is_reported():
    result = _sent("PGL^PC6", goal(_22="soon"))
    assert only(result, "Goal")["lifecycleStatus"] == "active"
    assert ("GOL[1]-22", "unmapped-code") in codes_of(result)


def test_disciplines_are_of_the_team_and_what_is_known_is_noted():
    told = problem(_11="ORT^Orthopaedics^L", _21="Well aware", _24="Wife told")
    result = _sent("PPP^PCB", _pathway(), told, goal(_10="PHYS^Physiotherapy^L"))
    roles = [one["role"][0]["text"] for one in only(result, "CareTeam")["participant"]]
    assert roles == ["Orthopaedics", "Physiotherapy"]
    (note,) = only(result, "Condition")["note"]
    assert note["text"] == "The person knows: Well aware; The family knows: Wife told"


def test_a_variance_says_who_stated_it():
    said = segment("VAR", _1="V-1", _3="20261005", _4="N-7^Okoro^Grace", _6="In pain")
    (note,) = only(_sent("PGL^PC6", goal(), said), "Goal")["note"]
    assert note["authorReference"]["display"] == "Grace Okoro"
    assert (note["text"], note["time"]) == ("Variance: In pain", "2026-10-05")


@pytest.mark.parametrize(
    ("kind", "order"),
    [("PPR^PC1", "problem pathway goal"), ("PPP^PCB", "pathway problem goal"),
     ("PGL^PC6", "goal pathway problem"), ("PPG^PCG", "pathway goal problem")],
)  # fmt: skip
def test_what_tells_of_a_restricted_problem_is_as_restricted(kind, order):
    nurse = segment("ROL", {1: "1", 2: "AD", 3: "^Clinic nurse", 4: "1^Novak^Petra"})
    parts = {"problem": [problem(_25="V"), nurse], "goal": [goal()], "pathway": [_pathway()]}
    result = _sent(kind, *(one for name in order.split() for one in parts[name]))
    for resource_type in ("Condition", "Goal", "CarePlan", "CareTeam"):
        labels = only(result, resource_type)["meta"]["security"]
        assert "V" in {one["code"] for one in labels}, resource_type
    open_ = _sent(kind, *(one for name in order.split() for one in parts[name][:1]))
    assert made(open_, "CareTeam") == []


def test_a_pathway_that_is_told_twice_with_a_difference_is_reported():
    same = _sent("PPG^PCG", goal(), _pathway(), goal(_4="G-2"), _pathway())
    assert "told-twice" not in [code for _, code in codes_of(same)]
    link = _sent(
        "PPG^PCG", goal(), _pathway(), goal(_4="G-2"), segment("PTH", {1: "AD", 3: "T-9^RAX"})
    )
    assert "told-twice" not in [code for _, code in codes_of(link)]
    other = _sent("PPG^PCG", goal(), _pathway(), goal(_4="G-2"), _pathway(_5="Completed"))
    assert [path for path, code in codes_of(other) if code == "told-twice"]
    plans = [one for one in made(other, "CarePlan") if one.resource.get("title") == "Hip pathway"]
    assert [one.resource["status"] for one in plans] == ["active"]
