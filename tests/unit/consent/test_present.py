"""Who looks together sees what each of them may see alone, and no more."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decision import compile_filter
from consent.filter import Filter
from consent.terms import CallerKind, Obligation, Pds, Present, Reason, RelationshipKind
from tests.sampling import examples
from tests.unit.consent.world import (
    COUNCIL,
    HOSPITAL,
    PRACTICE,
    break_glass,
    caller,
    item,
    person,
    policy,
    proxy,
    relationship,
    request,
    sees,
)
from tests.unit.consent.worlds import choices, people, rows, shown, who

GP, WORKER, CARER = caller("gp"), caller("social-worker"), caller("home-care")


def beside(asking, *others):
    """The caller with these beside them."""
    named = tuple(sorted(Present(one.role, one.org, one.user_id) for one in others))
    return replace(asking, present=named)


staff = who.filter(lambda one: one.kind is CallerKind.STAFF)


@settings(max_examples=examples(300), deadline=None)
@given(staff, st.lists(staff, max_size=3), people, choices, st.lists(rows, min_size=1, max_size=6))
def test_what_is_shown_together_is_what_each_is_shown_alone(asking, others, about, setting, held):
    told = shown(beside(asking, *others), about, setting)
    alone = [shown(one, about, setting) for one in (asking, *others)]
    for row in held:
        assert told.allows(row) is all(one.allows(row) for one in alone)
        whole = [not (one.reduction and one.reduction.applies(row)) for one in alone]
        reduced = bool(told.reduction and told.reduction.applies(row))
        if told.allows(row):
            assert reduced is not all(whole)


@settings(max_examples=examples(80), deadline=None)
@given(st.permutations([GP, WORKER, CARER]), people, choices)
def test_in_whatever_order_they_are_named_the_filter_is_one(others, about, setting):
    first, *rest = others
    again = shown(beside(first, *reversed(rest)), about, setting)
    assert shown(beside(first, *rest), about, setting).hash == again.hash


def test_an_instruction_keeps_its_reason_where_everybody_may_see_it():
    reason = item("safety", 2, ["HIV"], source_org=PRACTICE)
    told = compile_filter(beside(GP, WORKER), person(), request(), policy())
    own = caller("practice-nurse", org=PRACTICE)
    among = compile_filter(beside(GP, own), person(), request(), policy())
    assert told.allows(reason)
    assert told.reduction is not None
    assert told.reduction.applies(reason)
    assert among.allows(reason)
    assert among.reduction is not None
    assert not among.reduction.applies(reason)


def test_who_may_see_nothing_leaves_nothing_and_the_reason_is_said():
    stranger = caller("community-nurse", org="RZZ")
    about = person(relationships=(relationship(PRACTICE, RelationshipKind.REGISTERED_PRACTICE),))
    told = compile_filter(beside(GP, stranger), about, request(), policy())
    assert told.is_nothing
    assert Reason.PRESENT in told.reasons
    assert Reason.REGISTERED_PRACTICE in told.reasons


@pytest.mark.parametrize("role", ["proxy", "patient", "provider", "nobody-knows-it"])
def test_who_is_no_member_of_staff_opens_nothing(role):
    named = (Present(role, PRACTICE, "u"),)
    about = person(proxies=(proxy(),))
    assert compile_filter(replace(GP, present=named), about, request(), policy()).is_nothing


def test_an_emergency_of_one_opens_nothing_to_the_others():
    doctor, colleague = caller("hospital-doctor"), caller("therapist", org=HOSPITAL)
    asked = request(break_glass=break_glass(doctor))
    about = person(relationships=())
    assert compile_filter(doctor, about, asked, policy()).allows(item())
    assert compile_filter(beside(doctor, colleague), about, asked, policy()).is_nothing


def test_a_very_restricted_person_is_open_where_everybody_is_named_on_the_team():
    ties = [
        relationship(org, RelationshipKind.CARE_TEAM, user_id=who.user_id)
        for who, org in ((GP, PRACTICE), (WORKER, COUNCIL))
    ]
    vic = person(pds=Pds.VERY_RESTRICTED, relationships=tuple(ties))
    assert sees(beside(GP, WORKER), vic, item())
    colleague = replace(WORKER, user_id="another")
    assert not sees(beside(GP, WORKER, colleague), vic, item())


def test_the_access_and_what_it_owes_are_the_callers():
    doctor = caller("hospital-doctor")
    claimed = relationship(HOSPITAL, RelationshipKind.SELF_CLAIM, user_id=doctor.user_id)
    registered = relationship(PRACTICE, RelationshipKind.REGISTERED_PRACTICE)
    about = person(pds=Pds.RESTRICTED, relationships=(claimed, registered))
    by_gp = compile_filter(beside(GP, doctor), about, request(), policy())
    by_doctor = compile_filter(beside(doctor, GP), about, request(), policy())
    assert Obligation.ALERT_SELF_CLAIM not in by_gp.obligations
    assert Obligation.ALERT_SELF_CLAIM in by_doctor.obligations
    assert set(by_gp.evidence) == set(by_doctor.evidence) == {claimed.evidence, registered.evidence}
    assert by_gp.masks == compile_filter(GP, about, request(), policy()).masks


def test_whoever_sees_what_their_own_sent_keeps_out_what_others_wrote_over_it():
    registered = relationship(PRACTICE, RelationshipKind.REGISTERED_PRACTICE)
    holder = relationship(COUNCIL, RelationshipKind.RECORD_HOLDER)
    about = person(relationships=(registered, holder))
    told = compile_filter(beside(GP, WORKER), about, request(), policy())
    assert told.allows(item("support-plan", source_org=COUNCIL))
    assert not told.allows(item("support-plan", source_org=PRACTICE))
    assert any(deny.matches(item("support-plan", source_org="OTHER")) for deny in told.denies)
    assert isinstance(told, Filter)
