"""Problems, goals and pathways: PRB, GOL, PTH to Condition, Goal, CarePlan, CareTeam."""

from functools import partial
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
    visit,
)


def _ppr(trigger="PC1", at="20261005102000", **fields):
    return outcome(header(f"PPR^{trigger}", at=at), person(), problem(**fields))


def _pgl(*segments, trigger="PC6", at="20261006094500"):
    return outcome(header(f"PGL^{trigger}", at=at), person(), *segments)


def _status(condition, element="clinicalStatus"):
    return condition[element]["coding"][0]["code"] if element in condition else None


@pytest.mark.parametrize("field", ["_13", "_14", "_15"])
@pytest.mark.parametrize(
    ("word", "clinical", "verified"),
    [
        ("ACTIVE", "active", None),
        ("Active-Improving", "active", None),
        ("Inactive", "inactive", None),
        ("Resolved", "resolved", None),
        ("Confirmed", "active", "confirmed"),
        ("Provisional", "active", "provisional"),
        ("Differential", "active", "differential"),
        ("Rule-out", "active", "refuted"),
        ("C^Confirmed", "active", "confirmed"),
        ("Deleted", None, "entered-in-error"),
        ("", "active", None),
    ],
)
def test_the_state_of_a_problem_is_read_by_vocabulary(field, word, clinical, verified):
    condition = only(_ppr(**{field: word}), "Condition")
    assert _status(condition) == clinical
    assert _status(condition, "verificationStatus") == verified


def test_a_day_of_resolution_wins_over_the_words():
    condition = only(_ppr(_9="20261004", _14="Active"), "Condition")
    assert (_status(condition), condition["abatementDateTime"]) == ("resolved", "2026-10-04")


ADD = _ppr(_14="Active", _13="Provisional")
RESOLVE = _ppr("PC2", "20261006", _1="UP", _9="20261006", _13="Confirmed")
DELETE = _ppr("PC3", "20261007", _1="DE")
BACK = _ppr("PC1", "20261008", _1="AD", _14="Active")


@pytest.mark.parametrize("arrived", list(permutations([ADD, RESOLVE, DELETE])))
def test_a_deleted_problem_is_in_error_in_every_order(arrived):
    condition = state(arrived, "Condition")
    assert _status(condition, "verificationStatus") == "entered-in-error"
    assert "clinicalStatus" not in condition


def test_a_problem_that_comes_back_is_active_and_not_resolved():
    condition = state([ADD, RESOLVE, DELETE, BACK], "Condition")
    assert _status(condition) == "active"
    assert "verificationStatus" not in condition
    assert "abatementDateTime" not in condition


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"_9": "soon"}, "PRB[1]-9"),
        ({"_16": "long ago"}, "PRB[1]-16"),
        ({"_16": "long ago", "_17": "long ago"}, "PRB[1]-16"),
        ({"_7": "x"}, "PRB[1]-7"),
    ],
)
def test_a_time_that_cannot_be_read_is_reported(fields, path):
    result = _ppr(**fields)
    assert (path, "invalid-date") in codes_of(result)
    assert not result.quarantined


def test_a_resolution_that_is_deleted_goes():
    resolved = _ppr("PC2", "20261006", _1="UP", _9="20261006")
    deleted = _ppr("PC2", "20261007", _1="UP", _9='""', _14="Inactive")
    assert "abatementDateTime" not in state([resolved, deleted], "Condition")


def test_an_onset_is_a_time_or_words_and_never_both():
    in_words = _ppr("PC1", "20261005", _17="as a child")
    in_time = _ppr("PC2", "20261006", _1="UP", _16="19600101", _17="as a child")
    unreadable = _ppr("PC2", "20261007", _1="UP", _16="long ago", _17="long ago")
    assert state([in_words], "Condition")["onsetString"] == "as a child"
    assert state([in_words, in_time], "Condition")["onsetDateTime"] == "1960-01-01"
    assert state([in_words, in_time, unreadable], "Condition")["onsetString"] == "long ago"
    deleted = _ppr("PC2", "20261008", _1="UP", _16='""')
    assert not [n for n in state([in_time, deleted], "Condition") if n.startswith("onset")]


def test_an_add_for_a_known_problem_updates_it():
    again = _ppr("PC1", "20261009", _1="AD", _3="195967001^Asthma, severe^SCT")
    assert made(again, "Condition")[0].key == made(ADD, "Condition")[0].key
    assert state([ADD, again], "Condition")["code"]["text"] == "Asthma, severe"


