"""The validator: each kind of fault is found, named by path, and never quoted."""

import copy
from decimal import Decimal

import pytest

from mappings.core.checking.problem import Problem
from mappings.core.checking.validate import DEEPEST, MOST_PROBLEMS, validate
from tests.judges.examples import BY_TYPE, GOOD, MASKED

PLAN = {
    "resourceType": "CarePlan",
    "status": "active",
    "intent": "plan",
    "subject": {"reference": "Patient/norma"},
}


def plan(**elements):
    return {**PLAN, **elements}


def found(resource, **options):
    return [(p.path, p.code) for p in validate(resource, **options)]


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: r["resourceType"])
def test_a_right_resource_has_no_problem_and_is_left_as_it_was(resource):
    before = copy.deepcopy(resource)
    assert validate(resource) == ()
    assert resource == before


@pytest.mark.parametrize("content", [None, [], "CarePlan", {}, {"resourceType": ["CarePlan"]}])
def test_what_names_no_resource_type_is_refused(content):
    assert found(content) == [("", "structure")]


def test_an_r4_type_this_gateway_does_not_use_is_refused_as_such():
    assert found({"resourceType": "Account", "status": "active"}) == [("Account", "not-supported")]
    assert found({"resourceType": "Smith", "status": "active"}) == [("", "structure")]


@pytest.mark.parametrize(
    ("elements", "path", "code"),
    [
        # structure
        ({"lifecycleStatus": "active"}, "lifecycleStatus", "structure"),
        ({"status": None}, "status", "structure"),
        ({"title": None}, "title", "structure"),
        ({"title": ["a"]}, "title", "value"),
        ({"category": {"text": "a"}}, "category", "structure"),
        ({"category": []}, "category", "structure"),
        ({"category": [None]}, "category[0]", "structure"),
        ({"category": [{}]}, "category[0]", "structure"),
        ({"category": ["a"]}, "category[0]", "structure"),
        ({"period": []}, "period", "structure"),
        ({"subject": "Patient/norma"}, "subject", "structure"),
        ({"activity": [{"detail": {"kind": "Task"}}]}, "activity[0].detail.status", "required"),
        ({"contained": ["a"]}, "contained[0]", "structure"),
        ({"contained": [{"id": "a"}]}, "contained[0]", "structure"),
        ({"contained": [{"resourceType": "Account"}]}, "contained[0]", "not-supported"),
        ({"contained": [{"resourceType": "Goal"}]}, "contained[0].lifecycleStatus", "required"),
        # primitives
        ({"title": 5}, "title", "value"),
        ({"title": ""}, "title", "value"),
        ({"title": "\n"}, "title", "value"),
        ({"title": "a\x07"}, "title", "value"),
        ({"title": "a" * (2**20 + 1)}, "title", "value"),
        ({"id": "a b"}, "id", "value"),
        ({"id": "a" * 65}, "id", "value"),
        ({"language": " en"}, "language", "value"),
        ({"implicitRules": "a b"}, "implicitRules", "value"),
        ({"implicitRules": ""}, "implicitRules", "value"),
        ({"created": "05/01/2026"}, "created", "value"),
        ({"created": "2026-02-29"}, "created", "value"),
        ({"created": "2026-01-05T09:30:00"}, "created", "value"),
        ({"created": "2026-01-05T09:30Z"}, "created", "value"),
        ({"created": 2026}, "created", "value"),
        ({"meta": {"lastUpdated": "2026-01-05"}}, "meta.lastUpdated", "value"),
        ({"meta": {"lastUpdated": "2026-02-30T09:30:00Z"}}, "meta.lastUpdated", "value"),
        # codes
        ({"status": "bogus"}, "status", "code-invalid"),
        ({"intent": "PLAN"}, "intent", "code-invalid"),
        # references
        ({"subject": {"reference": "Goal/1"}}, "subject.reference", "value"),
        ({"subject": {"reference": "urn:source:Goal:1"}}, "subject.reference", "value"),
        ({"subject": {"reference": "urn:source:Goals:1"}}, "subject.reference", "value"),
        ({"subject": {"reference": "urn:source:Patient:"}}, "subject.reference", "value"),
        ({"subject": {"reference": "urn:uuid:1"}}, "subject.reference", "value"),
        ({"subject": {"reference": "https://a.uk/r4/Goal/1"}}, "subject.reference", "value"),
        (
            {"subject": {"reference": "https://a.uk/Goal/1/_history/1"}},
            "subject.reference",
            "value",
        ),
        ({"subject": {"reference": "Patient?name=a"}}, "subject.reference", "value"),
        ({"subject": {"reference": "Patients/1"}}, "subject.reference", "value"),
        ({"subject": {"reference": "norma"}}, "subject.reference", "value"),
        ({"subject": {"reference": "#a"}}, "subject.reference", "invariant"),
        ({"subject": {"reference": "#"}}, "subject.reference", "value"),
        ({"subject": {"type": "Goal", "display": "a"}}, "subject.type", "value"),
        ({"subject": {"type": "Persons", "display": "a"}}, "subject.type", "value"),
        ({"subject": {"type": "Group", "reference": "Patient/1"}}, "subject.type", "value"),
        # extensions and companions
        ({"extension": [{"valueString": "a"}]}, "extension[0].url", "required"),
        ({"extension": [{"url": "a"}]}, "extension[0]", "invariant"),
        (
            {"extension": [{"url": "a", "valueString": "a", "extension": [MASKED]}]},
            "extension[0].extension[0].url",
            "required",
        ),
        (
            {"extension": [{"url": "a", "valueString": "a", "valueCode": "a"}]},
            "extension[0].valueCode",
            "structure",
        ),
        (
            {"extension": [{"url": "a", "valueString": "a", "_valueCode": MASKED}]},
            "extension[0]._valueCode",
            "structure",
        ),
        ({"_title": {"id": "a"}}, "_title", "structure"),
        ({"period": {"id": "a"}}, "period", "invariant"),
        ({"_title": "a"}, "_title", "structure"),
        ({"_title": {"valueString": "a"}}, "_title.valueString", "structure"),
        ({"_subject": MASKED}, "_subject", "structure"),
        ({"_id": MASKED}, "_id", "structure"),
        ({"extension": [{"_url": MASKED, "valueCode": "a"}]}, "extension[0]._url", "structure"),
        ({"extension": [{"_url": MASKED, "valueCode": "a"}]}, "extension[0].url", "required"),
        ({"instantiatesUri": ["a"], "_instantiatesUri": {}}, "_instantiatesUri", "structure"),
        (
            {"instantiatesUri": ["a"], "_instantiatesUri": [None, MASKED]},
            "_instantiatesUri",
            "structure",
        ),
        (
            {"instantiatesUri": ["a", None], "_instantiatesUri": [MASKED, None]},
            "instantiatesUri[1]",
            "structure",
        ),
        (
            {"instantiatesUri": ["a", None], "_instantiatesUri": [MASKED, None]},
            "_instantiatesUri[1]",
            "structure",
        ),
        ({"_instantiatesUri": [None]}, "_instantiatesUri[0]", "structure"),
    ],
)
def test_a_fault_is_found_where_it_is(elements, path, code):
    assert (f"CarePlan.{path}", code) in found(plan(**elements))


