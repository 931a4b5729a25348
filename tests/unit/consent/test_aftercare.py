"""Aftercare under section 117, as the decision opens it: by label, shelf, scope and writing."""

from dataclasses import replace

import pytest

from consent.terms import Action, RelationshipKind
from tests.unit.consent.world import (
    COUNCIL,
    caller,
    item,
    person,
    policy,
    relationship,
    request,
    sees,
)

AMHP = caller("amhp", org=COUNCIL)
WORKER = caller("social-worker")
RULES = policy().aftercare
KNOWN = person(relationships=(relationship(COUNCIL),))


@pytest.mark.parametrize("shelf", sorted(RULES.categories))
def test_it_is_opened_by_its_label_on_each_of_its_shelves(shelf):
    assert sees(AMHP, KNOWN, item(shelf, 2, ["S117"]))
    assert sees(AMHP, KNOWN, item(shelf, 2, ["S117", "PSY"]))
    assert not sees(AMHP, KNOWN, item(shelf, 2, ["S117", "HIV"]))
    assert not sees(AMHP, KNOWN, item(shelf, 3, ["S117"]))


def test_its_label_opens_no_other_shelf_and_no_shelf_without_it():
    assert not sees(AMHP, KNOWN, item("problems", sens=["S117"]))
    assert not sees(AMHP, KNOWN, item("finance"))
    assert not sees(AMHP, KNOWN, item("finance", sens=["PSY"]))


def test_the_tokens_scopes_bound_it():
    scoped = replace(AMHP, scopes=frozenset({"user/Goal.rs"}))
    assert sees(scoped, KNOWN, item("finance", sens=["S117"], resource_type="Goal"))
    assert not sees(scoped, KNOWN, item("finance", sens=["S117"], resource_type="Coverage"))


def test_it_is_written_on_the_shelves_that_the_role_writes_on():
    for shelf, writes in (("support-plan", True), ("finance", False), ("care-plan", False)):
        asked = request(Action.UPDATE)
        assert sees(AMHP, KNOWN, item(shelf, sens=["S117"]), asked) is writes
        assert sees(AMHP, KNOWN, item(shelf, sens=["S117"]))


@pytest.mark.parametrize(
    ("kind", "user", "opens"),
    [
        (RelationshipKind.CARE_TEAM, WORKER.user_id, True),
        (RelationshipKind.CASELOAD, WORKER.user_id, True),
        (RelationshipKind.CARE_TEAM, None, False),
        (RelationshipKind.REFERRAL, WORKER.user_id, False),
    ],
)
def test_a_social_worker_sees_it_where_a_team_or_caseload_names_them(kind, user, opens):
    about = person(relationships=(relationship(COUNCIL, kind, user_id=user),))
    assert sees(WORKER, about, item("care-plan", sens=["S117"])) is opens


def test_of_their_own_organisation_too_no_more_is_shown_than_the_role_is_cleared_for():
    assert sees(AMHP, KNOWN, item("care-plan", 2, source_org=COUNCIL))
    assert not sees(AMHP, KNOWN, item("care-plan", 3, source_org=COUNCIL))
