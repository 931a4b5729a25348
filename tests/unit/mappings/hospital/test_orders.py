"""Orders: answers to questions, resuscitation decisions, consults, tests."""

import pytest

from consent.from_fhir import is_privacy_consent
from mappings.core.model.paths import Found, Scope
from mappings.hospital import FEED
from mappings.hospital.rows.answers import answers
from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    read,
    segment,
    state,
)

AT = "20261005113000"


def order(control="NW", number="7001^EPR", **more):
    fields = {1: control, 2: number, 9: "20261005120000"}
    return segment("ORC", fields, **more)


def asked(what="^^^^DNACPR", section="Resus Status", number="7001^EPR", **more):
    return segment("OBR", {2: number, 4: what, 24: section, 36: AT}, **more)


def notes(*lines):
    return [segment("NTE", {1: str(place), 3: line}) for place, line in enumerate(lines, 1)]


def sent(*segments, **more):
    return outcome(header("ORM^O01", **more), person(), *segments)


def told(*lines):
    entries = [{"3": line} if line else {} for line in lines]
    scope = Scope({}, Found(("OBR", 0), {"NTE": entries}))
    return [(one.question, one.lines) for one in answers(scope)]


def test_a_question_and_its_answer():
    assert told("Review date?->Indefinite") == [("Review date?", ["Indefinite"])]


def test_a_question_that_stands_again_adds_to_its_answers():
    assert told("Names:->A", "names ->B", "Names:->C") == [("Names:", ["A", "B", "C"])]


def test_a_line_without_a_question_goes_on_with_the_one_before():
    assert told("Why?->First", "", "second") == [("Why?", ["First\nsecond"])]
    assert told("Words", "more words", "Why?->Yes") == [
        ("", ["Words", "more words"]),
        ("Why?", ["Yes"]),
    ]
    assert told("Why?->", "late answer") == [("Why?", ["late answer"])]


@pytest.mark.parametrize("line", ["weak --> frail", "->nothing before", "a <-> b", "plain"])
def test_an_arrow_somebody_typed_is_no_question(line):
    ((question, _),) = told(line)
    assert question == ""


def test_an_arrow_in_an_answer_stays():
    assert told("Why?->frail --> unlikely -> no") == [("Why?", ["frail --> unlikely -> no"])]


def test_the_decision_not_to_resuscitate_is_no_privacy_consent():
    consent = only(sent(order(), asked()), "Consent")
    assert consent["status"] == "active"
    assert consent["provision"]["type"] == "deny"
    assert not is_privacy_consent(consent)


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("^^^^DNACPR", "active"),
        ("^^^^full active treatment", "inactive"),
        ("450476008^Not for attempted CPR^SCT", "active"),
        ("450475007^For attempted CPR^SCT", "inactive"),
        ("L1^DNACPR^L", "active"),
    ],
)
def test_what_was_decided(what, status):
    assert only(sent(order(), asked(what)), "Consent")["status"] == status


def test_a_decision_that_is_not_known_is_never_guessed():
    result = sent(order(), asked("^^^^WARD CEILING"))
    assert result.quarantined
    assert codes_of(result) == {("ORC[1].OBR[1]-4", "unmapped-code")}
    assert sent(order(), asked("")).quarantined


@pytest.mark.parametrize("control", ["OC", "CA", "DC", "OD", "CR", "DR", "UA"])
def test_a_decision_that_a_person_ends_is_not_in_force(control):
    result = sent(order(control), asked("^^^^WARD CEILING"))
    assert only(result, "Consent")["status"] == "inactive"
    assert only(result, "CarePlan")["status"] == "revoked"
    assert only(result, "CarePlan")["period"]["end"] == "2026-10-05T12:00:00+01:00"


@pytest.mark.parametrize("status", ["CA", "DC", "RP"])
@pytest.mark.parametrize("control", ["SC", "XO", "NW"])
def test_a_decision_whose_status_says_that_it_is_no_more_is_not_in_force(control, status):
    result = sent(order(control, _5=status), asked())
    assert only(result, "Consent")["status"] == "inactive"
    assert only(result, "CarePlan")["status"] == "revoked"
    (item,) = read(header("ORM^O01"), person(), order(control, _5=status), asked())
    whole = FEED.kinds["ORM^O01"].whole
    assert whole
    assert whole(item.facts) is None, "it withdraws no other decision"


