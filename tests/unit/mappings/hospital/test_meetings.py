"""Referrals and appointments: REF and SIU."""

import pytest

from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    segment,
    state,
)


def rf1(**more):
    return segment("RF1", {1: "P", 3: "FALLS^Falls^L", 6: "REF-1^EPR", 9: "20261005"}, **more)


def prd(role="RP", **more):
    return segment("PRD", {1: role, 2: "RAHMAN^Leila^^^Dr", 7: "C9990001"}, **more)


def referred(*segments, trigger="I12", **more):
    return outcome(header(f"REF^{trigger}", **more), person(), *segments)


def request(result):
    return only(result, "ServiceRequest")


@pytest.mark.parametrize(
    ("trigger", "status", "action", "comes"),
    [
        ("I12", "P", "", "active"),
        ("I13", "A", "", "active"),
        ("I13", "R", "", "revoked"),
        ("I13", "", "", "active"),
        ("I13", "A", "D", "entered-in-error"),
        ("I14", "A", "", "revoked"),
    ],
)
def test_how_a_referral_stands(trigger, status, action, comes):
    assert request(referred(rf1(f1=status, f25=action), trigger=trigger))["status"] == comes


def test_a_state_that_is_not_known_is_never_guessed():
    assert codes_of(referred(rf1(f1="Z"))) == {("RF1[1]-1", "unmapped-code")}


def test_an_action_that_is_not_known_is_taken_as_an_update():
    result = referred(rf1(f25="Q"))
    assert codes_of(result) == {("RF1[1]-25", "unmapped-code")}
    assert request(result)["status"] == "active"


def test_who_refers_to_whom():
    place = "FALLS SERVICE^^RY9"
    made_of = request(referred(rf1(), prd(), prd("RT", f2="", f7="", f10=place), prd("PP")))
    assert made_of["requester"]["display"] == "Dr Leila RAHMAN"
    (to,) = made_of["performer"]
    assert (to["type"], to["identifier"]["value"]) == ("Organization", "RY9")
    both = request(referred(rf1(), prd("RT", f10=place)))["performer"][0]
    assert both["display"] == "Dr Leila RAHMAN, FALLS SERVICE"
    by_number = request(referred(rf1(), prd(f2="")))["requester"]
    assert "display" not in by_number
    assert "requester" not in request(referred(rf1(), prd(f2="", f7="")))


def test_a_role_that_is_not_mapped_is_reported():
    assert codes_of(referred(rf1(), prd("PP"))) == {("PRD[1]-1", "not-mapped")}


def test_why_the_person_is_referred():
    result = referred(
        rf1(f10="FALL^Two falls^L", f14="At home", f24="Mornings"),
        segment("DG1", {3: "W19^Fall^I10"}),
        segment("DG1", {4: "Dizzy"}),
        segment("DG1", {1: "3"}),
        segment("NTE", {3: "Lives alone"}),
        segment("NTE", {1: "2"}),
    )
    held = request(result)
    assert [one["text"] for one in held["reasonCode"]] == ["Two falls", "Fall", "Dizzy"]
    assert [one["text"] for one in held["note"]] == ["At home", "Mornings", "Lives alone"]


def test_a_referral_is_known_by_one_of_its_numbers():
    def key(**more):
        return made(referred(rf1(**more)), "ServiceRequest")[0].key

    assert key() == "RAX:5500123|referral|REF-1^EPR"
    assert key(f6="", f11="UBRN-1") == "RAX:5500123|referral|UBRN-1"
    assert key(f6="") != key(f6="", f3="DIET^Dietetics^L")


@pytest.mark.parametrize(
    ("external", "shown"),
    [
        ("REF-1^EPR", ["REF-1"]),
        ("REF-1", ["REF-1"]),
        ("UBRN-1", ["REF-1", "UBRN-1"]),
        ("REF-1^ERS", ["REF-1", "REF-1"]),
    ],
)
def test_one_number_in_both_fields_is_shown_once(external, shown):
    assert [one["value"] for one in request(referred(rf1(f11=external)))["identifier"]] == shown


@pytest.mark.parametrize("place", [{"f6": "^^REF{}"}, {"f6": "", "f11": "^^REF{}"}])
def test_a_number_that_stands_alone_in_the_third_component_tells_referrals_apart(place):
    """As some English systems send it; one of them taken back leaves the other as it was."""
    fields = [{name: said.format(n) for name, said in place.items()} for n in (1, 2)]
    first = referred(rf1(f9="", **fields[0]))
    second = referred(rf1(f9="", **fields[1]), trigger="I14")
    assert [one["value"] for one in request(first)["identifier"]] == ["REF1"]
    (kept,), (revoked,) = made(first, "ServiceRequest"), made(second, "ServiceRequest")
    assert kept.key != revoked.key


