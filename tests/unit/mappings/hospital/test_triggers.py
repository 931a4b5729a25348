"""Every ADT event: what it makes of a visit, in any order, and what it takes back."""

import random
from itertools import permutations

import pytest

from mappings.hospital import FEED
from mappings.hospital.codes.triggers import TRIGGERS
from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    outcomes,
    person,
    segment,
    state,
    visit,
)


def _adt(trigger, at, *rest):
    return outcome(header(f"ADT^{trigger}", at=at), segment("EVN", _2=at), person(), *rest)


def _on(trigger, day, *rest, **fields):
    return _adt(trigger, f"202610{day:02d}090000", visit(**fields), *rest)


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda one: one.code)
def test_a_first_event_gives_the_visit_its_status(trigger):
    result = _on(trigger.code, 1)
    assert not result.quarantined
    assert only(result, "Encounter")["status"] == (trigger.status or trigger.otherwise)
    assert f"ADT^{trigger.code}" in FEED.kinds


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("A05 A01 A02 A03", "finished"),
        ("A01 A03 A02", "finished"),
        ("A01 A03 A13", "in-progress"),
        ("A01 A11", "cancelled"),
        ("A14 A27", "cancelled"),
        ("A01 A21 A22", "in-progress"),
        ("A01 A21 A52", "in-progress"),
        ("A01 A21 A22 A53", "onleave"),
        ("A04 A06 A07 A03 A08", "finished"),
        ("A01 A23", "entered-in-error"),
        ("A02", "in-progress"),
        ("A31", "unknown"),
    ],
)
def test_events_in_any_order_of_arrival_come_to_one_status(sent, status):
    results = [_on(code, day) for day, code in enumerate(sent.split(), start=1)]
    for arrived in permutations(results):
        assert state([*arrived, arrived[-1]], "Encounter")["status"] == status


def test_three_people_do_not_change_beds():
    third = segment("PID", _1="3", _3="7^^^RAX^MR")
    other = segment("PID", _1="2", _3="6^^^RAX^MR")
    (result,) = outcomes(header("ADT^A17"), person(), visit(), other, third)
    assert result.quarantined
    assert ("PID[2]", "duplicate-key") in codes_of(result)


def test_two_people_who_change_beds_are_each_told_of_alone():
    other = segment("PID", _1="2", _3="6^^^RAX^MR", _5="OAK^Ben")
    first, second = outcomes(
        header("ADT^A17"),
        segment("EVN", _2="20261005"),
        person(),
        visit(_3="Astor^Bay 2"),
        segment("AL1", _3="91936005^Penicillin^SCT"),
        other,
        visit(_3="Astor^Bay 3", _19="SP-2"),
    )
    assert not any(one.quarantined for one in (first, second))
    assert [one.person.local_id for one in (first, second)] == ["RAX:5500123", "RAX:6"]
    stays = [only(one, "Encounter") for one in (first, second)]
    assert [one["identifier"][0]["value"] for one in stays] == ["SP-9", "SP-2"]
    assert [len(made(one, "AllergyIntolerance")) for one in (first, second)] == [1, 0]


