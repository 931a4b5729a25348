"""What rows look up in a message again and again, found once.

In      The facts of a message.
Out     Whole: the person's key and numbers, and every segment by name, wherever it stands.
Pure    `Kind.prepare` makes it; functions get it as `Scope.prepared`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mappings.core.outcome import Facts
from mappings.core.paths import Found, Scope
from mappings.hospital.rows import identity, tree


@dataclass(frozen=True, slots=True)
class Whole:
    """A message, looked through once."""

    facts: Facts
    person_id: str
    numbers: tuple[identity.Number, ...]
    segments: Mapping[str, list[Found]]

    @property
    def scope(self) -> Scope:
        """The scope of the whole message."""
        return Scope(self.facts, Found((), self.facts), prepared=self)


def prepare(facts: Facts) -> Whole:
    """Look through a message."""
    numbers = identity.numbers(facts)
    person = identity.person_id(facts, numbers)
    return Whole(facts, person, tuple(numbers), tree.by_name(facts))


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