def test_a_problem_without_a_number_is_keyed_by_what_it_is():
    one, two = _ppr(_4="", _16="20200101"), _ppr(_4="", _16="20200101", _20="0.5")
    other = _ppr(_4="", _16="20210101")
    keys = [made(result, "Condition")[0].key for result in (one, two, other)]
    assert keys[0] == keys[1] != keys[2]


def test_two_people_may_have_one_problem_number():
    other = outcome(header("PPR^PC1"), person(_3="8^^^RAX^MR"), problem())
    assert made(other, "Condition")[0].key != made(ADD, "Condition")[0].key


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_message_may_hold_any_number_of_problems(count):
    problems = [problem(_4=f"P-{n}") for n in range(count)]
    result = outcome(header("PPR^PC1"), segment("EVN", _1="A05"), person(), *problems)
    assert len(made(result, "Condition")) == count
    assert not result.quarantined


def test_a_problem_that_says_nothing_is_refused():
    result = _ppr(_3="")
    assert result.quarantined
    assert ("PRB[1]-3", "missing") in codes_of(result)
    assert not _ppr("PC3", _1="DE", _3="").quarantined


@pytest.mark.parametrize("kind", ["PRB", "GOL", "PTH"])
def test_an_unknown_action_quarantines(kind):
    segments = {"PRB": problem(_1="ZZ"), "GOL": goal(_1="ZZ"), "PTH": segment("PTH", _1="ZZ")}
    result = _pgl(segments[kind])
    assert result.quarantined
    assert (f"{kind}[1]-1", "unmapped-code") in codes_of(result)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"f13": "C^Confirmed^Status list", "f14": "A1^Active^Life cycle list"}, set()),
        ({"f14": "active", "f15": "20260101103000"}, set()),
        ({"f13": "Acute^Acute^Persistence list", "f14": "active"}, {"PRB[1]-13"}),
    ],
)
def test_a_state_in_words_or_a_time_beside_it_is_no_unknown_state(fields, told):
    """Chapter 12 has the time of the life cycle in PRB-15, and its example words after codes."""
    result = outcome(header("PPR^PC1"), person(), problem(**fields))
    assert {path for path, code in codes_of(result) if code == "unmapped-code"} == told
    made_of = only(result, "Condition")
    assert made_of["clinicalStatus"]["coding"][0]["code"] == "active"


def test_how_likely_and_who_knows_is_told_in_words_alone():
    fields = {"f20": "HI^High^Certainty list", "f21": "1^Fully^Awareness list", "f23": "Partly"}
    notes = only(outcome(header("PPR^PC1"), person(), problem(**fields)), "Condition")["note"]
    assert [note["text"] for note in notes] == [
        "Probability: High",
        "The person knows: Fully; The person knows of the prognosis: Partly",
    ]


def test_notes_and_observations_stand_with_their_problem():
    result = outcome(
        header("PPR^PC1"),
        person(),
        problem(_25="V"),
        segment("NTE", _3="Line one.\\.br\\Line two, with commas"),
        segment("OBX", _1="1", _2="TX", _5="Report line 1"),
        segment("OBX", _1="2", _2="TX", _5="Report line 2"),
        problem(_4="P-2"),
    )
    first, second = [one.alone() for one in made(result, "Condition")]
    assert first["note"] == [{"text": "Line one.\nLine two, with commas"}]
    assert len(first["evidence"]) == 2
    assert "evidence" not in second
    observations = made(result, "Observation")
    assert {one.resource["valueString"] for one in observations} == {
        "Report line 1",
        "Report line 2",
    }
    assert all(one.resource["status"] == "unknown" for one in observations)
    assert all(one.resource["meta"]["security"][0]["code"] == "V" for one in observations)


@pytest.mark.parametrize(
    ("fields", "element", "value"),
    [
        ({"_2": "NM", "_5": "34.5", "_6": "s"}, "valueQuantity", 34.5),
        ({"_2": "SN", "_5": ">^5"}, "valueQuantity", 5),
        ({"_2": "NM", "_5": "None", "_6": "kg"}, "valueString", "None kg"),
        ({"_2": "NM", "_5": "60~120"}, "valueString", "60\n120"),
        ({"_2": "SN", "_5": "1^-^5"}, "valueString", "1 - 5"),
        ({"_2": "CE", "_5": "A^Mild^L"}, "valueCodeableConcept", None),
        ({"_2": "TS", "_5": "20261005"}, "valueDateTime", "2026-10-05"),
        ({"_2": "", "_5": "words"}, "valueString", "words"),
    ],
)
def test_an_observation_by_its_type(fields, element, value):
    result = _pgl(goal(), segment("OBX", _1="1", _3="X^Thing^L", _11="F", **fields))
    observation = only(result, "Observation")
    values = [name for name in observation if name.startswith("value")]
    assert values == [element]
    if element == "valueQuantity":
        assert observation[element]["value"] == value
    elif value is not None:
        assert observation[element] == value


