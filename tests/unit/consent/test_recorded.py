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
    NOW,
    PRACTICE,
    caller,
    deny,
    item,
    org,
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
    return replace(rule, by_team=True)


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


BARE = Provision(permit=True)
NARROW = Provision(permit=True, categories=frozenset({"team"}))
NO = Provision(permit=False)
LATER = Provision(permit=False, start=NOW)


@pytest.mark.parametrize(
    ("rule", "takes"),
    [
        (permit(), False),
        (permit(askers=org(COUNCIL), purposes=frozenset({"TREAT"}), start=NOW, end=NOW), False),
        (permit(BARE), False),
        (permit(categories=frozenset({"team"})), True),
        (permit(actions=frozenset({"read"})), False),
        (permit(NO), True),
        (permit(BARE, LATER), True),
        (deny(), True),
        (deny(askers=org(COUNCIL)), True),
    ],
)
def test_what_may_hide_something_takes_away(rule, takes):
    assert rule.takes_away is takes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (deny(), deny()),
        (deny(BARE, NO), deny(NO)),
        (deny(NO), deny(LATER, NO, NO)),
        (deny(), deny(binds_break_glass=True, conversation=True)),
        (deny(active=False), deny()),
    ],
)
def test_a_rule_that_hides_as_much_keeps_the_one_before(before, after):
    assert after.keeps(before)
    assert before.keeps(after) is (before == after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (deny(), permit()),
        (deny(), deny(askers=org(COUNCIL))),
        (deny(), deny(end=NOW)),
        (deny(), deny(active=False)),
        (deny(NO), deny(LATER)),
        (deny(), deny(BARE)),
        (deny(BARE), deny(NARROW)),
        (deny(binds_break_glass=True), deny(conversation=True)),
        (deny(conversation=True), deny(binds_break_glass=True)),
    ],
)
def test_a_rule_that_may_hide_less_does_not(before, after):
    assert not after.keeps(before)


def test_over_a_record_that_is_closed_nobody_on_staff_makes_another():
    for action, may in ((Action.UPDATE, True), (Action.CREATE, False)):
        assert sees(GP, [told(deny())], action=action) is may
