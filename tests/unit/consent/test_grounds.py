"""On which grounds a filter was made, what proves them, and what is owed for it; in full."""

from dataclasses import replace

import pytest

from consent.decision import compile_filter
from consent.labels import SENSITIVITIES
from consent.policy import Policy
from consent.rule import DataReference, Meaning, Provision
from consent.terms import (
    FOREVER,
    Obligation,
    Pds,
    Permission,
    Purpose,
    Reason,
    RelationshipKind,
)
from tests.unit.consent.world import (
    COUNCIL,
    EXPLICIT,
    IMPLIED,
    LONG_AGO,
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
)

GP = caller("gp")
OPENED = request(break_glass=break_glass(GP))
NOT_OPENED = request(break_glass=break_glass(GP, text_length=0))
CASELOAD = relationship(PRACTICE, RelationshipKind.CASELOAD)
HOLDER = relationship(PRACTICE, RelationshipKind.RECORD_HOLDER)
CLAIM = relationship(PRACTICE, RelationshipKind.SELF_CLAIM)
ASKED = Permission(PRACTICE, None, LONG_AGO, FOREVER, "asked-1")
GRANT = "access-grant/g-1"
PSY = SENSITIVITIES["PSY"]
MUM = person(proxies=(proxy(basis="best-interest"),))
ALERT = Obligation.ALERT_BREAK_GLASS


def known(*relationships, **facts):
    return person(relationships=relationships, **facts)


@pytest.mark.parametrize(
    ("about", "asked", "settings", "reasons", "evidence", "owed"),
    [
        (
            *(known(CASELOAD), request(), IMPLIED),
            (Reason.CASELOAD, Reason.PERMISSION_IMPLIED),
            *((CASELOAD.evidence,), ()),
        ),
        (
            *(known(CASELOAD, permissions=(ASKED,)), request(), RECORDED),
            (Reason.CASELOAD, Reason.PERMISSION_RECORDED),
            *((CASELOAD.evidence, "asked-1"), ()),
        ),
        (
            *(known(CASELOAD, permissions=(ASKED,)), OPENED, RECORDED),
            (Reason.CASELOAD, Reason.PERMISSION_RECORDED, Reason.BREAK_GLASS),
            *((CASELOAD.evidence, "asked-1", GRANT), (ALERT,)),
        ),
        (
            *(known(CASELOAD), OPENED, RECORDED),
            (Reason.CASELOAD, Reason.BREAK_GLASS),
            *((CASELOAD.evidence, GRANT), (ALERT,)),
        ),
        (
            *(known(CASELOAD), NOT_OPENED, IMPLIED),
            (Reason.CASELOAD, Reason.PERMISSION_IMPLIED, Reason.BREAK_GLASS_REFUSED),
            *((CASELOAD.evidence,), ()),
        ),
        (*(known(), OPENED, IMPLIED), (Reason.BREAK_GLASS,), (GRANT,), (ALERT,)),
        (
            *(known(HOLDER), request(), IMPLIED),
            *((Reason.RECORD_HOLDER,), (HOLDER.evidence,), ()),
        ),
        (
            *(known(HOLDER), OPENED, IMPLIED),
            (Reason.RECORD_HOLDER, Reason.BREAK_GLASS),
            *((HOLDER.evidence, GRANT), (ALERT,)),
        ),
        (
            *(known(HOLDER), NOT_OPENED, IMPLIED),
            (Reason.RECORD_HOLDER, Reason.BREAK_GLASS_REFUSED),
            *((HOLDER.evidence,), ()),
        ),
        (
            *(known(CLAIM), OPENED, IMPLIED),
            (Reason.SELF_CLAIM, Reason.PERMISSION_IMPLIED, Reason.BREAK_GLASS),
            *((CLAIM.evidence, GRANT), (ALERT, Obligation.ALERT_SELF_CLAIM)),
        ),
        (
            *(known(CASELOAD, opted_out=True, pds=Pds.RESTRICTED), request(), IMPLIED),
            (
                *(Reason.CASELOAD, Reason.PERMISSION_IMPLIED),
                *(Reason.OPTED_OUT, Reason.MASKED_LOCATION),
            ),
            *((CASELOAD.evidence,), (Obligation.MASK_LOCATION,)),
        ),
    ],
)
def test_the_grounds_of_a_professional(about, asked, settings, reasons, evidence, owed):
    shown = compile_filter(GP, about, asked, policy(settings))
    assert (shown.reasons, shown.evidence, shown.obligations) == (reasons, evidence, owed)
    assert not shown.is_nothing


