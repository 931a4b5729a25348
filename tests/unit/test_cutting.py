"""What is cut out of a resource leaves valid FHIR, and nothing of what was cut."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.store.clear.columns import references
from gateway.store.clear.cutting import WORDS, cut, cut_links
from gateway.store.clear.search_table import PARAMETERS
from gateway.store.clear.spoken import SPEAKS, unspoken
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.core.model.systems import NHS_NUMBER
from mappings.core.r4.elements import TYPES

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def _stored(node):
    """References as the store writes them."""
    if isinstance(node, dict):
        return {name: _stored(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_stored(value) for value in node]
    if isinstance(node, str) and node.startswith("urn:source:"):
        kind, _, key = node.removeprefix("urn:source:").partition(":")
        return f"{kind}/{''.join(c for c in key if c.isalnum())[:60] or 'x'}"
    return node


def _resources():
    found: dict[tuple[str, ...], tuple[str, dict[str, Any]]] = {}
    for path in sorted(GOLDEN.glob("*/*/expected.json")):
        for item in json.loads(path.read_text(encoding="utf-8"))["items"]:
            for place, mapped in enumerate(item.get("resources", [])):
                resource = _stored(mapped.get("resource", mapped))
                found.setdefault(
                    (resource["resourceType"], *sorted(resource)),
                    (f"{path.parent.parent.name}/{path.parent.name}#{place}", resource),
                )
    return list(found.values())


CASES = _resources()


@pytest.mark.parametrize(("name", "resource"), CASES, ids=[name for name, _ in CASES])
def test_every_golden_resource_stays_valid_with_every_reference_cut(name, resource):
    if resource["resourceType"] == "Provenance":
        return  # shown whole or not at all
    hidden = {one for one in references(resource) if not one.startswith("Patient/")}
    before = json.dumps(resource)
    made = cut(resource, hidden)
    faults = set(validate(resource, local_references=False))  # a merge's part may lack some
    assert set(validate(made.resource, local_references=False)) <= faults
    assert not set(references(made.resource)) & hidden
    assert json.dumps(resource) == before
    assert made.changed == bool(hidden)


POLICY = Path(__file__).resolve().parents[2] / "consent" / "policy.toml"
MASKS = tuple(tomllib.loads(POLICY.read_text(encoding="utf-8"))["masks"]["location"])


@pytest.mark.parametrize(("name", "resource"), CASES, ids=[name for name, _ in CASES])
def test_every_golden_resource_stays_valid_without_any_place(name, resource):
    faults = set(validate(resource, local_references=False))
    made = cut(resource, set(), MASKS)
    assert set(validate(made.resource, local_references=False)) <= faults
    said = json.dumps(made.resource)
    for words in (systems.ODS, '"Organization"', "Organization/", "Location/", '"address"'):
        assert words not in said


def test_there_are_golden_resources_of_many_types():
    assert len({resource["resourceType"] for _, resource in CASES}) > 8


def test_paths_follow_what_is_left():
    plan = {
        "resourceType": "CarePlan",
        "goal": [{"reference": "Goal/a"}, {"reference": "Goal/b"}],
        "activity": [{"reference": {"reference": "Goal/a"}, "id": "1"}],
        "text": {"status": "generated", "div": "<div/>"},
    }
    made = cut(plan, {"Goal/a"})
    assert made.resource == {
        "resourceType": "CarePlan",
        "goal": [{"reference": "Goal/b"}],
        "activity": [{"id": "1"}],
    }
    assert made.moved["goal[1].reference"] == "goal[0].reference"
    assert "goal[0]" not in made.moved
    assert not [path for path in made.moved if path.startswith(("text", "activity[0].reference"))]


def test_what_cannot_stand_without_its_reference_goes_with_it():
    encounter = {
        "resourceType": "Encounter",
        "diagnosis": [
            {"use": {"text": "billing"}, "condition": {"reference": "Condition/a"}},
            {"condition": {"reference": "Condition/b"}},
        ],
    }
    made = cut(encounter, {"Condition/a"})
    assert made.resource["diagnosis"] == [{"condition": {"reference": "Condition/b"}}]
    assert made.moved["diagnosis[1].condition"] == "diagnosis[0].condition"
    assert "diagnosis[0].use" not in made.moved


def test_words_stand_where_a_gap_would_change_the_meaning():
    statement = {
        "resourceType": "MedicationStatement",
        "medicationReference": {"reference": "Medication/a", "display": "secret"},
    }
    assert cut(statement, {"Medication/a"}).resource["medicationReference"] == {"display": WORDS}


OWN = {
    "AllergyIntolerance": "note onset[x]",
    "AllergyIntolerance.reaction": "description note",
    "Appointment": "comment description patientInstruction",
    "CarePlan": "description note title",
    "CarePlan.activity.detail": "description scheduled[x]",
    "CareTeam": "name note",
    "Communication": "note",
    "Communication.payload": "content[x]",
    "Condition": "abatement[x] note onset[x]",
    "Coverage": "dependent network subscriberId",
    "Coverage.class": "name value",
    "DeviceRequest": "note",
    "DiagnosticReport.media": "comment",
    "DocumentReference": "description",
    "FamilyMemberHistory": "age[x] born[x] deceased[x] name note",
    "FamilyMemberHistory.condition": "note onset[x]",
    "Goal": "note statusReason",
    "Goal.target": "detail[x]",
    "Immunization": "lotNumber note occurrence[x]",
    "Immunization.education": "documentType",
    "Immunization.protocolApplied": "doseNumber[x] series seriesDoses[x]",
    "List": "title",
    "MedicationRequest": "note",
    "MedicationStatement": "note",
    "Observation": "value[x]",
    "Observation.component": "value[x]",
    "Procedure": "note performed[x]",
    "QuestionnaireResponse.item": "linkId",
    "QuestionnaireResponse.item.answer": "value[x]",
    "ServiceRequest": "note patientInstruction",
    "Task.input": "value[x]",
    "Task.output": "value[x]",
}
"""Words that a resource says of itself: its own labels are theirs. Or they go with the element."""


def _elements(path: str, name: str = ""):
    """Every element of a type that holds others, with the names and types of those."""
    own = {one[0]: set(one[1].split()) for one in TYPES[path][1]}
    yield path, name, own
    for child, types in own.items():
        for inner in types:
            if inner.startswith(f"{path}."):
                yield from _elements(inner, child)


SERVED = sorted(set(PARAMETERS) & set(TYPES))


@pytest.mark.parametrize("served", SERVED)
def test_a17_of_every_text_of_a_served_type_it_is_said_what_it_speaks_of(served):
    """A new type, or a new element, stands in one place or the other."""
    for path, name, own in _elements(served):
        spoken = {
            word for about, words in SPEAKS.get(name, {}).items() if about in own for word in words
        }
        texts = {
            word for word, types in own.items() if types & {"string", "markdown", "Annotation"}
        }
        assert texts - spoken - {"text"} == set(OWN.get(path, "").split()), path


@pytest.mark.parametrize("served", SERVED)
def test_a17_a_code_beside_a_reference_for_the_same_thing_goes_with_it(served):
    for path, name, own in _elements(served):
        for about in [one for one, types in own.items() if "Reference" in types]:
            stem = about.removesuffix("Reference")
            same = {stem, f"{stem}Code", f"{stem}CodeableConcept"} & own.keys() - {about}
            assert same <= set(SPEAKS.get(name, {}).get(about, ())), (path, about)


CONCEPT = {"text": "canary"}
SPOKEN = [
    ({"resourceType": "DiagnosticReport", "conclusion": "canary", "conclusionCode": [CONCEPT],
      "presentedForm": [{"title": "canary"}]}, "result", [{"reference": "Observation/a"}]),
    ({"resourceType": "DiagnosticReport", "conclusion": "canary"}, "media",
     [{"comment": "canary", "link": {"reference": "Media/a"}}]),
    ({"resourceType": "Procedure", "reasonCode": [CONCEPT], "outcome": CONCEPT}, "reasonReference",
     [{"reference": "Condition/a"}]),
    ({"resourceType": "Procedure", "complication": [CONCEPT], "outcome": CONCEPT},
     "complicationDetail", [{"reference": "Condition/a"}]),
    ({"resourceType": "List", "note": [CONCEPT]}, "entry", [{"item": {"reference": "Goal/a"}}]),
    ({"resourceType": "Condition"}, "evidence",
     [{"code": [CONCEPT], "detail": [{"reference": "Goal/a"}]}]),
    ({"resourceType": "Condition"}, "stage",
     [{"summary": CONCEPT, "assessment": [{"reference": "Goal/a"}]}]),
    ({"resourceType": "CarePlan"}, "activity",
     [{"progress": [CONCEPT], "reference": {"reference": "ServiceRequest/a"}}]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "about", "value"), SPOKEN, ids=[one[1] for one in SPOKEN])
def test_a17_what_sums_up_the_hidden_goes_with_it_and_stays_with_the_rest(said, about, value):
    resource = {**said, "id": "x", about: value}
    (name,) = references(resource)
    assert cut(resource, {name}).resource == {"resourceType": said["resourceType"], "id": "x"}
    assert cut(resource, {"Goal/other"}).resource == resource
    assert "canary" in json.dumps(cut_links(resource, {name}).resource) or about == "stage"


@pytest.mark.parametrize(("said", "about", "value"), SPOKEN, ids=[one[1] for one in SPOKEN])
def test_a17_nothing_is_found_by_words_that_go_with_a_reference(said, about, value):
    found = unspoken({**said, about: value})
    assert "canary" not in json.dumps({**found, "media": []})
    assert unspoken(said) == said


def test_nulls_that_hold_a_place_stay():
    patient = {
        "resourceType": "Patient",
        "name": [{"given": ["A", "B"], "_given": [None, {"id": "x"}]}],
        "link": [{"other": {"reference": "Patient/z"}, "type": "seealso"}],
    }
    made = cut(patient, {"Patient/z"}).resource
    assert made["name"] == patient["name"]
    assert "link" not in made


@pytest.mark.parametrize(
    ("mask", "left"),
    [
        ("*.address", {"name", "contact", "participant"}),
        ("Patient.address", {"name", "contact", "participant"}),
        ("Flag.address", {"name", "contact", "participant", "address", "_address"}),
        ("Patient.contact.address", {"name", "contact", "participant", "address", "_address"}),
    ],
)
def test_masks_reach_elements_inside_and_their_companions(mask, left):
    patient = {
        "resourceType": "Patient",
        "name": [{"text": "n"}],
        "address": [{"city": "c"}],
        "_address": [{"id": "x"}],
        "contact": [{"name": {"text": "r"}, "address": {"city": "c"}}],
        "participant": [{"onBehalfOf": {"display": "d"}}],
    }
    made = cut(patient, (), (mask,))
    assert set(made.resource) - {"resourceType"} == left
    assert ("address" in made.resource["contact"][0]) == (mask != "Patient.contact.address")
    assert made.changed == (mask != "Flag.address")


@pytest.mark.parametrize(
    "system",
    ["https://EMISWeb/A82038", "urn:care-gateway:A82038:local-id", "urn:oid:2.16.840.1.113883.2.1"],
)
@pytest.mark.parametrize("value", [{"value": "7"}, {}])
def test_s32_a_number_goes_with_the_organisation_that_gave_it_out(system, value):
    own, nhs = {"system": system, **value}, {"system": NHS_NUMBER, "value": "9990000042"}
    code = {"system": "http://snomed.info/sct", "code": "38341003"}
    weight = {"system": "http://unitsofmeasure.org", "unit": "kg", "value": 71}
    given = {
        "resourceType": "Observation",
        "identifier": [own, nhs],
        "code": {"coding": [code]},
        "valueQuantity": weight,
    }
    made = cut(given, (), ("*.@Organization",)).resource
    assert made == given | {"identifier": [nhs]}
    alone = {"resourceType": "ServiceRequest", "requisition": own}
    assert cut(alone, (), ("*.@Organization",)).resource == {"resourceType": "ServiceRequest"}
    assert cut(given, (), ("*.address",)).resource == given
