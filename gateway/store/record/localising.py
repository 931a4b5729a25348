"""Ids of what a source keys in its own way, and resources with ids in place of local references.

In      The keys of one organisation, for one person's source record.
Out     Ids that the same keys always give.
Rule    A Patient's id is that of its source record. Every other id is of one source record: a key
        that a source uses for two people names two resources, and neither leads to the other.
Pure    No database; ids are keyed hashes by the hasher that is passed in.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from gateway.store.keyring.keys import KeyedHasher
from mappings.core.model import systems
from mappings.core.model.rows import LOCAL

_PATIENT: Final = "Patient"
_LOCAL_NAMES: Final = frozenset({"reference", "system", "value"})
"""Elements whose texts may be of one source alone."""


def local_system(org: str) -> str:
    """The system of the ids that an organisation's own sources know people by."""
    return f"urn:care-gateway:{org.lower()}:local-id"


@dataclass(slots=True)
class Localiser:
    """Turns the local references of one source record into ids."""

    hasher: KeyedHasher
    org: str
    patient_id: str
    _people: dict[str, str] = field(default_factory=dict)
    """Ids of any person's records by key: one batch works each out once."""
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def record_id(self, key: str) -> str:
        """The id of the source record, and the Patient, of the person this source keys so."""
        known = self._people.get(key)
        if known is None:
            known = self.hasher.keyed_uuid("resource", self.org, _PATIENT, key)
            self._people[key] = known
        return known

    def resource_id(self, resource_type: str, key: str) -> str:
        """The id of the resource this source keys so; of any person's for a Patient."""
        if resource_type == _PATIENT:
            return self.record_id(key)
        known = self._ids.get((resource_type, key))
        if known is None:
            known = self.hasher.keyed_uuid("resource", self.patient_id, resource_type, key)
            self._ids[resource_type, key] = known
        return known

    def localised(self, node: dict[str, Any]) -> dict[str, Any]:
        """A copy with ids in place of local references, and the source's own id system."""
        made: dict[str, Any] = {}
        for name, value in node.items():
            kind = value.__class__
            if kind is str:
                made[name] = self._local(name, value) if name in _LOCAL_NAMES else value
            elif kind is dict:
                made[name] = self.localised(value)
            elif kind is list:
                made[name] = self._listed(value)
            else:
                made[name] = value
        return made

    def _local(self, name: str, value: str) -> str:
        """A text that may be of this source alone, as others know it."""
        if name == "reference":
            return self._reference(value) if value.startswith(LOCAL) else value
        if name == "system" and value == systems.LOCAL_ID:
            return local_system(self.org)
        return self.org if name == "value" and value == systems.SOURCE_ORGANISATION else value

    def _listed(self, values: list[Any]) -> list[Any]:
        return [
            self.localised(v) if v.__class__ is dict else self._listed(v) if type(v) is list else v
            for v in values
        ]

    def _reference(self, local: str) -> str:
        known = self._known.get(local)
        if known is None:
            resource_type, _, key = local.removeprefix(LOCAL).partition(":")
            known = self._known[local] = f"{resource_type}/{self.resource_id(resource_type, key)}"
        return known


@dataclass(slots=True)
class Localisers:
    """One for each source record of an organisation that a batch speaks of."""

    hasher: KeyedHasher
    org: str
    _of: dict[str, Localiser] = field(default_factory=dict)
    _people: dict[str, str] = field(default_factory=dict)

    def record_id(self, key: str) -> str:
        """The id of the source record of the person this source keys so."""
        return self.of("").record_id(key)

    def of(self, patient_id: str) -> Localiser:
        """That of a source record."""
        known = self._of.get(patient_id)
        if known is None:
            known = Localiser(self.hasher, self.org, patient_id, self._people)
            self._of[patient_id] = known
        return known
