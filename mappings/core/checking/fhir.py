"""The one place that imports fhir.resources: R4B to check what we write, STU3 to read.

In      a resource type; JSON as read.
Out     the library's model of that type, or a resource of it.
Errors  UnknownTypeError; NotFhirError, whose problems hold a path and our words, never a value.
Source  fhir.resources 8: it has no R4 package; its R4B models have the same elements for every
        type used here (a test compares them with r4/elements.py).

The library is loaded when a type is first asked for. It accepts wrong codes and wrong reference
targets and loses the precision of decimals: validate.py judges what is stored, this does not.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from fhir_core.fhirabstractmodel import FHIRAbstractModel
from pydantic import ValidationError

from mappings.core.checking.problem import Problem, shown_name

_TEXTS: Final = {
    "model_field_validation.missing": ("required", "is required"),
    "extra_forbidden": ("structure", "is not an element here"),
    "list_type": ("structure", "must be an array"),
    "model_type": ("structure", "must be a JSON object"),
    "string_type": ("value", "must be text"),
}
_ITS_OWN: Final = (KeyError, ValueError, TypeError, AttributeError)
"""What the library lets escape for some contained resources and values."""
_OTHERWISE: Final = ("value", "is not what FHIR asks for here")


class UnknownTypeError(Exception):
    """No resource type of this release has that name."""


class NotFhirError(Exception):
    """The JSON is not a resource of the type it should be."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} elements are not FHIR")
        self.problems = problems


def r4_model(resource_type: str) -> type[FHIRAbstractModel]:
    """The R4 model of a resource type."""
    return _model("R4B", resource_type)


def stu3_model(resource_type: str) -> type[FHIRAbstractModel]:
    """The STU3 model of a resource type."""
    return _model("STU3", resource_type)


def to_r4(content: Mapping[str, Any]) -> FHIRAbstractModel:
    """The R4 resource in this JSON."""
    return _resource("R4B", content)


def to_stu3(content: Mapping[str, Any]) -> FHIRAbstractModel:
    """The STU3 resource in this JSON."""
    return _resource("STU3", content)


@cache
def _finder(release: str) -> Callable[[str], type[FHIRAbstractModel]]:
    found: Callable[[str], type[FHIRAbstractModel]]
    found = import_module(f"fhir.resources.{release}").get_fhir_model_class
    return found


def _model(release: str, resource_type: str) -> type[FHIRAbstractModel]:
    try:
        return _finder(release)(resource_type)
    except ValueError:
        raise UnknownTypeError(f"no such resource type in {release}") from None


def _resource(release: str, content: Mapping[str, Any]) -> FHIRAbstractModel:
    """Validation errors of the library lose their cause on purpose: it quotes the input."""
    resource_type = str(content.get("resourceType", ""))
    model = _model(release, resource_type)
    try:
        return model.model_validate(dict(content))
    except ValidationError as refusal:
        errors = refusal.errors(include_input=False, include_url=False, include_context=False)
        found = ((error["loc"], error["type"]) for error in errors)
        problems = tuple(_problem(resource_type, *entry) for entry in found)
    except _ITS_OWN:
        problems = (Problem(resource_type, "structure", "holds what is not FHIR"),)
    raise NotFhirError(problems)


def _problem(resource_type: str, place: Iterable[str | int], kind: str) -> Problem:
    path = resource_type
    for position, part in enumerate(place):
        is_entry = isinstance(part, int)
        path += f"[{part}]" if is_entry else f".{shown_name(str(part), position)}"
    return Problem(path, *_TEXTS.get(kind, _OTHERWISE))
