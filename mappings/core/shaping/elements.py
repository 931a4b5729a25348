"""Small named functions that several feeds' rows use to shape one FHIR element.

In      A source value, or several (absent ones as None).
Out     A FHIR element; None leaves it out.
Errors  UnreadableValueError, without the value.
"""

from typing import Any

from mappings.core.model import systems
from mappings.core.model.outcome import UnreadableValueError
from mappings.core.model.rows import local_reference
from mappings.core.shaping.identifiers import (
    is_usable_nhs_number,
    nhs_number_identifier,
    organisation,
)


def text_of(text: Any) -> dict[str, str]:
    """A CodeableConcept of words alone."""
    return {"text": str(text)}


def language(tag: str, words: dict[str, Any]) -> dict[str, Any]:
    """A language with its words: by its tag, or as one that has none here (`und`), as R4 and UK
    Core take no language without a code."""
    return {"coding": [{"system": systems.BCP_47, "code": tag or "und"}], **words}


def display(text: Any) -> dict[str, str]:
    """A Reference of words alone."""
    return {"display": str(text)}


def annotation(text: Any) -> dict[str, str]:
    """An Annotation."""
    return {"text": str(text)}


def local_id(value: Any) -> dict[str, str]:
    """The Identifier of a source's own number for the person."""
    return {"system": systems.LOCAL_ID, "value": str(value)}


def nhs_number(value: Any) -> dict[str, Any]:
    """The Identifier of an NHS number; a placeholder or a failing check digit is unreadable."""
    if not is_usable_nhs_number(str(value)):
        raise UnreadableValueError(
            "unusable-nhs-number",
            "fails the check digit or is a placeholder; the record is kept, and not linked",
        )
    return nhs_number_identifier(str(value))


def ods_organisation(code: Any) -> dict[str, Any]:
    """A logical reference to an organisation by ODS code."""
    return organisation(str(code))


def quantity(value: Any, unit: Any = None) -> dict[str, Any] | None:
    """A Quantity in a plain unit; None where there is no number."""
    if value is None:
        return None
    return {"value": value} | ({"unit": str(unit)} if unit else {})


class ReferenceTo:
    """A named function: a source's key to a local reference of one resource type."""

    def __init__(self, resource_type: str) -> None:
        self.resource_type = resource_type
        self.__name__ = f"reference_to_{resource_type}"

    def __call__(self, key: Any) -> dict[str, str]:
        """The local reference."""
        return {"reference": local_reference(self.resource_type, str(key))}