@pytest.mark.parametrize("under", [goal, problem])
@pytest.mark.parametrize("own", ["", "OBS-1"])
def test_observations_that_bear_one_number_are_each_kept(under, own):
    """Many a system numbers each OBX 1."""
    both = [
        segment("OBX", _1="1", _2="NM", _3="PEF^Peak^L", _5=said, _11="F", _21=own)
        for said in ("300", "320")
    ]
    send = _pgl if under is goal else partial(outcome, header("PPR^PC1"), person())
    result = send(under(), *both)
    values = {one.alone()["valueQuantity"]["value"] for one in made(result, "Observation")}
    assert (values, codes_of(result)) == ({300, 320}, set())
    first = made(send(under(), both[0]), "Observation")[0]
    assert first.key == made(result, "Observation")[0].key, "as it is known when it comes alone"


def test_a_value_that_is_a_document_is_reported():
    result = _pgl(goal(), segment("OBX", _1="1", _2="ED", _5="^IM^PDF^Base64^JVBE", _11="F"))
    assert ("GOL[1].OBX[1]-5", "value-not-mapped") in codes_of(result)
    assert not [name for name in only(result, "Observation") if name.startswith("value")]


def test_a_value_that_is_too_long_names_its_place():
    long = segment("OBX", _1="1", _2="TX", _5="word " * 300_000, _11="F")
    result = _pgl(goal(), long)
    assert result.quarantined
    assert ("GOL[1].OBX[1]-5", "unfit-value") in codes_of(result)


@pytest.mark.parametrize(
    ("state_said", "achieved_said", "expected"),
    [
        ("Active", "", "active"),
        ("AC^Active^L", "", "active"),
        ("Suspended", "", "on-hold"),
        ("Canceled", "", "cancelled"),
        ("", "Achieved", "completed"),
        ("Active", "Achieved", "active"),
        ("", "Delayed", "active"),
        ("", "", "active"),
    ],
)
def test_where_a_goal_stands(state_said, achieved_said, expected):
    result = only(_pgl(goal(_18=state_said, _16=achieved_said)), "Goal")
    assert result["lifecycleStatus"] == expected


def test_an_unknown_state_of_a_goal_quarantines():
    result = _pgl(goal(_18="Parked"))
    assert result.quarantined
    assert ("GOL[1]-18", "unmapped-code") in codes_of(result)
    assert not _pgl(goal(_1="DE", _18="Parked")).quarantined


def test_an_update_without_a_state_leaves_the_state():
    hold = _pgl(goal(_18="Suspended"))
    update = _pgl(goal(_1="UP", _8="20261201"), trigger="PC7", at="20261007")
    folded = state([update, hold], "Goal")
    assert folded["lifecycleStatus"] == "on-hold"
    assert folded["target"] == [{"dueDate": "2026-12-01"}]


def test_a_goal_without_words_is_refused():
    result = _pgl(goal(_3=""))
    assert result.quarantined
    assert ("GOL[1]-3", "missing") in codes_of(result)


def test_one_plan_gathers_the_goals_of_many_messages():
    one = _pgl(goal(), problem())
    two = _pgl(goal(_4="G-2", _13="20261020"), problem(), at="20261007")
    for arrived in ([one, two], [two, one], [one, two, one]):
        plan = state(arrived, "CarePlan")
        assert [g["reference"].rpartition("|")[2] for g in plan["goal"]] == ["G-1^RAX", "G-2"]
        assert len(plan["addresses"]) == 1
        assert len(plan["activity"]) == 1
        assert (plan["status"], plan["intent"]) == ("active", "plan")
        assert "gateway" in plan["note"][0]["text"]


def _pathway(**fields):
    return segment("PTH", {1: "AD", 2: "R^Reablement^L", 3: "T-1", 5: "Active"}, **fields)


