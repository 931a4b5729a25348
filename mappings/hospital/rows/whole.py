"""What rows look up in a message again and again, found once.

In      The facts of a message.
Out     Whole: the person's key and numbers, and every segment by name, wherever it stands.
Pure    `Kind.prepare` makes it; functions get it as `Scope.prepared`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Facts
from mappings.core.model.paths import Found, Scope, Steps
from mappings.hospital.message.fields import wording
from mappings.hospital.message.profiles import SourceProfile, profile_of
from mappings.hospital.rows import identity, tree


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a field, and what it means."""

    field: str
    meaning: Concept
    word: str

    def found(self, steps: Steps) -> Found:
        """The concept, and where it stands."""
        return Found((*steps, self.field), self.meaning.concept(self.word))


@dataclass(frozen=True, slots=True)
class ProblemState:
    """The states that a PRB gives, each by the field that decides first."""

    clinical: Said | None
    verification: Said | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A message, looked through once."""

    facts: Facts
    person_id: str
    numbers: tuple[identity.Number, ...]
    segments: Mapping[str, list[Found]]
    profile: SourceProfile
    """Of the system that sent it."""
    shared_codes: frozenset[str] = frozenset()
    """Codes by which the message names several allergies, such as OTHER: they name none."""
    report_keys: dict[Steps, str] = field(default_factory=dict)
    """Where each OBR stands -> the key of its report; filled where they are first asked for."""
    told: dict[str, tuple[Found, ...]] = field(default_factory=dict)
    """Name of a segment -> each thing it tells of, once; filled as it is asked for."""
    observed: dict[Steps, list[str]] = field(default_factory=dict)
    """Where several OBX stand -> the name of each; filled where they are first asked for."""
    states: dict[Steps, ProblemState] = field(default_factory=dict)
    """Where each PRB stands -> the states it gives; filled as they are asked for."""
    revealed: dict[Steps, list[dict[str, str]]] = field(default_factory=dict)
    """Where each OBR stands -> what its results' codes reveal; filled as it is asked for."""

    @property
    def scope(self) -> Scope:
        """The scope of the whole message."""
        return Scope(self.facts, Found((), self.facts), prepared=self)


def prepare(facts: Facts) -> Whole:
    """Look through a message."""
    numbers = identity.numbers(facts)
    person = identity.person_id(facts, numbers)
    segments = tree.by_name(facts)
    shared = frozenset(_shared_codes(segments))
    return Whole(facts, person, tuple(numbers), segments, profile_of(facts), shared)


def _shared_codes(segments: Mapping[str, list[Found]]) -> Iterator[str]:
    for name in ("AL1", "IAM"):
        told: dict[str, str] = {}
        for found in segments.get(name, ()):
            code, said = (wording(found.value.get("3"), n).casefold() for n in (1, 2))
            if code and said and told.setdefault(code, said) != said:
                yield code


def whole(scope: Scope) -> Whole:
    """The message a scope stands in."""
    found = scope.prepared
    return found if isinstance(found, Whole) else prepare(scope.facts)


def person_id(scope: Scope) -> str:
    """The key of the source's record of the person."""
    return whole(scope).person_id


def every(scope: Scope, name: str) -> Iterator[Found]:
    """Every segment of a name in the message, in the order of the tree."""
    return iter(whole(scope).segments.get(name, ()))
