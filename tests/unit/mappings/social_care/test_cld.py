"""Client Level Data: which event a row is, one event said twice, carers, what is never mapped."""

import csv
import io

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import NotThisFormatError
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


def test_a_request_that_ends_before_it_begins_is_refused():
    asked = PERSON | {"Event Type": "Request", "Event Start Date": "2026-04-02"}
    for end, taken in (("2026-04-01", False), ("2026-04-02", True), ("", True)):
        (outcome,) = _outcomes(asked | {"Event End Date": end})
        assert outcome.quarantined is not taken
        found = [issue.path for issue in outcome.issues if issue.code == "contradiction"]
        assert found == ([] if taken else ["Event End Date"])


def test_the_return_is_known_by_its_headings():
    assert cld.recognises(_body(SERVICE))
    for body in (b"", b"a,b\n1,2\n", b'{"LA Code": 1}', b"LA Code,Event Type\n"):
        assert not cld.recognises({"": body})
        with pytest.raises(NotThisFormatError):
            next(iter(cld.read({"": body})))


def test_a_return_without_the_column_of_its_council_is_taken_and_told_of_once():
    lines = _body(SERVICE, SERVICE | {"Dementia": "Yes"})[""].decode().splitlines()
    body = "\n".join(line.partition(",")[2] for line in lines).encode()
    assert cld.HEADINGS[0] == "LA Code", "the first column is the one cut off"
    outcomes = [map_item(FEED.kinds[item.kind], item) for item in cld.read({"": body})]
    assert not any(outcome.quarantined for outcome in outcomes)
    told = [i.path for one in outcomes for i in one.issues if i.code == "missing"]
    assert told == ["LA Code"]


def test_every_heading_is_mapped_or_left_out_for_a_reason():
    filled = dict.fromkeys(cld.HEADINGS, "2026-01-01") | SERVICE
    for event in ("Request", "Assessment", "Service", "Review", ""):
        row = filled | {"Event Type": event, "Client Type": "Unpaid carer known by association"}
        (outcome,) = _outcomes(row)
        assert "unknown-field" not in {issue.code for issue in outcome.issues}


def test_a_field_that_several_elements_are_from_is_told_of_once():
    (outcome,) = _outcomes(SERVICE | {"Event Start Date": "2026-13-45"})
    told = [(one.severity, one.code) for one in outcome.issues if one.path == "Event Start Date"]
    assert told == [("error", "invalid-date")]


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
        ({"Date of Death": "not known"}, "active"),
    ],
)
def test_a_service_runs_until_its_end_or_the_persons(said, status):
    (outcome,) = _outcomes(SERVICE | said)
    assert _made(outcome, "EpisodeOfCare")["status"] == status


def test_a_date_of_death_that_is_no_date_is_reported_and_nobody_is_dead():
    row = SERVICE | {"Date of Death": "not known"}
    assert [outcome.person.deceased for _, outcome in _mapped(row)] == [None, None]
    person = _person(row)
    assert [(i.path, i.code) for i in person.issues] == [("Date of Death", "invalid-date")]
    assert "deceasedDateTime" not in _made(person, "Patient")


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


PAID = SERVICE | {
    "Unit Cost": "£1,311.17",
    "Cost Frequency (Unit Type)": "Weekly",
    "Planned units per week": "14.5",
    "Delivery Mechanism": "Direct payment",
    "Client Funding Status": "Joint client and social care funded",
}


def test_money_stands_on_a_shelf_of_its_own_and_nowhere_else():
    (outcome,) = _outcomes(PAID)
    others = repr([one.resource for one in outcome.resources if one.type != "Coverage"])
    assert not [word for word in ("1311.17", "14.5", "funding", "Joint") if word in others]
    (money,) = [one.resource for one in outcome.resources if one.type == "Coverage"]
    shelves = {coding["code"] for coding in money["meta"]["security"]}
    assert shelves == {"N", "finance"}
    assert money["type"]["coding"][0]["code"] == "direct-payment"
    (cost,) = [one for one in money["extension"] if one["url"].endswith("/cost")]
    assert cost["extension"] == [
        {"url": "amount", "valueMoney": {"value": 1311.17, "currency": "GBP"}},
        {"url": "per", "valueString": "Weekly"},
    ]
    assert not any(
        "Coverage" in repr(one.resource) for one in outcome.resources if one.type != "Coverage"
    )


def test_a_return_with_the_names_of_the_national_database_is_the_same_return():
    row = {**PAID, "No. of adults being cared for": "1", "Request: Route of Access": "Prison"}
    names = {name: "".join(c for c in name if c not in ".:()").replace(" ", "_") for name in row}
    text = ",".join(names.values()) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n"
    theirs = [i.facts for i in cld.read({"": text.encode()}) if i.kind == cld.SERVICE]
    ours = [i.facts for i in cld.read(_body(row)) if i.kind == cld.SERVICE]
    assert theirs == ours