@pytest.mark.parametrize(
    ("about", "asked", "reasons"),
    [
        (known(), request(), (Reason.RELATIONSHIP,)),
        (known(), NOT_OPENED, (Reason.RELATIONSHIP, Reason.BREAK_GLASS_REFUSED)),
        (known(CASELOAD), request(), (Reason.PERMISSION,)),
        (known(CASELOAD), NOT_OPENED, (Reason.PERMISSION, Reason.BREAK_GLASS_REFUSED)),
        (
            known(CASELOAD),
            request(purpose=Purpose.BREAK_GLASS),
            (Reason.PURPOSE, Reason.BREAK_GLASS_REFUSED),
        ),
        (known(CASELOAD), request(purpose=Purpose.COORDINATION), (Reason.PURPOSE,)),
    ],
)
def test_the_grounds_of_a_refusal(about, asked, reasons):
    shown = compile_filter(GP, about, asked, policy(RECORDED))
    assert (shown.grants, shown.denies, shown.masks, shown.reduction) == ((), (), (), None)
    assert (shown.reasons, shown.evidence, shown.obligations) == (reasons, (), ())


@pytest.mark.parametrize(
    ("role", "about", "reasons", "evidence"),
    [
        ("patient", person(), (Reason.OWN_RECORD,), ()),
        ("proxy", MUM, (Reason.PROXY_AUTHORITY,), ("proxy-1",)),
        ("provider", known(), (Reason.OWN_ITEMS,), ()),
        ("clinical-safety-officer", known(), (Reason.OWN_ITEMS,), ()),
    ],
)
def test_the_grounds_of_others(role, about, reasons, evidence):
    purpose = sorted(policy().roles[role].purposes)[0]
    who = caller(role, purpose=purpose)
    shown = compile_filter(who, about, request(purpose=purpose), policy())
    assert (shown.reasons, shown.evidence, shown.obligations) == (reasons, evidence, ())


@pytest.mark.parametrize(
    ("consents", "settings", "reasons"),
    [
        ((), IMPLIED, ()),
        ((deny(askers=org(COUNCIL)),), IMPLIED, ()),
        ((deny(),), IMPLIED, (Reason.DISSENT,)),
        ((permit(confidentiality=1),), IMPLIED, (Reason.CONSENT_SCOPE,)),
        ((permit(),), IMPLIED, ()),
        ((permit(), permit(confidentiality=1)), IMPLIED, ()),
        ((deny(), permit(confidentiality=1)), IMPLIED, (Reason.DISSENT, Reason.CONSENT_SCOPE)),
        ((), EXPLICIT, (Reason.NO_CONSENT_RECORDED,)),
        ((permit(),), EXPLICIT, ()),
        ((deny(),), EXPLICIT, (Reason.DISSENT, Reason.NO_CONSENT_RECORDED)),
        ((deny(active=False),), IMPLIED, ()),
    ],
)
def test_what_the_person_said_is_a_ground_where_it_takes_something_away(
    consents, settings, reasons
):
    shown = compile_filter(GP, person(*consents), request(), policy(settings))
    assert shown.reasons == (Reason.CASELOAD, Reason.PERMISSION_IMPLIED, *reasons)


def test_a_permit_reaches_what_refers_to_its_resource_and_a_deny_both_ways():
    links = {"stay": (frozenset({"referral"}), frozenset({"note"}))}
    reached = frozenset({DataReference("stay", Meaning.RELATED)})
    rows = {name: item(resource_id=name) for name in ("stay", "referral", "note", "another")}
    about = person(permit(references=reached), links=links)
    shown = compile_filter(GP, about, request(), policy())
    assert {name for name, row in rows.items() if shown.allows(row)} == {"stay", "note"}
    unlinked = replace(about, links={})
    shown = compile_filter(GP, unlinked, request(), policy())
    assert {name for name, row in rows.items() if shown.allows(row)} == {"stay"}


def test_an_emergency_lifts_a_low_clearance_to_restricted_and_no_further():
    whole = document()
    whole["roles"]["gp"]["clearance"] = "N"
    shown = compile_filter(GP, known(CASELOAD), OPENED, Policy.parse(whole))
    usual = compile_filter(GP, known(CASELOAD), request(), Policy.parse(whole))
    levels = {level: item(level=level) for level in range(4)}
    assert [level for level, row in levels.items() if shown.allows(row)] == [0, 1, 2]
    assert [level for level, row in levels.items() if usual.allows(row)] == [0, 1]


def test_an_exception_for_another_purpose_in_an_emergency_needs_the_emergency():
    part = Provision(permit=True, purposes=frozenset({Purpose.BREAK_GLASS}))
    about = person(deny(part, binds_break_glass=True))
    for asked, seen in ((request(), False), (OPENED, True)):
        assert compile_filter(GP, about, asked, policy()).allows(item()) is seen


