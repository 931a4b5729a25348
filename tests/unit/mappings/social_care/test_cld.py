"""Client Level Data: which event a row is, one event said twice, carers, what is never mapped."""

import csv
import io

import pytest

from mappings.core.apply import map_item
from mappings.core.outcome import NotThisFormatError
from mappings.social_care import FEED
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld

PERSON = {
    "LA Code": "714",
    "Reporting Period End Date": "2026-10-31",
    "NHS Number": "9990000565",
    "LA Person Unique Identifier": "A-1",
    "Client Type": "Service user",
}
SERVICE = PERSON | {
    "Event Type": "Service",
    "Event Start Date": "2026-04-01",
    "Service Type": "Long term support: Community",
    "Service Component": "Home support or domiciliary care",
}


def _body(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, cld.HEADINGS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return {"": text.getvalue().encode()}


def _mapped(*rows):
    return [(item, map_item(FEED.kinds[item.kind], item)) for item in cld.read(_body(*rows))]


def _outcomes(*rows):
    """Of the events alone."""
    return [outcome for item, outcome in _mapped(*rows) if item.kind != cld.PERSON]


def _person(row):
    """Of the person alone."""
    return next(outcome for item, outcome in _mapped(row) if item.kind == cld.PERSON)


def _made(outcome, resource_type):
    return next((m.resource for m in outcome.resources if m.type == resource_type), None)


def test_the_return_is_known_by_its_headings():
    assert cld.recognises(_body(SERVICE))
    for body in (b"", b"a,b\n1,2\n", b'{"LA Code": 1}', b"LA Code,Event Type\n"):
        assert not cld.recognises({"": body})
        with pytest.raises(NotThisFormatError):
            next(iter(cld.read({"": body})))


def test_every_heading_is_mapped_or_left_out_for_a_reason():
    filled = dict.fromkeys(cld.HEADINGS, "2026-01-01") | SERVICE
    for event in ("Request", "Assessment", "Service", "Review", ""):
        row = filled | {"Event Type": event, "Client Type": "Unpaid carer known by association"}
        (outcome,) = _outcomes(row)
        assert "unknown-field" not in {issue.code for issue in outcome.issues}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Request", cld.REQUEST),
        ("ASSESSMENT ", cld.ASSESSMENT),
        ("Service event", cld.SERVICE),
        ("review", cld.REVIEW),
        ("Service review", cld.UNKNOWN),
        ("Party", cld.UNKNOWN),
        ("", cld.UNKNOWN),
    ],
)
def test_an_event_is_known_by_the_word_in_its_type(event, kind):
    assert cld.kind_of({"Event Type": event}) == kind


def test_a_heading_with_a_full_stop_is_shown_as_sent():
    assert cld.shown(("No of adults being cared for",)) == "No. of adults being cared for"
    assert cld.shown(("LA Code",)) == "LA Code"
    assert cld.shown(()) == ""


def test_both_releases_say_one_event():
    old = SERVICE | {
        "Client Type": "Service User",
        "Service Type": "Long Term Support: Community",
        "Service Component": "Home Support",
        "Event Start Date": "01/04/2026",
    }
    assert cld.event_key(old, cld.SERVICE) == cld.event_key(SERVICE, cld.SERVICE)


def test_the_end_is_part_of_an_event_but_not_of_a_service():
    for kind, same in ((cld.SERVICE, True), (cld.REVIEW, False), (cld.REQUEST, False)):
        first = cld.event_key(SERVICE, kind)
        second = cld.event_key(SERVICE | {"Event End Date": "2026-05-01"}, kind)
        assert (first == second) is same


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        (codes.OUTCOME, "NFA- Other", "NFA: Other"),
        (codes.OUTCOME, "NFA – Support declined", "NFA: Support declined"),
        (codes.SERVICE_TYPE, "Carer Support: Direct to Carer",
         "Unpaid carer support: Direct to unpaid carer"),
        (codes.CLIENT_TYPE, "Carer", "Unpaid carer"),
    ],
)  # fmt: skip
def test_release_words_mean_one_thing(table, old, new):
    assert codes.word_key(table, old) == codes.word_key(table, new)


def test_words_that_release_2_joined_or_split_are_not_paired_by_guess():
    for old, new in (
        ("Provision of service", "Continuation of support or services"),
        ("Provision of service", "Progress to support planning or services"),
        ("Progress to Assessment", "Progress to assessment, review or reassessment"),
    ):
        assert codes.word_key(codes.OUTCOME, old) != codes.word_key(codes.OUTCOME, new)


def test_an_open_service_overrules_an_ended_row_of_the_same():
    ended = SERVICE | {"Event End Date": "2026-06-30"}
    first, second, third = _outcomes(ended, SERVICE, SERVICE | {"Unit Cost": "12.00"})
    assert [first.quarantined, second.quarantined, third.quarantined] == [True, False, False]
    assert [(i.path, i.code) for i in first.issues] == [("Event End Date", "overruled-row")]
    assert _made(second, "ServiceRequest") == _made(third, "ServiceRequest")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, "active"),
        ({"Event End Date": "2026-10-31"}, "finished"),
        ({"Event End Date": "2026-11-01"}, "active"),
        ({"Date of Death": "2026-10-02"}, "finished"),
    ],
)
def test_a_service_runs_until_its_end_or_the_persons(said, status):
    (outcome,) = _outcomes(SERVICE | said)
    assert _made(outcome, "EpisodeOfCare")["status"] == status