@pytest.mark.parametrize("amount", ["-12.00", "free", "1.2.3", "12e4"])
def test_an_amount_that_is_none_is_left_out_and_reported(amount):
    (outcome,) = _outcomes(PAID | {"Unit Cost": amount})
    assert [(i.path, i.code) for i in outcome.issues] == [("Unit Cost", "invalid-number")]
    assert "/cost" not in repr(_made(outcome, "Coverage"))


def test_a_frequency_without_a_cost_is_no_cost():
    (outcome,) = _outcomes({name: v for name, v in PAID.items() if name != "Unit Cost"})
    assert not outcome.issues
    assert "/cost" not in repr(_made(outcome, "Coverage"))


def test_a_person_who_pays_all_of_it_is_the_payor():
    (council,) = _outcomes(PAID)
    (person,) = _outcomes(PAID | {"Client Funding Status": "Fully client funded"})
    assert _made(council, "Coverage")["payor"] == [{"display": "Council 714"}]
    assert _made(person, "Coverage")["payor"] == [{"display": "The person"}]


def test_one_service_at_two_costs_in_one_file_is_reported():
    first, second, other = _outcomes(
        PAID, PAID | {"Unit Cost": "99.00"}, PAID | {"Event Start Date": "2026-05-01"}
    )
    assert [(i.path, i.code) for i in first.issues] == [("Unit Cost", "several-costs")]
    assert [(i.path, i.code) for i in second.issues] == [("Unit Cost", "several-costs")]
    assert not other.issues


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Tenant - private landlord", "Tenant: Private landlord"),
        ("Rough sleeper / squatting", "Rough sleeper or squatting"),
    ],
)
def test_where_somebody_lives_means_the_same_in_both_releases(old, new):
    said = [
        next(
            one.resource["valueCodeableConcept"]["coding"]
            for one in _person(PERSON | SERVICE | {"Accommodation Status": words}).resources
            if one.type == "Observation"
        )
        for words in (old, new)
    ]
    assert said[0] == said[1]


def test_a_refuge_is_labelled():
    made = _person(SERVICE | {"Accommodation Status": "Refuge"})
    (home,) = [one for one in made.resources if one.type == "Observation"]
    assert {"R", "SDV"} <= {coding["code"] for coding in home.resource["meta"]["security"]}
    made = _person(SERVICE | {"Accommodation Status": "Tenant"})
    (home,) = [one for one in made.resources if one.type == "Observation"]
    assert "SDV" not in {coding["code"] for coding in home.resource["meta"]["security"]}


@pytest.mark.parametrize("words", ["Refuge", "REFUGE", "Women's refuge (out of borough)"])
def test_a_refuge_is_found_nowhere(words):
    row = SERVICE | {"Accommodation Status": words, "Postcode": "KT1 1ZZ"}
    outcome = _person(row)
    assert "address" not in _made(outcome, "Patient")
    assert ("Postcode", "not-stored") in {(i.path, i.code) for i in outcome.issues}
    (home,) = [one for one in outcome.resources if one.type == "Observation"]
    assert "SDV" in {coding["code"] for coding in home.resource["meta"]["security"]}
    for other in ({"Event Type": ""}, {"Event Type": "Assessment", "Assessment Type": "Financial"}):
        (alone,) = _outcomes(row | {"Client Type": "Unpaid carer known by association"} | other)
        assert "KT1" not in repr(alone.resources)


def test_a_refugee_is_in_no_refuge():
    said = {"Accommodation Status": "Refugee accommodation", "Postcode": "KT1 1ZZ"}
    assert "address" in _made(_person(SERVICE | said), "Patient")


def test_what_a_carer_carries_is_said_of_the_carer_and_names_nobody():
    row = PERSON | {
        "Client Type": "Unpaid carer",
        "Event Type": "Assessment",
        "Event Start Date": "2026-05-01",
        "Event End Date": "2026-05-02",
        "Total Hrs Caring per week": "35",
        "No. of adults being cared for": "2",
        "Adult 1 Linked Person_ID": "ZZ-OTHER",
    }
    (outcome,) = _outcomes(row)
    said = [one.resource["valueString"] for one in outcome.resources if one.type == "Observation"]
    assert said == ["35", "2"]
    assert "ZZ-OTHER" not in repr([one.resource for one in outcome.resources])


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
        ({"Reporting Period End Date": "Q2"}, "Reporting Period End Date", "invalid-date"),
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
