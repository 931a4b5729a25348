"""A copy in words: every element that a person can read, and nothing that only a program uses."""

import asyncio

import orjson
import pytest

from gateway.flows.audit.plain_copy import in_words

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"


def _told(*parts):
    async def lines():
        for one in parts:
            yield orjson.dumps(one) + b"\n"

    async def taken():
        return [one async for one in in_words(lines(), {"XK2": "Home First"})]

    return b"".join(asyncio.run(taken())).decode()


@pytest.mark.parametrize(
    ("element", "line"),
    [
        ({"birthDate": "1943-03-04"}, "Birth date: 1943-03-04"),
        ({"deceasedBoolean": False}, "Deceased: no"),
        ({"onsetDateTime": "2020-12-16T11:33:00Z"}, "Onset: 2020-12-16 11:33"),
        ({"code": {"coding": [{"code": "1", "display": "Asthma"}] * 2}}, "Code: Asthma"),
        ({"code": {"coding": [{"code": "1", "display": "x"}], "text": "Asthma"}}, "Code: Asthma"),
        ({"code": {"coding": [{"system": "u", "code": "active"}]}}, "Code: active"),
        ({"valueQuantity": {"comparator": "<", "value": 7, "unit": "mmol"}}, "Value: < 7 mmol"),
        ({"valueQuantity": {"value": 7, "system": "http://unitsofmeasure.org", "code": "mg"}},
         "Value: 7 mg"),
        ({"net": {"value": 12.50, "currency": "GBP"}}, "Net: 12.5 GBP"),
        ({"period": {"start": "2020", "end": "2021"}}, "Period: from 2020 to 2021"),
        ({"name": [{"use": "old", "family": "B", "period": {"end": "2019"}}]},
         "Name: B (old, to 2019)"),
        ({"telecom": [{"use": "old", "value": "020 7946"}]}, "Telecom: 020 7946 (old)"),
        ({"given": ["A", None]}, "Given: A"),
        ({"participant": [{"type": [{"text": "Her carer"}]}]},
         "Participant:\n    Type: Her carer"),
        ({"type": [{"coding": [{"system": "u", "code": "x1", "userSelected": True}]}]},
         "Type: x1"),
        ({"name": [{"prefix": ["Ms"], "given": ["A"], "family": "B"}]}, "Name: Ms A B"),
        ({"address": [{"line": ["1 Ash Row"], "postalCode": "KT6"}]}, "Address: 1 Ash Row, KT6"),
        ({"telecom": [{"system": "phone", "value": "020 7946"}]}, "Telecom: 020 7946"),
        ({"author": {"reference": "Patient/1", "display": "Her niece"}}, "Author: Her niece"),
        ({"owner": {"identifier": {"system": "u", "value": "XK1"}}}, "Owner: XK1"),
        ({"scheduledTiming": {"code": {"text": "mornings"}}}, "Scheduled:\n    Code: mornings"),
        ({"onsetDateTime": "2020-07-16T11:33:00Z"}, "Onset: 2020-07-16 12:33"),
        ({"onsetDateTime": "2020-12-31T20:33:00.5-05:00"}, "Onset: 2021-01-01 01:33"),
        ({"description": "at 2020-99-16T11:33:00Z"}, "Description: at 2020-99-16T11:33:00Z"),
        ({"note": [{"text": "first\nsecond"}]}, "Note: first\n    second"),
        ({"note": [{"text": "first\rThe end. Items: 1. Looks: 0.\u2028third"}]},
         "Note: first\n    The end. Items: 1. Looks: 0.\n    third"),
        ({"text": {"status": "additional", "div": "<div><p>Walks &amp; swims</p></div>"}},
         "Text: Walks & swims"),
        ({"dosage": [{"text": "Twice daily", "asNeededBoolean": True}]},
         "Dosage:\n    Text: Twice daily\n    As needed: yes"),
        ({"meta": {"source": "urn:care-gateway:team:XK1"}}, "Sent by: XK1"),
        ({"meta": {"source": "urn:care-gateway:source:XK1:gp"}}, "Sent by: XK1"),
        ({"meta": {"source": "urn:care-gateway:team:XK2"}}, "Sent by: Home First"),
        ({"owner": {"identifier": {"system": ODS, "value": "XK2"}}}, "Owner: Home First"),
        ({"owner": {"identifier": {"system": ODS, "value": "XK1"}}}, "Owner: XK1"),
        ({"owner": {"identifier": {"system": ODS, "value": "XK2"}, "display": "A nurse of ours"}},
         "Owner: A nurse of ours"),
        ({"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000077"}]},
         "Identifier: NHS number 9990000077"),
    ],
)  # fmt: skip
def test_an_element_is_told_in_words(element, line):
    resource = {"resourceType": "Flag", "id": "f"} | element
    assert _told({"part": "record", "resource": resource}) == f"\nWarning\n  {line}\n"


@pytest.mark.parametrize(
    "element",
    [
        {"identifier": [{"system": "u", "value": "7F"}]},
        {"subject": {"reference": "Patient/1"}},
        {"meta": {"versionId": "1"}},
        {"content": [{"attachment": {"data": "AAAA", "url": "Binary/1"}}]},
        {"extension": [{"url": "u", "valueString": "x"}]},
        {"_birthDate": {"id": "x"}},
    ],
)
def test_what_only_a_program_uses_is_left_to_the_lines_of_json(element):
    resource = {"resourceType": "Goal", "id": "f"} | element
    assert _told({"part": "record", "resource": resource}) == "\nGoal\n"


def test_a_copy_begins_with_what_it_is_and_ends_with_how_many_there_were():
    about = {"part": "about", "person": "1", "made": "2026-11-22T22:06:55Z", "notice": "Shared."}
    look = {"part": "access", "at": "2026-11-22T09:00:01.5Z", "words": "A nurse looked."}
    end = {"part": "end", "records": 0, "accesses": 1}
    told = _told(about, {"part": "progress", "records": 0, "of": 0}, look, end).splitlines()
    assert told[:3] == ["A copy of a health and care record", "Made: 2026-11-22 22:06", "Shared."]
    assert "2026-11-22 09:00: A nurse looked." in told
    assert told[-1] == "The end. Items: 0. Looks: 1."


def test_a_choice_is_told_in_the_names_of_its_codes():
    who = {
        "role": {"coding": [{"system": "v3", "code": "IRCP"}]},
        "reference": {"identifier": {"system": ODS, "value": "XK2"}},
    }
    rule = {"coding": [{"system": "v3", "code": "OPTOUT"}]}
    choice = {
        "resourceType": "Consent",
        "policyRule": rule,
        "provision": {
            "type": "deny",
            "actor": [who],
            "code": [{"coding": [{"system": "u", "code": "medicines"}]}],
        },
    }
    assert _told({"part": "record", "resource": choice}).splitlines()[1:] == [
        "A choice about who may see what",
        "  Policy rule: opt-out",
        "  Provision:",
        "    Type: deny",
        "    Actor:",
        "      Role: information recipient",
        "      Reference: Home First",
        "    Code: medicines",
    ]
    other = {"resourceType": "Task", "code": rule}
    assert "OPTOUT" in _told({"part": "record", "resource": other}), "of a Consent alone"
