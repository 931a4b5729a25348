"""What a reviewed profile of a sender changes, and nothing else."""

import pytest

from mappings.hospital import FEED
from mappings.hospital.message import profiles
from mappings.hospital.message.profiles import DEFAULT, PROFILES, SourceProfile, profile_named
from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    problem,
    segment,
    state,
    visit,
)


@pytest.fixture
def known(monkeypatch):
    """A table with one profile more, of the application ODD."""

    def put(**more):
        odd = SourceProfile("Odd", "this test", applications=frozenset({"ODD"}), **more)
        monkeypatch.setattr(profiles, "PROFILES", (odd, *PROFILES))

    return put


def _adt(*rest, day=1, pid=None, **more):
    at = f"202610{day:02d}090000"
    return outcome(header("ADT^A31", at=at, _3="ODD", **more), pid or person(), *rest)


def test_a_profile_is_found_by_application_and_facility():
    assert profile_named("epic", "R0A").name == "Epic"
    assert profile_named("PAS", "RAX") is DEFAULT
    assert all(one.reviewed and (one.applications or one.facilities) for one in PROFILES)


def test_the_state_of_a_problem_is_read_where_the_sender_puts_it():
    fields = {"_13": "Resolved", "_14": "Active"}
    for application, code in (("EPIC", "resolved"), ("PAS", "active")):
        result = outcome(header("PPR^PC1", _3=application), person(), problem(**fields))
        assert only(result, "Condition")["clinicalStatus"]["coding"][0]["code"] == code


def test_a_bare_number_is_of_the_authority_the_profile_names(known):
    bare = person(_3="77")
    assert _adt(pid=bare, _4="SITE2").person.local_id == "SITE2:77"
    known(authority="RAX")
    assert _adt(pid=bare, _4="SITE2").person.local_id == "RAX:77"
    assert _adt(pid=person(_3="77^^^RBZ^MR")).person.local_id == "RBZ:77"


def test_a_word_of_the_senders_own_marks_an_nhs_number(known):
    marked = person(_3="77^^^RAX^MR~9990001006^^^SPINE^XX")
    assert _adt(pid=marked).person.nhs_numbers == ()
    known(nhs_words=frozenset({"SPINE"}))
    assert _adt(pid=marked).person.nhs_numbers == ("9990001006",)


def test_bytes_that_are_not_utf_8_are_read_as_the_profile_says(known):
    known(charset="iso8859-15")
    body = "MSH|^~\\&|ODD|RAX|||20261001||ADT^A31|1|P|2.4\rPID|1||77^^^RAX^MR||MARSH^\u0160imon\r"
    (item,) = FEED.formats[0].read({"": body.encode("iso8859-15")})
    assert item.facts["PID"][0]["5"] == "MARSH^\u0160imon"
    assert list(item.issues) == [], "it is as its profile says"
    known(charset="ascii")
    (item,) = FEED.formats[0].read({"": body.encode("iso8859-15")})
    assert [(issue.path, issue.code) for issue in item.issues] == [("MSH-18", "character-set")]
    known(charset="iso8859-15")
    stated = body.replace("|2.4\r", "|2.4||||||ASCII\r").encode("iso8859-15")
    (other,) = FEED.formats[0].read({"": stated})
    assert other.facts["PID"][0]["5"] != "MARSH^\u0160imon"


HOME = {"_11": "4 New Row", "_13": "123"}


def test_where_each_message_marks_it_silence_shows_no_home(known):
    """A hidden home stays hidden when a later message, without the mark, names it again."""
    near = segment("NK1", _1="1", _2="MARSH^Zofia", _5="124"), segment("PD1", _3="P^^Y01234")
    hidden = _adt(*near, segment("ZU8", _4="2"), day=1, pid=person(**HOME))
    silent = _adt(*near, visit(_2="N"), day=2, pid=person(**HOME))
    assert "address" in state([hidden, silent], "Patient")
    known(marks_location=True)
    hidden = _adt(*near, segment("ZU8", _4="2"), day=1, pid=person(**HOME))
    silent = _adt(*near, visit(_2="N"), day=2, pid=person(**HOME))
    patient = state([silent, hidden], "Patient")
    assert not {"address", "telecom", "generalPractitioner"} & set(patient)
    assert patient["birthDate"] == "1951-06-22"
    assert made(silent, "RelatedPerson") == []
    assert ("ZU8-4", "location-unsaid") in codes_of(silent)
    shown = _adt(*near, segment("ZU8", _4="0"), day=3, pid=person(**HOME))
    assert "address" in state([shown, silent, hidden], "Patient")
    assert made(shown, "RelatedPerson")


def test_a_word_for_how_an_appointment_stands_is_read_as_the_profile_says(known):
    known(appointment_states={"in clinic": "Started"})
    booked = segment("SCH", {2: "A-1", 11: "^^^20261020093000^20261020100000", 25: "In  CLINIC"})
    result = outcome(header("SIU^S14", _3="ODD"), person(), booked)
    assert (only(result, "Appointment")["status"], codes_of(result)) == ("arrived", set())
    other = outcome(header("SIU^S14", _3="PAS"), person(), booked)
    assert only(other, "Appointment")["status"] == "booked"
    assert codes_of(other) == {("SCH[1]-25", "unmapped-code")}
