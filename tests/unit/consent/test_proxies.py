"""A Consent that says who acts for a person: read whole, or refused with its reason."""

from datetime import UTC, datetime

import pytest

from consent.fhir_values import UnsupportedConsentError
from consent.periods import FOREVER
from consent.proxies import (
    ATTORNEY,
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
    assert isinstance(read_stated(authority()), ProxyAuthority)
    assert isinstance(read_stated(consent_resource()), ConsentRule)
    assert not is_proxy_consent({"policyRule": {"coding": "parental-responsibility"}})
    assert not is_proxy_consent({"policyRule": [coded(LEGAL_BASIS_SYSTEM, "best-interest")]})
    assert not is_proxy_consent({"policyRule": {"coding": [LEGAL_BASIS_SYSTEM]}})


def test_a_proxy_is_named_by_user_id_or_nhs_number():
    assert proxy_named(authority()) == (USER, "u-proxy")
    numbered = authority(performer=by_number("9990000077"))
    assert proxy_named(numbered) == (NUMBER_SYSTEM, "9990000077")
    assert read_proxy(numbered, "c-1").user_id == "9990000077"


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
    ("changes", "path"),
    [
        ({"provision": {"type": "deny"}}, "Consent.provision.type"),
        ({"provision": {"period": None}}, "Consent.provision.period"),
        ({"provision": {"period": {"end": "2026-12-31"}}}, "Consent.provision.period.start"),
        ({"provision": {"actor": [actor("IRCP", "H85001")]}}, "Consent.provision.actor"),
        ({"provision": {"provision": [{"type": "deny"}]}}, "Consent.provision.provision"),
        ({"performer": _TWO}, "Consent.performer"),
        ({"performer": None}, "Consent.performer"),
        ({"performer": _LITERAL}, "Consent.performer[0].reference"),
        ({"performer": [{"identifier": "x"}]}, "Consent.performer[0].identifier"),
        ({"performer": _NAMELESS}, "Consent.performer[0].identifier.value"),
        ({"performer": _ORG}, "Consent.performer[0].identifier.system"),
        ({"status": "inactive", "extension": [_WHY_ELSEWHERE]}, _WHY),
        ({"status": "inactive", "extension": None}, "Consent.extension"),
        ({"status": "rejected", "extension": [grantor("H85001")]}, "Consent.extension"),
        ({"extension": [because("OTHER")]}, _WHY),
        ({"extension": [_OTHER_URL]}, "Consent.extension[0]"),
        ({"extension": [because("ROLE_CREATED")] * 2}, "Consent.extension[1]"),
        ({"extension": [grantor("1", USER)]}, _WHOM),
        ({"extension": ["x"]}, "Consent.extension[0]"),
        ({"modifierExtension": [_OTHER_URL]}, "Consent.modifierExtension"),
        ({"sourceReference": {"reference": "DocumentReference/1"}}, "Consent.sourceReference"),
        ({"scope": _ADR}, "Consent.scope"),
        ({"dateTime": None}, "Consent.dateTime"),
        ({"status": "ended"}, "Consent.status"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_path(changes, path):
    with pytest.raises(UnsupportedConsentError) as refused:
        read_proxy(authority(**changes), "c")
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("policy_rule", "path"),
    [
        ({"coding": [*coded(LEGAL_BASIS_SYSTEM, "a")["coding"]] * 2}, "Consent.policyRule.coding"),
        (coded("https://elsewhere.example", "a"), "Consent.policyRule.coding"),
    ],
)
def test_the_basis_is_one(policy_rule, path):
    with pytest.raises(UnsupportedConsentError) as refused:
        read_proxy(authority(policyRule=policy_rule), "c")
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("extension", "provision", "path"),
    [
        ([because("ROLE_CREATED")], UNTIL, "Consent.extension"),
        ([lacks_capacity("true")], UNTIL, "Consent.extension[0].valueBoolean"),
        ([lacks_capacity(True)], {}, "Consent.provision.period.end"),
    ],
)
def test_an_attorney_is_read_with_the_persons_capacity_alone(extension, provision, path):
    one = authority(basis=ATTORNEY, extension=extension, provision=provision)
    with pytest.raises(UnsupportedConsentError) as refused:
        read_proxy(one, "c")
    assert refused.value.path == path