@pytest.mark.parametrize("name", ["status", "intent", "subject"])
def test_a_required_element_is_missed(name):
    without = {key: value for key, value in PLAN.items() if key != name}
    assert found(without) == [(f"CarePlan.{name}", "required")]


@pytest.mark.parametrize(
    "elements",
    [
        {"subject": {"reference": "urn:source:Patient:local 7"}},
        {"subject": {"reference": "urn:uuid:0196b1a4-7b86-7cc2-a1d6-11d1f0a36c01"}},
        {"subject": {"reference": "urn:oid:1.2.826"}},
        {"subject": {"reference": "https://a.uk/r4/Patient/1"}},
        {"subject": {"reference": "https://a.uk/people?number=1"}},
        {"subject": {"reference": "https:///"}},
        {"subject": {"type": "http://a.uk/logical", "identifier": {"value": "1"}}},
        {"supportingInfo": [{"reference": "Account/1"}, {"reference": "#"}]},
        {"_title": MASKED},
        {"title": "a b\t"},
        {"instantiatesUri": ["a", None], "_instantiatesUri": [None, MASKED]},
        {"instantiatesUri": ["a"], "_instantiatesUri": [None]},
        {"_instantiatesUri": [MASKED]},
        {"created": "2024-02-29"},
        {"created": "2026-01-05T09:30:60.123456789+14:00"},
        {
            "text": {
                "status": "additional",
                "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
            }
        },
    ],
)
def test_what_the_specification_allows_is_accepted(elements):
    assert validate(plan(**elements)) == ()


