"""A Consent that says who acts for a person: read whole, or refused with its reason."""

from datetime import UTC, datetime

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.periods import FOREVER
from consent.proxies import (
    ATTORNEY,
    GRANTOR,
    LEGAL_BASIS_SYSTEM,
    NUMBER_SYSTEM,
    is_proxy_consent,
    proxy_named,
    read_proxy,
    read_stated,
)
from consent.rule import ConsentRule
from consent.terms import ProxyAuthority
from tests.unit.consent.fhir_consents import ODS, USER, actor, coded, consent_resource
from tests.unit.consent.proxy_consents import (
    authority,
    because,
    by_number,
    grantor,
    lacks_capacity,
)

NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
UNTIL = {"period": {"start": "2026-01-05", "end": "2026-12-31"}}


def test_an_authority_says_who_on_which_basis_from_when_until_when():
    assert read_proxy(authority(), "c-1") == ProxyAuthority(
        "u-proxy", "parental-responsibility", True, datetime(2026, 1, 5, tzinfo=UTC), FOREVER, "c-1"
    )
    ended = read_proxy(authority(provision=UNTIL), "c-1")
    assert ended.end == datetime(2027, 1, 1, tzinfo=UTC)


def test_what_a_consent_states_is_told_by_its_policy_rule():
    stated = read_stated(authority(), "c-1")
    assert isinstance(stated, ProxyAuthority)
    assert stated.evidence == "c-1"
    assert isinstance(read_stated(consent_resource()), ConsentRule)
    assert not is_proxy_consent({"policyRule": {"coding": "parental-responsibility"}})
    assert not is_proxy_consent({"policyRule": [coded(LEGAL_BASIS_SYSTEM, "best-interest")]})
    assert not is_proxy_consent({"policyRule": {"coding": [LEGAL_BASIS_SYSTEM]}})
    assert not is_proxy_consent({"policyRule": {"coding": [{"system": [LEGAL_BASIS_SYSTEM]}]}})
    assert not is_proxy_consent({"policyRule": {"coding": [{"system": {}}]}})


def test_a_proxy_is_named_by_user_id_or_nhs_number():
    assert proxy_named(authority()) == (USER, "u-proxy")
    numbered = authority(performer=by_number("9990000077"))
    assert proxy_named(numbered) == (NUMBER_SYSTEM, "9990000077")
    assert read_proxy(numbered, "c-1").user_id == "9990000077"
    shown = [numbered["performer"][0] | {"display": "M. Example"}]
    assert read_proxy(authority(performer=shown), "c-1").user_id == "9990000077"


def test_an_unknown_basis_is_read_as_what_it_is():
    assert read_proxy(authority(basis="aunt"), "c").basis == "aunt"
    assert read_proxy(authority(policyRule=coded(NULL, "UNK")), "c").basis == "UNK"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("inactive", "ROLE_DEACTIVATED_PATIENT_REQUEST"),
        ("inactive", "ROLE_SUSPENDED_PENDING_REVIEW"),
        ("rejected", "APPLICATION_REJECTED_COERCION"),
        ("proposed", "APPLICATION_SUBMITTED"),
        ("entered-in-error", "APPLICATION_WITHDRAWN"),
    ],
)
def test_only_an_active_one_is_accepted(status, reason):
    assert not read_proxy(authority(status=status, extension=[because(reason)]), "c").accepted


@pytest.mark.parametrize("reason", ["ROLE_CREATED", "ROLE_ACTIVATED", "ROLE_REACTIVATED"])
def test_an_active_one_may_say_why(reason):
    assert read_proxy(authority(extension=[because(reason)]), "c").accepted
    assert read_proxy(authority(extension=None), "c").accepted
    assert read_proxy(authority(status="draft", extension=None), "c").accepted is False


@pytest.mark.parametrize("lacks", [True, False])
def test_an_attorney_acts_while_the_person_lacks_capacity(lacks):
    one = authority(basis=ATTORNEY, provision=UNTIL, extension=[lacks_capacity(lacks)])
    assert read_proxy(one, "c").accepted is lacks
    able = authority(basis=ATTORNEY, extension=[lacks_capacity(False)])
    assert not read_proxy(able, "c").accepted


def test_a_suspended_attorney_does_not_act():
    said = [lacks_capacity(True), because("ROLE_SUSPENDED_PENDING_REVIEW")]
    one = authority(basis=ATTORNEY, provision=UNTIL, status="inactive", extension=said)
    assert not read_proxy(one, "c").accepted


OBJECT, STRING = "an object is needed here", "a non-empty string is needed here"
UNKNOWN, EXTENSION = "this element is not supported", "this extension is not supported"
ONE_BASIS = "one legal basis is needed, alone"
_GRANTED = "Consent.extension[0].valueReference.identifier"


def _granted(reference) -> dict:
    return {"url": GRANTOR, "valueReference": reference}


def told(resource) -> tuple[str, str]:
    with pytest.raises(UnsupportedConsentError) as refused:
        read_proxy(resource, "c")
    return refused.value.path, refused.value.text


_ELSEWHERE = coded("https://elsewhere.example", "X")
_WHY_ELSEWHERE = {**because("X"), "valueCodeableConcept": _ELSEWHERE}
_WHY = "Consent.extension[0].valueCodeableConcept.coding[0]"
_WHOM = "Consent.extension[0].valueReference.identifier.system"
_ADR = coded("http://terminology.hl7.org/CodeSystem/consentscope", "adr")
_OTHER_URL = {"url": "https://elsewhere.example/x", "valueBoolean": True}
_LITERAL = [{"reference": "Patient/p2"}]
_NAMELESS = [{"identifier": {"system": USER}}]
_ORG = [{"identifier": {"system": ODS, "value": "H85001"}}]
_TWO = [*by_number("9990000077"), *by_number("9990000158")]


