"""What the borough's systems push: repeatable bytes that the feeds take as they are."""

import json
from collections import Counter

import pytest

from gateway.cli.demo import places
from gateway.cli.demo.cast import borough_of
from gateway.cli.demo.hospital import messages_about
from gateway.cli.demo.plans import WISHES
from gateway.cli.demo.social_care import support_plan
from mappings.core.model.outcome import Severity
from mappings.registry import FEEDS
from tests.unit.demo.mapped import deliveries_of, mapped

BOROUGH = borough_of(1, 60)
DELIVERIES = deliveries_of(BOROUGH)
EXPECTED_WARNINGS = {"location-hidden", "unusable-nhs-number"}
PLANTED_ERRORS = {
    ("social-care", "unmapped-code", "goals[0].state"),
    ("community", "no-parent", "CYP101.LocalPatientID"),
}


@pytest.fixture(scope="module")
def outcomes():
    return [(one, item, made) for one in DELIVERIES for item, made in mapped(one)]


def test_the_same_seed_gives_the_same_bytes():
    assert deliveries_of(borough_of(1, 60)) == DELIVERIES


def test_another_seed_gives_other_bytes():
    again = deliveries_of(borough_of(2, 60))
    assert {one.body for one in again}.isdisjoint({one.body for one in DELIVERIES[30:]})


def test_all_five_feeds_are_fed():
    assert {one.feed for one in DELIVERIES} == set(FEEDS)


def test_every_person_comes_from_their_practice(outcomes):
    senders = {one.about: one.org for one in DELIVERIES if one.feed == "gp"}
    assert senders == {person.number: person.practice.code for person in BOROUGH.people}
    registered = {made.person.registered_practice for one, _, made in outcomes if one.feed == "gp"}
    assert registered == {practice.code for practice in places.PRACTICES}


def test_only_what_was_planted_is_refused(outcomes):
    refused = {
        (one.feed, issue.code, issue.path)
        for one, _, made in outcomes
        for issue in made.issues
        if issue.severity is Severity.ERROR
    }
    assert refused == PLANTED_ERRORS
    assert sum(made.quarantined for _, _, made in outcomes) == 2


def test_nothing_else_is_warned_of(outcomes):
    warned = Counter(
        issue.code
        for _, _, made in outcomes
        for issue in made.issues
        if issue.severity is Severity.WARNING
    )
    assert set(warned) == EXPECTED_WARNINGS
    assert warned["unusable-nhs-number"] == 1


def test_one_hospital_record_disagrees_on_a_birth_date(outcomes):
    by_number = {person.nhs_number: person for person in BOROUGH.people}
    told = {
        (made.person.nhs_numbers[0], made.person.birth_date)
        for one, _, made in outcomes
        if one.feed == "hospital"
    }
    wrong = [by_number[number].dirt for number, on in told if on != str(by_number[number].born)]
    assert wrong == ["birth date"]


def test_goals_come_from_practice_hospital_and_support_plans(outcomes):
    goals = Counter(
        one.feed for one, _, made in outcomes for got in made.resources if got.type == "Goal"
    )
    assert all(goals[feed] > 5 for feed in ("gp", "hospital", "social-care"))


def test_plans_come_from_every_feed(outcomes):
    plans = {
        one.feed for one, _, made in outcomes for got in made.resources if got.type == "CarePlan"
    }
    assert plans == set(FEEDS)


@pytest.mark.parametrize("code", ["PSY", "HIV"])
def test_alices_practice_marks_what_is_sensitive(outcomes, code):
    alice = BOROUGH.by_role["alice"].number
    labelled = [
        got.type
        for one, _, made in outcomes
        if one.feed == "gp" and one.about == alice
        for got in made.resources
        if any(label["code"] == code for label in got.resource["meta"]["security"])
    ]
    assert "Condition" in labelled


@pytest.mark.parametrize("role", ["dee", "vic"])
def test_nothing_tells_where_a_restricted_person_lives(role):
    person = BOROUGH.by_role[role]
    hidden = (person.street, person.postcode, person.phone)
    known = str(person.nhs_number).encode()
    for one in DELIVERIES:
        for line in one.body.replace(b"MSH|", b"\nMSH|").splitlines() if known in one.body else ():
            if known in line:
                assert not any(text.encode() in line for text in hidden), one.feed


def test_olas_practice_sends_the_refusal(outcomes):
    ola = BOROUGH.by_role["ola"].number
    consents = [
        got.resource["provision"]["type"]
        for one, _, made in outcomes
        if one.feed == "gp" and one.about == ola
        for got in made.resources
        if got.type == "Consent"
    ]
    assert consents == ["deny"]


def test_normas_hospital_story_is_told_message_by_message():
    norma = BOROUGH.by_role["norma"]
    kinds = [message.split(b"|")[8] for message in messages_about(norma)]
    assert kinds == [b"ADT^A01", b"PPR^PC1", b"PGL^PC6", b"ADT^A03"]


def test_each_organisation_plans_its_own_part_of_what_norma_wants():
    norma = BOROUGH.by_role["norma"]
    wanted = []
    for provider in (places.COUNCIL, places.HOME_FIRST, places.WELLBEING):
        plan = json.loads(support_plan(norma, provider))
        assert plan["document"] == "support-plan"
        assert plan["person"]["nhs_number"] == "999 000 0077"
        wanted += [goal["words"] for goal in plan["goals"]]
    assert wanted == [WISHES[name].words for name in norma.goals]