def test_who_assigns_numbers_is_no_number():
    numbered = [referred(rf1(f6=f"^{space}^1.2.3^ISO", f9="")) for space in ("", "EPR")]
    assert all("identifier" not in request(result) for result in numbered)
    by_what = {made(result, "ServiceRequest")[0].key for result in numbered}
    assert by_what == {made(referred(rf1(f6="", f9="")), "ServiceRequest")[0].key}


def test_results_and_people_of_a_referral_are_kept():
    result = referred(
        rf1(),
        segment("NK1", {1: "1", 2: "MARSH^Zofia"}),
        segment("OBR", {3: "26H1", 4: "FBC^Blood count^L", 25: "F"}),
        segment("OBX", {2: "NM", 3: "HB^Hb^L", 5: "112", 11: "F"}),
    )
    assert {"RelatedPerson", "DiagnosticReport", "Observation"} <= {
        one.type for one in result.resources
    }


def test_a_referral_without_its_segment_is_known_by_whom_it_is_to_and_its_day():
    def result(to, said="Two falls", **more):
        return referred(
            prd(),
            prd("RT", f7=to),
            segment("DG1", {4: said}),
            segment("NTE", {3: "Lives alone"}),
            segment("OBR", {3: "26H1", 4: "LET^Letter^L", 25: "F"}),
            segment("OBX", {2: "FT", 3: "LET^Letter^L", 5: "Dear colleague", 11: "F"}),
            **more,
        )

    def key(*args, **more):
        return made(result(*args, **more), "ServiceRequest")[0].key

    first = result("C9990002")
    held = request(first)
    assert codes_of(first) == {("RF1", "no-key")}
    assert (held["status"], held["intent"]) == ("active", "order")
    assert held["requester"]["identifier"]["value"] == "C9990001"
    assert held["performer"][0]["identifier"]["value"] == "C9990002"
    assert [one["text"] for one in held["reasonCode"]] == ["Two falls"]
    assert [one["text"] for one in held["note"]] == ["Lives alone"]
    assert held["authoredOn"].startswith("2026-")
    assert made(first, "DiagnosticReport")
    assert key("C9990002") == key("C9990002", said="Three falls")
    assert key("C9990002") != key("C9990003")
    assert key("C9990002") != key("C9990002", f7="20261206090000")


def test_a_letter_that_refers_nobody_is_refused_whole():
    result = referred(prd(), segment("NTE", {3: "Seen out of hours"}))
    assert codes_of(result) == {("RF1", "missing")}
    assert result.quarantined


@pytest.mark.parametrize("trigger", ["I13", "I14"])
def test_a_change_that_does_not_say_of_which_referral_is_refused(trigger):
    assert codes_of(referred(prd("RT"), trigger=trigger)) == {("RF1", "missing")}


def sch(**more):
    fields = {1: "P-1^EPR", 2: "A-1^PAS", 7: "FUP^Follow-up^L", 8: "ROUTINE^Routine^L"}
    return segment("SCH", fields | {11: "^^^20261020093000"}, **more)


TIMING = segment("TQ1", {7: "20261020110000", 8: "20261020113000"})


def booked(*segments, trigger="S12", **more):
    return outcome(header(f"SIU^{trigger}", **more), person(), *segments)


def meeting(result):
    return only(result, "Appointment")


@pytest.mark.parametrize(
    ("trigger", "said", "status"),
    [
        ("S12", "", "booked"),
        ("S13", "Booked", "booked"),
        ("S14", "Pending", "pending"),
        ("S14", "^Complete", "fulfilled"),
        ("S15", "Booked", "cancelled"),
        ("S16", "", "cancelled"),
        ("S17", "", "entered-in-error"),
        ("S26", "Booked", "noshow"),
    ],
)
def test_how_an_appointment_stands(trigger, said, status):
    assert meeting(booked(sch(f25=said), trigger=trigger))["status"] == status


def test_a_status_of_no_table_is_shown_in_its_words_and_decides_nothing():
    local = booked(sch(f25="ARR^Pencilled in^L"))
    assert codes_of(local) >= {("SCH[1]-25", "unmapped-code")}
    words = "How it stands, in the sender's words: Pencilled in"
    assert (meeting(local)["status"], meeting(local)["description"]) == ("booked", words)
    since = booked(sch(f25="Complete"), trigger="S14", at="20261006102000")
    then = state([local, since], "Appointment")
    assert (then["status"], "description" in then) == ("fulfilled", False)
    assert state([since, local], "Appointment") == then


def test_a_word_of_no_table_takes_nothing_back_from_a_decisive_trigger():
    off = booked(sch(f25="ARR"), trigger="S15")
    assert (meeting(off)["status"], codes_of(off)) == ("cancelled", {("SCH[1]-9", "no-end")})
    assert "description" not in meeting(off)


