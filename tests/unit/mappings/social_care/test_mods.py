"""A digital social care record's plan as FHIR R4: what is taken, left out, refused."""

import copy
import json

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import systems
from mappings.core.model.outcome import NotThisFormatError
from mappings.social_care import FEED
from mappings.social_care.message import mods
from tests.golden.cases import GOLDEN

BUNDLE = json.loads((GOLDEN / "social-care/mods/input/bundle.json").read_bytes())
PLAN = BUNDLE["entry"][1]["resource"]


def _mapped(body):
    (item,) = mods.read({"": json.dumps(body).encode()})
    return map_item(FEED.kinds[item.kind], item)


def _with(number, **given):
    body = copy.deepcopy(BUNDLE)
    body["entry"][number]["resource"] |= given
    return _mapped(body)


def _made(outcome, kind):
    return next(one.resource for one in outcome.resources if one.type == kind)


def test_planned_is_read_as_plan_and_said():
    outcome = _mapped(BUNDLE)
    assert _made(outcome, "CarePlan")["intent"] == "plan"
    assert ("CarePlan[0].intent", "repaired") in {(i.path, i.code) for i in outcome.issues}


@pytest.mark.parametrize(
    ("number", "field"), [(1, "status"), (1, "intent"), (3, "lifecycleStatus")]
)
def test_a_status_of_no_r4_code_is_refused(number, field):
    outcome = _with(number, **{field: "underway"})
    kind = BUNDLE["entry"][number]["resource"]["resourceType"]
    assert (f"{kind}[0].{field}", "unmapped-code") in {(i.path, i.code) for i in outcome.issues}
    assert outcome.quarantined is (kind == "CarePlan")


GOAL = next(e["resource"] for e in BUNDLE["entry"] if e["resource"]["resourceType"] == "Goal")


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"lifecycleStatus": "underway"}, "Goal[1].lifecycleStatus", "unmapped-code"),
        ({"description": {}}, "Goal[1]", "invalid-fhir"),
        ({"id": ""}, "Goal[1].id", "missing"),
        ({"subject": {"reference": "Patient/else"}}, "Goal[1].subject", "other-person"),
        ({"note": [{"text": "x", "modifierExtension": [{"url": "u"}]}]}, "", "unknown-modifier"),
    ],
)
def test_one_bad_resource_is_refused_and_the_rest_kept(given, path, code):
    body = copy.deepcopy(BUNDLE)
    body["entry"].append({"resource": copy.deepcopy(GOAL) | {"id": "bad"} | given})
    plan = body["entry"][1]["resource"]
    plan["goal"] = [*plan["goal"], {"reference": "Goal/bad"}]
    outcome = _mapped(body)
    place = path or f"entry[{len(body['entry']) - 1}].resource"
    found = [(i.path, i.code) for i in outcome.issues if i.severity == "error"]
    assert (outcome.quarantined, found) == (False, [(place, code)])
    kept = {one.key for one in outcome.resources}
    assert kept == {one.key for one in _mapped(BUNDLE).resources}
    assert _made(outcome, "CarePlan")["goal"] == [{"reference": "urn:source:Goal:G1"}]
    assert "CarePlan[0].goal[1]" in {i.path for i in outcome.issues}, "and it is told"


@pytest.mark.parametrize("number", [0, 1])
def test_where_the_person_or_the_plan_is_what_is_bad_nothing_is_taken(number):
    outcome = _with(number, modifierExtension=[{"url": "u"}])
    assert outcome.quarantined
    assert not outcome.resources


def test_entries_are_found_by_id_and_by_full_url():
    plan = _made(_mapped(BUNDLE), "CarePlan")
    assert plan["addresses"] == [{"reference": "urn:source:Condition:N1"}]
    assert plan["goal"] == [{"reference": "urn:source:Goal:G1"}]
    assert plan["activity"][0] == {"reference": {"reference": "urn:source:Task:T1"}}


def test_nothing_refers_to_what_is_not_here():
    text = json.dumps([one.resource for one in _mapped(BUNDLE).resources])
    assert "Practitioner/" not in text
    assert "elsewhere" not in text
    assert "urn:uuid" not in text


def _codes(resource):
    return {coding["code"] for coding in resource["meta"]["security"]}


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (systems.CONFIDENTIALITY, "N", {"N"}),
        (systems.CONFIDENTIALITY, "R", {"R"}),
        (systems.CONFIDENTIALITY, "V", {"V"}),
        (systems.CONFIDENTIALITY, "made-up", {"V"}),
        (systems.ACT_CODE, "PSY", {"R", "PSY"}),
        ("urn:other", "x", {"R", "PENDING"}),
    ],
)
def test_the_senders_labels_of_a_plan_hold_for_all_of_it(system, code, expected):
    outcome = _with(1, meta={"security": [{"system": system, "code": code}]})
    for kind in ("CarePlan", "Goal", "Condition", "Task"):
        assert expected <= _codes(_made(outcome, kind)), kind
    assert "N" in _codes(_made(_with(1, meta={"security": []}), "CarePlan"))