def test_a_cancelled_discharge_leaves_no_trace_of_it():
    admitted = _on("A01", 1, _14="19")
    left = _on("A03", 2, _36="1", _37="85", _45="20261002143000")
    gone = state([admitted, left], "Encounter")
    assert gone["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "85"
    (how,) = gone["extension"]
    assert how["valueCodeableConcept"]["coding"][0]["code"] == "1"
    undone = _on("A13", 3, _36="1", _37="85", _45="20261002143000")
    back = state([undone, left, admitted], "Encounter")
    assert back["status"] == "in-progress"
    assert back["period"] == {"start": "2026-10-01T08:30:00+01:00"}
    assert "extension" not in back
    assert set(back["hospitalization"]) == {"admitSource"}


def test_a_disposition_of_two_digits_is_where_to_and_words_are_kept():
    assert "extension" not in only(_on("A03", 1, _36="19"), "Encounter")
    placed = only(_on("A03", 1, _36="HOME^Sent home"), "Encounter")["hospitalization"]
    assert placed == {"dischargeDisposition": {"text": "Sent home"}}


def test_places_are_where_the_person_was_is_and_will_be():
    moved = _on("A02", 2, _3="Derwent^Bay 1", _6="Astor^Bay 2", _11="X-ray", _42="Home ward")
    shown = [
        (one["location"]["display"], one.get("status"))
        for one in only(moved, "Encounter")["location"]
    ]
    assert shown == [
        ("Derwent, Bay 1", None),
        ("Home ward", "planned"),
        ("X-ray", "active"),
        ("Astor, Bay 2", "completed"),
    ]
    undone = _on("A12", 3, _3="Astor^Bay 2", _6="Derwent^Bay 1")
    (place,) = state([undone, moved], "Encounter")["location"]
    assert place["location"]["display"] == "Astor, Bay 2"


def test_a_planned_visit_begins_when_it_is_expected():
    expected = segment("PV2", _8="20261012080000")
    announced = _on("A05", 1, expected, _44="")
    assert only(announced, "Encounter")["period"] == {"start": "2026-10-12T08:00:00+01:00"}
    came = _on("A01", 12, _44="20261012083000")
    assert state([came, announced], "Encounter")["period"]["start"].startswith("2026-10-12T08:30")


@pytest.mark.parametrize("word", ["", "N", "NA", "U", '""'])
def test_a_message_about_the_person_makes_no_visit_without_a_class(word):
    assert made(_on("A31", 1, _2=word), "Encounter") == []
    assert made(_on("A31", 1, _2="O"), "Encounter")


def test_a_deleted_person_keeps_only_the_numbers():
    added = _adt("A28", "20261001", person())
    deleted = _adt("A29", "20261002")
    patient = state([deleted, added], "Patient")
    assert set(patient) == {"resourceType", "identifier", "meta"}
    again = state([deleted, _adt("A28", "20261003"), added], "Patient")
    assert again["birthDate"] == "1951-06-22"


def _planned(trigger, day, due="", ready=""):
    expected = segment("PV2", {9: due} if due else {1: ""})
    return _on(trigger, day, expected, segment("ZU1", {24: ready} if ready else {1: ""}))


def test_an_expected_discharge_is_a_plan_with_one_action():
    result = _planned("A01", 1, "20261009", "20261008")
    plan, action = only(result, "CarePlan"), only(result, "ServiceRequest")
    assert plan["activity"] == [
        {"reference": {"reference": f"urn:source:ServiceRequest:{_key(result)}"}}
    ]
    assert (plan["status"], action["status"], action["intent"]) == ("active", "active", "plan")
    assert action["occurrenceDateTime"] == plan["period"]["end"] == "2026-10-09"
    assert action["note"] == [{"text": "Ready for discharge since 2026-10-08"}]
    assert made(_planned("A01", 1), "CarePlan") == []
    assert made(_planned("A31", 1, "20261009"), "CarePlan") == []


def _key(result):
    (one,) = made(result, "ServiceRequest")
    return one.key


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ([("A03", "20261009")], "completed"),
        ([("A03", "20261009"), ("A08", "20261009")], "completed"),
        ([("A03", "20261009"), ("A13", "20261010")], "active"),
        ([("A11", "20261009")], "revoked"),
        ([("A23", "20261009")], "entered-in-error"),
        ([("A25", "")], "revoked"),
        ([("A25", ""), ("A16", "")], "active"),
        ([("A08", '""')], "active"),
    ],
)
def test_a_discharge_plan_ends_with_the_stay(then, status):
    results = [_planned("A01", 1, "20261009")]
    results += [_planned(code, day, due) for day, (code, due) in enumerate(then, start=2)]
    random.Random(7).shuffle(results)
    for kind in ("CarePlan", "ServiceRequest"):
        assert state(results, kind)["status"] == status
    if then[-1][1] == '""':
        assert "occurrenceDateTime" not in state(results, "ServiceRequest")


def test_roles_of_the_visit_are_its_participants_and_all_are_the_team():
    keeper = segment("ROL", _2="AD", _3="PP^Keyworker^L", _4="K-1^Hall^Jo")
    nurse = segment("ROL", _2="AD", _3="NUR^Named nurse^L", _4="N-7^Okoro^Grace", _5="20261001")
    itself = segment("ROL", _2="AD", _3="PT", _4="5500123^Marsh^Edwin")
    trust = segment("PRT", _2="AD", _4="REF^Referrer^L", _8="Riverside^^Y01234")
    event = segment("EVN", _2="20261001")
    result = outcome(header("ADT^A01"), event, person(), keeper, visit(), nurse, itself, trust)
    members = [one["member"]["display"] for one in only(result, "CareTeam")["participant"]]
    assert members == ["Jo Hall", "Grace Okoro", "Riverside"]
    who = only(result, "Encounter")["participant"]
    assert [one["individual"]["display"] for one in who] == ["Grace Okoro"]
    ended = outcome(
        header("ADT^A08", at="20261003"), person(), visit(), nurse.replace("|AD|", "|DE|")
    )
    (jo, grace, _) = state([ended, result], "CareTeam")["participant"]
    assert "period" not in jo
    assert grace["period"] == {"start": "2026-10-01", "end": "2026-10-03"}


