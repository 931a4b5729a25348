"""Fields to FHIR data types."""

from typing import Any

import pytest

from mappings.core.model import systems
from mappings.hospital.message.reader import read as read_members
from mappings.hospital.message.reader import recognises
from mappings.hospital.rows import types
from tests.unit.mappings.hospital.messages import (
    body,
    goal,
    header,
    made,
    only,
    outcome,
    person,
    problem,
    segment,
    visit,
)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("195967001^Asthma^SCT", [(systems.SNOMED_CT, "195967001")]),
        ("I20.9^Angina^I10UK", [(systems.ICD_10, "I20.9")]),
        (
            "596.5^Bladder^I9^195967001^Asthma^SCT",
            [(systems.ICD_9, "596.5"), (systems.SNOMED_CT, "195967001")],
        ),
        ("ABC^Own^L", [(None, "ABC")]),
        ("DF-00^Old axis^SNM3", []),
        ("a b^Words^L", []),
        ("^Words alone", []),
        ("Words", []),
    ],
)
def test_codes_are_kept_with_their_system_where_it_is_known(field, expected):
    concept: Any = types.concept(field)
    codings = concept.get("coding", ())
    assert [(c.get("system"), c["code"]) for c in codings] == expected
    assert concept["text"]


@pytest.mark.parametrize("field", ["", '""', "~", "^^"])
@pytest.mark.parametrize(
    "fn",
    [
        types.concept,
        types.words_of_code,
        types.language,
        types.names,
        types.addresses,
        types.telecoms,
        types.place,
        types.note,
        types.priority,
        types.entity,
        types.practitioner,
        types.practice,
    ],
)
def test_nothing_comes_of_nothing(fn, field):
    assert fn(field) is None


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            "ASHDOWN^Norma^M^Jr^Mrs^^L",
            {
                "use": "official",
                "family": "ASHDOWN",
                "given": ["Norma", "M"],
                "suffix": ["Jr"],
                "prefix": ["Mrs"],
            },
        ),
        ("ASHDOWN^^^^^^PREVIOUS-BIRTH", {"use": "old", "family": "ASHDOWN"}),
        ('ASHDOWN^""', {"family": "ASHDOWN"}),
        ("van&van&der^N", {"family": "van", "given": ["N"]}),
    ],
)
def test_names(field, expected):
    assert types.names(field, None) == [expected]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("020 7946 0012^PRN^PH", {"system": "phone", "value": "020 7946 0012", "use": "home"}),
        ("07700 900101^^CP", {"system": "phone", "value": "07700 900101", "use": "mobile"}),
        ("^NET^Internet^a@example.org", {"system": "email", "value": "a@example.org"}),
        ("a@example.org", {"system": "email", "value": "a@example.org"}),
        ("^WPN^PH^^44^20^79460012", {"system": "phone", "value": "44 20 79460012", "use": "work"}),
        ("123^^FX", {"system": "fax", "value": "123"}),
        ("123^^^HOME", {"system": "phone", "value": "123"}),
    ],
)
def test_telephones(field, expected):
    assert types.telecoms(field) == [expected]


def test_a_word_where_an_address_of_mail_belongs_is_no_contact():
    assert types.telecoms("^^^home~^^^work") is None


@pytest.mark.parametrize("kind", ["Previous", "PREVIOUS-HOME"])
def test_where_somebody_lived_is_not_shown_as_where_they_live(kind):
    made = types.addresses(f"2 Old Road^^Leeds^^LS1 1AA^^{kind}") or []
    assert [one["use"] for one in made] == ["old"]


@pytest.mark.parametrize(
    ("field", "value", "display"),
    [
        ("H85001", "H85001", None),
        ("NEW MALDEN^^H85001", "H85001", "NEW MALDEN"),
        ("New Malden Surgery", None, "New Malden Surgery"),
        ("X^^not-a-code", None, "X"),
    ],
)
def test_practices(field, value, display):
    reference: Any = types.practice(field)
    assert reference.get("identifier", {}).get("value") == value
    assert reference.get("display") == display