def test_a_pathway_holds_the_goals_and_problems_it_stands_with():
    result = _pgl(
        goal(), _pathway(), problem(), goal(_4="G-2"), _pathway(), goal(_4="G-3"), problem(_4="P-3")
    )
    pathway, loose = [one.alone() for one in made(result, "CarePlan")]
    assert [g["reference"].rpartition("|")[2] for g in pathway["goal"]] == ["G-1^RAX", "G-2"]
    assert [g["reference"].rpartition("|")[2] for g in loose["goal"]] == ["G-3"]
    assert [p["reference"].rpartition("|")[2] for p in pathway["addresses"]] == ["P-1^RAX"]
    assert [p["reference"].rpartition("|")[2] for p in loose["addresses"]] == ["P-3"]
    assert pathway["title"] == "Reablement"


@pytest.mark.parametrize(
    ("fields", "status", "end"),
    [
        ({"_5": "Active", "_6": "20261010"}, "active", None),
        ({"_5": "Completed", "_6": "20261010"}, "completed", "2026-10-10"),
        ({"_5": "C^Cancelled", "_6": "20261010"}, "revoked", "2026-10-10"),
        ({"_5": ""}, "active", None),
        ({"_1": "DE"}, "entered-in-error", None),
    ],
)
def test_where_a_pathway_stands(fields, status, end):
    plan = only(_pgl(goal(), _pathway(**fields)), "CarePlan")
    assert plan["status"] == status
    assert plan.get("period", {}).get("end") == end


@pytest.mark.parametrize(("mood", "intent"), [("", "plan"), ("PRP", "proposal"), ("RQO", "order")])
def test_the_intent_of_a_pathway(mood, intent):
    assert only(_pgl(goal(), _pathway(_7=mood)), "CarePlan")["intent"] == intent


def test_a_goal_inside_a_problem_message_is_mapped_too():
    result = outcome(header("PPR^PC1"), person(), problem(), goal())
    assert only(result, "Goal")["addresses"] == [
        {"reference": f"urn:source:Condition:{made(result, 'Condition')[0].key}"}
    ]
    assert len(made(result, "CarePlan")) == 1


def test_problems_alone_make_no_plan():
    assert made(_ppr(), "CarePlan") == []


def test_one_problem_under_two_goals_stands_once():
    result = _pgl(goal(), problem(), goal(_4="G-2"), problem())
    assert len(made(result, "Condition")) == 1
    assert all("addresses" in one.resource for one in made(result, "Goal"))
    assert ("GOL[2].PRB[1]-4", "told-twice") not in codes_of(result)
    differing = _pgl(goal(), problem(), goal(_4="G-2"), problem(_20="0.5"))
    assert ("GOL[2].PRB[1]-4", "told-twice") in codes_of(differing)


def test_a_goal_told_twice_is_taken_as_told_last_and_the_other_is_reported():
    same = _pgl(goal(), goal())
    assert "told-twice" not in [code for _, code in codes_of(same)]
    newer = _pgl(goal(), goal(_2="20261231", _3="SING^Sing in the choir^L"))
    assert only(newer, "Goal")["description"]["text"] == "Sing in the choir"
    assert ("GOL[1]-4", "told-twice") in codes_of(newer)
    equal = _pgl(goal(), goal(_3="SING^Sing in the choir^L"))
    assert only(equal, "Goal")["description"] == only(same, "Goal")["description"]
    assert ("GOL[2]-4", "told-twice") in codes_of(equal)


def test_a_link_before_the_problem_itself_does_not_hide_it():
    link = segment("PRB", _1="LI", _2="20261006", _4="P-1^RAX")
    result = _pgl(goal(), link, goal(_4="G-2"), problem())
    assert only(result, "Condition")["code"]["text"] == "Asthma"
    assert all("addresses" in one.resource for one in made(result, "Goal"))


def test_who_spoke_and_who_takes_part():
    roles = [
        segment("ROL", _1="1", _2="AD", _3="PT^Patient", _4="5500123^Marsh^Edwin"),
        segment("ROL", _1="2", _2="AD", _3="PHYS^Physio^L", _4="P9^Novak^Petra", _5="20261002"),
    ]
    result = _pgl(goal(), *roles)
    assert only(result, "Goal")["expressedBy"] == {"reference": "urn:source:Patient:RAX:5500123"}
    (member,) = only(result, "CareTeam")["participant"]
    assert member["member"]["display"] == "Petra Novak"
    left = segment("ROL", _1="2", _2="DE", _3="PHYS^Physio^L", _4="P9^Novak^Petra", _6="20261009")
    after = _pgl(goal(), left, trigger="PC7", at="20261009")
    assert state([after, result], "CareTeam")["participant"] == [
        member | {"period": {"end": "2026-10-09"}}
    ]