@pytest.mark.parametrize(
    ("changes", "path", "text"),
    [
        ({"provision": {"type": "deny"}}, "Consent.provision.type", "permit is needed"),
        ({"provision": {"period": None}}, "Consent.provision.period", OBJECT),
        (
            {"provision": {"period": {"end": "2026-12-31"}}},
            "Consent.provision.period.start",
            "the first day is needed",
        ),
        ({"provision": {"actor": [actor("IRCP", "H85001")]}}, "Consent.provision.actor", UNKNOWN),
        ({"provision": {"provision": [{"type": "deny"}]}}, "Consent.provision.provision", UNKNOWN),
        ({"performer": _TWO}, "Consent.performer", "the one who acts is needed, alone"),
        ({"performer": None}, "Consent.performer", "who agreed is needed"),
        ({"performer": _LITERAL}, "Consent.performer[0].reference", UNKNOWN),
        ({"performer": [{"identifier": "x"}]}, "Consent.performer[0].identifier", OBJECT),
        ({"performer": _NAMELESS}, "Consent.performer[0].identifier.value", STRING),
        (
            {"performer": _ORG},
            "Consent.performer[0].identifier.system",
            "this system names no proxy",
        ),
        (
            {"status": "inactive", "extension": [_WHY_ELSEWHERE]},
            _WHY,
            "a reason of the status is needed",
        ),
        (
            {"status": "inactive", "extension": None},
            "Consent.extension",
            "the reason of the status is needed",
        ),
        (
            {"status": "rejected", "extension": [grantor("H85001")]},
            "Consent.extension",
            "the reason of the status is needed",
        ),
        ({"extension": [because("OTHER")]}, _WHY, "the reason contradicts the status"),
        ({"extension": [_OTHER_URL]}, "Consent.extension[0]", EXTENSION),
        ({"extension": [because("ROLE_CREATED")] * 2}, "Consent.extension[1]", EXTENSION),
        ({"extension": [grantor("1", USER)]}, _WHOM, "an ODS code is needed"),
        ({"extension": ["x"]}, "Consent.extension[0]", OBJECT),
        ({"modifierExtension": [_OTHER_URL]}, "Consent.modifierExtension", UNKNOWN),
        (
            {"sourceReference": {"reference": "DocumentReference/1"}},
            "Consent.sourceReference",
            UNKNOWN,
        ),
        ({"scope": _ADR}, "Consent.scope", "patient-privacy alone is needed"),
        ({"dateTime": None}, "Consent.dateTime", STRING),
        ({"status": "ended"}, "Consent.status", "a consent status is needed"),
        ({"performer": [7]}, "Consent.performer[0]", OBJECT),
        ({"performer": [{"identifier": {}}]}, "Consent.performer[0].identifier.system", STRING),
        ({"extension": [{}]}, "Consent.extension[0].url", STRING),
        ({"extension": [{"url": GRANTOR}]}, "Consent.extension[0].valueReference", OBJECT),
        ({"extension": [_granted({})]}, _GRANTED, OBJECT),
        ({"extension": [_granted({"identifier": {}})]}, f"{_GRANTED}.system", STRING),
        ({"extension": [_granted({"identifier": {"system": ODS}})]}, f"{_GRANTED}.value", STRING),
    ],
)
def test_what_is_not_understood_is_refused_by_its_path(changes, path, text):
    assert told(authority(**changes)) == (path, text)


_FURTHER = {"extension": [_OTHER_URL]}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"scope": coded("s", "c") | _FURTHER}, "scope.extension"),
        ({"performer": [by_number("9990000077")[0] | _FURTHER]}, "performer[0].extension"),
        (
            {"verification": [{"modifierExtension": [_OTHER_URL]}]},
            "verification[0].modifierExtension",
        ),
        ({"provision": {"period": {"start": "2026", "_end": {}}}}, "provision.period._end"),
    ],
)
def test_a_word_added_to_an_authority_is_not_passed_over(changes, path):
    assert told(authority(**changes)) == (f"Consent.{path}", "an extension is not supported here")


def test_the_provision_is_an_object():
    assert told(authority() | {"provision": 7}) == ("Consent.provision", OBJECT)


@pytest.mark.parametrize(
    ("policy_rule", "path", "text"),
    [
        ({"coding": [*coded(LEGAL_BASIS_SYSTEM, "a")["coding"]] * 2}, ".coding", ONE_BASIS),
        (coded("https://elsewhere.example", "a"), ".coding", ONE_BASIS),
        (7, "", OBJECT),
    ],
)
def test_the_basis_is_one(policy_rule, path, text):
    assert told(authority(policyRule=policy_rule)) == (f"Consent.policyRule{path}", text)


@pytest.mark.parametrize(
    ("extension", "provision", "path", "text"),
    [
        (
            [because("ROLE_CREATED")],
            UNTIL,
            "Consent.extension",
            "whether the person lacks capacity is needed on this legal basis",
        ),
        (
            [lacks_capacity("true")],
            UNTIL,
            "Consent.extension[0].valueBoolean",
            "true or false is needed",
        ),
        (
            [lacks_capacity(True)],
            {},
            "Consent.provision.period.end",
            "an end is needed, by which capacity is assessed again",
        ),
    ],
)
def test_an_attorney_is_read_with_the_persons_capacity_alone(extension, provision, path, text):
    one = authority(basis=ATTORNEY, extension=extension, provision=provision)
    assert told(one) == (path, text)
