"""The FHIR operations that are offered: one table for the CapabilityStatement, the definitions
that are served, and OpenAPI.
"""

from dataclasses import dataclass
from typing import Final

from mappings.core.model import systems

_OPERATION: Final = "http://hl7.org/fhir/OperationDefinition/"
_BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition"
_BULK: Final = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an operation may be given."""

    name: str
    type: str
    least: int = 0
    most: str = "1"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its code, whom it is asked of, what goes in and what comes out."""

    code: str
    title: str
    types: tuple[str, ...]
    """Resource for all."""
    at_type: bool
    at_instance: bool
    takes: tuple[Parameter, ...]
    gives: str
    """Empty for one that is answered with no resource."""
    base: str = ""
    """The definition of HL7 that it keeps to."""
    of: str = ""
    """What sets its definition apart where another has the same code."""

    @property
    def name(self) -> str:
        """What its own definition is called."""
        return f"{self.of}-{self.code}" if self.of else self.code

    @property
    def url(self) -> str:
        """Its own definition."""
        return f"{systems.OWN}/OperationDefinition/{self.name}"

    def is_of(self, resource_type: str) -> bool:
        """Whether it is asked of this type."""
        return resource_type in self.types or "Resource" in self.types


_EXPORTED: Final = (
    Parameter("_outputFormat", "string"),
    Parameter("_type", "string", most="*"),
    Parameter("_since", "instant"),
    Parameter("_elements", "string", most="*"),
    Parameter("patient", "Reference", most="*"),
)
OPERATIONS: Final = (
    Operation(
        "everything",
        "All that the caller may see of a person",
        ("Patient",),
        at_type=False,
        at_instance=True,
        takes=(
            Parameter("start", "date"),
            Parameter("end", "date"),
            Parameter("_type", "code", most="*"),
            Parameter("_since", "instant"),
            Parameter("_count", "integer"),
        ),
        gives="Bundle",
        base=f"{_OPERATION}Patient-everything",
    ),
    Operation(
        "export",
        "The records of the people a system's organisation cares for, in files; for systems",
        ("Patient",),
        at_type=True,
        at_instance=False,
        takes=_EXPORTED,
        gives="",
        base=f"{_BULK}/patient-export",
        of="patient",
    ),
    Operation(
        "export",
        "The records of one of the organisation's caseloads, in files; for systems",
        ("Group",),
        at_type=False,
        at_instance=True,
        takes=_EXPORTED,
        gives="",
        base=f"{_BULK}/group-export",
        of="group",
    ),
    Operation(
        "match",
        "Which of the people open to the caller a description fits",
        ("Patient",),
        at_type=True,
        at_instance=False,
        takes=(
            Parameter("resource", "Patient", least=1),
            Parameter("onlyCertainMatches", "boolean"),
            Parameter("count", "integer"),
        ),
        gives="Bundle",
        base=f"{_OPERATION}Patient-match",
    ),
    Operation(
        "status",
        "How a subscription stands",
        ("Subscription",),
        at_type=True,
        at_instance=True,
        takes=(Parameter("id", "id", most="*"), Parameter("status", "code", most="*")),
        gives="Bundle",
        base=f"{_BACKPORT}/backport-subscription-status",
    ),
    Operation(
        "events",
        "What a subscription was told; one without an address is told by asking",
        ("Subscription",),
        at_type=False,
        at_instance=True,
        takes=(
            Parameter("eventsSinceNumber", "string"),
            Parameter("eventsUntilNumber", "string"),
            Parameter("content", "code"),
        ),
        gives="Bundle",
        base=f"{_BACKPORT}/backport-subscription-events",
    ),
    Operation(
        "validate",
        "Whether a resource could stand here; nothing is stored",
        ("Resource",),
        at_type=True,
        at_instance=True,
        takes=(
            Parameter("resource", "Any"),
            Parameter("mode", "code"),
            Parameter("profile", "uri"),
        ),
        gives="OperationOutcome",
        base=f"{_OPERATION}Resource-validate",
    ),
)
LINEAGE: Final = Operation(
    "lineage",
    "For each element of a resource, the source field and the rule it came from",
    ("Resource",),
    at_type=False,
    at_instance=True,
    takes=(),
    gives="Parameters",
)
"""Of what is read from the record."""
