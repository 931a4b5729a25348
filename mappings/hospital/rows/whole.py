"""What rows look up in a message again and again, found once.

In      The facts of a message.
Out     Whole: the person's key and numbers, and every segment by name, wherever it stands.
Pure    `Kind.prepare` makes it; functions get it as `Scope.prepared`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mappings.core.outcome import Facts
from mappings.core.paths import Found, Scope, Steps
from mappings.hospital.message.fields import wording
from mappings.hospital.rows import identity, tree


@dataclass(frozen=True, slots=True)
class Whole:
    """A message, looked through once."""

    facts: Facts
    person_id: str
    numbers: tuple[identity.Number, ...]
    segments: Mapping[str, list[Found]]
    shared_codes: frozenset[str] = frozenset()
    """Codes by which the message names several allergies, such as OTHER: they name none."""
    report_keys: dict[Steps, str] = field(default_factory=dict)
    """Where each OBR stands -> the key of its report; filled where they are first asked for."""
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
    return Whole(facts, person, tuple(numbers), segments, frozenset(_shared_codes(segments)))


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
