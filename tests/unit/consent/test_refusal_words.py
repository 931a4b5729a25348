"""What a Consent outside the profile is told: the path and our words, case by case."""

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import BINDS_BREAK_GLASS, NESTED_AT_MOST, read_consent
from consent.labels import CATEGORY_SYSTEM, SENSITIVITIES, SENSITIVITY_SYSTEM
from consent.provisions import ACTION_SYSTEM, PURPOSE_SYSTEM, TYPE_SYSTEM
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource

DEEP = {"type": "permit", "provision": [{"type": "deny"}]}
LIKE = {"reference": {"reference": "Goal/g1"}}
AUTHOR = {"reference": actor("AUT", "u1", USER)["reference"], "meaning": "authoredby"}
MIXED = "organisations and authors are mixed"
LIST, OBJECT = "a list with members is needed here", "an object is needed here"
STRING, DATE = (
    "a non-empty string is needed here",
    "a FHIR date, or a dateTime with a time zone, is needed",
)
UNKNOWN = "this element is not supported"
FOREVER_BOUND = [{"url": BINDS_BREAK_GLASS, "valueBoolean": True}]

WHOLE = [
    ({"resourceType": "Goal"}, "resourceType", "Consent is needed"),
    ({"scope": coded("x", "y")}, "scope", "patient-privacy alone is needed"),
    ({"scope": {"text": "x"}}, "scope.coding", "a coding is needed; text says nothing"),
    ({"scope": {"coding": [1]}}, "scope.coding[0]", OBJECT),
    ({"scope": {"coding": [{"code": "y"}]}}, "scope.coding[0].system", STRING),
    ({"scope": {"coding": [{"system": "y"}]}}, "scope.coding[0].code", STRING),
    ({"scope": {"coding": {}}}, "scope.coding", LIST),
    ({"scope": {"coding": []}}, "scope.coding", LIST),
    ({"scope": None}, "scope", OBJECT),
    (
        {"category": [coded("x", "y")]},
        "category[0].coding[0]",
        "a category of consent to sharing is needed",
    ),
    ({"patient": None}, "patient", OBJECT),
    ({"patient": {"reference": " "}}, "patient.reference", STRING),
    ({"dateTime": "soon"}, "dateTime", DATE),
    ({"dateTime": None}, "dateTime", STRING),
    ({"performer": None}, "performer", "who agreed is needed"),
    ({"performer": [7]}, "performer[0]", OBJECT),
    ({"performer": [{}]}, "performer[0]", "a reference or an identifier is needed"),
    ({"policy": None}, "policy", "a policy or a policyRule is needed"),
    ({"policy": [7]}, "policy[0]", OBJECT),
    ({"policy": [{"uri": ""}]}, "policy[0].uri", STRING),
    ({"policy": [{"uri": "x", "what": 1}]}, "policy[0].what", UNKNOWN),
    ({"policyRule": coded("x", "OPTIN")}, "policyRule.coding[0]", "OPTIN or OPTOUT is needed"),
    (
        {"policyRule": coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTOUT")},
        "policyRule.coding[0]",
        "the policyRule contradicts provision.type",
    ),
    ({"status": "maybe"}, "status", "a consent status is needed"),
    ({"status": None}, "status", STRING),
    ({"what": 1}, "what", UNKNOWN),
    ({"modifierExtension": [7]}, "modifierExtension[0]", OBJECT),
    (
        {"modifierExtension": [{"url": "x", "valueBoolean": True}]},
        "modifierExtension[0]",
        "this modifier extension is not supported",
    ),
    (
        {"modifierExtension": [{"url": BINDS_BREAK_GLASS, "valueString": "yes"}]},
        "modifierExtension[0]",
        "this modifier extension is not supported",
    ),
    (
        {"modifierExtension": FOREVER_BOUND},
        "provision.period.end",
        "a rule that binds in an emergency needs an end, its review date",
    ),
    ({"verification": [7]}, "verification[0]", OBJECT),
    ({"verification": [{"what": 1}]}, "verification[0].what", UNKNOWN),
    ({"verification": [{}]}, "verification[0].verified", "true or false is needed"),
    (
        {"verification": [{"verified": True, "verificationDate": "soon"}]},
        "verification[0].verificationDate",
        DATE,
    ),
]
RULE = [
    ({"type": None}, "type", "permit or deny is needed"),
    ({"what": 1}, "what", UNKNOWN),
    ({"period": 7}, "period", OBJECT),
    ({"period": {}}, "period", "a start or an end is needed"),
    ({"period": {"what": 1, "start": "2026"}}, "period.what", UNKNOWN),
    ({"period": {"start": "soon"}}, "period.start", DATE),
    ({"period": {"end": "9999-13-31"}}, "period.end", DATE),
    (
        {"period": {"start": "2026-02-01", "end": "2026-01-01"}},
        "period",
        "the period ends before it starts",
    ),
    ({"dataPeriod": {}}, "dataPeriod", "a start or an end is needed"),
    ({"actor": [7]}, "actor[0]", OBJECT),
    ({"actor": {}}, "actor", LIST),
    ({"actor": [actor("IRCP", "A") | {"what": 1}]}, "actor[0].what", UNKNOWN),
    (
        {"actor": [actor("WITN", "A")]},
        "actor[0].role",
        "one of IRCP, PRCP, CST, PROV and AUT is needed",
    ),
    ({"actor": [{"role": actor("CST", "A")["role"]}]}, "actor[0].reference", OBJECT),
    (
        {"actor": [actor("CST", "A") | {"reference": {"identifier": 7}}]},
        "actor[0].reference.identifier",
        OBJECT,
    ),
    (
        {"actor": [actor("CST", "A") | {"reference": {}}]},
        "actor[0].reference.reference",
        STRING,
    ),
    (
        {"actor": [actor("CST", "A") | {"reference": {"reference": "Organization/x"}}]},
        "actor[0].reference.reference",
        "nobody of that name is known here",
    ),
    (
        {"actor": [actor("CST", "A", "x")]},
        "actor[0].reference.identifier.system",
        "this identifier system is unknown",
    ),
    (
        {"actor": [actor("CST", "A") | {"reference": {"identifier": {"value": "A"}}}]},
        "actor[0].reference.identifier.system",
        STRING,
    ),
    (
        {"actor": [actor("CST", "u1", "https://fhir.nhs.uk/Id/sds-user-id")]},
        "actor[0]",
        "this actor cannot hold or write data",
    ),
    (
        {"actor": [actor("CST", "A"), actor("AUT", "u1", "https://fhir.nhs.uk/Id/sds-user-id")]},
        "actor",
        MIXED,
    ),
    (
        {"action": [coded(ACTION_SYSTEM, "use")]},
        "action[0].coding[0]",
        "access, correct or collect is needed",
    ),
    ({"purpose": [{"system": "x", "code": "y"}]}, "purpose[0]", "this code is not supported"),
    (
        {"purpose": [{"system": PURPOSE_SYSTEM, "code": "y"}]},
        "purpose[0]",
        "this code is not supported",
    ),
    (
        {"code": [coded(CATEGORY_SYSTEM, "x")]},
        "code[0].coding[0]",
        "an access category is needed",
    ),
    (
        {"class": [{"system": TYPE_SYSTEM, "code": "goal"}]},
        "class[0]",
        "a FHIR resource type is needed",
    ),
    ({"class": [7]}, "class[0]", OBJECT),
    (
        {"securityLabel": [{"system": SENSITIVITY_SYSTEM, "code": "x"}]},
        "securityLabel[0]",
        "this security label is not supported",
    ),
    ({"securityLabel": [7]}, "securityLabel[0]", OBJECT),
    ({"data": [7]}, "data[0]", OBJECT),
    ({"data": [{"what": 1}]}, "data[0].what", UNKNOWN),
    ({"data": [{}]}, "data[0].meaning", STRING),
    ({"data": [{"meaning": "x"}]}, "data[0].meaning", "this meaning is not supported"),
    ({"data": [{"meaning": "instance"}]}, "data[0].reference", OBJECT),
    (
        {"data": [{"meaning": "instance", "reference": {}}]},
        "data[0].reference.reference",
        STRING,
    ),
    (
        {"data": [{"meaning": "instance", "reference": {"reference": "x"}}]},
        "data[0].reference.reference",
        "a reference to a resource of the record is needed",
    ),
    (
        {"data": [{"meaning": "authoredby", "reference": actor("AUT", "A")["reference"]}]},
        "data[0].reference",
        "the person who wrote it is needed",
    ),
    (
        {"actor": [actor("IRCP", "a")]},
        "actor[0].reference.identifier.value",
        "a code is needed as it is issued: of an organisation capitals, digits, hyphens",
    ),
    (
        {"data": [LIKE | {"meaning": "instance"}, AUTHOR]},
        "data[1]",
        "resources and authors are mixed",
    ),
    (
        {"actor": [actor("AUT", "u1", "https://fhir.nhs.uk/Id/sds-user-id")], "data": [AUTHOR]},
        "data",
        "the author is named in two ways",
    ),
    ({"provision": [DEEP]}, "provision[0].provision", "two levels at most are read"),
    ({"provision": [7]}, "provision[0]", OBJECT),
    (
        {"provision": [{"type": "deny"}] * (NESTED_AT_MOST + 1)},
        "provision",
        "there are too many exceptions",
    ),
]


def told(resource) -> tuple[str, str]:
    with pytest.raises(UnsupportedConsentError) as refused:
        read_consent(resource)
    assert str(refused.value) == f"{refused.value.path}: {refused.value.text}"
    return refused.value.path, refused.value.text


@pytest.mark.parametrize(("change", "path", "text"), WHOLE)
def test_a_consent_is_told_what_is_wrong_with_it_and_where(change, path, text):
    assert told(consent_resource(**change)) == (f"Consent.{path}", text)


@pytest.mark.parametrize(("change", "path", "text"), RULE)
def test_a_rule_is_told_what_is_wrong_with_it_and_where(change, path, text):
    sent = consent_resource(provision=change)
    assert told(sent) == (f"Consent.provision.{path}", text)


def test_what_is_at_the_edge_of_the_profile_is_read():
    many = [{"type": "deny"}] * NESTED_AT_MOST
    assert len(read_consent(consent_resource(provision={"provision": many})).nested) == len(many)
    by_number = consent_resource(performer=[{"identifier": {"system": "x", "value": "y"}}])
    assert read_consent(by_number).active
    with_whom = {"verified": True, "verifiedWith": {"reference": "Patient/p1"}}
    said = read_consent(consent_resource(verification=[with_whom]))
    assert not said.conversation
    off = [*FOREVER_BOUND, {"url": BINDS_BREAK_GLASS, "valueBoolean": False}]
    bound = consent_resource(modifierExtension=off, provision={"period": {"end": "2027"}})
    assert read_consent(bound).binds_break_glass


def test_several_of_one_kind_are_all_read():
    labels = [{"system": SENSITIVITY_SYSTEM, "code": code} for code in ("HIV", "PSY")]
    asking = [actor("IRCP", "A"), actor("PRCP", "B")]
    root = read_consent(consent_resource(provision={"securityLabel": labels, "actor": asking})).root
    assert root.sensitivities == SENSITIVITIES["HIV"] | SENSITIVITIES["PSY"]
    assert {one.value for one in root.askers} == {"A", "B"}