@pytest.mark.parametrize(
    "what",
    ["450476008^FULL ACTIVE TREATMENT", "^DNACPR^^450475007", "DNACPR^FULL ACTIVE TREATMENT"],
)
def test_a_code_and_words_that_say_the_opposite_are_never_guessed(what):
    result = sent(order(), asked(what))
    assert result.quarantined
    assert codes_of(result) == {("ORC[1].OBR[1]-4", "unmapped-code")}


def test_a_decision_that_the_system_closes_says_nothing_of_the_consent():
    result = sent(order("OC"), asked(), f8="DISCHAUTO")
    assert made(result, "Consent") == []
    assert only(result, "CarePlan")["status"] == "completed"


def test_the_interface_says_what_sort_an_order_is_where_the_order_does_not():
    for sender in ("DNACPR & CPR", "DNACPR \\T\\ CPR"):
        assert made(sent(order(), asked(section=""), f4=sender), "Consent")
    assert made(sent(order(), asked(section=""), f4="Consult Orders"), "CarePlan")
    assert made(sent(order(), asked(section="Lab"), f4="RAX"), "CarePlan") == []


def test_the_answers_make_the_plan_and_its_team():
    result = sent(
        order(f12="C9990001^Rahman^Leila"),
        asked(),
        *notes(
            "Names of members of multidisciplinary team contributing to this decision:->A, B",
            "Names of members of multidisciplinary team contributing to this decision:->C, D",
            "Name of Nurse in Charge->E, F",
            "Capacity?->Yes",
            "Review date?->12/10/2026",
        ),
    )
    team, plan = only(result, "CareTeam"), only(result, "CarePlan")
    assert [one["member"]["display"] for one in team["participant"]] == ["A, B", "C, D", "E, F"]
    assert team["participant"][2]["role"] == [{"text": "Nurse in charge"}]
    assert plan["note"] == [{"text": "Capacity? Yes"}]
    (review,) = plan["activity"]
    assert review["detail"]["scheduledPeriod"] == {"end": "2026-10-12"}
    assert plan["author"]["identifier"]["value"] == "C9990001"
    (line,) = [x for o in result.resources for x in o.lineage if x.path == "participant[1]"]
    assert line.source == "ORC[1].OBR[1].NTE[2]-3"


def test_a_review_date_without_an_answer_is_no_activity():
    assert "activity" not in only(sent(order(), asked(), *notes("Review date?->")), "CarePlan")


def test_a_decision_that_is_told_twice_in_a_message_is_taken_once():
    same = [order(), asked()]
    assert codes_of(sent(*same, *same)) == set()
    result = sent(*same, order(), asked("^^^^FULL ACTIVE TREATMENT"))
    assert only(result, "Consent")["status"] == "inactive"


def test_a_plan_that_is_ended_keeps_its_answers():
    placed = sent(order(), asked(), *notes("Capacity?->Yes"))
    ended = sent(order("OC", f9="20261006120000"), asked())
    plan = state([ended, placed], "CarePlan")
    assert (plan["status"], plan["note"]) == ("revoked", [{"text": "Capacity? Yes"}])
    assert plan["period"]["start"] < plan["period"]["end"]


def test_only_a_message_of_decisions_alone_states_them_whole():
    kind = FEED.kinds["ORM^O01"]
    stated = kind.whole
    assert stated

    def whole(*segments):
        (item,) = read(header(kind.name), person(), *segments)
        return stated(item.facts)

    assert whole(order(), asked()) == "RAX:5500123|resuscitation"
    assert whole(order("OC"), asked()) is None
    assert whole(order(), asked(), order(), asked("X^X-ray", "RAD")) is None
    assert whole() is None
    assert whole(segment("ZU8", {2: "2"}), order(), asked()) is None


def test_a_choice_about_sharing_in_an_order_holds_and_the_decision_withdraws_nothing():
    result = sent(segment("ZU8", {2: "2"}), order(), asked())
    consents = {one.alone()["scope"]["coding"][0]["code"] for one in made(result, "Consent")}
    assert consents == {"adr", "patient-privacy"}
    assert codes_of(result) == {("ZU8-2", "not-withdrawn")}
    assert codes_of(sent(segment("ZU8", {2: "2"}), order(), asked("X", "Lab"))) == set()