@pytest.mark.parametrize(
    ("field", "system"),
    [
        ("C9990001^Rahman^Leila^^^Dr^^^GMC", systems.GMC_NUMBER),
        ("G9990001", systems.GMP_NUMBER),
        ("PT-1^Nair^Priya", None),
    ],
)
def test_people_at_work(field, system):
    worker: Any = types.practitioner(field)
    assert worker["identifier"].get("system") == system


def test_a_person_at_work_without_a_number_has_a_name():
    assert types.practitioner("^Nair^Priya") == {"type": "Practitioner", "display": "Priya Nair"}


@pytest.mark.parametrize(
    ("field", "code", "text"),
    [
        ("1", "high-priority", "Priority 1"),
        ("2^Medium", "medium-priority", "Priority 2"),
        ("9", "low-priority", "Priority 9"),
    ],
)
def test_priorities(field, code, text):
    made_of: Any = types.priority(field)
    assert (made_of["coding"][0]["code"], made_of["text"]) == (code, text)


def test_of_a_field_that_repeats_the_first_that_says_something_counts():
    made: list[Any] = [
        types.priority("~1~2"),
        types.entity("A^X~B^Y"),
        types.practitioner("~C9990003^Iqbal^Sana~X"),
    ]
    assert made[0]["text"] == "Priority 1"
    assert made[1]["value"] == "A"
    assert made[2]["display"] == "Sana Iqbal"


@pytest.mark.parametrize("field", ["urgent", "0"])
def test_a_priority_that_is_no_rank_is_kept_in_words(field):
    assert types.priority(field) == {"text": field}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            "en^English",
            {"coding": [{"system": "urn:ietf:bcp:47", "code": "en"}], "text": "English"},
        ),
        (
            "ara^Arabic",
            {"coding": [{"system": "urn:ietf:bcp:47", "code": "und"}], "text": "Arabic"},
        ),
    ],
)
def test_languages(field, expected):
    assert types.language(field) == expected


def test_a_wide_encoding_is_read():
    raw = body(header("PPR^PC1"), person(), problem()).decode().encode("utf-16")
    assert recognises({"": raw})
    assert [item.kind for item in read_members({"": raw})] == ["PPR^PC1"]


def test_a_segment_with_endless_fields_loses_none():
    (item,) = read_members({"": body(header("PPR^PC1"), person(), "ZZZ" + "|x" * 1500)})
    assert item.facts["ZZZ"][0]["999"] == "x"
    assert item.facts["ZZZ"][0]["rest"].count("x") == 501


def test_an_ethnic_category_that_is_empty_is_left_out():
    patient = only(outcome(header("PPR^PC1"), person(_22="^^~")), "Patient")
    assert "extension" not in patient
    assert "extension" not in only(outcome(header("PPR^PC1"), person(_22="~")), "Patient")


def test_an_admission_method_that_is_empty_is_left_out():
    result = outcome(header("ADT^A08"), person(), visit(_4="^"))
    assert "extension" not in only(result, "Encounter")


def test_a_diagnosis_outside_a_visit_stands_with_the_person():
    diagnosis = segment("DG1", _1="1", _3="I20.9^Angina^I10")
    result = outcome(header("ADT^A08"), person(), visit(_2="N"), diagnosis)
    assert "encounter" not in only(result, "Condition")
    assert made(result, "Encounter") == []


def test_a_diagnosis_that_says_nothing_makes_nothing():
    empty = segment("DG1", _1="1", _6="F")
    assert made(outcome(header("ADT^A08"), person(), visit(), empty), "Condition") == []
    allergy = segment("AL1", _1="1", _2="MA")
    result = outcome(header("ADT^A08"), person(), visit(), allergy)
    assert made(result, "AllergyIntolerance") == []


def test_a_discharge_without_any_time_has_no_end():
    result = outcome(header("ADT^A03"), person(), visit())
    assert "end" not in only(result, "Encounter")["period"]


