"""What each type can be searched by: the one table that writing, searching and the
CapabilityStatement go by.

Out     PARAMETERS: type -> name -> Parameter, read from search_table.toml.
Kinds   code        a code whose system FHIR fixes, or a boolean
        token       a CodeableConcept or a Coding
        identifier  an Identifier, kept as a keyed hash
        uri         a URI, whole
        date        a date, dateTime, instant, Period or Timing
        reference   a literal reference to another resource; to staff by number, as a keyed hash
        who         a reference, literal or by identifier alone: the latter as a keyed hash
        patient     whose record it is: no index, as every row says so
        own         of Patient alone: read from the one that the caller is shown
Source  https://hl7.org/fhir/R4/searchparameter-registry.html; a test holds the two together.
Pure    A table.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from mappings.core.r4.codes import RESOURCE_TYPES

ANY: Final = "*"
"""Of a reference: it may lead to every type."""
PRACTITIONER: Final = "Practitioner"
_FHIR: Final = {
    "code": "token",
    "token": "token",
    "identifier": "token",
    "uri": "uri",
    "date": "date",
    "reference": "reference",
    "who": "reference",
    "patient": "reference",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of a type."""

    owner: str
    """The type it is of."""
    name: str
    kind: str
    fhir: str
    """What FHIR calls its kind."""
    paths: tuple[tuple[str, ...], ...] = ()
    targets: frozenset[str] = frozenset()

    @property
    def definition(self) -> str:
        """The canonical URL of its definition in R4."""
        if self.name.startswith("_"):
            return f"{_URL}Resource-{self.name.removeprefix('_')}"
        shared = _SHARED.get(self.name, {})
        family = next((one for one, owners in shared.items() if self.owner in owners), self.owner)
        return f"{_URL}{family}-{self.name}"

    def leads_to(self, resource_type: str) -> bool:
        """Whether the reference may be to this type; what is no type is none."""
        if ANY in self.targets:
            return resource_type in RESOURCE_TYPES
        return resource_type in self.targets

    @property
    def is_edited(self) -> bool:
        """Whether what it reads can be edited by a team where a feed states it."""
        return bool(self.paths) and self.kind not in ("identifier", "patient")

    @property
    def names_staff(self) -> bool:
        """Whether it reads references that may name staff, who are named by number."""
        return self.kind == "reference" and PRACTITIONER in self.targets

    def is_within(self, masks: Iterable[str]) -> bool:
        """Whether some mask takes out what it reads. What names an organisation, as numbers that
        one gives out do, goes with every mask of organisations."""
        for mask in masks:
            owner, _, path = mask.partition(".")
            if owner not in (ANY, self.owner):
                continue
            if path.startswith("@"):
                if self.kind in ("identifier", "who"):
                    return True
            elif any(f"{'.'.join(one)}.".startswith(f"{path}.") for one in self.paths):
                return True
        return False


_URL: Final = "http://hl7.org/fhir/SearchParameter/"
_EACH: Final = frozenset(
    {
        *("AllergyIntolerance", "CarePlan", "CareTeam", "Condition", "Consent", "Encounter"),
        *("DetectedIssue", "DeviceRequest", "DiagnosticReport", "DocumentReference"),
        *("EpisodeOfCare", "Flag", "Goal", "List"),
        *("Immunization", "MedicationRequest", "MedicationStatement", "Observation"),
        *("FamilyMemberHistory", "Procedure", "ServiceRequest"),
    }
)
_MEDICINES: Final = frozenset({"MedicationRequest", "MedicationStatement"})
_SEEN: Final = frozenset(
    {"DeviceRequest", "DiagnosticReport", "DocumentReference", "Flag", "List", "Observation",
     "Procedure", "ServiceRequest"}
)  # fmt: skip
_INDIVIDUALS: Final = frozenset({"Patient", "RelatedPerson"})
_SHARED: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "patient": {"clinical": _EACH},
    "identifier": {"clinical": _EACH - {"Flag"}},
    "code": {"clinical": _EACH - {"DetectedIssue"}},
    "date": {"clinical": _EACH - {"DocumentReference"}},
    "type": {"clinical": _EACH},
    "encounter": {"clinical": _SEEN, "medications": _MEDICINES},
    "status": {"medications": _MEDICINES},
    "gender": {"individual": _INDIVIDUALS},
    "birthdate": {"individual": _INDIVIDUALS},
    "family": {"individual": _INDIVIDUALS},
    "given": {"individual": _INDIVIDUALS},
}
"""Parameters that R4 defines once for many types: name -> family -> types."""


def _common(owner: str) -> list[Parameter]:
    return [
        Parameter(owner, "_id", "id", "token"),
        Parameter(owner, "_lastUpdated", "updated", "date"),
    ]


def _patient() -> list[Parameter]:
    kinds = {
        "identifier": "token",
        "name": "string",
        "family": "string",
        "given": "string",
        "gender": "token",
        "birthdate": "date",
        "active": "token",
        "deceased": "token",
        "death-date": "date",
    }
    return [Parameter("Patient", name, "own", fhir) for name, fhir in kinds.items()]


def _read(owner: str, name: str, line: str) -> Parameter:
    kind, _, rest = line.partition(" ")
    paths, _, targets = rest.partition(">")
    return Parameter(
        owner,
        name,
        kind,
        _FHIR[kind],
        tuple(tuple(path.strip().split(".")) for path in paths.split(",")),
        frozenset(targets.split()),
    )


def _table() -> dict[str, dict[str, Parameter]]:
    text = files("gateway.store.clear").joinpath("search_table.toml").read_text(encoding="utf-8")
    found = {"Patient": [*_common("Patient"), *_patient()]}
    for owner, lines in tomllib.loads(text).items():
        found[owner] = _common(owner) + [_read(owner, name, line) for name, line in lines.items()]
    return {owner: {one.name: one for one in several} for owner, several in found.items()}


PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = _table()
"""Type -> name -> parameter, of every type that can be searched."""

SORTED: Final[Mapping[str, str]] = {
    "Appointment": "date",
    "CarePlan": "date",
    "CareTeam": "date",
    "Condition": "onset-date",
    "Consent": "date",
    "DetectedIssue": "identified",
    "DeviceRequest": "event-date",
    "DiagnosticReport": "date",
    "DocumentReference": "date",
    "Encounter": "date",
    "EpisodeOfCare": "date",
    "FamilyMemberHistory": "date",
    "Flag": "date",
    "Goal": "start-date",
    "Immunization": "date",
    "List": "date",
    "MedicationStatement": "effective",
    "Observation": "date",
    "Provenance": "when",
    "QuestionnaireResponse": "authored",
    "ServiceRequest": "occurrence",
}
"""The date of a type that its rows can be put in order by: when it starts, as its column says."""
