"""What a Consent says that could not be held to is refused where it is sent, with its place."""

from datetime import UTC, datetime

import pytest

from consent.provisions import TYPE_SYSTEM
from gateway.flows.writing.write_consents import fault_of
from gateway.store.clear.search_table import PARAMETERS
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource
from tests.unit.consent.world import policy

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _fault(**provision):
    sent = consent_resource(provision={"type": "deny", **provision})
    found = fault_of(sent, policy(), AT)
    return found.path if found else ""


def _of_type(name):
    return _fault(**{"class": [{"system": TYPE_SYSTEM, "code": name}]})


@pytest.mark.parametrize(
    "name", ["Bundle", "Binary", "Practitioner", "Resource", "Parameters", "X1"]
)
def test_a_type_that_nothing_is_kept_of_is_refused(name):
    assert _of_type(name).startswith("Consent.provision.class")


def test_every_type_that_is_kept_can_be_named():
    assert {name for name in PARAMETERS if _of_type(name)} <= {"Practitioner"}


def _named(display):
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {"system": system, "code": "PSY", "display": display}


def test_a_name_of_another_code_is_refused_and_its_own_is_not():
    path = "Consent.provision.securityLabel[0].display"
    assert _fault(securityLabel=[_named("HIV/AIDS information sensitivity")]) == path
    assert _fault(securityLabel=[_named("my heart")]) == path
    for own in ("PSY", "Psychiatry disorder information sensitivity"):
        assert _fault(securityLabel=[_named(own)]) == ""


def test_a_text_beside_a_code_is_its_name():
    system = "https://care-gateway.example/fhir/CodeSystem/access-category"
    code = coded(system, "crisis-plan")
    assert _fault(code=[code | {"text": "Crisis plan"}]) == ""
    assert _fault(code=[code | {"text": "everything"}]) == "Consent.provision.code[0].text"
    nested = [{"type": "permit", "code": [code | {"text": "HIV"}]}]
    assert _fault(provision=nested) == "Consent.provision.provision[0].code[0].text"


def _actor(**changes):
    named = actor("IRCP", "XK1")
    identifier = named["reference"]["identifier"] | changes.pop("identifier", {})
    return _fault(actor=[named | {"reference": {"identifier": identifier, **changes}}])


@pytest.mark.parametrize(
    "over", [{"use": "old"}, {"period": {"end": "2026-11-20"}}, {"period": {"end": "2020"}}]
)
def test_an_identifier_that_is_over_names_nobody(over):
    place = "Consent.provision.actor[0].reference"
    assert _actor(identifier=over) == f"{place}.identifier"
    nested = actor("IRCP", "u1", system=USER)
    nested["reference"]["identifier"] |= over
    found = _fault(provision=[{"type": "permit", "actor": [nested]}])
    assert found == "Consent.provision.provision[0].actor[0].reference.identifier"


def test_an_identifier_that_holds_names_its_organisation():
    assert _actor() == ""
    assert _actor(identifier={"use": "official", "period": {"start": "2020", "end": "2027"}}) == ""
    assert _actor(type="Organization") == ""


@pytest.mark.parametrize("more", [{"type": "Practitioner"}, {"reference": "Organization/other"}])
def test_somebody_else_named_beside_an_identifier_is_refused(more):
    assert _actor(**more) == "Consent.provision.actor[0].reference"


def test_what_is_withdrawn_is_withdrawn_whatever_it_says():
    said = {"type": "deny", "class": [{"system": TYPE_SYSTEM, "code": "Bundle"}]}
    for status in ("inactive", "rejected", "entered-in-error"):
        assert fault_of(consent_resource(status=status, provision=said), policy(), AT) is None
    assert fault_of(consent_resource(status="proposed", provision=said), policy(), AT) is not None