def test_a_primitive_with_only_an_extension_counts_as_there():
    without = {key: value for key, value in PLAN.items() if key != "status"}
    assert validate({**without, "_status": MASKED}) == ()


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (1, True),
        (1.5, True),
        (Decimal("1.50"), True),
        (float("nan"), False),
        (float("inf"), False),
        (True, False),
        ("1", False),
        (None, False),
    ],
)
def test_a_decimal_is_a_finite_number(value, right):
    observation = {**BY_TYPE["Observation"], "valueQuantity": {"value": value}}
    assert (validate(observation) == ()) is right


@pytest.mark.parametrize(
    ("value", "right"), [(1, True), (0, False), (2**31, False), (1.0, False), (True, False)]
)
def test_a_positive_integer_is_one(value, right):
    task = {
        **BY_TYPE["Task"],
        "input": [{"type": {"text": "visits"}, "valuePositiveInt": value}],
    }
    assert (validate(task) == ()) is right


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_boolean_is_not_quoted(value):
    assert found({"resourceType": "Patient", "active": value})[0][0] == "Patient.active"


@pytest.mark.parametrize(
    ("data", "right"),
    [
        ("aGk=", True),
        ("aGVs\nbG8=", True),
        ("aGk", False),
        ("", False),
        (" ", False),
        (5, False),
    ],
)
def test_base64_is_whole(data, right):
    assert (validate({"resourceType": "Binary", "contentType": "a/b", "data": data}) == ()) is right


@pytest.mark.parametrize(
    ("media_type", "right"),
    [("text/plain", True), ("pdf", False), ("a/b c", False), (5, False)],
)
def test_a_media_type_has_its_form(media_type, right):
    assert (validate({"resourceType": "Binary", "contentType": media_type}) == ()) is right


@pytest.mark.parametrize("coding", [None, [], [{"code": "resolved"}], "a", ["a"]])
def test_a_concept_with_a_required_set_needs_a_coding_of_it(coding):
    condition = {**BY_TYPE["Condition"], "clinicalStatus": {"text": "over", "coding": coding}}
    assert ("Condition.clinicalStatus", "code-invalid") in found(condition)


def test_a_simple_quantity_has_no_comparator():
    detail = {"status": "in-progress", "dailyAmount": {"value": 1, "comparator": "<"}}
    assert found(plan(activity=[{"detail": detail}])) == [
        ("CarePlan.activity[0].detail.dailyAmount.comparator", "structure")
    ]


def test_a_choice_is_of_one_type():
    both = {"resourceType": "Patient", "deceasedBoolean": True, "deceasedDateTime": "2026"}
    assert found(both) == [("Patient.deceasedDateTime", "structure")]
    assert validate({**both, "deceasedDateTime": None})
    beside = {"resourceType": "Patient", "deceasedBoolean": True, "_deceasedBoolean": MASKED}
    assert validate(beside) == ()


def test_local_references_are_for_mappings_only():
    local = plan(subject={"reference": "urn:source:Patient:7"})
    assert validate(local) == ()
    assert found(local, local_references=False) == [("CarePlan.subject.reference", "value")]


def test_a_bundle_may_refer_by_search_and_each_resource_knows_its_own_contained():
    held = {
        "contained": [{"resourceType": "Patient", "id": "a"}],
        "subject": {"reference": "#a"},
    }
    searched = plan(subject={"reference": "Patient?identifier=a"})
    entries = [
        {"resource": content, "request": {"method": "POST", "url": "CarePlan"}}
        for content in (plan(**held), searched, plan(subject={"reference": "#a"}))
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert found(bundle) == [("Bundle.entry[2].resource.subject.reference", "invariant")]


def test_no_answer_holds_what_was_sent():
    secret = "Norma Field 9990000018"
    resource = plan(
        **{secret: 1, "_" + secret: 1},
        status=secret,
        created=secret,
        subject={"reference": secret, "type": secret, secret: secret},
        activity=[{"detail": {secret: [secret]}}],
    )
    problems = validate(resource)
    assert len(problems) == 9
    assert secret not in repr(problems)
    assert Problem("CarePlan.(element 5)", "structure", "is not an element here") in problems


def test_a_name_fhir_uses_elsewhere_is_shown():
    assert found(plan(lifecycleStatus="active")) == [("CarePlan.lifecycleStatus", "structure")]


def nested(levels):
    inner = {"url": "a", "valueString": "a"}
    return inner if levels == 0 else {"url": "a", "extension": [nested(levels - 1)]}


def test_depth_and_number_of_problems_are_bounded():
    deep = plan(extension=[nested(DEEPEST + 1)])
    assert any(p.text == "is nested too deep" for p in validate(deep))
    assert validate(plan(extension=[nested(DEEPEST - 1)])) == ()
    assert len(validate(plan(category=[None] * 1000))) == MOST_PROBLEMS
