"""The layers of a decision, each refusing on its own ground, and input nobody expected."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.decision import compile_filter
from consent.policy import Policy
from consent.rule import Provision
from consent.terms import (
    FOREVER,
    Action,
    CallerKind,
    ClosedFeed,
    Pds,
    Permission,
    Purpose,
    Reason,
    RelationshipKind,
)
from tests.unit.consent.world import (
    EXPLICIT,
    LONG_AGO,
    NOW,
    PRACTICE,
    RECORDED,
    TRUST,
    break_glass,
    caller,
    deny,
    document,
    item,
    org,
    permit,
    person,
    policy,
    proxy,
    relationship,
    request,
    sees,
)

GP, DOCTOR = caller("gp"), caller("hospital-doctor")
ALICE = caller("patient")
OPAQUE: Any = "deny"


def reasons(who, about, asked=None, settings=None):
    rules = policy(settings) if settings else policy()
    shown = compile_filter(who, about, asked or request(), rules)
    assert shown.is_nothing
    assert not shown.allows(item())
    return shown.reasons


@pytest.mark.parametrize(
    ("who", "about"),
    [
        (GP, person(pds=Pds.REDACTED)),
        (GP, person(pds="X")),
        (replace(GP, kind=CallerKind.SYSTEM), person()),
        (replace(GP, user_id=""), person()),
        (replace(GP, org=""), person()),
        (replace(GP, patient="bob"), person()),
        (replace(ALICE, patient="bob"), person()),
        (replace(ALICE, patient=None), person()),
        (GP, person(person_id="")),
        (ALICE, person(deceased=True)),
    ],
)
def test_who_does_not_fit_is_refused(who, about):
    assert reasons(who, about) == (Reason.IDENTITY,)


def test_an_unknown_role_is_refused():
    assert reasons(replace(GP, role="wizard"), person()) == (Reason.ROLE,)


def test_a_staff_token_bound_to_this_person_reads_it():
    assert sees(replace(GP, patient="alice"), person(), item())


@pytest.mark.parametrize(
    "role", ["governance-lead", "privacy-officer", "feed-operator", "commissioner"]
)
def test_roles_that_read_no_record_get_none(role):
    purpose = next(iter(policy().roles[role].purposes))
    asked = request(purpose=purpose)
    expected = Reason.SECONDARY if purpose in policy().secondary else Reason.ROLE
    assert reasons(caller(role, purpose=purpose), person(), asked) == (expected,)


@pytest.mark.parametrize("action", [Action.PUSH, Action.AUDIT, Action.EXPORT])
def test_what_is_neither_viewing_nor_writing_opens_nothing(action):
    assert reasons(GP, person(), request(action)) == (Reason.ROLE,)


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": "another"},
        {"person_id": "bob"},
        {"reason_code": "curious"},
        {"text_length": 9},
        {"org": "ELSEWHERE"},
        {"role": "gp"},
        {"purpose": "CAREMGT"},
        {"expires": NOW},
        {"opened": NOW + timedelta(seconds=1)},
        {"expires": NOW + timedelta(hours=5)},
    ],
)
def test_break_glass_opens_only_as_the_rules_say(change):
    asked = request(break_glass=break_glass(DOCTOR, **change))
    expected = (Reason.RELATIONSHIP, Reason.BREAK_GLASS_REFUSED)
    assert reasons(DOCTOR, person(relationships=()), asked) == expected
    shown = compile_filter(DOCTOR, person(), asked, policy())
    assert Reason.BREAK_GLASS_REFUSED in shown.reasons


def test_the_emergency_purpose_needs_an_open_break_glass():
    asked = request(purpose=Purpose.BREAK_GLASS)
    assert reasons(DOCTOR, person(), asked) == (Reason.PURPOSE, Reason.BREAK_GLASS_REFUSED)
    opened = replace(asked, break_glass=break_glass(DOCTOR))
    assert sees(DOCTOR, person(relationships=()), item(), opened)


def test_break_glass_reads_the_crisis_plan_whatever_the_matrix_says():
    pharmacist = caller("pharmacist")
    asked = request(break_glass=break_glass(pharmacist))
    assert not sees(pharmacist, person(), item("crisis-plan"))
    assert sees(pharmacist, person(), item("crisis-plan"), asked)
    assert not sees(pharmacist, person(), item("social-care"), asked)


def test_break_glass_lifts_no_hold_and_no_very_restricted_item():
    asked = request(break_glass=break_glass(DOCTOR))
    for level, expected in ((2, True), (3, False)):
        assert sees(DOCTOR, person(), item(level=level), asked) is expected


def test_break_glass_lasts_its_hours_to_the_end():
    whole = break_glass(DOCTOR, opened=NOW, expires=NOW + timedelta(hours=4))
    last = NOW + timedelta(hours=4) - timedelta(seconds=1)
    stranger = person(relationships=())
    assert sees(DOCTOR, stranger, item(), request(at=last, break_glass=whole))
    later = last + timedelta(seconds=1)
    assert not sees(DOCTOR, stranger, item(), request(at=later, break_glass=whole))


def test_own_items_need_a_relationship_and_an_organisation():
    kept = item(level=3, source_org=DOCTOR.org)
    asked = request(break_glass=break_glass(DOCTOR))
    assert sees(DOCTOR, person(), kept, asked)
    assert not sees(DOCTOR, person(relationships=()), kept, asked)
    whole = document()
    whole["roles"]["proxy"]["own_clearance"] = "V"
    child = person(proxies=(proxy(basis="best-interest"),))
    of_none = caller("proxy", org="")
    shown = compile_filter(of_none, child, request(), Policy.parse(whole))
    assert shown.allows(item(source_org=""))
    assert not shown.allows(item(level=3, source_org=""))


def test_a_purpose_other_than_the_tokens_is_refused():
    asked = request(purpose=Purpose.COORDINATION)
    assert reasons(GP, person(), asked) == (Reason.PURPOSE,)


def test_a_self_claim_counts_for_entitled_roles_alone():
    for role, counts in (("gp", True), ("home-care", False)):
        who = caller(role)
        claim = relationship(who.org, RelationshipKind.SELF_CLAIM)
        alone = person(relationships=(claim,))
        assert sees(who, alone, item("support-plan")) is counts


def test_who_sent_a_record_sees_what_was_sent_and_writes_nothing():
    holder = relationship(DOCTOR.org, RelationshipKind.RECORD_HOLDER)
    alone = person(relationships=(holder,))
    own = item(source_org=DOCTOR.org)
    assert sees(DOCTOR, alone, own)
    assert not sees(DOCTOR, alone, item())
    assert sees(DOCTOR, alone, own, settings=RECORDED)
    assert reasons(DOCTOR, alone, request(Action.CREATE)) == (Reason.RELATIONSHIP,)


def test_a_relationship_without_permission_leaves_what_was_sent():
    holder = relationship(DOCTOR.org, RelationshipKind.RECORD_HOLDER)
    both = person(relationships=(holder, relationship(DOCTOR.org)))
    assert sees(DOCTOR, both, item(source_org=DOCTOR.org), settings=RECORDED)
    assert not sees(DOCTOR, both, item(), settings=RECORDED)
    assert sees(DOCTOR, both, item())


def test_break_glass_adds_to_what_was_sent():
    holder = relationship(DOCTOR.org, RelationshipKind.RECORD_HOLDER)
    alone = person(relationships=(holder,))
    asked = request(break_glass=break_glass(DOCTOR))
    assert sees(DOCTOR, alone, item(), asked)
    assert sees(DOCTOR, alone, item(level=3, source_org=DOCTOR.org), asked)
    assert not sees(DOCTOR, alone, item(level=3), asked)


def test_volunteers_need_permission_by_name():
    navigator = caller("navigator")
    by_org = Permission(navigator.org, None, LONG_AGO, FOREVER, "p")
    by_name = replace(by_org, user_id=navigator.user_id)
    assert reasons(navigator, person()) == (Reason.PERMISSION,)
    assert reasons(navigator, person(permissions=(by_org,))) == (Reason.PERMISSION,)
    assert sees(navigator, person(permissions=(by_name,)), item("support-plan"))


def test_lay_callers_do_not_see_what_is_held_back():
    helper = caller("personal-assistant")
    named = Permission(None, helper.user_id, LONG_AGO, FOREVER, "p")
    alone = person(permissions=(named,))
    assert sees(helper, alone, item("support-plan"))
    assert not sees(helper, alone, item("support-plan", holds=["NOPAT"]))


def test_a_very_restricted_person_reads_the_own_record_and_a_proxy_does_not():
    vic = person(pds=Pds.VERY_RESTRICTED, proxies=(proxy(basis="best-interest"),))
    assert sees(ALICE, vic, item())
    assert reasons(caller("proxy"), vic) == (Reason.RESTRICTED_PERSON,)


def test_a_provider_system_reads_its_own_items_without_a_relationship():
    provider = caller("provider")
    stranger = person(relationships=())
    assert sees(provider, stranger, item("mental-health", 3, ["PSY"], source_org=TRUST))
    assert not sees(provider, stranger, item("mental-health"))


def test_own_items_stay_within_the_role():
    receptionist = caller("receptionist", org=TRUST)
    trust = person(relationships=(relationship(TRUST),))
    assert sees(receptionist, trust, item("encounters", source_org=TRUST))
    assert not sees(receptionist, trust, item("encounters", 2, ["PSY"], source_org=TRUST))
    assert not sees(receptionist, trust, item("mental-health", source_org=TRUST))


def test_writing_has_cells_of_its_own():
    asked = request(Action.CREATE)
    assert sees(GP, person(), item("consent"), asked)
    assert not sees(GP, person(), item("problems"), asked)
    assert not sees(caller("home-care"), person(), item("team"), asked)


def test_a_persons_own_consents_never_hide_the_record_from_that_person():
    assert sees(ALICE, person(deny()), item())
    assert sees(ALICE, person(), item(), settings=EXPLICIT)


def test_explicit_consent_shows_only_what_a_consent_permits():
    shown = compile_filter(GP, person(), request(), policy(EXPLICIT))
    assert Reason.NO_CONSENT_RECORDED in shown.reasons
    assert not shown.allows(item())
    assert sees(GP, person(permit(askers=org(PRACTICE))), item(), settings=EXPLICIT)
    assert not sees(DOCTOR, person(permit(askers=org(PRACTICE))), item(), settings=EXPLICIT)


def test_an_exception_that_permits_needs_its_root():
    extra = Provision(permit=True, confidentiality=2)
    elsewhere = permit(extra, askers=org("elsewhere"))
    assert not sees(GP, person(elsewhere), item(), settings=EXPLICIT)


def test_permits_of_several_consents_are_one_set():
    by_level = permit(confidentiality=1)
    by_source = permit(source_orgs=frozenset({TRUST}))
    both = person(by_level, by_source)
    assert sees(GP, both, item(level=2, source_org=TRUST))
    assert sees(GP, both, item(level=1))
    assert not sees(GP, both, item(level=2))
    assert sees(GP, person(by_level, by_source, permit()), item(level=2))


@pytest.mark.parametrize(
    "broken",
    [
        {"asked": request(at=datetime(2026, 3, 10, 12))},  # noqa: DTZ001
        {"asked": request(at=None)},
        {"asked": request(purpose=["TREAT"])},
        {"about": person(consents=(None,))},
        {"about": person(relationships=(None,))},
        {"about": person(permit(), OPAQUE)},
        {"who": caller("gp", scopes=None)},
        {"who": None},
        {"about": None},
    ],
)
def test_input_nobody_expected_shows_nothing(broken):
    facts = {"who": GP, "about": person(), "asked": request(), **broken}
    assert reasons(**facts) == (Reason.UNREADABLE,)


def test_an_instruction_is_shown_without_its_reason_where_the_reason_may_not_be_seen():
    helper = caller("home-care")
    shown = compile_filter(helper, person(), request(), policy())
    plain, guarded = item("safety"), item("safety", level=3, sens=["HIV"])
    assert shown.allows(plain)
    assert shown.allows(guarded)
    assert shown.reduction is not None
    assert not shown.reduction.applies(plain)
    assert shown.reduction.applies(guarded)
    assert not shown.reduction.applies(item("problems", level=3))
    assert not shown.allows(item("safety", legal=["GRA"]))
    assert shown.hash != replace(shown, reduction=None).hash


def test_what_a_feed_brought_is_shown_to_who_checks_it_before_it_is_opened():
    officer = caller("clinical-safety-officer", org=TRUST, purpose=Purpose.SAFETY)
    asked = request(purpose=Purpose.SAFETY)
    row = item(source_org=TRUST, feed="mental-health")
    elsewhere = item(source_org=PRACTICE, feed="gp")
    for checked, wanted in ((True, True), (False, False)):
        closed = (ClosedFeed(TRUST, "mental-health", checked),)
        shown = compile_filter(officer, person(closed=closed), asked, policy())
        assert shown.allows(row) is wanted
        assert not shown.allows(elsewhere)
        assert not sees(GP, person(closed=closed), row)
        assert not sees(GP, person(closed=closed), item(source_org=TRUST, feed=""))
        assert sees(GP, person(closed=closed), elsewhere)
