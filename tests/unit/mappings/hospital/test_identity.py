"""Whom a message is about: eight shapes of NHS number, hospital numbers, unknown people."""

import pytest

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

NHS = "9990001006"


def _claim(**fields):
    return outcome(header("PPR^PC1"), person(**fields), problem()).person


@pytest.mark.parametrize(
    "fields",
    [
        {"_3": f"5500123^^^RAX^MR~{NHS}^^^NHS^NH"},
        {"_3": f"{NHS}^^^NHS~5500123^^^RAX^MR"},
        {"_3": f"5500123^^^RAX^MR~{NHS}^^^NHS^HN"},
        {"_3": "5500123^^^RAX^MR", "_2": f"{NHS}^^^^NH"},
        {"_3": f"5500123^^^RAX^MR~{NHS}^06^^^NI"},
        {"_3": f"5500123^^^RAX^MR~N3{NHS}^01^^^NI"},
        {"_3": f"5500123^^^RAX^MRN~{NHS}^^^NHSNBR^NHSNMBR"},
        {"_3": "5500123^^^RAX^MR", "_2": "999 000 1006", "_19": "999 000 1006"},
        {"_3": f"5500123^^^RAX^MR~{NHS}"},
        {"_3": f"5500123^^^NHS^HospitalNumber~{NHS}^^^NHS^NhsNumber"},
        {"_3": f"5500123^^^RAX^MR~{NHS}^^^NHS^MR"},
        {"_3": f"5500123^^^RAX^MR~{NHS}^^^&2.16.840.1.113883.2.1.4.1&ISO^PI"},
        {"_3": f"5500123^^^RAX^MR~{NHS}^^^&https://fhir.nhs.uk/Id/nhs-number&URI"},
    ],
)
def test_an_nhs_number_is_known_in_every_shape(fields):
    claim = _claim(**fields)
    assert claim.local_id == "RAX:5500123"
    assert claim.nhs_numbers == (NHS,)
    assert claim.birth_date == "1951-06-22"
    assert claim.registered_practice is None


@pytest.mark.parametrize(
    "field",
    [
        f"{NHS}^^^SIMULATOR MRN^MRN",
        f"{NHS}",
        f"5500123^^^RAX^MR~{NHS}^^^USA^SS",
        "5500123^^^RAX^MR~9990001007^06^^^NI",
        "5500123^^^RAX^MR~9990001007",
    ],
)
def test_a_number_that_only_looks_like_one_is_none(field):
    assert _claim(_3=field).nhs_numbers == ()


@pytest.mark.parametrize("number", ["9990001007", "1234567890", "9999999999"])
def test_an_unusable_number_is_claimed_and_said_to_be_unusable(number):
    result = outcome(header("PPR^PC1"), person(_3=f"7^^^RAX^MR~{number}^^^NHS^NH"), problem())
    assert result.person.nhs_numbers == (number,)
    assert ("PID-3[2]", "unusable-nhs-number") in codes_of(result)
    assert not result.quarantined
    systems = [i.get("system") for i in only(result, "Patient")["identifier"]]
    assert "https://fhir.nhs.uk/Id/nhs-number" not in systems


@pytest.mark.parametrize(
    ("numbers", "path"),
    [
        ((NHS, "9990001014"), "PID-3[3]"),
        ((NHS, "9990001007"), "PID-3[3]"),
        (("9990001007", NHS), "PID-3[2]"),
    ],
)
def test_two_different_numbers_are_both_claimed_and_the_other_is_reported(numbers, path):
    one, other = numbers
    fields = {"_3": f"7^^^RAX^MR~{one}^^^NHS^NH~{other}^^^NHS^NH"}
    result = outcome(header("PPR^PC1"), person(**fields), problem())
    assert result.person.nhs_numbers == numbers
    assert (path, "number-conflict") in codes_of(result)
    assert not result.quarantined


