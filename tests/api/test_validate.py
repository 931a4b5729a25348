"""$validate: every fault with its FHIRPath, nothing kept; rows ops-04 to ops-07."""

import json

import pytest

from tests.api.service import FHIR, is_outcome
from tests.judges.examples import GOOD, concept

GOAL = {
    "resourceType": "Goal",
    "lifecycleStatus": "active",
    "description": {"text": "I want to walk to the shop."},
    "subject": {"reference": "Patient/none"},
}
CONSENT = {
    "resourceType": "Consent",
    "status": "active",
    "scope": concept("consentscope", "patient-privacy"),
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": {"reference": "Patient/none"},
    "dateTime": "2026-01-05T09:30:00Z",
    "performer": [{"reference": "Patient/none"}],
    "policyRule": concept("v3-ActCode", "OPTIN"),
    "provision": {"type": "permit"},
}
MARKER = "Zyxwv987"


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture
def ask(gateway, world):
    """The issues that are told of this body."""

    def issues(path, body=None, who=None, status=200):
        content = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        answer = gateway.ask(
            "POST", path, who or world.gp, content=content, headers={"Content-Type": FHIR}
        )
        assert is_outcome(answer, status)
        return answer.json()["issue"]

    return issues


def parameters(resource=None, **more):
    parts = [{"name": "resource", "resource": resource}] if resource else []
    parts += [
        {"name": name, "valueUri" if name == "profile" else "valueCode": value}
        for name, value in more.items()
    ]
    return {"resourceType": "Parameters", "parameter": parts}


def errors(issues):
    return [
        (one["code"], *one.get("expression", [""])) for one in issues if one["severity"] == "error"
    ]


@pytest.mark.parametrize("resource", GOOD, ids=lambda one: one["resourceType"])
def test_ops_04_what_conforms_has_no_error(ask, resource):
    (issue,) = ask(f"{resource['resourceType']}/$validate", resource)
    assert (issue["severity"], issue["code"]) == ("information", "informational")


WRONG = [
    ({"lifecycleStatus": "bogus"}, ("code-invalid", "Goal.lifecycleStatus")),
    ({"lifecycleStatus": None}, ("structure", "Goal.lifecycleStatus")),
    ({"subject": {"reference": "Observation/1"}}, ("value", "Goal.subject.reference")),
    ({"target": [{"detailInteger": 3}]}, ("invariant", "Goal.target[0]")),
    (
        {"target": [{"measure": {"text": "a"}, "detailQuantity": {"value": "1"}}]},
        ("value", "Goal.target[0].detail.ofType(Quantity).value"),
    ),
    ({"startDate": "2026-02-30"}, ("value", "Goal.start.ofType(date)")),
    ({MARKER: 1}, ("structure", "Goal")),
    ({"description": {"text": "a", MARKER: 1}}, ("structure", "Goal.description")),
    (
        {"contained": [{"resourceType": "Patient", "id": "p", "gender": "x"}]},
        ("code-invalid", "Goal.contained[0].gender"),
    ),
    ({"_startDate": {}}, ("structure", "Goal.start.ofType(date)")),
]


@pytest.mark.parametrize(("change", "expected"), WRONG, ids=lambda one: str(one)[:40])
def test_ops_05_each_fault_is_told_with_its_fhirpath(ask, change, expected):
    told = ask("Goal/$validate", {**GOAL, **change})
    code, path = expected
    assert (code, path) in errors(told) or path in [e[1] for e in errors(told)], errors(told)
    assert MARKER not in json.dumps(told)


def test_ops_05_every_fault_at_once(ask):
    told = errors(ask("Goal/$validate", {"resourceType": "Goal", "statusDate": "x", "note": []}))
    assert {path for _, path in told} >= {
        "Goal.statusDate", "Goal.note", "Goal.lifecycleStatus", "Goal.description", "Goal.subject",
    }  # fmt: skip


def test_a_consent_names_its_patient_whatever_its_scope(ask):
    for scope in ("patient-privacy", "research", "adr", "treatment"):
        consent = {**CONSENT, "scope": concept("consentscope", scope)}
        assert errors(ask("Consent/$validate", consent)) == []
        del consent["patient"]
        assert errors(ask("Consent/$validate", consent)) == [("invariant", "Consent")]


def test_a_form_is_held_to_the_invariants_of_forms(ask):
    item = {"linkId": "1", "type": "display", "text": "a", "required": True}
    form = {"resourceType": "Questionnaire", "status": "draft", "item": [item, item]}
    assert errors(ask("Questionnaire/$validate", form)) == [
        ("invariant", "Questionnaire.item[0]"),
        ("invariant", "Questionnaire.item[1]"),
    ]
    del item["required"]
    assert errors(ask("Questionnaire/$validate", form)) == [("invariant", "Questionnaire")]