def test_a_deleted_diagnosis_is_in_error_until_it_is_told_again():
    said = segment("DG1", _1="1", _3="I20.9^Angina^I10", _20="D-1")
    first, gone, again = (
        _on("A08", 1, said), _on("A08", 2, said + "|D"), _on("A08", 3, said)
    )  # fmt: skip
    in_error = state([gone, first], "Condition")["verificationStatus"]
    assert in_error["coding"][0]["code"] == "entered-in-error"
    assert "verificationStatus" not in state([again, gone, first], "Condition")


def test_a_contact_is_stated_whole():
    wife = segment("NK1", _1="1", _2="MARSH^Zofia", _3="SPO^Wife", _5="020 7946 0103")
    son = segment("NK1", _1="1", _2="MARSH^Adam", _3="CHD^Son")
    (one,) = made(_on("A08", 2, son), "RelatedPerson")
    assert made(_on("A08", 1, wife), "RelatedPerson")[0].key == one.key
    assert "telecom" not in one.alone()
    assert one.fold == "replace"


def _iam(day, **fields):
    return _adt("A60", f"202610{day:02d}", segment("IAM", {3: "^Peanuts", 6: "A"}, **fields))


@pytest.mark.parametrize(
    ("fields", "clinical", "verified"),
    [
        ({}, "active", None),
        ({"_6": "X"}, "active", None),
        ({"_6": "D"}, "inactive", None),
        ({"_17": "C"}, "active", "confirmed"),
        ({"_17": "I"}, "inactive", "confirmed"),
        ({"_17": "S"}, "active", "unconfirmed"),
        ({"_17": "E"}, None, "entered-in-error"),
        ({"_6": "D", "_17": "E"}, None, "entered-in-error"),
    ],
)
def test_what_iam_says_of_an_allergy(fields, clinical, verified):
    allergy = only(_iam(1, **fields), "AllergyIntolerance")
    assert _code(allergy, "clinicalStatus") == clinical
    assert _code(allergy, "verificationStatus") == verified


def _code(resource, element):
    return resource[element]["coding"][0]["code"] if element in resource else None


def test_an_allergy_told_again_is_active_again():
    listed = _on("A08", 3, segment("AL1", _1="1", _3="^Peanuts", _6="2004"))
    for wrong in (_iam(2, _17="E"), _iam(2, _6="D")):
        allergy = state([listed, wrong, _iam(1, _12="as a child")], "AllergyIntolerance")
        assert _code(allergy, "clinicalStatus") == "active"
        assert "verificationStatus" not in allergy
        assert allergy["onsetDateTime"] == "2004"
        assert "onsetString" not in allergy


def test_what_iam_says_besides():
    said = {
        "_4": "SV",
        "_5": "RASH^Rash~Wheeze",
        "_7": "AL-1^RAX",
        "_8": "C^Corrected",
        "_9": "SE^Side effect",
        "_11": "soon",
        "_13": "20260930",
        "_14": "MARSH^Zofia",
        "_15": "SPO^Wife",
        "_18": "C9990001^Rahman^Leila",
    }
    result = _iam(1, **said)
    allergy = only(result, "AllergyIntolerance")
    assert allergy["identifier"][0]["value"] == "AL-1"
    assert allergy["reaction"] == [
        {"manifestation": [{"text": "Rash"}, {"text": "Wheeze"}], "severity": "severe"}
    ]
    assert [one["text"] for one in allergy["note"]] == [
        "Reason: Corrected",
        "Sensitivity: Side effect",
    ]
    assert (allergy["recordedDate"], allergy["asserter"]["display"]) == (
        "2026-09-30",
        "Zofia MARSH, Wife",
    )
    assert allergy["recorder"]["display"] == "Leila Rahman"
    assert ("IAM[1]-11", "invalid-date") in codes_of(result)
    typed = only(_iam(1, _9="IN^Intolerance"), "AllergyIntolerance")
    assert typed["type"] == "intolerance"
    assert "note" not in typed