@pytest.mark.parametrize(
    "fields",
    [
        {"_3": f"7^^^RAX^MR~{NHS}^^^NHS^NH", "_19": NHS},
        {"_3": f"7^^^RAX^MR~{NHS}^^^NHS^NH~9999999999^^^NHS^NH"},
        {"_3": f"7^^^RAX^MR~{NHS}^^^NHS^NH~9990001014^^^NHS^NH", "_31": "Y"},
    ],
)
def test_one_number_of_one_known_person_is_no_conflict(fields):
    result = outcome(header("PPR^PC1"), person(**fields), problem())
    assert "number-conflict" not in {code for _, code in codes_of(result)}


@pytest.mark.parametrize(
    ("field", "local_id"),
    [
        ("123^^^RAX^MR", "RAX:123"),
        ("123^^^^MR", "RAX:123"),
        ("123", "RAX:123"),
        ("123^^^&1.2.3&ISO^MR", "1.2.3:123"),
        ("A1^^^LAB^XX~123^^^RAX^MR", "RAX:123"),
        ("12-34^^^RAX^MR", "RAX:12-34"),
        ("1-234^^^RAX^MR", "RAX:1-234"),
        ("RAX 123^^^RAX^MR", "RAX:RAX 123"),
        ("9^^^RY9^PI~123^^^RAX^MR", "RAX:123"),
        ("123456789^^^USA^SS", None),
        ("0123456^^^NHS^HospitalNumber", "RAX:0123456"),
        ("9999999999^^^NHS^MR", None),
    ],
)
def test_the_hospital_number_with_who_gave_it(field, local_id):
    assert _claim(_3=field).local_id == local_id


def test_a_message_that_names_nobody_is_quarantined_and_says_what_would_mend_it():
    result = outcome(header("PPR^PC1"), person(_3=""), problem())
    assert result.quarantined
    assert ("PID-3", "missing") in codes_of(result)


def test_two_people_in_one_message_are_refused():
    result = outcome(header("PPR^PC1"), person(), person(_3="8^^^RAX^MR"), problem())
    assert result.quarantined
    assert ("PID[2]", "duplicate-key") in codes_of(result)


def test_a_person_nobody_knows_is_never_linked():
    result = outcome(header("PPR^PC1"), person(_31="Y"), problem())
    assert (result.person.nhs_numbers, result.person.birth_date) == ((), None)
    assert result.person.local_id == "RAX:5500123"
    assert NHS not in str(only(result, "Patient"))


def test_the_status_of_the_number_is_carried_where_it_is_sent():
    result = outcome(header("PPR^PC1"), person(_32="ED~NSTS01"), problem())
    assert "01" in str(only(result, "Patient")["identifier"][1]["extension"])
    result = outcome(header("PPR^PC1"), person(), segment("ZU1", _27="02"), problem())
    assert "02" in str(only(result, "Patient")["identifier"][1]["extension"])


def test_a_birth_date_that_is_no_day_is_left_out_and_reported():
    result = outcome(header("PPR^PC1"), person(_7="196513121515"), problem())
    assert "birthDate" not in only(result, "Patient")
    assert result.person.birth_date is None
    assert ("PID-7", "invalid-date") in codes_of(result)


@pytest.mark.parametrize(
    ("at", "said", "expected"),
    [
        ("20200101", "Y", {"deceasedDateTime": "2020-01-01"}),
        ("20200101", "", {"deceasedDateTime": "2020-01-01"}),
        ("", "Y", {"deceasedBoolean": True}),
        ("^D", "Y", {"deceasedBoolean": True}),
        ('""', "N", {"deceasedBoolean": False}),
        ('""', "", {}),
        ("", "perhaps", {}),
    ],
)
def test_death_is_said_in_one_way(at, said, expected):
    patient = only(outcome(header("PPR^PC1"), person(_29=at, _30=said)), "Patient")
    assert {name: v for name, v in patient.items() if name.startswith("deceased")} == expected


