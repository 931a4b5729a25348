"""Reading: what is a bundle, what is mended, what is told apart."""

import json

import pytest

from mappings.core.model.outcome import NotThisFormatError
from mappings.gp import FEED
from mappings.gp.message import bundle as reading
from tests.unit.mappings.gp.bundles import PATIENT, bundle, observation, read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"Bundle"',
        b'{"resourceType": 7}',
        b'{"resourceType": "Spell"}',
        b'{"resourceType": "Bundle", "total": NaN}',
        b"\x81\x8d" * 20,
        b'{"a":' * 5000,
        b'{"resourceType": "Bundle", "x": ' + b"[" * 90 + b"]" * 90 + b"}",
    ],
)
def test_what_is_not_fhir_is_not_this_format(body):
    with pytest.raises(NotThisFormatError):
        read(body)


def test_a_body_is_recognised_by_what_it_says_it_is():
    (carrier,) = FEED.formats
    assert carrier.recognises({"": b'\xef\xbb\xbf {"meta": {}, "resourceType" : "Bundle"}'})
    assert not carrier.recognises({"": b'{"document": "support-plan"}'})
    assert not carrier.recognises({"a": b"{}", "b": b"{}"})


def test_resources_are_grouped_by_type_in_the_order_sent():
    (item,) = read(bundle(observation("b", "1"), observation("a", "2"), id="x"))
    assert item.kind == "gp-connect-structured"
    assert list(item.facts) == ["Bundle", "Patient", "Organization", "Observation"]
    assert [one["id"] for one in item.facts["Observation"]] == ["b", "a"]
    assert item.facts["Bundle"]["id"] == "x"
    assert "entry" not in item.facts["Bundle"]


def test_every_repair_is_a_warning():
    sent = bundle(observation("a", "1"))
    sent["entry"][0]["resource"]["generalPractitioner"] = {"reference": "Organization/o1"}
    (item,) = read(b"\xef\xbb\xbf" + json.dumps(sent).encode())
    assert [(i.code, i.path) for i in item.issues] == [
        ("repaired", ""),
        ("repaired", "Patient.generalPractitioner"),
    ]
    assert item.facts["Patient"]["generalPractitioner"] == [{"reference": "Organization/o1"}]


def test_an_older_encoding_is_read_with_a_warning():
    sent = bundle(observation("a", "1", comment="café"))
    (item,) = read(json.dumps(sent, ensure_ascii=False).encode("cp1252"))
    assert item.facts["Observation"][0]["comment"] == "café"
    assert [i.code for i in item.issues] == ["repaired"]


def test_the_same_resource_twice_is_taken_once():
    one = observation("a", "1", performer={"display": "somebody"})
    (item,) = read(bundle(one, one))
    assert len(item.facts["Observation"]) == 1
    assert [i.code for i in item.issues] == ["repeated", "repaired"]


def test_a_type_nobody_knows_never_becomes_a_name():
    (item,) = read(bundle({"resourceType": "Ashdown Norma"}))
    assert list(item.facts) == ["Bundle", "Patient", "Organization", "Other"]


def test_a_single_resource_is_a_bundle_of_one_that_lacks_its_patient():
    (item,) = read({"resourceType": "Condition", "id": "c", "assertedDate": "2026-01-01"})
    assert item.kind == reading.STRUCTURED
    assert list(item.facts) == ["Bundle", "Condition"]
    assert [i.code for i in item.issues] == ["names-nobody"]


def test_each_bundle_in_parameters_is_an_item():
    parts = [{"name": "record", "resource": bundle()}, {"name": "more", "resource": bundle()}]
    items = read({"resourceType": "Parameters", "parameter": parts})
    assert [(i.kind, i.number) for i in items] == [
        (reading.STRUCTURED, 1),
        (reading.STRUCTURED, 2),
    ]


def test_a_refusal_names_its_code_by_place_and_its_meaning_in_our_words():
    coding = {"system": "s", "code": "NO_RELATIONSHIP", "display": "secret"}
    sent = {"resourceType": "OperationOutcome", "issue": [{"details": {"coding": [coding]}}]}
    (item,) = read(sent)
    (found,) = item.issues
    assert item.kind == reading.REFUSAL
    assert found.path == "OperationOutcome.issue[0].details.coding[0].code"
    assert "legitimate relationship" in found.text
    coding["code"] = "secret"
    (unnamed,) = read(sent)[0].issues
    assert "secret" not in unnamed.text


def test_a_patient_that_is_not_stu3_is_named_by_path():
    (item,) = read(bundle(person={**PATIENT, "name": [{"given": "Norma"}]}))
    assert [i.path for i in item.issues] == ["Patient.name[0].given"]


def test_entries_that_hold_nothing_are_said():
    (item,) = read({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:x"}, "text"]})
    assert [i.code for i in item.issues] == ["no-resource", "no-resource", "names-nobody"]
    (item,) = read({"resourceType": "Bundle", "entry": {"resource": {}}})
    assert [i.code for i in item.issues] == ["wrong-type", "names-nobody"]
