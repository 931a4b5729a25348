"""The library behind one door: the right models, and errors that quote nothing."""

import pytest

from mappings.core.checking import fhir
from mappings.core.checking.problem import Problem
from mappings.core.checking.shapes import shape_of
from mappings.core.r4.elements import RESOURCES, TYPES
from tests.judges.examples import BY_TYPE

# Elements of fhir.resources itself, and those R4B has under another name.
OF_THE_LIBRARY = {"resourceType", "fhir_comments", "fhirComments"}


def named_by_the_library(model):
    return {field.alias or name for name, field in model.model_fields.items()} - OF_THE_LIBRARY


def named_by_hl7(kind):
    fields = shape_of(kind).fields.values()
    return {f.name for f in fields} | {f"_{f.name}" for f in fields if f.companion}


@pytest.mark.parametrize("resource_type", RESOURCES)
def test_an_r4b_model_has_the_elements_of_r4(resource_type):
    assert named_by_the_library(fhir.r4_model(resource_type)) == named_by_hl7(resource_type)


def test_stu3_is_another_release():
    assert "definition" in named_by_the_library(fhir.stu3_model("CarePlan"))
    assert "definition" not in TYPES["CarePlan"]
    assert fhir.stu3_model("ReferralRequest").__module__.startswith("fhir.resources.STU3")


@pytest.mark.parametrize("find", [fhir.r4_model, fhir.stu3_model])
def test_an_unknown_type_is_an_error_of_ours(find):
    with pytest.raises(fhir.UnknownTypeError) as refusal:
        find("Smith")
    assert "Smith" not in str(refusal.value)


def test_a_right_resource_is_given():
    assert fhir.to_r4(BY_TYPE["CarePlan"]).get_resource_type() == "CarePlan"
    flag = {"resourceType": "Flag", "status": "active", "code": {"text": "a"}}
    old = fhir.to_stu3({**flag, "subject": {"reference": "Patient/1"}})
    assert old.get_resource_type() == "Flag"


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"status": None}, Problem("CarePlan.status", "required", "is required")),
        ({"Smith": 1}, Problem("CarePlan.(element 1)", "structure", "is not an element here")),
        ({"goal": {}}, Problem("CarePlan.goal", "structure", "must be an array")),
        (
            {"activity": [{"detail": {}}]},
            Problem("CarePlan.activity[0].detail.status", "required", "is required"),
        ),
        (
            {"created": "Smith"},
            Problem("CarePlan.created", "value", "is not what FHIR asks for here"),
        ),
        (
            {"contained": [{"resourceType": "Smith"}]},
            Problem("CarePlan", "structure", "holds what is not FHIR"),
        ),
    ],
)
def test_a_wrong_resource_gives_paths_and_our_words(elements, problem):
    with pytest.raises(fhir.NotFhirError) as refusal:
        fhir.to_r4({**BY_TYPE["CarePlan"], "contained": [], "goal": [], **elements})
    assert problem in refusal.value.problems
    assert "Smith" not in f"{refusal.value!r} {refusal.value.problems}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None