def test_a_consult_is_a_referral_on_the_plan():
    result = sent(
        order(),
        asked("^^^^IP CON FRAILTY", "Consult", f44="CON255"),
        *notes("Reason for Consult?->Falls", "Reason for Consult?->Frail", "Contacted?->No"),
    )
    request, plan = only(result, "ServiceRequest"), only(result, "CarePlan")
    assert [one["text"] for one in request["reasonCode"]] == ["Falls", "Frail"]
    assert request["note"] == [{"text": "Contacted? No"}]
    assert request["code"] == {"text": "IP CON FRAILTY", "coding": [{"code": "CON255"}]}
    assert request["meta"]["security"][1]["code"] == "referrals"
    assert plan["activity"][0]["reference"]["reference"].startswith("urn:source:ServiceRequest:")


@pytest.mark.parametrize(
    ("control", "status", "comes"),
    [
        ("NW", "", "active"),
        ("SC", "CM", "completed"),
        ("SC", "HD", "on-hold"),
        ("HD", "", "on-hold"),
        ("CA", "IP", "revoked"),
        ("XO", "strange", "active"),
    ],
)
def test_how_an_order_stands(control, status, comes):
    result = sent(order(control, f5=status), asked("FBC^Blood count^L", "Lab"))
    assert only(result, "ServiceRequest")["status"] == comes
    reported = ("ORC[1]-5", "unmapped-code") in codes_of(result)
    assert reported == (status == "strange")


def test_a_control_that_is_not_known_is_never_guessed():
    assert sent(order("ZZ"), asked("FBC", "Lab")).quarantined


def test_an_order_without_an_orc_says_nothing_of_how_it_stands():
    result = sent(asked("FBC^Blood count^L", "Lab", f27="^^^20261006080000^^S", f36=""))
    request = only(result, "ServiceRequest")
    assert request["status"] == "unknown"
    assert request["priority"] == "stat"
    assert request["occurrenceDateTime"] == "2026-10-06T08:00:00+01:00"


def test_a_laboratory_answers_without_the_placers_namespace():
    placed = sent(order(), asked("FBC^Blood count^L", "Lab"))
    ended = sent(order("CA", "7001", f9="20261006"), asked("FBC^Blood count", "", "7001"))
    assert state([placed, ended], "ServiceRequest")["status"] == "revoked"


def test_an_order_without_a_number_is_known_by_what_it_asks_and_when():
    one = sent(asked("FBC", "Lab", ""), asked("UE", "Lab", ""))
    assert len(made(one, "ServiceRequest")) == 2
    again = sent(asked("FBC", "Lab", ""), asked("FBC", "Lab", "", f31="^^L~^Tired"))
    assert ("OBR[2]", "told-twice") in codes_of(again)
    assert only(again, "ServiceRequest")["reasonCode"] == [{"text": "Tired"}]


def test_a_filler_number_serves_where_there_is_no_placers():
    result = sent(order("NW", "", f3="26H1^LAB"), asked("FBC", "Lab", ""))
    assert made(result, "ServiceRequest")[0].key == "RAX:5500123|order|26H1|FBC"


def test_an_order_of_a_medicine_is_reported():
    result = sent(order(), segment("RXO", {1: "X^Aspirin"}))
    assert ("ORC[1]", "not-mapped") in codes_of(result)


def test_a_z_segment_ends_no_order():
    (item,) = read(header("ORM^O01"), person(), order(), asked(), "ZPF|1|x", *notes("A?->B"))
    assert item.facts["ORC"][0]["OBR"][0]["NTE"][0]["3"] == "A?->B"
    assert item.facts["ZPF"] == [{"1": "1", "2": "x"}]


def test_an_order_that_is_placed_and_ended_in_one_minute_is_ended():
    placed = sent(order("NW", _9="202610051200"), asked())
    for control, status in (("OC", ""), ("SC", "CA")):
        ended = sent(order(control, _5=status, _9="202610051200"), asked())
        assert placed.source_time < ended.source_time < "2026-10-05T11:00:01"


def test_an_order_is_put_in_time_by_when_it_was_dealt_with():
    assert sent(order(), asked()).source_time.startswith("2026-10-05T11:00:00.000000Z")
    assert sent(asked()).source_time.startswith("2026-10-05T09:20:00.000000Z")