def test_a_goal_is_no_less_restricted_than_its_problems():
    result = _pgl(goal(), problem(_25="PSY"), segment("OBX", _1="1", _5="x", _11="F"))
    labels = [c["code"] for c in only(result, "Goal")["meta"]["security"]]
    assert labels == ["R", "care-plan", "PSY"]


def test_a_sensitive_visit_labels_the_problem():
    result = outcome(header("PPR^PC1"), person(), visit(_16="V"), problem())
    assert only(result, "Condition")["meta"]["security"][0]["code"] == "V"


def test_a_next_review_is_planned_and_taken_back_with_its_goal():
    planned = _pgl(goal(_13="20261020"))
    assert only(planned, "ServiceRequest")["occurrenceDateTime"] == "2026-10-20"
    taken_back = _pgl(goal(_1="DE", _13="20261020"), trigger="PC8", at="20261008")
    assert only(taken_back, "ServiceRequest")["status"] == "entered-in-error"
    assert only(taken_back, "Goal")["lifecycleStatus"] == "entered-in-error"


@pytest.mark.parametrize("name", ["GOL", "PRB", "PTH"])
def test_unlinking_is_refused_and_says_so(name):
    result = _pgl(segment(name, _1="UN", _2="20261006", _4="G-1^RAX"))
    assert result.quarantined
    assert (f"{name}[1]-1", "not-supported") in codes_of(result)


def test_who_has_left_without_a_day_left_when_it_was_told():
    role = segment("ROL", _1="2", _2="DE", _3="PHYS^Physio^L", _4="P9^Novak^Petra")
    (member,) = only(_pgl(goal(), role, at="20261009"), "CareTeam")["participant"]
    assert member["period"] == {"end": "2026-10-09"}
    role = segment("ROL", _2="AD", _3="PHYS^Physio^L")
    assert made(_pgl(goal(), role), "CareTeam") == []


def test_two_pathways_hold_each_its_own_goals_and_a_role_may_be_unnamed():
    role = segment("ROL", _2="AD", _4="P9^Novak^Petra")
    result = _pgl(goal(), role, _pathway(), goal(_4="G-2"), _pathway(_3="T-2"), problem())
    plans = [one.alone() for one in made(result, "CarePlan")]
    assert [len(plan["goal"]) for plan in plans] == [1, 1]
    assert "role" not in only(result, "CareTeam")["participant"][0]


def test_a_goal_inside_and_around_one_problem_addresses_it_once():
    result = outcome(header("PPR^PC1"), person(), problem(), goal(), problem(), goal())
    assert len(only(result, "Goal")["addresses"]) == 1
    both = outcome(header("PGL^PC6"), person(), goal(), problem(), problem())
    assert len(only(both, "Goal")["addresses"]) == 1


def test_an_author_put_the_goal_into_words():
    nobody = segment("ROL", _2="AD", _3="AUT^Author^L")
    author = segment("ROL", _2="AD", _3="AUT^Author^L", _4="OT-3^Blake^Sam")
    result = only(_pgl(goal(), nobody, author), "Goal")
    assert result["expressedBy"]["display"] == "Sam Blake"


def test_a_role_outside_a_goal_is_one_of_the_team():
    role = segment("PRT", _2="AD", _4="PHYS^Physio^L", _5="P9^Novak^Petra", _11="20261001")
    (only_member,) = only(_pgl(role, goal()), "CareTeam")["participant"]
    assert only_member["member"]["display"] == "Petra Novak"
    assert only_member["role"][0]["text"] == "Physio"
    assert only_member["period"] == {"start": "2026-10-01"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"_13": "", "_19": "C^Confirmed"}, None),
        ({"_13": "", "_19": "Provisional"}, "provisional"),
        ({"_13": "Differential", "_19": "Confirmed"}, "differential"),
        ({"_13": "", "_19": "about even"}, None),
    ],
)
def test_certainty_serves_where_no_state_says_it(fields, expected):
    condition = only(_ppr(**fields), "Condition")
    assert _status(condition, "verificationStatus") == expected


def test_source_time_is_that_of_the_message():
    assert _ppr(at="20261005102000").source_time.startswith("2026-10-05T09:20:00.000000Z")
    result = outcome(header("PPR^PC1", at=""), segment("EVN", _2="20261004"), person(), problem())
    assert result.source_time.startswith("2026-10-03T23:00:00.000000Z")
