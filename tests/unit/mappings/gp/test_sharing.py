"""Choices about sharing in the record, as a Consent the access rules can read."""

import itertools

import pytest

from consent.from_fhir import read_consent
from tests.unit.mappings.gp.bundles import (
    GPC,
    PATIENT,
    SNOMED,
    every_section,
    issues,
    mapped,
    observation,
    of_type,
    section,
)

REFUSED, GIVEN = "416409005", "417528008"


def refusal(i, on, **more):
    return observation(f"r{i}", REFUSED, on, **more)


def agreement(i, on, **more):
    return observation(f"g{i}", GIVEN, on, **more)


def test_a_refusal_denies_the_data_of_this_practice_and_no_other():
    (consent,) = of_type(mapped(refusal(1, "2026-01-01")), "Consent")
    rule = read_consent(consent)
    assert rule.active
    assert not rule.root.permit
    assert rule.root.source_orgs == {"H85001"}
    assert rule.root.askers == frozenset()
    (own,) = rule.nested
    assert own.permit
    assert {asker.value for asker in own.askers} == {"H85001"}, "the practice keeps its own"
    assert consent["dateTime"] == "2026-01-01"


def test_a_later_agreement_ends_the_refusal_and_limits_nothing():
    (consent,) = of_type(mapped(refusal(1, "2026-01-01"), agreement(1, "2026-02-01")), "Consent")
    assert not read_consent(consent).active


CHOICES = [
    refusal(1, "2020-09-07T10:02:00+01:00"),
    agreement(1, "2020-09-08T13:51:00+01:00"),
    refusal(2, "2020-09-09T09:13:00+01:00", issued="2020-09-09T09:14:05Z"),
    agreement(2, "2020-09-09T09:13:00+01:00", issued="2020-09-09T09:13:05Z"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_latest_choice_decides_in_any_order_and_issued_breaks_ties(order):
    (consent,) = of_type(mapped(*(CHOICES[n] for n in order)), "Consent")
    assert read_consent(consent).active


def test_a_full_tie_is_a_refusal():
    same = "2026-01-01T09:00:00Z"
    for pair in ((refusal(1, same), agreement(1, same)), (agreement(1, same), refusal(1, same))):
        (consent,) = of_type(mapped(*pair), "Consent")
        assert read_consent(consent).active


def test_an_undated_refusal_counts_as_the_latest():
    made = {"meta": {"lastUpdated": "2026-10-22T10:00:00Z"}}
    outcome = mapped(refusal(1, None), agreement(1, "2026-01-01"), **made)
    (consent,) = of_type(outcome, "Consent")
    assert read_consent(consent).active
    assert consent["dateTime"] == "2026-10-22"


@pytest.mark.parametrize("on", [None, "some day"])
def test_a_refusal_without_any_time_stops_the_bundle(on):
    outcome = mapped(refusal(1, on))
    assert outcome.quarantined
    assert issues(outcome, "refusal-needs-time") == [("error", "Observation[0].effectiveDateTime")]


@pytest.mark.parametrize("code", ["773031000000109", "777441000000102", "717281000000100"])
def test_choices_about_something_else_decide_nothing(code):
    outcome = mapped(observation("o", code, "2026-01-01"), agreement(1, "2025-01-01"))
    (consent,) = of_type(outcome, "Consent")
    assert not read_consent(consent).active
    assert issues(outcome, "other-scope") == [("warning", "Observation[0].code")]
    assert len(of_type(outcome, "Observation")) == 2


def test_a_choice_entered_in_error_is_no_choice():
    """But one that was a refusal ends what it closed, in a record that leaves nothing out."""
    whole = every_section()
    wrong = refusal(1, "2026-01-01", status="entered-in-error")
    (consent,) = of_type(mapped(*whole, wrong), "Consent")
    assert not read_consent(consent).active
    (consent,) = of_type(mapped(*whole, wrong, refusal(2, "2025-01-01")), "Consent")
    assert read_consent(consent).active
    for none in (agreement(1, "2026-01-01"), refusal(1, None)):
        assert of_type(mapped(*whole, none | {"status": "entered-in-error"}), "Consent") == []


def test_a_refusal_that_was_an_error_ends_nothing_where_another_may_be_left_out():
    wrong = refusal(1, "2026-01-01", status="entered-in-error")
    arriving = {"url": f"{GPC}ListWarningCode-1", "valueCode": "data-in-transit"}
    for part in ([], every_section()[1:], [*every_section(), section("x", arriving)]):
        outcome = mapped(wrong, *part)
        assert of_type(outcome, "Consent") == []
        assert issues(outcome, "needs-reading") == [("warning", "Observation[0].status")]
    (consent,) = of_type(outcome := mapped(wrong, agreement(1, "2026-02-01")), "Consent")
    assert not read_consent(consent).active
    assert issues(outcome, "needs-reading") == []


def test_words_beside_a_choice_are_for_a_person_to_read():
    outcome = mapped(refusal(1, "2026-01-01", comment="only my daughter"))
    assert issues(outcome, "needs-reading") == [("warning", "Observation[0].comment")]


def test_a_refusal_that_cannot_be_applied_stops_the_bundle():
    person = {name: v for name, v in PATIENT.items() if name != "managingOrganization"}
    outcome = mapped(refusal(1, "2026-01-01"), person=person)
    assert outcome.quarantined
    assert outcome.resources == ()
    assert issues(outcome, "refusal-needs-practice") == [("error", "Patient.managingOrganization")]


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "lost"},
        {"status": None},
        {"identifier": [{"system": ["urn:x"], "value": "1"}]},
        {"comment": 7},
        {"modifierExtension": [{"url": "urn:x"}]},
        {"effectiveDateTime": ["2026-01-01"]},
    ],
)
def test_a_refusal_that_cannot_be_read_is_not_passed_over(broken):
    """The rest of a record is taken without an entry that is not sound; not without this one."""
    outcome = mapped(refusal(1, "2026-01-01", **broken), observation("o", "1"))
    assert outcome.quarantined
    assert issues(outcome, "refusal-needs-reading") == [("error", "Observation[0]")]
    unread_agreement = mapped(agreement(1, "2026-01-01", **broken), observation("o", "1"))
    assert not unread_agreement.quarantined