def test_ops_06_an_unknown_profile_is_an_error(ask):
    uk = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CarePlan"
    base = "http://hl7.org/fhir/StructureDefinition/Goal"
    assert errors(ask(f"Goal/$validate?profile={uk}", GOAL)) == [("not-supported", "")]
    assert errors(ask(f"Goal/$validate?profile={base}", GOAL)) == []
    assert errors(ask("Goal/$validate", parameters(GOAL, profile=uk))) == [("not-supported", "")]
    assert errors(ask("Goal/$validate", parameters(GOAL, profile=f"{base}|4.0.1"))) == []


def test_ops_07_no_such_operation_or_type(ask):
    ask("$nosuch", GOAL, status=404)
    ask("Goal/$nosuch", GOAL, status=404)
    ask("NoSuchType/$validate", GOAL, status=404)
    ask("careplan/$validate", GOAL, status=404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("Goal/$validate", "{", 400),
        ("Goal/$validate", "", 400),
        ("Goal/$validate", parameters(), 400),
        ("Goal/$validate", parameters(GOAL, mode="nosuch"), 400),
        ("Goal/$validate", parameters(GOAL, nosuch="x"), 400),
        ("Goal/$validate", {"resourceType": "Parameters", "parameter": 5}, 400),
        ("Goal/$validate?nosuch=1", GOAL, 400),
        ("Goal/$validate?mode=create&mode=update", GOAL, 400),
        ("Goal/none/$validate", "", 404),
    ],
)
def test_a_question_that_is_none_is_refused(ask, path, body, status):
    ask(path, body, status=status)


def test_what_is_no_resource_of_the_type_is_told(ask):
    for body in ("[]", "5", '"text"', {}, {"resourceType": "Patient"}, {"resourceType": ["Goal"]}):
        assert errors(ask("Goal/$validate", body))
    deep = '{"resourceType":"Goal","note":' + "[" * 900 + "]" * 900 + "}"
    assert errors(ask("Goal/$validate", deep))


def test_a_mode_says_what_could_be_done(ask):
    assert errors(ask("Consent/$validate", parameters(CONSENT, mode="create"))) == []
    assert errors(ask("AuditEvent/$validate?mode=delete", None, status=400) or []) != []
    assert errors(ask("AuditEvent/1/$validate?mode=delete")) == [("not-supported", "")]
    (told,) = errors(ask("AuditEvent/$validate", parameters(GOOD[0], mode="create")))[:1]
    assert told[0] == "not-supported"
    other = {**CONSENT, "scope": concept("consentscope", "treatment")}
    assert errors(ask("Consent/$validate", other)) == []
    assert errors(ask("Consent/$validate?mode=create", other)) == [
        ("not-supported", "Consent.scope")
    ]
    untyped = {**CONSENT, "provision": {"purpose": [{"code": "TREAT"}]}}
    assert errors(ask("Consent/$validate?mode=create", untyped))


def test_an_update_is_of_the_id_in_the_address(ask):
    named = {**CONSENT, "id": "c-1"}
    assert ("value", "Consent.id") in errors(ask("Consent/c-2/$validate?mode=update", named))
    assert ("value", "Consent.id") not in errors(ask("Consent/c-1/$validate?mode=update", named))


def test_what_stands_here_is_judged_as_the_caller_sees_it(gateway, world, ask):
    goal = world.of("Goal", world.norma, world.gp)[0]["id"]
    before = gateway.size()
    assert errors(ask(f"Goal/{goal}/$validate")) == []
    (entry,) = gateway.entries(before)
    assert [one[1] for one in entry.resources] == [goal]
    hidden = ask(f"Goal/{goal}/$validate", who=world.stranger, status=404)
    assert hidden == ask("Goal/none/$validate", who=world.stranger, status=404)


@pytest.mark.parametrize("path", ["Goal/$validate", "CodeSystem/$validate", "Goal/none/$validate"])
def test_a_token_is_needed_and_the_answer_recorded_without_a_word_of_it(gateway, world, path):
    body = json.dumps({**GOAL, "resourceType": path.partition("/")[0], "note": [{"text": MARKER}]})
    nobody = gateway.ask("POST", path, content=body, headers={"Content-Type": FHIR})
    assert is_outcome(nobody, 401, "login")
    before = gateway.size()
    answer = gateway.ask("POST", path, world.gp, content=body, headers={"Content-Type": FHIR})
    assert answer.status_code == 200
    assert MARKER not in answer.text
    (entry,) = gateway.entries(before)
    assert entry.agent.user_id == "gp-1"
    assert MARKER not in repr(entry)
    assert "$validate" in entry.query


def test_only_json_within_the_limit_is_taken(gateway, world):
    for kind, content, status in (
        ("application/fhir+xml", "<Goal/>", 415),
        ("text/plain", "{}", 415),
        (FHIR, " " * 6_000_000, 413),
    ):
        answer = gateway.ask(
            "POST", "Goal/$validate", world.gp, content=content, headers={"Content-Type": kind}
        )
        assert is_outcome(answer, status)
