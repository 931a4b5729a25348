"""Consents never seen before, in the record of a practice: taken only where they can be computed;
while one that cannot is in force, nothing of the delivery is taken."""

import pytest

from consent.from_fhir import is_privacy_consent, read_consent
from tests.unit.consent.strangers import READ
from tests.unit.consent.strangers_refused import REFUSED
from tests.unit.mappings.gp import bundles
from tests.unit.mappings.gp.bundles import issues, of_type
from tests.unit.mappings.gp.resources import WHO, bundle, goal, mapped

ABOUT_SHARING = [one for one in REFUSED if is_privacy_consent(one.consent)]
ABOUT_ELSE = [one for one in REFUSED if not is_privacy_consent(one.consent)]


def _delivered(consent: dict):
    who = {name: WHO for name in ("patient", "subject") if name in consent}
    return mapped(bundle({**consent, **who, "id": "c"}, goal()))


@pytest.mark.parametrize("stranger", ABOUT_SHARING, ids=lambda one: one.name)
def test_what_is_given_no_meaning_here_stops_the_delivery(stranger):
    outcome = _delivered(stranger.consent)
    assert outcome.quarantined
    assert outcome.resources == ()


@pytest.mark.parametrize("stranger", ABOUT_ELSE, ids=lambda one: one.name)
def test_what_is_about_something_else_is_never_a_rule(stranger):
    outcome = _delivered(stranger.consent)
    assert not outcome.quarantined
    assert not any(is_privacy_consent(one) for one in of_type(outcome, "Consent"))


FORMER = {
    "resourceType": "Consent",
    "id": "c",
    "status": "active",
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": {"reference": "Patient/pat-1"},
    "consentingParty": [{"reference": "Patient/pat-1"}],
    "policyRule": "https://consents.example/opt-out",
    "except": [{"type": "deny", "actor": [{"reference": {"reference": "Organization/o1"}}]}],
}


@pytest.mark.parametrize("status", ["active", "signed", None])
def test_one_of_the_former_release_stops_the_record_that_it_stands_in(status):
    sent = {name: value for name, value in (FORMER | {"status": status}).items() if value}
    outcome = bundles.mapped(bundles.observation("o", "1"), sent)
    assert outcome.quarantined
    assert outcome.resources == ()
    assert issues(outcome, "consent-needs-reading") == [("error", "Consent[0]")]


@pytest.mark.parametrize("status", ["inactive", "draft", "rejected", "entered-in-error"])
def test_one_of_the_former_release_that_is_not_in_force_stops_nothing(status):
    outcome = bundles.mapped(bundles.observation("o", "1"), FORMER | {"status": status})
    assert not outcome.quarantined
    assert of_type(outcome, "Consent") == []
    assert of_type(outcome, "Observation") != []


@pytest.mark.parametrize("stranger", READ, ids=lambda one: one.name)
def test_what_is_taken_says_what_was_sent(stranger):
    outcome = _delivered(stranger.consent)
    taken = of_type(outcome, "Consent")
    in_force = stranger.consent["status"] == "active"
    assert taken or outcome.quarantined or not in_force
    for one in taken:
        sent = read_consent(stranger.consent)
        assert read_consent({**one, "patient": {"reference": "Patient/1"}}) == sent