@pytest.mark.parametrize(
    ("segments", "start", "end", "minutes"),
    [
        ([sch(f9="30", f10="min")], "09:30", "10:00", 30),
        ([sch(f9="2", f10="HR")], "09:30", "11:30", 120),
        ([sch(f9="30", f10="s")], "09:30", "09:30", None),
        ([sch(f9="30", f10="fortnights")], "09:30", "09:30", None),
        ([sch(f9="soon")], "09:30", "09:30", None),
        ([sch(f11="^^^20261020093000^20261020101500")], "09:30", "10:15", None),
        ([sch(f11="^^^20261020093000^20261020081500", f9="15")], "09:30", "09:45", 15),
        ([sch(), TIMING], "11:00", "11:30", None),
        ([sch(f11=""), segment("AIS", {4: "20261020120000", 7: "45"})], "12:00", "12:45", 45),
        ([sch(f11=""), segment("AIL", {6: "20261020130000", 9: "5"})], "13:00", "13:05", 5),
        ([sch(f11="^^^20261399"), segment("AIP", {6: "20261020140000"})], "14:00", "14:00", None),
        ([sch(f11="^^^20261020"), segment("AIP", {6: "20261020140000"})], "14:00", "14:00", None),
    ],
)  # fmt: skip
def test_when_it_is(segments, start, end, minutes):
    result = booked(*segments)
    held = meeting(result)
    assert (held["start"][11:16], held["end"][11:16]) == (start, end)
    assert held.get("minutesDuration") == minutes
    ends_at_once = held["start"] == held["end"]
    assert (("SCH[1]-9", "no-end") in codes_of(result)) == ends_at_once


def test_a_booked_appointment_without_a_time_is_refused_and_a_cancelled_one_taken():
    untimed = booked(sch(f11=""))
    assert untimed.quarantined
    assert codes_of(untimed) == {("SCH[1]-11", "missing")}, "and it is said once"
    assert "start" not in meeting(booked(sch(f11=""), trigger="S15"))


def test_a_duration_that_contradicts_the_times_is_left_out_and_told():
    """As of a clinic that counts in seconds and names no unit."""
    span = "^^^20261010090000^20261010093000"
    for amount, unit in (("1800", ""), ("45", "min")):
        result = booked(sch(f9=amount, f10=unit, f11=span))
        assert codes_of(result) == {("SCH[1]-9", "contradiction")}
        assert "minutesDuration" not in meeting(result)
    assert meeting(booked(sch(f9="20", f10="min", f11=span)))["minutesDuration"] == 20


def test_who_meets_whom_and_where():
    held = meeting(
        booked(
            sch(),
            segment("AIL", {3: "CLINIC 4^^^RAX"}),
            segment("AIL", {1: "2"}),
            segment("AIP", {3: "PH-9^Novak^Petra", 4: "PHYS^Physiotherapist^L"}),
            segment("AIP", {3: "PH-8^Blake^Sam"}),
            segment("AIP", {1: "3"}),
        )
    )
    codes = [one["type"][0]["coding"][0]["code"] for one in held["participant"]]
    assert codes == ["SBJ", "PPRF", "PPRF", "LOC"]
    assert held["participant"][0]["actor"]["reference"] == "urn:source:Patient:RAX:5500123"
    assert held["participant"][1]["type"][1] == {"text": "Physiotherapist"}
    assert "subject" not in held


def test_what_is_done_and_what_is_said_of_it():
    held = meeting(
        booked(
            sch(),
            segment("NTE", {3: "Bring the frame."}),
            segment("AIS", {3: "FALLS^Falls clinic^L"}),
            segment("NTE", {3: "No fasting."}),
            segment("AIS", {1: "2"}),
            segment("AIG", {3: "HOIST"}),
            segment("NTE", {3: "Check the hoist."}),
        )
    )
    assert [one["text"] for one in held["serviceType"]] == ["Falls clinic"]
    assert held["comment"] == "Bring the frame.\nNo fasting."


def test_why_it_was_cancelled_goes_when_it_is_booked_again():
    off = booked(sch(f6="PAT^Patient asked^L"), trigger="S15", at="20261006090000")
    assert meeting(off)["cancelationReason"]["text"] == "Patient asked"
    assert "cancelationReason" not in meeting(booked(sch(), trigger="S15"))
    again = booked(sch(f6="X^Clinic moved^L"), trigger="S13", at="20261007090000")
    assert "cancelationReason" not in state([off, again], "Appointment")


def test_an_appointment_is_known_by_one_of_its_numbers():
    def key(**more):
        return made(booked(sch(**more)), "Appointment")[0].key

    assert key() == "RAX:5500123|appointment|A-1^PAS"
    assert key(f2="") == "RAX:5500123|appointment|P-1^EPR"
    assert key(f1="", f2="") != key(f1="", f2="", f7="NEW^New^L")


def test_an_appointment_without_its_segment_is_refused():
    assert codes_of(booked()) == {("SCH", "missing")}
