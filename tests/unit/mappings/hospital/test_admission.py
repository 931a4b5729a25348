"""ADT A01, A03, A08: one visit, whatever the order of arrival."""

from itertools import permutations

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
    visit,
)


def _adt(trigger, at, *rest):
    event = segment("EVN", _1="A01", _2=at)
    return outcome(header(f"ADT^{trigger}", at=at), event, person(), *rest)


A01 = _adt("A01", "20261001090000", visit(_14="19", _3="Astor^Bay 2"))
A08 = _adt("A08", "20261002090000", visit(_3="Derwent^Bay 1"))
A03 = _adt(
    "A03",
    "20261004150000",
    visit(_44="", _45="20261004143000", _36="19", _3="Derwent^Bay 1"),
)
LATE_A08 = _adt("A08", "20261005090000", visit(_44="", _3="Derwent^Bay 1"))


def _national(name):
    system = f"https://fhir.hl7.org.uk/CodeSystem/UKCore-{name}England"
    coding = {"system": system, "code": "19", "display": "Usual place of residence"}
    return {"coding": [coding], "text": "19"}


@pytest.mark.parametrize("arrived", list(permutations([A01, A08, A03, LATE_A08])))
def test_the_visit_is_the_same_in_every_order(arrived):
    encounter = state([*arrived, arrived[0]], "Encounter")
    assert encounter["status"] == "finished"
    assert encounter["period"] == {
        "start": "2026-10-01T08:30:00+01:00",
        "end": "2026-10-04T14:30:00+01:00",
    }
    assert encounter["hospitalization"] == {
        "admitSource": _national("SourceOfAdmission"),
        "dischargeDisposition": _national("DischargeDestination"),
    }
    assert encounter["location"][0]["location"]["display"] == "Derwent, Bay 1"


def test_an_update_states_no_status():
    (mapped,) = made(A08, "Encounter")
    assert "status" not in mapped.resource
    assert only(A08, "Encounter")["status"] == "unknown"
    assert state([A01, A08], "Encounter")["status"] == "in-progress"


def test_a_discharge_time_that_is_deleted_goes():
    cancelled = _adt("A08", "20261006090000", visit(_45='""'))
    assert state([A01, A03, cancelled], "Encounter")["period"] == {
        "start": "2026-10-01T08:30:00+01:00"
    }


def test_a_discharge_without_its_time_takes_that_of_the_event():
    event = segment("EVN", _2="20261004150000", _6="20261004143000")
    result = outcome(header("ADT^A03"), event, person(), visit())
    assert only(result, "Encounter")["period"]["end"] == "2026-10-04T14:30:00+01:00"


def test_empty_is_no_change_and_null_deletes():
    moved = outcome(header("ADT^A08", at="20261002"), person(_11="4 New Row", _13="123"), visit())
    silent = outcome(header("ADT^A08", at="20261003"), person(), visit())
    deleted = outcome(header("ADT^A08", at="20261004"), person(_13='""'), visit())
    assert state([silent, moved], "Patient")["telecom"][0]["value"] == "123"
    patient = state([deleted, silent, moved], "Patient")
    assert "telecom" not in patient
    assert patient["address"] == [{"line": ["4 New Row"]}]


def test_a_field_that_repeats_is_a_snapshot():
    two = outcome(header("ADT^A08", at="20261002"), person(_11="1 A St~2 B St"), visit())
    one = outcome(header("ADT^A08", at="20261003"), person(_11="3 C St"), visit())
    assert state([two, one], "Patient")["address"] == [{"line": ["3 C St"]}]


def test_source_time_is_when_the_sender_recorded_the_event():
    times = segment("EVN", _2="20261002", _6="20261003")
    assert outcome(header("ADT^A01"), times, person(), visit()).source_time.startswith("2026-10-01")
    assert outcome(header("ADT^A01"), person(), visit()).source_time.startswith("2026-10-05")
    event = segment("EVN", _6="20261003120000")
    late = outcome(header("ADT^A01", at=""), event, person(), visit())
    assert late.source_time.startswith("2026-10-03T11:00:00.000000Z")
    silent = outcome(header("ADT^A01", at="soon"), person(), visit())
    assert silent.source_time == ""
    assert ("MSH-7", "no-time") in codes_of(silent)


@pytest.mark.parametrize(
    ("fields", "visits", "issue"),
    [
        ({"_19": ""}, 1, None),
        ({"_19": "", "_44": ""}, 0, ("PV1-19", "no-key")),
        ({"_2": "N"}, 0, None),
        ({"_2": "NA"}, 0, None),
    ],
)
def test_a_visit_is_made_where_it_can_be_told_from_others(fields, visits, issue):
    result = _adt("A01", "20261001", visit(**fields))
    assert len(made(result, "Encounter")) == visits
    assert not result.quarantined
    assert issue is None or issue in codes_of(result)


