"""The script that reads published profiles: what R4 says is left out, and nothing is guessed."""

from typing import Any

import pytest

from tools.make_profile_tables import module

HEAD = (
    '<StructureDefinition xmlns="http://hl7.org/fhir"><url value="urn:p"/><version value="1"/>'
    '<status value="active"/><type value="Patient"/><differential>'
)
PATIENT = (
    '<element id="Patient.contact"><max value="1"/><mustSupport value="true"/></element>'
    '<element id="Patient.birthDate"><min value="1"/><max value="1"/></element>'
    '<element id="Patient.managingOrganization"><type><code value="Reference"/>'
    '<targetProfile value="http://hl7.org/fhir/StructureDefinition/Organization"/></type></element>'
    '<element id="Patient.maritalStatus"><binding><strength value="required"/>'
    '<valueSet value="urn:v|1"/></binding></element>'
    '<element id="Patient.gender"><binding><strength value="extensible"/>'
    '<valueSet value="urn:w"/></binding></element>'
)
SLICED = (
    '<element id="Patient.identifier"><slicing><discriminator><type value="{}"/>'
    '<path value="system"/></discriminator></slicing></element>'
)
SET = (
    '<ValueSet xmlns="http://hl7.org/fhir"><url value="urn:v"/><compose><include>'
    '<system value="urn:s"/>{}</include></compose></ValueSet>'
)
CODE = '<concept><code value="M"/></concept>'


LISTED = SET.format(CODE)


def made(folder, elements, value_set=LISTED):
    text = f"{HEAD}{elements}</differential></StructureDefinition>"
    (folder / "p.xml").write_text(text, "utf-8")
    (folder / "v.xml").write_text(value_set, "utf-8")
    space: dict[str, Any] = {}
    exec(module(folder), space)  # noqa: S102 - the table that was just made
    return space


def test_what_a_profile_adds_is_told_and_what_r4_says_is_not(tmp_path):
    table = made(tmp_path, PATIENT)
    assert table["PROFILES"] == {
        "urn:p": (
            "Patient",
            "1",
            "active",
            (
                ("Patient.contact", "max", "1"),
                ("Patient.birthDate", "min", "1"),
                ("Patient.maritalStatus", "codes", "urn:v"),
            ),
        )
    }
    assert table["VALUE_SETS"] == {"urn:v": (("urn:s", ("M",)),)}


def test_slices_of_a_kind_that_is_not_understood_stop_it(tmp_path):
    assert made(tmp_path, SLICED.format("value"))["PROFILES"]["urn:p"][3] == ()
    with pytest.raises(ValueError, match="not understood"):
        made(tmp_path, SLICED.format("pattern"))


def test_a_set_that_names_a_whole_system_stops_it(tmp_path):
    with pytest.raises(ValueError, match="cannot be listed"):
        made(tmp_path, PATIENT, SET.format(""))
