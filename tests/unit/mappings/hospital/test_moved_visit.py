"""A visit moved between two of a hospital's records: what the message says of each of them."""

import pytest

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import Item, Outcome
from mappings.hospital import FEED
from mappings.hospital.rows.moved_visit import MOVED, SUFFIX
from tests.unit.mappings.hospital.messages import (
    header,
    only,
    outcome,
    person,
    read,
    segment,
    state,
    visit,
)


def said(*rest: str, trigger: str = "A45") -> list[tuple[Item, Outcome]]:
    (first,) = read(header(f"ADT^{trigger}"), segment("EVN", _2="20261005"), person(), *rest)
    found = parts_of(FEED.kinds, first)
    return [(one, map_item(FEED.kinds[one.kind], one)) for one in found]


def stay(**more: str) -> str:
    return segment("PV1", {2: "I", 19: "V7", **more})


def test_the_visit_is_the_persons_and_an_error_on_the_record_it_left():
    (here, stays), (left, gone) = said(segment("MRG", {1: "77^^^RAX^MR", 5: "V7"}), stay())
    assert (here.kind, left.kind) == (MOVED, MOVED + SUFFIX)
    assert (stays.person.local_id, gone.person.local_id) == ("RAX:5500123", "RAX:77")
    assert only(stays, "Encounter")["status"] == "unknown"
    assert only(gone, "Encounter")["status"] == "entered-in-error"
    assert [one.type for one in gone.resources] == ["Encounter"]
    assert stays.source_time == gone.source_time
    assert [(i.severity, i.code) for i in stays.issues] == [("warning", "visit-alone-moved")]
    assert gone.issues == ()


def test_a_bare_number_and_the_number_of_the_visit_serve_where_no_other_is_sent():
    _, (_, gone) = said(segment("MRG", {1: "77"}), stay())
    assert gone.person.local_id == "RAX:77"
    keys = [one.key for one in gone.resources]
    assert keys == ["RAX:77|visit|V7"]


def test_the_visit_may_have_had_another_number():
    (_, stays), (_, gone) = said(segment("MRG", {1: "77^^^RAX^MR", 5: "V6"}), stay())
    assert [one.key for one in gone.resources] == ["RAX:77|visit|V6"]
    assert [one.key for one in stays.resources if one.type == "Encounter"] == [
        "RAX:5500123|visit|V7"
    ]


@pytest.mark.parametrize(
    ("sent", "whose"),
    [
        ("77\\S\\8^^^RAX^MR", "RAX:77^8"),
        ("77\\R\\8^^^RAX^MR", "RAX:77~8"),
        ("77\\T\\8^^^RAX^MR", "RAX:77&8"),
        ("77\\F\\8^^^RAX^MR", "RAX:77|8"),
        ("77\\E\\S\\E\\8^^^RAX^MR", "RAX:77\\S\\8"),
        ("77^^^R\\S\\X^MR", "R^X:77"),
    ],
)
def test_a_number_with_the_characters_of_hl7_in_it_is_the_same_number(sent, whose):
    _, (_, gone) = said(segment("MRG", {1: sent, 5: "V7"}), stay())
    assert gone.person.local_id == whose
    assert gone.person.nhs_numbers == ()


def test_an_nhs_number_known_by_its_place_is_no_number_of_the_hospital():
    _, (_, gone) = said(segment("MRG", {4: "9990001014", 5: "V7"}), stay())
    assert (gone.person.local_id, gone.person.nhs_numbers) == (None, ("9990001014",))


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        ([stay()], "not-one-visit"),
        ([segment("MRG", {1: "77^^^RAX^MR"})], "not-one-visit"),
        ([segment("MRG", {1: "77"}), stay(), segment("MRG", {1: "78"}), stay()], "not-one-visit"),
        ([segment("MRG", {5: "V7"}), stay()], "names-nobody"),
        ([segment("MRG", {1: "77"}), segment("PV1", {2: "I"})], "names-nobody"),
        ([segment("MRG", {1: "5500123^^^RAX^MR"}), stay()], "moved-to-itself"),
    ],
    ids=["no MRG", "no PV1", "two", "nobody", "no visit", "itself"],
)
def test_what_moves_no_one_visit_between_two_records_is_not_taken(segments, code):
    (_, first), *_ = said(*segments)
    assert first.quarantined
    assert code in [issue.code for issue in first.issues if issue.severity == "error"]


@pytest.mark.parametrize("trigger", ["A42", "A50"])
@pytest.mark.parametrize(
    "prior",
    [{1: "5500123^^^RAX^MR", 5: "V6^^^RAX"}, {5: "V6"}, {1: "5500123", 5: "V6"},
     {1: "9990001006^^^NHS^NH", 5: "V6"}, {4: "9990001006", 5: "V6"}],
    ids=["in full", "no record", "bare", "the NHS number alone", "the NHS number by its place"],
)  # fmt: skip
def test_the_number_of_a_visit_that_goes_is_an_error(trigger, prior):
    (_, stays), (left, gone) = said(segment("MRG", prior), stay(), trigger=trigger)
    assert left.kind == f"ADT^{trigger}{SUFFIX}"
    assert {stays.person.local_id, gone.person.local_id} == {"RAX:5500123"}
    assert [one.key for one in gone.resources] == ["RAX:5500123|visit|V6"]
    assert only(gone, "Encounter")["status"] == "entered-in-error"
    assert only(stays, "Encounter")["identifier"][0]["value"] == "V7"
    assert [(i.severity, i.code) for i in stays.issues] == [("warning", "visit-alone-moved")]


@pytest.mark.parametrize("trigger", ["A42", "A50"])
@pytest.mark.parametrize(
    ("prior", "code"),
    [
        ({1: "5500123^^^RAX^MR", 5: "V7"}, "moved-to-itself"),
        ({1: "5500123^^^RAX^MR"}, "names-nobody"),
        ({1: "77^^^RAX^MR"}, "names-nobody"),
    ],
    ids=["itself", "no number", "another record, no number"],
)
def test_what_gives_up_no_number_is_not_taken(trigger, prior, code):
    (_, first), *_ = said(segment("MRG", prior), stay(), trigger=trigger)
    assert first.quarantined
    assert code in [issue.code for issue in first.issues if issue.severity == "error"]


def test_merged_visits_of_two_records_are_one_on_the_record_that_stays():
    (_, stays), (_, gone) = said(segment("MRG", {1: "77", 5: "V7"}), stay(), trigger="A42")
    assert [one.key for one in gone.resources] == ["RAX:77|visit|V7"]
    assert not stays.quarantined


def test_a_number_that_went_stays_an_error_when_older_messages_come_late():
    event, who = segment("EVN", _2="20261001"), person()
    admitted = outcome(header("ADT^A01", at="20261001"), event, who, visit(_19="V6"))
    _, (_, gone) = said(segment("MRG", {5: "V6"}), stay(), trigger="A42")
    assert state([gone, admitted], "Encounter")["status"] == "entered-in-error"
