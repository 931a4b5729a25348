"""A person is taken without the parts that are no FHIR, and refused for one that says who it is."""

import copy

import pytest

from mappings.core.applying.fitting import without
from mappings.core.model.outcome import Severity
from tests.unit.mappings.gp.bundles import of_type
from tests.unit.mappings.gp.resources import PERSON, bundle, goal, mapped


def _sent(**more):
    return bundle(goal(), person={**copy.deepcopy(PERSON), **more})


@pytest.mark.parametrize(
    ("part", "element", "left"),
    [
        ({"communication": [{"preferred": True}, {"language": {"text": "Urdu"}}]},
         "communication", 1),
        ({"communication": [{"language": {"coding": [{"x": 1}]}}]}, "communication", 0),
        ({"telecom": [{"value": "020 7946 0000"}, {"system": "email", "value": "a@b.example"}]},
         "telecom", 1),
        ({"identifier": [*PERSON["identifier"], {"use": "x y", "system": "s", "value": "1"}]},
         "identifier", 1 + len(PERSON["identifier"])),
        ({"name": [{"family": "ADA\x07"}]}, "name", 0),
    ],
)  # fmt: skip
def test_a_part_of_a_person_that_is_no_fhir_leaves_alone_and_is_told(part, element, left):
    outcome = mapped(_sent(**part))
    assert not outcome.quarantined
    assert {one.type for one in outcome.resources} == {"Patient", "Goal"}
    told = [(i.severity, i.path.partition("[")[0]) for i in outcome.issues]
    assert told
    assert set(told) == {(Severity.WARNING, f"Patient.{element}")}
    (person,) = of_type(outcome, "Patient")
    assert len(person.get(element, ())) == left


@pytest.mark.parametrize("part", [{"active": "no"}, {"deceasedBoolean": "yes"}])
def test_a_part_that_changes_the_meaning_of_the_rest_is_not_left_out(part):
    assert mapped(_sent(**part)).quarantined


def test_without_nothing_is_the_same():
    assert without({"a": [1, {"b": 2}]}, ()) == {"a": [1, {"b": 2}]}
    assert without({"a": [1, {"b": 2}]}, {"a[1].b"}) == {"a": [1, {"b": {}}]}