def test_next_of_kin_without_a_telephone_or_whose_was_deleted():
    none = segment("NK1", _1="1", _2="MARSH^Zofia", _3="SPO")
    deleted = segment("NK1", _2="MARSH^Zofia", _5='""')
    result = outcome(header("ADT^A08"), person(), visit(), none, deleted)
    first, second = [one.resource for one in made(result, "RelatedPerson")]
    assert "telecom" not in first
    assert "telecom" not in second


def test_who_asserts_a_problem_is_never_the_person():
    said = segment("ROL", _3="PT", _4="1^Marsh^Edwin")
    unnamed = segment("ROL", _3="CP")
    doctor = segment("ROL", _3="CP", _4="C9990003^Iqbal^Sana")
    result = outcome(header("PPR^PC1"), person(), problem(), said, unnamed, doctor)
    assert only(result, "Condition")["asserter"]["display"] == "Sana Iqbal"
    nobody = outcome(header("PPR^PC1"), person(), problem(), said)
    assert "asserter" not in only(nobody, "Condition")


def test_a_variance_without_words_is_no_note():
    empty = segment("VAR", _1="1", _2="20261005")
    assert "note" not in only(outcome(header("PGL^PC6"), person(), goal(), empty), "Goal")


def test_a_pathway_without_an_author_has_none():
    pathway = segment("PTH", _1="AD", _2="R^Reablement^L", _3="T-1", _5="Active")
    role = segment("ROL", _3="PHYS^Physio^L", _4="P9^Novak^Petra")
    plan = only(outcome(header("PGL^PC6"), person(), goal(), pathway, role), "CarePlan")
    assert "author" not in plan
    assert plan["careTeam"]


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        (
            {"_11": "D^Done", "_12": "20261006"},
            ["Status of the review: Done; Last reviewed 2026-10-06"],
        ),
        ({"_14": "20260930"}, ["Reviewed before 2026-09-30"]),
        ({"_11": "^", "_12": "^D"}, []),
        (
            {"_17": "Better", "_20": "F^Family", "_21": "MARSH^Zofia"},
            ["Evaluation: Better", "Whose goal: Family", "For: MARSH Zofia"],
        ),
        ({"_17": "~", "_20": "^", "_21": "~"}, []),
    ],
)
def test_what_a_goal_says_of_its_review_and_of_whom_it_is_for(fields, notes):
    result = only(outcome(header("PGL^PC6"), person(), goal(**fields)), "Goal")
    assert [note["text"] for note in result.get("note", ())] == notes


def test_who_took_part_and_visit_numbers_that_say_nothing_are_left_out():
    result = outcome(header("ADT^A08"), person(), visit(_7="^^~C9990001^Rahman", _19="^^^RAX"))
    encounter = only(result, "Encounter")
    assert len(encounter["participant"]) == 1
    assert "identifier" not in encounter


def test_a_discharge_whose_time_is_deleted_takes_that_of_the_event():
    event = segment("EVN", _6="20261004143000")
    result = outcome(header("ADT^A03"), event, person(), visit(_45='""'))
    assert only(result, "Encounter")["period"]["end"] == "2026-10-04T14:30:00+01:00"
    nothing = outcome(header("ADT^A03"), segment("EVN", _6="^D"), person(), visit(_45="^D"))
    assert "end" not in only(nothing, "Encounter")["period"]


def test_a_birth_date_without_a_day_is_no_claim():
    result = outcome(header("PPR^PC1"), person(_7="^D"), problem())
    assert result.person.birth_date is None
    assert "birthDate" not in only(result, "Patient")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("19", "19"),
        ("2A^Another provider", "2A"),
        ("HOME^Sent home", "Sent home"),
        ("HOME", "HOME"),
        ("E", "E"),
        ("~", None),
        ("^^x", None),
    ],
)
def test_a_national_code_or_the_words(field, said):
    assert types.code_or_words(field) == said