def test_a_time_of_death_that_cannot_be_read_is_reported():
    result = outcome(header("PPR^PC1"), person(_29="20269999", _30="Y"))
    assert ("PID-29", "invalid-date") in codes_of(result)
    assert only(result, "Patient")["deceasedBoolean"] is True


def test_a_hidden_location_deletes_address_telephone_contacts_and_practice():
    result = outcome(
        header("ADT^A08"),
        person(_11="9 Hidden Lane^^Surbiton", _13="020 7946 0199"),
        segment("PD1", _3="PRACTICE^^H85001"),
        segment("NK1", _1="1", _2="MARSH^Zofia", _4="9 Hidden Lane", _5="020 7946 0199"),
        visit(),
        segment("ZU8", _4="2"),
    )
    assert "Hidden" not in str(result.resources)
    assert "0199" not in str(result.resources)
    assert "H85001" not in str(result.resources)
    (patient,) = made(result, "Patient")
    assert patient.resource["address"] is None
    assert patient.resource["telecom"] is None
    assert patient.resource["generalPractitioner"] is None
    for one in (patient, *made(result, "RelatedPerson")):
        assert one.resource["meta"]["security"][0]["code"] == "R"
    assert ("ZU8-4", "location-hidden") in codes_of(result)


@pytest.mark.parametrize(
    ("field", "coded"),
    [("A^British", True), ("99", True), ("N^NOT HISPANIC^HL70189", False), ("T^X", False)],
)
def test_an_ethnic_category_is_coded_only_where_it_is_the_nhs_one(field, coded):
    patient = only(outcome(header("PPR^PC1"), person(_22=field)), "Patient")
    concept = patient["extension"][0]["valueCodeableConcept"] if "extension" in patient else {}
    assert ("coding" in concept) is coded


def test_nothing_of_the_person_stands_in_an_issue():
    result = outcome(header("PPR^PC1"), person(_7="19511399", _8="Q"), problem(_13="MARSH"))
    assert result.issues
    for issue in result.issues:
        assert not any(word in f"{issue.path} {issue.text}" for word in ("MARSH", "1951", "5500"))


@pytest.mark.parametrize(
    ("fields", "trace"),
    [({}, ""), ({32: "NSTS01"}, "01"), ({32: "NSTS04"}, "04"), ({32: "NSTS9"}, "")],
)
def test_how_far_the_number_was_traced_is_part_of_the_claim(fields, trace):
    pid = segment("PID", {3: "1^^^RAX^MR~9990001006^^^NHS^NH", 7: "19510622", **fields})
    assert outcome(header("ADT^A31"), pid).person.trace == trace


@pytest.mark.parametrize("field", ["ED", "NSTS01~ED", "AL~ed"])
def test_an_estimated_birth_date_is_kept_and_told(field):
    result = outcome(header("ADT^A31"), person(_32=field))
    assert ("PID-32", "estimated-birth-date") in codes_of(result)
    assert result.person.birth_date == only(result, "Patient")["birthDate"] == "1951-06-22"
    assert only(result, "Patient")["_birthDate"]["extension"][0]["valueBoolean"] is True
    assert codes_of(outcome(header("ADT^A31"), person(_32="NSTS01"))) == set()


@pytest.mark.parametrize(
    ("later", "told"),
    [({}, True), ({32: "ED"}, True), ({32: "NSTS01"}, False), ({32: '""'}, False),
     ({7: '""'}, False), ({7: '""', 32: "ED"}, False)],
)  # fmt: skip
def test_a_birth_date_is_estimated_until_it_is_said_to_be_none_that_is(later, told):
    first = outcome(header("ADT^A31", at="20261001090000"), person(_32="ED"))
    pid = segment("PID", {3: "5500123^^^RAX^MR~9990001006^^^NHS^NH", **later})
    then = outcome(header("ADT^A31", at="20261002090000"), pid)
    assert ("_birthDate" in state([then, first], "Patient")) is told
