"""FHIR as XML: the JSON of the same resource, or not this format."""

import time

import pytest

from mappings.core.checking.fhir import to_r4
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import NotThisFormatError
from mappings.gp import FEED
from mappings.gp.message.fhir_xml import read_xml
from tests.unit.mappings.gp.resources import read

NS = 'xmlns="http://hl7.org/fhir"'


def xml(inner, name="Observation", head="", ns=NS):
    return f"{head}<{name} {ns}>{inner}</{name}>".encode()


def test_lists_numbers_and_truths_are_those_of_json():
    made = read_xml(
        xml(
            '<status value="final"/><code><text value="A &amp; B"/></code>'
            '<category id="c1"><text value="one"/></category>'
            '<category><text value="two"/></category>'
            '<valueQuantity><value value="1.50"/><unit value="kg"/></valueQuantity>'
            '<component><code><text value="x"/></code><valueInteger value="-3"/></component>'
            '<component><code><text value="y"/></code><valueBoolean value="true"/></component>'
        )
    )
    assert made == {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "A & B"},
        "category": [{"id": "c1", "text": "one"}, {"text": "two"}],
        "valueQuantity": {"value": 1.5, "unit": "kg"},
        "component": [
            {"code": {"text": "x"}, "valueInteger": -3},
            {"code": {"text": "y"}, "valueBoolean": True},
        ],
    }
    assert validate(made) == ()
    to_r4(made)


def test_what_a_primitive_bears_stands_beside_it():
    absent = '<extension url="http://e/x"><valueCode value="unknown"/></extension>'
    made = read_xml(
        xml(
            f'<name><given value="Ada"/><given>{absent}</given></name><name id="n"/>'
            f'<birthDate value="1950-02-01">{absent}</birthDate><gender>{absent}</gender>',
            "Patient",
        )
    )
    said = {"extension": [{"url": "http://e/x", "valueCode": "unknown"}]}
    assert made["name"][0] == {"given": ["Ada", None], "_given": [None, said]}
    assert made["birthDate"] == "1950-02-01"
    assert made["_birthDate"] == said
    assert "gender" not in made
    assert made["_gender"] == said


def test_a_list_of_nothing_but_reasons_has_no_values():
    absent = '<given><extension url="http://e/x"><valueCode value="unknown"/></extension></given>'
    made = read_xml(xml(f"<name>{absent}</name>", "Patient"))
    assert list(made["name"][0]) == ["_given"]


@pytest.mark.soak
def test_an_element_that_repeats_very_often_is_read_in_one_pass():
    began = time.process_time()
    made = read_xml(xml("<entry/>" * 100_000 + "<else/>" * 50_000, "Bundle"))
    assert (len(made["entry"]), len(made["else"])) == (100_000, 50_000)
    assert time.process_time() - began < 10  # by copying each time: half a minute


def test_resources_stand_in_resources():
    made = read_xml(
        xml(
            '<contained><Medication><id value="m"/></Medication></contained><contained/>'
            '<status value="active"/>',
            "MedicationStatement",
        )
    )
    assert made["contained"] == [{"resourceType": "Medication", "id": "m"}, {}]


def test_narrative_comments_and_what_is_not_fhir_are_left_out():
    narrative = '<text><div xmlns="http://www.w3.org/1999/xhtml"><p>x<b>y</b></p></div></text>'
    made = read_xml(xml(f'<!-- no -->{narrative}<status value="final"/>'))
    assert made == {"resourceType": "Observation", "text": {}, "status": "final"}


def test_what_r4_does_not_have_stays_to_be_reported():
    made = read_xml(
        xml(
            '<status value="final"/><status value="amended"/><colour value="red"/>'
            '<colour value="blue"/><shape><side value="1"/></shape>'
            '<valueInteger value="many"/><valueQuantity><value value="1e999"/></valueQuantity>'
        )
    )
    assert made["status"] == ["final", "amended"]
    assert made["colour"] == ["red", "blue"]
    assert made["shape"] == {"side": "1"}
    assert made["valueInteger"] == "many"
    assert made["valueQuantity"] == {"value": "1e999"}
    assert validate(made) != ()


def test_a_type_that_is_not_used_here_is_read_all_the_same():
    made = read_xml(xml('<status value="x"/><lot value="7"/>', "Immunization"))
    assert made == {"resourceType": "Immunization", "status": "x", "lot": "7"}


@pytest.mark.parametrize(
    "body",
    [
        xml("", head='<!DOCTYPE Observation [<!ENTITY a "aaaa">]>'),
        xml("<note>&a;</note>", head='<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        xml('<status value="&undeclared;"/>'),
        xml("<status>"),
        xml("", head='<?xml version="1.0" encoding="no-such-encoding"?>'),
        xml("", ns='xmlns="http://www.w3.org/1999/xhtml" xmlns:f="http://hl7.org/fhir"'),
        xml("<extension>" * 70 + "</extension>" * 70),
        xml("x" * 10)[:-3],
        b"<",
    ],
)
def test_what_could_harm_or_is_not_xml_is_not_this_format(body):
    with pytest.raises(NotThisFormatError) as refused:
        read_xml(body)
    assert "passwd" not in refused.value.text


def test_a_body_is_known_by_its_namespace():
    (carrier,) = FEED.formats
    assert carrier.recognises({"": b"\xef\xbb\xbf" + xml("")})
    assert not carrier.recognises({"": b"<html><body/></html>"})
    (item,) = read(xml('<id value="o"/>'))
    assert (item.kind, item.facts["Observation"][0]["id"]) == ("uk-core-r4", "o")