def test_an_extension_inside_an_element_is_left_out_and_said():
    note = {"text": "Knock.", "extension": [{"url": "urn:x", "valueBoolean": True}]}
    outcome = _with(1, note=[note])
    assert _made(outcome, "CarePlan")["note"] == [{"text": "Knock."}]
    assert "CarePlan[0].note[0].extension" in {issue.path for issue in outcome.issues}


def test_a_plan_alone_is_taken_where_it_names_its_person():
    number = {"system": systems.NHS_NUMBER, "value": "999 000 0352"}
    alone = PLAN | {"subject": {"identifier": number}, "addresses": [], "goal": [], "activity": []}
    outcome = _mapped(alone)
    assert not outcome.quarantined
    assert outcome.person.nhs_numbers == ("9990000352",)
    nobody = _mapped(alone | {"subject": {"reference": "Patient/7"}})
    assert [(i.path, i.code) for i in nobody.issues if i.severity == "error"] == [
        ("Patient[0].identifier", "names-nobody")
    ]


def test_an_nhs_number_that_can_be_none_is_reported_and_an_empty_identifier_left_out():
    sent = [{"system": systems.NHS_NUMBER, "value": "9990000353"}, {"system": "x"}, {"value": "K"}]
    outcome = _with(0, identifier=sent)
    assert ("Patient[0].identifier[0]", "unusable-nhs-number") in {
        (i.path, i.code) for i in outcome.issues
    }
    assert [one["value"] for one in _made(outcome, "Patient")["identifier"]] == ["K"]


def test_what_is_contained_and_is_no_resource_is_passed_over():
    assert _made(_with(1, contained=["x", {"resourceType": "CareTeam"}]), "CarePlan")


@pytest.mark.parametrize(
    "members",
    [
        {"": b"[]"},
        {"": b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Goal"}}]}'},
        {"": b'{"resourceType": "Bundle", "entry": 7}'},
        {"a": b"{}", "b": b"{}"},
    ],
)
def test_what_holds_no_plan_is_refused(members):
    with pytest.raises(NotThisFormatError):
        mods.read(members)


ANOTHER = {"system": systems.NHS_NUMBER, "value": "999 000 0115"}
OTHERS = [
    {"identifier": ANOTHER},
    {"reference": "Patient/somebody-else"},
    {"reference": "#carer"},
]


@pytest.mark.parametrize("subject", OTHERS)
@pytest.mark.parametrize("number", [1, 3])
def test_what_is_about_somebody_else_than_the_bundles_person_is_refused(number, subject):
    outcome = _with(number, subject=subject)
    kind = BUNDLE["entry"][number]["resource"]["resourceType"]
    assert (f"{kind}[0].subject", "other-person") in {(i.path, i.code) for i in outcome.issues}
    assert outcome.quarantined is (kind == "CarePlan")
    assert kind not in {one.type for one in outcome.resources}


def test_a_carer_contained_in_a_plan_is_not_whom_it_is_about():
    carer = {"resourceType": "Patient", "id": "carer", "identifier": [ANOTHER]}
    about = {"identifier": {**ANOTHER, "value": "9990000077"}}
    outcome = _mapped({**PLAN, "subject": about, "contained": [carer]})
    assert ("CarePlan[0].subject", "other-person") in {(i.path, i.code) for i in outcome.issues}
    assert outcome.quarantined


def test_two_plans_without_a_patient_are_about_one_person():
    def plan(key, number):
        about = {"identifier": {**ANOTHER, "value": number}}
        return {"resource": {**PLAN, "id": key, "subject": about}}

    def outcome(*entries):
        return _mapped({**BUNDLE, "entry": list(entries)})

    first = plan("P1", "9990000077")
    assert not outcome(first, plan("P2", "999 000 0077")).quarantined
    assert outcome(first, plan("P2", "9990000115")).quarantined


def test_a_name_that_may_be_a_value_is_not_told():
    outcome = _with(1, **{"Norma 9990000077": {"note": {"reference": "Note/1", "extension": []}}})
    told = {(i.path, i.code) for i in outcome.issues}
    place = "CarePlan[0].(a field).note"
    assert told >= {(f"{place}.reference", "not-stored"), (f"{place}.extension", "not-stored")}
    assert not any("Norma" in one.path for one in outcome.issues)


RESTRICTED = {"meta": {"security": [{"system": systems.CONFIDENTIALITY, "code": "R"}]}}


def _levels(outcome):
    labels = [(one.type, one.resource["meta"]["security"]) for one in outcome.resources]
    return {(kind, label["code"]) for kind, found in labels for label in found[:1]}


def test_a_label_of_the_person_restricts_the_person_and_nothing_else():
    levels = _levels(_with(0, **RESTRICTED))
    assert ("Patient", "R") in levels
    assert ("CarePlan", "R") not in levels


def test_a_label_of_the_bundle_restricts_everything_in_it():
    outcome = _mapped({**BUNDLE, **RESTRICTED})
    assert {level for _, level in _levels(outcome)} == {"R"}
    assert not outcome.quarantined