def test_an_alert_goes_with_a_refusal_that_somebody_should_look_at():
    closed = compile_filter(GP, person(pds=Pds.VERY_RESTRICTED), request(), policy())
    assert closed.obligations == (Obligation.ALERT_RESTRICTED_PERSON,)
    own = person(staff_ids=frozenset({GP.user_id}))
    assert compile_filter(GP, own, request(), policy()).obligations == (
        Obligation.ALERT_STAFF_OWN_RECORD,
    )


def test_what_is_reduced_for_whom_is_in_the_filter():
    shown = compile_filter(GP, person(), request(), policy())
    reduction = shown.reduction
    assert reduction is not None
    assert reduction.categories == policy().safety
    assert reduction.masks == policy().reason_mask
    hidden_reason = item("safety", 3, ["SDV"], source_org=TRUST)
    assert shown.allows(hidden_reason)
    assert reduction.applies(hidden_reason)
    assert not reduction.applies(item("safety"))
    assert not reduction.applies(item("problems", 3))
    assert compile_filter(caller("receptionist"), person(), request(), policy()).reduction is None


MARKED = {
    "plain": item(),
    "restricted": item(level=2),
    "psy": item(sens=["PSY"]),
    "psy restricted": item(level=2, sens=["PSY"]),
    "eth": item(sens=["ETH"]),
    "psy eth": item(sens=["PSY", "ETH"]),
}


@pytest.mark.parametrize(
    ("part", "covered", "touched"),
    [
        ({}, set(MARKED), set(MARKED)),
        ({"confidentiality": 1}, {"plain", "psy", "eth", "psy eth"}, set(MARKED)),
        ({"confidentiality": 2}, set(MARKED), {"restricted", "psy restricted"}),
        (
            {"sensitivities": PSY},
            {"psy", "psy restricted"},
            {"psy", "psy restricted", "psy eth"},
        ),
        (
            {"confidentiality": 1, "sensitivities": PSY},
            {"plain", "psy"},
            set(MARKED),
        ),
        (
            {"confidentiality": 2, "sensitivities": PSY},
            {"plain", "restricted", "psy", "psy restricted"},
            {"restricted", "psy", "psy restricted", "psy eth"},
        ),
    ],
)
def test_a_permit_covers_every_label_and_a_deny_touches_any(part, covered, touched):
    def shown(consent):
        allowed = compile_filter(GP, person(consent), request(), policy())
        return {name for name, row in MARKED.items() if allowed.allows(row)}

    assert shown(permit(**part)) == covered
    assert shown(deny(**part)) == set(MARKED) - touched
    exception = Provision(permit=True, **part)
    assert shown(deny(exception)) == covered
    assert shown(permit(replace(exception, permit=False))) == set(MARKED) - touched


SIDES = {
    "categories": ("category", "care-plan", "problems"),
    "source_orgs": ("source_org", "OTHER", COUNCIL),
    "authors": ("author", "u-x", "u-y"),
    "resource_types": ("resource_type", "CarePlan", "Goal"),
}


@pytest.mark.parametrize("side", SIDES)
def test_what_a_part_is_about_is_all_that_it_says_anything_of(side):
    name, theirs, another = SIDES[side]
    about, beside = (item(**{"author": "u-x", name: value}) for value in (theirs, another))
    part = {side: frozenset({theirs})}
    for consent, seen in ((permit(**part), about), (deny(**part), beside)):
        allowed = compile_filter(GP, person(consent), request(), policy())
        assert [row for row in (about, beside) if allowed.allows(row)] == [seen]


@pytest.mark.parametrize("conversation", [False, True])
def test_the_safety_set_stays_for_direct_care_where_nobody_talked_about_it(conversation):
    instruction = item("safety")
    denied = replace(deny(), conversation=conversation)
    limited = replace(permit(categories=frozenset({"team"})), conversation=conversation)
    for role, spared in (("gp", not conversation), ("receptionist", False)):
        for consent in (denied, limited):
            who = caller(role, purpose=max(policy().roles[role].purposes))
            asked = request(purpose=who.purpose)
            allowed = compile_filter(who, person(consent), asked, policy())
            opens = instruction.category in policy().roles[role].view.everywhere
            assert allowed.allows(instruction) is (spared and opens)
            assert not allowed.allows(item())


@pytest.mark.parametrize("category", sorted(policy().break_glass.categories))
def test_what_an_emergency_opens_beside_the_matrix_stops_at_restricted(category):
    shown = compile_filter(GP, known(), OPENED, policy())
    levels = [item(category, level, ["PSY"]) for level in range(4)]
    reduction = shown.reduction
    assert reduction is not None
    whole = [row for row in levels if shown.allows(row) and not reduction.applies(row)]
    assert whole == levels[:3]