def test_a_carers_row_says_nothing_of_the_person_cared_for():
    carer = PERSON | {
        "LA Person Unique Identifier": "A-2",
        "NHS Number": "",
        "Client Type": "Unpaid carer",
        "Event Type": "Assessment",
        "Event Start Date": "2026-10-01",
        "Assessment Type": "Long term assessment",
        "Adult 1 Linked Person_ID": "A-1",
    }
    (outcome,) = _outcomes(carer)
    assert outcome.person.local_id == "714:A-2"
    assert "A-1" not in repr(outcome)


def test_money_is_nowhere():
    paid = SERVICE | {
        "Unit Cost": "311.17",
        "Planned units per week": "14.5",
        "Delivery Mechanism": "Direct payment",
        "Client Funding Status": "Fully client funded",
    }
    (outcome,) = _outcomes(paid)
    shown = repr([made.resource for made in outcome.resources])
    assert not [word for word in ("311.17", "14.5", "Fully client") if word in shown]


def test_a_financial_assessment_gives_no_more_than_the_person():
    row = PERSON | {
        "Event Type": "Assessment",
        "Event Start Date": "2026-10-01",
        "Assessment Type": "Financial assessment",
    }
    (outcome,) = _outcomes(row)
    assert [made.type for made in outcome.resources] == ["Patient"]


def test_a_verdict_of_a_review_is_on_the_plan():
    row = PERSON | {
        "Event Type": "Review",
        "Event Start Date": "2026-10-01",
        "Event End Date": "2026-10-01",
        "Review Outcomes Achieved": "Partially Met",
    }
    (outcome,) = _outcomes(row)
    types = [made.type for made in outcome.resources]
    assert types == ["Encounter", "Observation"]
    value = outcome.resources[-1].resource["valueCodeableConcept"]
    assert value["coding"][0]["code"] == "partially-met"


def test_what_rows_say_of_a_person_is_said_once_and_numbered_after_the_rows():
    moved = SERVICE | {"Event Start Date": "2026-06-01", "Postcode": "KT3 5ZZ"}
    rows = (SERVICE, SERVICE | {"Event Start Date": "2026-05-01"}, moved)
    found = [(item.kind, item.number) for item, _ in _mapped(*rows)]
    assert found == [
        (cld.PERSON, 4),
        (cld.SERVICE, 1),
        (cld.SERVICE, 2),
        (cld.PERSON, 5),
        (cld.SERVICE, 3),
    ]


def test_unknown_is_not_said_of_a_person():
    said = {"Primary Support Reason": "Unknown", "Has Unpaid Carer": "unknown"}
    assert [made.type for made in _person(SERVICE | said).resources] == ["Patient"]


@pytest.mark.parametrize(
    ("row", "local_id", "born"),
    [
        ({"Date of Birth": "1950-01-31"}, "714:A-1", "1950-01-31"),
        ({"Date of Birth": "1890-01-01"}, "714:A-1", None),
        ({"Date of Birth": "soon"}, "714:A-1", None),
        ({"LA Person Unique Identifier": ""}, None, None),
        ({"LA Code": ""}, "A-1", None),
    ],
)
def test_whom_a_row_is_about(row, local_id, born):
    (outcome,) = _outcomes(SERVICE | row)
    assert (outcome.person.local_id, outcome.person.birth_date) == (local_id, born)
    assert not outcome.quarantined


def test_a_row_that_cannot_be_read_is_an_item_of_its_own():
    body = _body(SERVICE)[""] + b'714,"open\n'
    *_, broken = cld.read({"": body})
    assert (broken.kind, [i.code for i in broken.issues]) == (cld.UNKNOWN, ["unreadable-row"])


def test_a_provider_may_be_named_without_a_location():
    named, located = _outcomes(
        SERVICE | {"Provider CQC Location Name": "Thames Bridge"},
        SERVICE | {"Provider CQC Location ID": "1-999000001", "Event Start Date": "2026-05-01"},
    )
    assert _made(named, "ServiceRequest")["performer"][0]["display"] == "Thames Bridge"
    located_by = _made(located, "ServiceRequest")["performer"][0]
    assert located_by["identifier"]["value"] == "1-999000001"


def test_a_pseudo_postcode_and_a_missing_council_are_left_out():
    patient = _made(_person(SERVICE | {"Postcode": "ZZ99 3VZ", "LA Code": ""}), "Patient")
    assert "address" not in patient
    assert "assigner" not in patient["identifier"][0]


@pytest.mark.parametrize(
    ("said", "path", "code"),
    [
        ({"Event Type": "Party"}, "Event Type", "unmapped-code"),
        ({"Reporting Period End Date": ""}, "Reporting Period End Date", "missing"),
        ({"Event End Date": "32/13/2026"}, "Event End Date", "invalid-date"),
        ({"Event Start Date": ""}, "Event Start Date", "missing"),
    ],
)
def test_a_row_without_what_it_needs_is_refused(said, path, code):
    (outcome,) = _outcomes(SERVICE | said)
    assert outcome.quarantined
    assert (path, code) in [(issue.path, issue.code) for issue in outcome.issues]


def test_an_unknown_service_keeps_its_words_and_is_reported_once():
    (outcome,) = _outcomes(SERVICE | {"Service Type": "Long term support: Moon"})
    assert [(i.path, i.code) for i in outcome.issues] == [("Service Type", "unmapped-code")]
    episode, service = _made(outcome, "EpisodeOfCare"), _made(outcome, "ServiceRequest")
    assert episode["type"][0] == service["category"][0] == {"text": "Long term support: Moon"}


def test_several_files_are_one_return():
    ended = SERVICE | {"Event End Date": "2026-06-30"}
    members = {"a.csv": _body(ended)[""], "b.csv": _body(SERVICE)[""]}
    found = [(item.kind, item.number, bool(item.issues)) for item in cld.read(members)]
    assert found == [(cld.SERVICE, 1, True), (cld.PERSON, 3, False), (cld.SERVICE, 2, False)]
