"""Relationships, permissions and proxies: dated, half-open, the strongest first."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from consent.relationship import (
    best_relationship,
    is_in_named_team,
    live_permission,
    live_proxy,
    open_break_glass,
)
from consent.terms import FOREVER, Permission, RelationshipKind
from tests.unit.consent.world import (
    HOSPITAL,
    LONG_AGO,
    NOW,
    PRACTICE,
    break_glass,
    caller,
    person,
    proxy,
    relationship,
)

DOCTOR = caller("hospital-doctor")
KINDS = tuple(RelationshipKind)


def test_the_strongest_kind_comes_first_in_any_order():
    held = [relationship(HOSPITAL, kind) for kind in KINDS]
    for order in permutations(held):
        assert best_relationship(order, DOCTOR, NOW) == held[0]
    assert [kind.value for kind in KINDS] == [
        "registered-practice",
        "caseload",
        "care-team",
        "referral",
        "self-claim",
        "record-holder",
    ]


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"user_id": DOCTOR.user_id}, True),
        ({"user_id": "another"}, False),
        ({"org": PRACTICE}, False),
        ({"start": NOW}, True),
        ({"start": NOW + timedelta(microseconds=1)}, False),
        ({"end": NOW + timedelta(microseconds=1)}, True),
        ({"end": NOW}, False),
    ],
)
def test_a_relationship_holds_for_its_caller_and_its_period(changes, holds):
    facts = {"org": HOSPITAL, **changes}
    held = relationship(facts.pop("org"), **facts)
    assert (best_relationship([held], DOCTOR, NOW) is not None) is holds


@pytest.mark.parametrize(
    ("kind", "user_id", "named"),
    [
        (RelationshipKind.CARE_TEAM, DOCTOR.user_id, True),
        (RelationshipKind.CASELOAD, DOCTOR.user_id, True),
        (RelationshipKind.CARE_TEAM, None, False),
        (RelationshipKind.REFERRAL, DOCTOR.user_id, False),
    ],
)
def test_a_named_team_names_the_caller(kind, user_id, named):
    held = relationship(HOSPITAL, kind, user_id=user_id)
    assert is_in_named_team(person(relationships=(held,)), DOCTOR, NOW) is named


@pytest.mark.parametrize(
    ("org", "user_id", "named", "covers"),
    [
        (HOSPITAL, None, False, True),
        (HOSPITAL, None, True, False),
        (None, DOCTOR.user_id, True, True),
        (HOSPITAL, DOCTOR.user_id, True, True),
        (PRACTICE, DOCTOR.user_id, True, False),
        (HOSPITAL, "another", False, False),
        (None, None, False, False),
    ],
)
def test_a_permission_covers_an_organisation_or_somebody_by_name(org, user_id, named, covers):
    given = Permission(org, user_id, LONG_AGO, FOREVER, "e")
    assert (live_permission([given], DOCTOR, NOW, named=named) == given) is covers


def test_a_permission_lasts_for_its_period():
    given = Permission(HOSPITAL, None, NOW, NOW + timedelta(hours=1), "e")
    assert live_permission([given], DOCTOR, NOW, named=False) == given
    later = NOW + timedelta(hours=1)
    assert live_permission([given], DOCTOR, later, named=False) is None


@pytest.mark.parametrize(
    ("changes", "acts"),
    [
        ({"birth_date": date(2013, 3, 11)}, True),
        ({"birth_date": date(2013, 3, 10)}, False),
        ({"birth_date": None}, False),
        ({"birth_date": date(2016, 1, 1), "deceased": True}, False),
    ],
)
def test_a_parents_authority_depends_on_age_and_life(changes, acts):
    child = person(proxies=(proxy(),), **changes)
    bases = {"parental-responsibility": 13}
    assert (live_proxy(child, caller("proxy"), NOW, bases) is not None) is acts


def test_an_authority_without_an_age_needs_no_birth_date():
    adult = person(proxies=(proxy(basis="best-interest"),))
    assert live_proxy(adult, caller("proxy"), NOW, {"best-interest": None}) is not None


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"user_id": "another"}, False),
        ({"org": PRACTICE}, False),
        ({"role": "gp"}, False),
        ({"opened": NOW}, True),
        ({"opened": NOW + timedelta(microseconds=1)}, False),
        ({"expires": NOW + timedelta(microseconds=1)}, True),
        ({"expires": NOW}, False),
    ],
)
def test_an_emergency_is_open_to_who_opened_it_for_its_time(changes, holds):
    opened = break_glass(DOCTOR, **changes)
    assert open_break_glass([opened], DOCTOR, NOW) == (opened if holds else None)


def test_of_several_open_emergencies_the_latest_counts_in_any_order():
    earlier = break_glass(DOCTOR, opened=NOW - timedelta(hours=1), evidence="z")
    later = [break_glass(DOCTOR, evidence=name) for name in ("a", "b")]
    for order in permutations([earlier, *later]):
        assert open_break_glass(order, DOCTOR, NOW) == later[1]


def test_of_several_permissions_and_authorities_the_longest_standing_counts_in_any_order():
    recent = NOW - timedelta(days=1)
    permissions = [
        Permission(HOSPITAL, None, start, FOREVER, evidence)
        for start, evidence in ((LONG_AGO, "b"), (LONG_AGO, "c"), (recent, "a"))
    ]
    for order in permutations(permissions):
        assert live_permission(order, DOCTOR, NOW, named=False) == permissions[0]
    mum, bases = caller("proxy"), {"best-interest": None}
    held = [
        proxy(basis="best-interest", start=start, evidence=evidence)
        for start, evidence in ((LONG_AGO, "b"), (LONG_AGO, "c"), (recent, "a"))
    ]
    for several in permutations(held):
        assert live_proxy(person(proxies=several), mum, NOW, bases) == held[0]