@pytest.mark.parametrize(
    ("trigger", "kind", "told"),
    [("A31", "U", False), ("A28", "", False), ("A31", "I", True), ("A01", "U", True)],
)
def test_a_message_of_the_person_is_asked_for_a_visit_only_where_it_speaks_of_one(
    trigger, kind, told
):
    result = _adt(trigger, "20261001", visit(_2=kind, _19="", _44=""))
    assert (("PV1-19", "no-key") in codes_of(result)) == told


def test_an_unknown_class_is_kept_in_words():
    result = _adt("A01", "20261001", visit(_2="ff"))
    assert only(result, "Encounter")["class"] == {"display": "ff"}
    assert ("PV1-2", "unmapped-code") in codes_of(result)
    unsaid = _adt("A01", "20261001", visit(_2=""))
    assert only(unsaid, "Encounter")["class"]["code"] == "UNK"


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        ("", ["N"]),
        ("N", ["N"]),
        ("Y", ["R"]),
        ("V", ["V"]),
        ("PSY", ["R", "PSY"]),
        ("something else", ["R"]),
    ],
)
def test_a_sensitive_visit_is_labelled_with_its_diagnoses(word, labels):
    result = _adt(
        "A01", "20261001", visit(_16=word), segment("DG1", _1="1", _3="R07.4^Chest pain^I10")
    )
    for kind in ("Encounter", "Condition"):
        security = [c["code"] for c in only(result, kind)["meta"]["security"]]
        assert [code for code in security if code not in ("encounters", "problems")] == labels


def test_a_code_that_stands_for_several_substances_loses_none():
    drug = segment("AL1", _1="1", _2="DA", _3="OTHER^Penicillin^L")
    food = segment("AL1", _1="2", _2="FA", _3="OTHER^Peanut^L")
    for order in ((drug, food), (food, drug)):
        result = _adt("A01", "20261001", visit(), *order)
        shown = {one.key: one.alone()["code"]["text"] for one in made(result, "AllergyIntolerance")}
        assert set(shown.values()) == {"Penicillin", "Peanut"}
        assert len(only(result, "List")["entry"]) == 2
    reworded = segment("AL1", _1="2", _2="DA", _3="OTHER^PENICILLIN^L")
    assert len(made(_adt("A01", "20261001", drug, reworded), "AllergyIntolerance")) == 1


def test_an_ampersand_that_was_not_escaped_loses_no_words():
    result = _adt(
        "A01",
        "20261001",
        segment("AL1", _1="1", _2="FA", _3="^Nuts & eggs", _5="Rash & swelling"),
        segment("AL1", _1="2", _2="FA", _3="Milk & soya"),
        segment("AL1", _1="3", _2="FA", _3="Milk & wheat"),
    )
    shown = [one.alone() for one in made(result, "AllergyIntolerance")]
    assert [one["code"]["text"] for one in shown] == ["Nuts & eggs", "Milk & soya", "Milk & wheat"]
    assert shown[0]["reaction"][0]["manifestation"] == [{"text": "Rash & swelling"}]


def test_a_field_whose_every_part_is_deleted_is_deleted():
    known = {"_11": "1 High Street^^Swale", "_13": "020 7946 0011"}
    before = outcome(header("ADT^A31", at="20261001"), person(**known))
    gone = outcome(
        header("ADT^A31", at="20261002"), person(_11='""^""^""', _13='""^""~""', _5='MARSH^""')
    )
    patient = state([before, gone], "Patient")
    assert "address" not in patient
    assert "telecom" not in patient
    assert patient["name"] == [{"family": "MARSH"}]


def test_allergies_and_diagnoses_stand_once_each():
    allergy = segment("AL1", _1="1", _2="DA", _3="294505008^Amoxicillin^SCT", _4="SV", _5="Rash")
    diagnosis = segment("DG1", _1="1", _3="I20.9^Angina^I10", _6="F")
    result = _adt("A01", "20261001", visit(), allergy, allergy, diagnosis, diagnosis)
    assert only(result, "AllergyIntolerance")["reaction"] == [
        {"manifestation": [{"text": "Rash"}], "severity": "severe"}
    ]
    (reference,) = only(result, "Encounter")["diagnosis"]
    (condition,) = made(result, "Condition")
    assert reference["condition"]["reference"] == f"urn:source:Condition:{condition.key}"


def test_where_a_hidden_person_stays_is_restricted():
    hidden = _adt("A01", "20261001", visit(), segment("ZU8", _4="2"))
    shown = _adt("A01", "20261001", visit(), segment("ZU8", _4="0"))
    for result, level in ((hidden, "R"), (shown, "N")):
        for kind in ("Encounter", "Patient"):
            assert only(result, kind)["meta"]["security"][0]["code"] == level


@pytest.mark.parametrize("numbers", [("1", "1"), ("", ""), ("2", ""), ("1", "2")])
def test_every_contact_is_taken_however_the_sender_numbers_them(numbers):
    contacts = [
        segment("NK1", _1=number, _2=f"MARSH^{name}")
        for number, name in zip(numbers, ("Ann", "Tom"), strict=True)
    ]
    result = _adt("A08", "20261001", *contacts)
    assert not result.quarantined
    assert [one.key.rpartition("|")[2] for one in made(result, "RelatedPerson")] == ["1", "2"]
