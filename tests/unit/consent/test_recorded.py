"""What staff recorded leaves to those who may record it the Consents of their own organisation."""

from dataclasses import replace

import pytest

from consent.decision import compile_filter
from consent.displays import misnamed
from consent.policy import AccessSettings, PermissionToView
from consent.rule import Actor, ActorKind, Provision
from consent.terms import Action, Reason, RelationshipKind
from tests.unit.consent.fhir_consents import consent_resource
from tests.unit.consent.world import (
    COUNCIL,
    PRACTICE,
    caller,
    deny,
    item,
    permit,
    person,
    policy,
    relationship,
    request,
)

IMPLIED = AccessSettings()
GP = caller("gp", org=PRACTICE)
OURS = item("consent", source_org=PRACTICE, resource_type="Consent")


def told(rule):
    return replace(rule, by_staff=True)


def sees(who, rules, row=OURS, action=Action.READ, settings=IMPLIED, **facts):
    about = person(*rules, **facts)
    return compile_filter(who, about, request(action), policy(settings)).allows(row)


@pytest.mark.parametrize("action", [Action.READ, Action.SEARCH, Action.UPDATE])
def test_a_dissent_hides_itself_unless_staff_recorded_it(action):
    assert not sees(GP, [deny()], action=action)
    assert sees(GP, [told(deny())], action=action)
    assert sees(GP, [told(deny(conversation=True))], action=action)
    assert sees(GP, [told(permit(categories=frozenset({"team"})))], action=action)


def test_nothing_else_is_left():
    for row in (
        replace(OURS, source_org=COUNCIL),
        replace(OURS, category="care-plan"),
        replace(OURS, resource_type="DocumentReference"),
        item("care-plan", source_org=PRACTICE),
    ):
        assert not sees(GP, [told(deny())], row)
        assert not sees(GP, [told(permit(categories=frozenset({"team"})))], row)


def test_another_consent_that_the_person_recorded_hides_it_too():
    mine, theirs = told(deny()), deny()
    for rules in ([mine, theirs], [theirs, mine]):
        assert not sees(GP, rules)
    narrow, wide = (
        permit(categories=frozenset({"team"})),
        told(permit(categories=frozenset({"team"}))),
    )
    for rules in ([narrow, wide], [wide, narrow], [narrow, told(deny())]):
        assert not sees(GP, rules)
    assert sees(GP, [mine, wide])


def test_who_is_shut_out_by_name_is_left_nothing():
    named = frozenset({Actor(ActorKind.PERSON, GP.user_id)})
    somebody = frozenset({Actor(ActorKind.PERSON, "u-else")})
    role = frozenset({Actor(ActorKind.ROLE, "gp")})
    assert not sees(GP, [told(deny(askers=named))])
    assert not sees(GP, [told(deny(Provision(False, askers=named)))])
    assert sees(GP, [told(deny(askers=role))])
    assert sees(GP, [told(deny(Provision(False, askers=somebody)))])
    assert sees(GP, [told(deny(Provision(True, askers=named)))])


@pytest.mark.parametrize(
    ("who", "kind", "left"),
    [
        (GP, RelationshipKind.REGISTERED_PRACTICE, True),
        (GP, RelationshipKind.CASELOAD, True),
        (GP, RelationshipKind.SELF_CLAIM, False),
        (GP, RelationshipKind.RECORD_HOLDER, False),
        (caller("receptionist", org=PRACTICE), RelationshipKind.CASELOAD, False),
        (caller("safeguarding-adviser", org=PRACTICE), RelationshipKind.CASELOAD, False),
    ],
)
def test_it_is_left_to_who_may_record_one(who, kind, left):
    ties = (relationship(PRACTICE, kind),)
    assert sees(who, [told(deny())], relationships=ties) is left


def test_it_is_not_left_without_a_permission_that_is_asked_for():
    asked = AccessSettings(permission=PermissionToView.RECORDED)
    assert not sees(GP, [told(deny())], settings=asked)


def test_the_grounds_say_that_somebody_dissented():
    about = person(told(deny()))
    assert Reason.DISSENT in compile_filter(GP, about, request(), policy()).reasons


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"scope": {"text": "Research"}}, ["Consent.scope.text"]),
        ({"scope": {"text": "PRIVACY consent"}}, []),
        ({"category": [{"text": "Emergency only"}]}, ["Consent.category[0].text"]),
        ({"provision": {"type": "deny", "text": "x"}}, []),
    ],
)
def test_words_beside_a_code_are_its_name(change, paths):
    sent = consent_resource()
    for name, said in change.items():
        held = sent[name]
        sent[name] = [held[0] | said[0]] if isinstance(held, list) else held | said
    assert list(misnamed(sent)) == paths


def test_a_word_fits_one_of_the_codings_beside_it():
    system = "http://terminology.hl7.org/CodeSystem/consentaction"
    action = {"coding": [{"system": system, "code": one} for one in ("access", "correct")]}
    for text, path in (("Access", []), ("collect", ["Consent.provision.action[0].text"])):
        sent = consent_resource(provision={"type": "deny", "action": [action | {"text": text}]})
        assert list(misnamed(sent)) == path
