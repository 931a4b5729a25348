"""Merges, links and changed numbers: which records a message says are one person's."""

import pytest

from mappings.core.model.outcome import Merge
from mappings.hospital import FEED
from mappings.hospital.rows.merge import LINKED, MERGED
from tests.unit.mappings.hospital.messages import (
    header,
    made,
    only,
    outcome,
    person,
    segment,
    visit,
)

SELF = "RAX:5500123"


_OTHER = segment("PID", {1: "2", 3: "6^^^RAX^MR", 5: "OAK^Ben"})
_PRACTICE = segment("PD1", {3: "Elm Surgery^^P89609"})


def event(trigger, *rest, who=None):
    return outcome(header(f"ADT^{trigger}"), segment("EVN", _2="20261005"), who or person(), *rest)


def prior(number, **more):
    return segment("MRG", {1: number}, **more)


def codes(result):
    return [(issue.path, issue.code) for issue in result.issues]


@pytest.mark.parametrize("trigger", MERGED)
def test_a_merge_names_who_goes_and_who_stays_and_updates_the_person(trigger):
    result = event(trigger, prior("77^^^RAX^MR"))
    assert result.merges == (Merge("RAX:77", SELF),)
    assert result.person.local_id == SELF
    assert only(result, "Patient")["birthDate"] == "1951-06-22"
    assert codes(result) == []
    assert FEED.kinds[f"ADT^{trigger}"].title == MERGED[trigger]


@pytest.mark.parametrize(
    ("field", "gone"),
    [
        ("77", ["RAX:77"]),
        ("77^^^WGH^PI", ["WGH:77"]),
        ("77^^^RAX^MR~78^^^RAX^MR~V9^^^RAX^VN", ["RAX:77", "RAX:78"]),
        ("V9^^^RAX^VN~9990000077^^^NHS^NH", ["nhs-number:9990000077"]),
        ("9990000077^^^NHS^NH~77", ["RAX:77"]),
    ],
    ids=["bare", "another authority", "several", "NHS number alone", "NHS number first"],
)
def test_every_number_of_mrg_1_goes(field, gone):
    result = event("A40", prior(field))
    assert [merge.gone for merge in result.merges] == gone


def test_a_bare_number_is_of_the_authority_of_the_one_that_stays():
    result = event("A40", prior("77"), who=person(_3="5500123^^^WGH^MR"))
    assert result.merges == (Merge("WGH:77", "WGH:5500123"),)


def test_the_older_place_of_the_number_serves_where_mrg_1_is_empty():
    assert event("A34", prior("", _4="77^^^RAX^PI")).merges == (Merge("RAX:77", SELF),)


def test_every_pair_of_a_message_counts():
    second = segment("PID", {1: "2", 3: "6^^^RAX^MR", 5: "OAK^Ben"})
    result = event("A40", prior("77"), second, prior("78"))
    assert result.merges == (Merge("RAX:77", SELF), Merge("RAX:78", "RAX:6"))
    assert codes(result) == [("PID[2]", "second-person")]
    assert only(result, "Patient")["name"][0]["family"] == "MARSH"


@pytest.mark.parametrize(
    ("trigger", "rest", "places"),
    [
        ("A24", [visit(), _OTHER, _PRACTICE, visit(_19="SP-2")], ["PID[2]", "PD1", "PV1[2]"]),
        ("A37", [_OTHER, _PRACTICE], ["PID[2]", "PD1"]),
        ("A40", [prior("77"), _OTHER, _PRACTICE, prior("78"), visit()], ["PID[2]", "PD1", "PV1"]),
    ],
)
def test_what_is_said_of_the_other_person_is_not_put_on_the_first(trigger, rest, places):
    result = event(trigger, *rest)
    assert not result.quarantined
    assert sorted(codes(result)) == sorted((place, "second-person") for place in places)
    assert "generalPractitioner" not in only(result, "Patient")
    stays = [one.alone()["identifier"][0]["value"] for one in made(result, "Encounter")]
    assert stays == (["SP-9"] if trigger == "A24" else [])


@pytest.mark.parametrize(("trigger", "holds"), [("A24", True), ("A37", False)])
def test_a_link_names_two_records_or_takes_it_back(trigger, holds):
    result = event(trigger, segment("PID", {1: "2", 3: "77^^^RAX^MR"}))
    assert result.merges == (Merge("RAX:77", SELF, holds),)
    assert codes(result) == []
    assert FEED.kinds[f"ADT^{trigger}"].title == LINKED[trigger]


@pytest.mark.parametrize(
    ("trigger", "rest", "path", "code"),
    [
        ("A40", [], "MRG", "not-two-records"),
        ("A40", [prior("77"), prior("78")], "MRG", "not-two-records"),
        ("A40", [person(), prior("77")], "MRG", "not-two-records"),
        ("A40", [prior("", _7="MARSH")], "MRG-1", "names-nobody"),
        ("A40", [prior("V9^^^RAX^VN")], "MRG-1", "names-nobody"),
        ("A40", [prior("5500123^^^RAX^MR")], "MRG-1", "merged-with-itself"),
        ("A40", [prior("77"), segment("PID", {1: "2"}), prior("8")], "MRG-1", "names-nobody"),
        ("A24", [], "PID[2]", "not-two-records"),
        ("A24", [person(), person()], "PID[2]", "not-two-records"),
        ("A37", [person()], "PID[2]-3", "merged-with-itself"),
        ("A24", [segment("PID", {1: "2"})], "PID[2]-3", "names-nobody"),
    ],
)
def test_a_message_that_names_no_two_records_is_not_taken(trigger, rest, path, code):
    result = event(trigger, *rest)
    assert result.quarantined
    assert result.merges == ()
    assert (path, code) in codes(result)
    assert all("77" not in issue.text for issue in result.issues)


def test_what_is_left_out_of_a_merge_is_said_and_the_rest_reported():
    result = event("A40", prior("77", _7="OLD^Name", _9="x"))
    assert codes(result) == [("MRG[1]-9", "unknown-field")]


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ({1: "77^^^RAX^MR"}, [Merge("RAX:77", SELF)]),
        (
            {1: "77^^^RAX^MR", 4: "9^^^RAX^MR"},
            [Merge("RAX:77", SELF), Merge("RAX:77", "RAX:9", holds=False)],
        ),
        ({1: "77^^^RAX^MR", 4: "5500123^^^RAX^MR"}, [Merge("RAX:77", SELF)]),
        ({1: "77^^^RAX^MR", 4: "77^^^RAX^MR"}, [Merge("RAX:77", SELF)]),
    ],
    ids=["moved", "from whom", "from who keeps it", "from itself"],
)
def test_a_number_that_was_moved_joins_whose_it_is_and_leaves_whose_it_was(moved, said):
    result = event("A43", segment("MRG", moved))
    assert list(result.merges) == said
    assert codes(result) == []


def test_a_number_moved_to_itself_is_not_taken():
    result = event("A43", prior("5500123^^^RAX^MR", _4="9^^^RAX^MR"))
    assert result.quarantined
    assert codes(result) == [("MRG-1", "merged-with-itself")]