@pytest.mark.parametrize(
    "other", [{"subject": {"reference": "Patient/another"}}, {"status": "entered-in-error"}]
)
def test_a_refusal_of_somebody_else_or_in_error_stops_nothing(other):
    outcome = mapped(
        refusal(1, "2026-01-01", **other, modifierExtension=[{"url": "urn:x"}]),
        agreement(1, "2025-01-01"),
    )
    assert not outcome.quarantined
    twice = mapped(refusal(1, "2025-01-01"), refusal(1, "2025-01-01"), agreement(1, "2026-01-01"))
    assert not twice.quarantined


@pytest.mark.parametrize(
    "first",
    [observation("r1", "1"), observation("r1", GIVEN, "2026-02-01"), refusal(1, "2025-01-01")],
)
def test_a_refusal_under_the_id_of_another_entry_is_not_passed_over(first):
    """The first under an id is taken, and the second not: what it refuses would be shown."""
    outcome = mapped(first, agreement(1, "2026-01-01"), refusal(1, "2026-03-01"))
    assert outcome.quarantined
    assert issues(outcome, "refusal-needs-reading") == [("error", "Observation[2]")]


def test_a_record_that_says_nothing_makes_no_consent():
    assert of_type(mapped(observation("a", "1")), "Consent") == []


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ({"text": "Refused consent for upload to local shared record"}, True),
        ({"coding": [{"system": SNOMED, "code": "196411000000103"}],
          "text": "Does not want the record shared"}, True),
        ({"coding": [{"system": SNOMED, "code": "196411000000103"}], "text": "Sore throat"}, False),
        ({"coding": [{"system": SNOMED, "code": "38341003"}], "text": "Shared care plan"}, False),
        ({"text": "Unshared thoughts"}, False),
        ({"coding": [{"system": "http://read.info/ctv3", "code": "XaKRw",
                      "display": "Refused consent for upload to local shared record"}]}, True),
        ({"coding": [{"system": "http://read.info/readv2", "code": "H33..", "display": "Asthma"}]},
         False),
    ],
)  # fmt: skip
def test_a_choice_that_has_no_code_decides_nothing_and_is_for_a_person_to_read(code, asked):
    outcome = mapped(observation("a", "1") | {"code": code})
    assert of_type(outcome, "Consent") == []
    assert issues(outcome, "needs-reading") == ([("warning", "Observation[0].code")] * asked)