def test_both_segments_of_one_message_make_one_allergy():
    both = segment("AL1", _1="1", _3="^Peanuts"), segment("IAM", _3="^Peanuts", _6="A", _17="C")
    result = _on("A08", 1, *both)
    assert _code(only(result, "AllergyIntolerance"), "verificationStatus") == "confirmed"
    assert result.issues == ()


@pytest.mark.parametrize(
    ("fields", "issue"),
    [
        ({"_6": "Z"}, ("IAM[1]-6", "unmapped-code")),
        ({"_17": "Q"}, ("IAM[1]-17", "unmapped-code")),
    ],
)
def test_an_action_or_status_that_is_not_known_is_refused(fields, issue):
    result = _iam(1, **fields)
    assert result.quarantined
    assert issue in codes_of(result)
    nothing = _on("A08", 1, segment("AL1", _1="1", _2="DA"))
    assert ("AL1[1]-3", "missing") in codes_of(nothing)
    assert not nothing.quarantined


def test_allergies_and_contacts_are_lists_where_they_are_sent():
    kin = segment("NK1", _1="1", _2="MARSH^Zofia")
    first, second = (segment("AL1", _1="1", _3=f"^{what}") for what in ("Nuts", "Latex"))
    result = _on("A31", 1, first, second, kin, _2="N")
    lists = {one.alone()["title"]: one for one in made(result, "List")}
    assert set(lists) == {"Allergies", "Next of kin and contacts"}
    for one, kind in zip(lists.values(), ("AllergyIntolerance", "RelatedPerson"), strict=True):
        named = [entry["item"]["reference"] for entry in one.alone()["entry"]]
        assert named == [f"urn:source:{kind}:{other.key}" for other in made(result, kind)]
        assert FEED.kinds["ADT^A31"].lists[kind] == one.key.rpartition("|")[2]
    assert made(_on("A31", 1, _2="N"), "List") == []


def test_contacts_deleted_whole_leave_an_empty_list():
    result = _on("A31", 1, segment("NK1", _1="1", _2='""'), _2="N")
    assert made(result, "RelatedPerson") == []
    (contacts,) = made(result, "List")
    assert "entry" not in contacts.alone()


@pytest.mark.parametrize(
    ("segments", "entries"),
    [
        ([segment("AL1", _1="1", _3='""')], 0),
        ([segment("AL1", _1="1", _3="^Nuts"), segment("AL1", _1="2", _2="DA")], None),
        ([segment("IAM", _1="1", _3="^Nuts", _6="A")], None),
    ],
)
def test_only_a_list_that_names_each_allergy_is_whole(segments, entries):
    lists = made(_on("A31", 1, *segments, _2="N"), "List")
    assert [len(one.alone().get("entry", ())) for one in lists] == (
        [] if entries is None else [entries]
    )


def test_every_kind_that_makes_what_is_listed_says_so():
    """Else a kind that does not would leave standing what a list has withdrawn."""
    for kind in FEED.kinds.values():
        makes = {target.type for target in kind.targets}
        for listed, name in FEED.kinds["ADT^A01"].lists.items():
            assert listed not in makes or kind.lists.get(listed) == name, kind.name


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda one: one.code)
def test_an_event_of_a_visit_without_the_visit_is_told_and_says_what_it_does_of_the_person(trigger):
    result = _adt(trigger.code, "20261001090000")
    assert {one.type for one in result.resources} >= {"Patient"}
    assert not made(result, "Encounter")
    assert (("PV1", "no-visit") in codes_of(result)) is not trigger.is_of_person
    assert ("PV1", "no-visit") not in codes_of(_on(trigger.code, 1))


@pytest.mark.parametrize(
    ("said", "taken_back"),
    [
        ("ADT^A01", "ADT^A11"),
        ("ADT^A03", "ADT^A13"),
        ("ADT^A05", "ADT^A38"),
        ("PPR^PC1", "PPR^PC3"),
        ("REF^I12", "REF^I14"),
        ("SIU^S12", "SIU^S15"),
        ("SIU^S12", "SIU^S26"),
        ("MDM^T02", "MDM^T11"),
    ],
)
def test_what_takes_back_comes_after_what_was_told_in_the_same_minute(said, taken_back):
    """Many a sender gives no seconds; which of the two holds is no matter of chance."""
    first, then = (
        outcome(header(kind, at="202610050900"), person()) for kind in (said, taken_back)
    )
    assert first.source_time < then.source_time
    later = outcome(header(said, at="20261005090001"), person())
    assert then.source_time < later.source_time, "and before whatever was told since"
