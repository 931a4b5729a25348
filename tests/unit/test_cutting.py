"""What is cut out of a resource leaves valid FHIR, and nothing of what was cut."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.store.columns import references
from gateway.store.cutting import WORDS, cut
from mappings.core import systems
from mappings.core.validate import validate

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
        "activity": [{"reference": {"reference": "Goal/a"}, "progress": [{"text": "x"}]}],
        "text": {"status": "generated", "div": "<div/>"},
    }
    made = cut(plan, {"Goal/a"})
    assert made.resource == {
        "resourceType": "CarePlan",
        "goal": [{"reference": "Goal/b"}],
        "activity": [{"progress": [{"text": "x"}]}],
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
