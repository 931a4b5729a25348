"""Misuse triage: what explains an access, what is suspicious, and who is asked first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.periods import BEGINNING, FOREVER
from consent.terms import Relationship, RelationshipKind
from gateway.audit.habits import Access, Habits, habits_of
from gateway.audit.triage import OPEN_FOR, POINTS, PersonKnown, StaffKnown, Why, explanation, triage

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
CLAIMED = frozenset({"relationship-self-claim"})
LOOK = Access(7, AT, "nurse-1", "RAX", "community-nurse", "person-1")
QUIET = Habits({}, {}, {}, {}, {})
NURSE = StaffKnown("RAX", "person-9", frozenset({"person-8"}), "ash", "KT3", "1 mill lane|kt31aa")


def tie(kind, org="RAX", user=None, start=BEGINNING, end=FOREVER):
    return Relationship(kind, org, user, start, end, "evidence")


def why_of(look=LOOK, known=None, staff=None, habits=QUIET):
    found = triage([look], {"person-1": known or PersonKnown()}, staff or {}, habits)
    return set(found[0].why) if found else set()


@pytest.mark.parametrize(
    ("known", "explained"),
    [
        (PersonKnown(), ""),
        (PersonKnown(ties=(tie(RelationshipKind.CASELOAD, user="nurse-1"),)), "named"),
        (PersonKnown(writers=frozenset({"nurse-1"})), "named"),
        (PersonKnown(ties=(tie(RelationshipKind.REGISTERED_PRACTICE),)), "organisation"),
        (PersonKnown(ties=(tie(RelationshipKind.REFERRAL),)), "organisation"),
        (PersonKnown(encounters=(("RAX", AT - timedelta(days=9), AT - timedelta(days=3)),)),
         "organisation"),
        (PersonKnown(encounters=(("RAX", BEGINNING, FOREVER),)), "loose"),
        (PersonKnown(encounters=(("RAX", AT - OPEN_FOR, FOREVER),)), "loose"),
        (PersonKnown(encounters=(("RAX", AT - timedelta(days=30), FOREVER),)), "organisation"),
        (PersonKnown(encounters=(("RAX", BEGINNING, FOREVER), ("RAX", AT, AT))), "organisation"),
        (PersonKnown(encounters=(("RAX", AT + timedelta(days=7), FOREVER),)), "organisation"),
        (PersonKnown(encounters=(("RAX", AT + timedelta(days=8), FOREVER),)), ""),
        (PersonKnown(encounters=(("RAX", BEGINNING, AT - timedelta(days=9)),)), ""),
        (PersonKnown(encounters=(("RY9", AT, AT),)), ""),
        (PersonKnown(ties=(tie(RelationshipKind.RECORD_HOLDER),)), ""),
        (PersonKnown(ties=(tie(RelationshipKind.SELF_CLAIM, user="nurse-1"),)), ""),
        (PersonKnown(ties=(tie(RelationshipKind.CASELOAD, org="RY9"),)), ""),
        (PersonKnown(ties=(tie(RelationshipKind.CASELOAD, user="nurse-2"),)), ""),
        (PersonKnown(ties=(tie(RelationshipKind.CASELOAD, end=AT),)), ""),
    ],
)  # fmt: skip
def test_an_access_is_explained_by_what_is_held(known, explained):
    assert explanation(LOOK, known) == explained


def test_acting_for_somebody_explains():
    assert explanation(replace(LOOK, acting_for=True), PersonKnown()) == "named"


@pytest.mark.parametrize(
    ("known", "staff", "why"),
    [
        (PersonKnown(), replace(NURSE, person_id="person-1"), Why.OWN_RECORD),
        (PersonKnown(), replace(NURSE, kin=frozenset({"person-1"})), Why.NEXT_OF_KIN),
        (PersonKnown(addresses=frozenset({NURSE.address})), NURSE, Why.SAME_ADDRESS),
        (
            PersonKnown(families=frozenset({"ash"}), districts=frozenset({"KT3"})),
            NURSE,
            Why.SURNAME_AND_AREA,
        ),
    ],
)
def test_s63_what_a_user_is_to_the_person_is_suspicious(known, staff, why):
    assert why in why_of(known=known, staff={"nurse-1": staff})


def test_the_own_name_in_the_area_is_explained_by_work_and_at_the_own_postcode_never():
    work = (tie(RelationshipKind.REFERRAL),)
    area = PersonKnown(ties=work, families=frozenset({"ash"}), districts=frozenset({"KT3"}))
    near = replace(area, postcodes=frozenset({"kt31aa"}))
    user = {"nurse-1": replace(NURSE, postcode="kt31aa")}
    assert why_of(known=area, staff=user) == set()
    assert why_of(known=near, staff=user) == {Why.SURNAME_AND_POSTCODE}
    assert why_of(known=near, staff={"nurse-1": replace(user["nurse-1"], family="oak")}) == set()


OLD = PersonKnown(encounters=(("RAX", AT - timedelta(days=200), FOREVER),))


@pytest.mark.parametrize(
    ("look", "known", "staff", "why"),
    [
        (LOOK, OLD, NURSE, set()),
        (replace(LOOK, at=AT.replace(hour=3)), replace(OLD, deceased=True), NURSE, set()),
        (
            LOOK,
            replace(OLD, families=frozenset({"ash"}), districts=frozenset({"KT3"})),
            NURSE,
            {Why.SURNAME_AND_AREA, Why.LOOSE_TIE},
        ),
        (
            LOOK,
            OLD,
            replace(NURSE, kin=frozenset({"person-1"})),
            {Why.NEXT_OF_KIN, Why.LOOSE_TIE},
        ),
        (replace(LOOK, break_glass=True), OLD, NURSE, {Why.BREAK_GLASS, Why.LOOSE_TIE}),
    ],
)
def test_s63_an_encounter_without_a_day_near_explains_until_a_sign_stands_against_it(
    look, known, staff, why
):
    assert why_of(look, known, {"nurse-1": staff}) == why


def test_s63_the_weaker_the_explanation_the_more_a_namesake_weighs():
    alike = PersonKnown(families=frozenset({"ash"}), districts=frozenset({"KT3"}))
    points = []
    for met in ((), OLD.encounters, (("RAX", AT, AT),)):
        known = {"person-1": replace(alike, encounters=met)}
        found = triage([LOOK], known, {"nurse-1": NURSE}, QUIET)
        points.append(sum(one.points for one in found))
    assert points == sorted(set(points), reverse=True)
    assert points[-1] == 0


def test_a_common_name_elsewhere_is_not():
    known = PersonKnown(families=frozenset({"ash"}), districts=frozenset({"KT9"}))
    assert why_of(known=known, staff={"nurse-1": NURSE}) == set()


def test_a_tie_of_work_never_explains_ones_own_record_nor_a_colleagues():
    known = PersonKnown(ties=(tie(RelationshipKind.REGISTERED_PRACTICE),))
    own = {"nurse-1": replace(NURSE, person_id="person-1")}
    assert why_of(known=known, staff=own) == {Why.OWN_RECORD}
    colleague = {"nurse-2": replace(NURSE, person_id="person-1")}
    assert why_of(known=known, staff=colleague) == {Why.COLLEAGUE}
    elsewhere = {"nurse-2": replace(NURSE, person_id="person-1", org="RY9")}
    assert why_of(known=known, staff=elsewhere) == set()


def test_on_the_own_list_not_even_a_relative_is_asked_about_but_the_own_record_is():
    known = PersonKnown(ties=(tie(RelationshipKind.CASELOAD, user="nurse-1"),))
    assert (
        why_of(known=known, staff={"nurse-1": replace(NURSE, kin=frozenset({"person-1"}))}) == set()
    )
    own = {"nurse-1": replace(NURSE, person_id="person-1")}
    assert why_of(known=known, staff=own) == {Why.OWN_RECORD}


@pytest.mark.parametrize(
    ("look", "known", "why"),
    [
        (replace(LOOK, break_glass=True), PersonKnown(), Why.BREAK_GLASS),
        (replace(LOOK, reasons=CLAIMED), PersonKnown(), Why.SELF_CLAIM),
        (LOOK, PersonKnown(restricted=True), Why.RESTRICTED),
        (LOOK, PersonKnown(deceased=True), Why.AFTER_DEATH),
        (LOOK, PersonKnown(ties=(tie(RelationshipKind.CASELOAD, end=AT),)), Why.AFTER_END),
    ],
)  # fmt: skip
def test_s63_of_what_nothing_explains_the_case_counts(look, known, why):
    assert {why, Why.NO_TIE} <= why_of(look, known)


def test_an_emergency_with_an_encounter_near_is_explained():
    known = PersonKnown(encounters=(("RAX", AT, AT + timedelta(hours=1)),))
    assert why_of(replace(LOOK, break_glass=True), known) == set()


def test_nothing_to_explain_it_is_not_enough_alone_nor_by_night():
    assert why_of() == set()
    assert why_of(replace(LOOK, at=AT.replace(hour=3))) == set()


def test_s63_who_looks_at_many_more_people_than_others_is_asked_once_about_the_day():
    others = [
        replace(LOOK, number=n, user_id=f"nurse-{n % 20 + 2}", person_id=f"p{n}") for n in range(60)
    ]
    browsing = [replace(LOOK, number=100 + n, person_id=f"q{n}") for n in range(30)]
    habits = habits_of([*others, *browsing], [], {}, {})
    (found,) = triage(browsing, {}, {}, habits)
    assert set(found.why) == {Why.VOLUME, Why.BROWSING, Why.NO_TIE}
    assert found.access.number == 100
    work = PersonKnown(encounters=(("RAX", AT, AT),))
    mostly = {f"q{n}": work for n in range(21)}
    (found,) = triage(browsing, mostly, {}, habits)
    assert set(found.why) == {Why.VOLUME, Why.NO_TIE}, "nine whom nothing explains"


def test_s63_a_claim_on_a_record_that_is_held_weighs_less_than_one_on_a_stranger():
    claim = replace(LOOK, reasons=CLAIMED)
    held = PersonKnown(ties=(tie(RelationshipKind.RECORD_HOLDER),))
    elsewhere = PersonKnown(ties=(tie(RelationshipKind.RECORD_HOLDER, org="RY9"),))
    assert why_of(claim, held) == {Why.CLAIM_ON_HELD, Why.NO_TIE}
    assert why_of(claim, elsewhere) == why_of(claim) == {Why.SELF_CLAIM, Why.NO_TIE}
    assert POINTS[Why.CLAIM_ON_HELD] < POINTS[Why.SELF_CLAIM]


def test_what_is_usual_for_a_user_is_what_was_before_and_not_what_is_looked_at():
    week = [
        replace(LOOK, number=30 * day + n, at=AT + timedelta(days=day), person_id=f"q{n}")
        for day in range(5)
        for n in range(30)
    ]
    days = [AT.date() - timedelta(days=n) for n in range(1, 8)]
    few = {("nurse-1", day): 4 for day in days}
    many = {("nurse-1", day): 30 for day in days}
    others = {("nurse-2", day): 30 for day in days}
    assert triage(week, {}, {}, habits_of(week, [], {}, many)) == []
    assert triage(week, {}, {}, habits_of(week, [], {}, {})) == [], "all that is known of the role"
    habits = habits_of([*week, replace(LOOK, user_id="nurse-2")], [], {}, {**few, **others})
    assert habits.own["nurse-1"] == 4
    found = triage(week, {}, {}, habits)
    assert {one.access.at.date() for one in found} == {one.at.date() for one in week}


def test_a_long_silence_and_many_who_were_not_found_count():
    day = AT.date()
    habits = habits_of([LOOK], [("nurse-1", AT)] * 5, {"nurse-1": day - timedelta(days=200)}, {})
    assert why_of(habits=habits) == {Why.DORMANT, Why.FAILED_TRACES, Why.NO_TIE}
    recent = habits_of([LOOK], [("nurse-1", AT)] * 4, {"nurse-1": day - timedelta(days=20)}, {})
    assert why_of(habits=recent) == set()


def test_s63_the_worst_comes_first_and_a_pair_is_asked_about_once():
    own = {"nurse-1": replace(NURSE, person_id="person-1")}
    again = replace(LOOK, number=9, at=AT + timedelta(days=1))
    broken = replace(LOOK, number=3, user_id="nurse-5", person_id="person-2", break_glass=True)
    found = triage([broken, again, LOOK], {}, own, QUIET)
    assert [one.access.number for one in found] == [7, 3]
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)


def test_every_reason_has_its_points():
    assert POINTS.keys() == set(Why)
