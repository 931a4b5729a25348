"""The law of what is left when a resource is refused, run over every delivery and the samples."""

from collections.abc import Iterable, Iterator
from typing import Any

from mappings.core.applying.refused import without_refused
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import Issue, Mapped
from mappings.core.model.rows import LOCAL, local_reference


def check(made: Iterable[Mapped], step: int = 1) -> Iterator[str]:
    """What breaks the law when each of these resources (or each so-many-th) is refused in turn."""
    every = list(made)
    for one in every[::step]:
        others = [other for other in every if other is not one]
        issues: list[Issue] = []
        left = without_refused(others, {_name(one)}, issues)
        yield from _broken(_name(one), others, left, issues)


def _broken(
    name: str, others: list[Mapped], left: list[Mapped], issues: list[Issue]
) -> Iterator[str]:
    stands = {_name(one): one for one in left}
    gone = {name, *(_name(one) for one in others)} - set(stands)
    if len(others) - len(left) != sum(issue.severity == "error" for issue in issues):
        yield f"without {name}: not every resource that left is told"
    for before in others:
        after = stands.get(_name(before))
        if after is None:
            continue
        if set(references(after.resource)) & gone:
            yield f"without {name}: {before.type} names what is gone"
        if not set(references(before.resource)) & gone and after is not before:
            yield f"without {name}: {before.type} is changed for nothing"
        if validate(after.alone()):
            yield f"without {name}: {before.type} is no FHIR"
        stands_in = list(_sound(after.resource, gone))
        if any(sound not in stands_in for sound in _sound(before.resource, gone)):
            yield f"without {name}: {before.type} lacks an entry that was sound"


def references(node: Any) -> Iterator[str]:
    """Every local reference inside."""
    if isinstance(node, dict):
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)
    elif isinstance(node, str) and node.startswith(LOCAL):
        yield node


def _sound(resource: dict[str, Any], gone: set[str]) -> Iterator[tuple[str, Any]]:
    """The elements, and the entries of lists, that name nothing which is gone, as they stood."""
    for name, value in resource.items():
        for entry in value if isinstance(value, list) else [value]:
            if not set(references(entry)) & gone:
                yield name, entry


def _name(one: Mapped) -> str:
    return local_reference(one.type, one.key)
