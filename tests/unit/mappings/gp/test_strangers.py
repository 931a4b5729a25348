"""Consents never seen before, in the record of a practice: taken only where they can be computed;
while one that cannot is in force, what the practice holds is closed to everybody else."""

import json

import pytest

from consent.from_fhir import is_privacy_consent, read_consent
from consent.rule import Actor, ActorKind
from tests.unit.consent.strangers import READ
from tests.unit.consent.strangers_refused import REFUSED
from tests.unit.mappings.gp import bundles
from tests.unit.mappings.gp.bundles import closings, issues, of_type, taken_consents
from tests.unit.mappings.gp.resources import WHO, bundle, goal, mapped

ON = "2026-05-01T10:00:00Z"

ABOUT_SHARING = [one for one in REFUSED if is_privacy_consent(one.consent)]
ABOUT_ELSE = [one for one in REFUSED if not is_privacy_consent(one.consent)]


def _delivered(consent: dict):
    """In a bundle about the person whom it is about."""
    sent = json.loads(json.dumps(consent).replace("Patient/p1", WHO["reference"]))
    return mapped(bundle({**sent, "id": "c"}, goal(), timestamp=ON))


@pytest.mark.parametrize("stranger", ABOUT_SHARING, ids=lambda one: one.name)
def test_what_is_given_no_meaning_here_closes_what_the_practice_holds(stranger):
    outcome = _delivered(stranger.consent)
    assert not outcome.quarantined
    assert of_type(outcome, "Goal") != []
    assert taken_consents(outcome) == []
    assert closings(outcome) == [True]
    assert issues(outcome, "consent-needs-reading") == [("error", "Consent[0]")]
    (made,) = of_type(outcome, "Consent")
    rule = read_consent({**made, "patient": {"reference": "Patient/1"}})
    assert rule.active
    assert not rule.root.permit
    assert not rule.root.askers
    assert rule.root.source_orgs == {"H85001"}
    (own,) = rule.nested
    assert own.permit
    assert own.askers == {Actor(ActorKind.ORGANISATION, "H85001")}


@pytest.mark.parametrize("stranger", ABOUT_ELSE, ids=lambda one: one.name)
def test_what_is_about_something_else_is_never_a_rule(stranger):
    outcome = _delivered(stranger.consent)
    assert not outcome.quarantined
    assert not any(is_privacy_consent(one) for one in of_type(outcome, "Consent"))


WITHIN = {
    **{name: value for name, value in READ[0].consent.items() if name != "policyRule"},
    "policy": [{"uri": "https://consents.example/policy"}],
    "provision": {"type": "deny"},
}
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
def test_one_of_the_former_release_closes_what_the_practice_holds(status):
    sent = {name: value for name, value in (FORMER | {"status": status}).items() if value}
    outcome = bundles.mapped(bundles.observation("o", "1"), sent, timestamp=ON)
    assert not outcome.quarantined
    assert of_type(outcome, "Observation") != []
    assert (closings(outcome), taken_consents(outcome)) == ([True], [])
    assert issues(outcome, "consent-needs-reading") == [("error", "Consent[0]")]


@pytest.mark.parametrize("status", ["inactive", "draft", "rejected", "entered-in-error"])
def test_one_of_the_former_release_that_is_not_in_force_closes_nothing(status):
    sent = FORMER | {"status": status}
    outcome = bundles.mapped(bundles.observation("o", "1"), sent, timestamp=ON)
    assert not outcome.quarantined
    assert (closings(outcome), taken_consents(outcome)) == ([False], [])
    assert of_type(outcome, "Observation") != []


def test_what_closes_is_opened_by_the_same_consent_alone():
    """Each stands by its own name, beside what was taken of it."""
    keys = [
        {one.key for one in outcome.resources if one.type == "Consent"}
        for outcome in (
            _delivered(ABOUT_SHARING[0].consent),
            _delivered(ABOUT_SHARING[-1].consent),
            _delivered(WITHIN),
        )
    ]
    assert keys[0] == keys[1] < keys[2]
    consent = {**ABOUT_SHARING[0].consent, "patient": WHO, "performer": [WHO], "id": "d"}
    other = bundle(consent, goal(), timestamp=ON)
    assert keys[0].isdisjoint({one.key for one in mapped(other).resources})


def test_one_without_a_name_ends_no_closing_but_its_own():
    """It is known by all that it says but its status."""

    def limits(**change) -> dict:
        sent = {n: one for n, one in (FORMER | change).items() if n != "id"}
        outcome = bundles.mapped(bundles.observation("o", "1"), sent, timestamp=ON)
        made = [one for one in outcome.resources if "|unread|" in one.key]
        return {one.key: one.resource["status"] for one in made}

    closing = limits()
    assert list(closing.values()) == ["active"]
    assert closing.keys() == limits(status="inactive").keys()
    other = limits(status="inactive", policyRule="https://consents.example/another")
    assert closing.keys().isdisjoint(other)
    assert list(other.values()) == ["inactive"]


def test_of_two_with_one_name_the_one_that_closes_counts():
    first = {**WITHIN, "patient": WHO, "performer": [WHO], "id": "c"}
    second = {**ABOUT_SHARING[0].consent, "patient": WHO, "id": "c"}
    outcome = mapped(bundle(first, second, goal(), timestamp=ON))
    assert closings(outcome) == [True]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"managingOrganization": None}, "refusal-needs-practice"), ({}, "refusal-needs-time")],
)
def test_without_practice_or_time_nothing_is_taken(change, code):
    sent = {name: value for name, value in FORMER.items() if name != "dateTime"}
    person = {name: value for name, value in (bundles.PATIENT | change).items() if value}
    more = {"timestamp": ON} if change else {}
    outcome = bundles.mapped(bundles.observation("o", "1"), sent, person=person, **more)
    assert outcome.quarantined
    assert outcome.resources == ()
    assert [severity for severity, _ in issues(outcome, code)] == ["error"]


@pytest.mark.parametrize("stranger", READ, ids=lambda one: one.name)
def test_what_is_taken_says_what_was_sent(stranger):
    outcome = _delivered(stranger.consent)
    taken = taken_consents(outcome)
    in_force = stranger.consent["status"] == "active"
    assert closings(outcome) == [in_force and not taken]
    for one in taken:
        sent = read_consent(stranger.consent)
        assert read_consent({**one, "patient": {"reference": "Patient/1"}}) == sent
