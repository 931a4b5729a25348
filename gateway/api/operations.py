"""The FHIR operations that are offered: one table for the CapabilityStatement, the definitions
that are served, and OpenAPI.
"""

from dataclasses import dataclass
from typing import Final

from mappings.core import systems

_OPERATION: Final = "http://hl7.org/fhir/OperationDefinition/"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its code, whom it is asked of, what goes in and what comes out."""

    code: str
    title: str
    types: tuple[str, ...]
    """Resource for all."""
    at_type: bool
    at_instance: bool
    parameters: tuple[tuple[str, str, int, str, str], ...]
    """Name, in or out, least, most, type."""
    base: str = ""
    """The definition of HL7 that it keeps to."""

    @property
    def url(self) -> str:
        """Its own definition."""
        return f"{systems.OWN}/OperationDefinition/{self.code}"

    def takes(self, resource_type: str) -> bool:
        """Whether it is asked of this type."""
        return resource_type in self.types or "Resource" in self.types


OPERATIONS: Final = (
    Operation(
        "everything", "All that the caller may see of a person", ("Patient",), False, True,
        (
            ("_type", "in", 0, "*", "code"),
            ("_since", "in", 0, "1", "instant"),
            ("_count", "in", 0, "1", "integer"),
            ("return", "out", 1, "1", "Bundle"),
        ),
        f"{_OPERATION}Patient-everything",
    ),
    Operation(
        "match", "Which of the people open to the caller a description fits", ("Patient",),
        True, False,
        (
            ("resource", "in", 1, "1", "Patient"),
            ("onlyCertainMatches", "in", 0, "1", "boolean"),
            ("count", "in", 0, "1", "integer"),
            ("return", "out", 1, "1", "Bundle"),
        ),
        f"{_OPERATION}Patient-match",
    ),
    Operation(
        "validate", "Whether a resource could stand here; nothing is stored", ("Resource",),
        True, True,
        (
            ("resource", "in", 0, "1", "Any"),
            ("mode", "in", 0, "1", "code"),
            ("profile", "in", 0, "1", "uri"),
            ("return", "out", 1, "1", "OperationOutcome"),
        ),
        f"{_OPERATION}Resource-validate",
    ),
)  # fmt: skip
LINEAGE: Final = Operation(
    "lineage", "For each element of a resource, the source field and the rule it came from",
    ("Resource",), False, True, (("return", "out", 1, "1", "Parameters"),),
)  # fmt: skip
"""Of what is read from the record."""
