"""References within one MODS bundle: where they lead, and what the bundle states whole.

In      The facts of the item: resources by type.
Out     Keys of resources of this bundle; references that lead nowhere; the plans it is about.
Pure    Facts in, values out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Facts, Issue
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import joined_key, local_reference
from mappings.core.shaping.identifiers import normalised
from mappings.social_care.message.mods import TYPES, bare


class RefersTo:
    """A named function: the keys of resources of one type that an element of this one names."""

    def __init__(self, element: str, kind: str) -> None:
        self.element = element
        self.kind = kind
        self.__name__ = f"refers_to_{kind}"

    def __call__(self, scope: Scope) -> Iterator[Found]:
        """Those that are in this bundle."""
        for steps, reference in named_in(scope.element, self.element):
            key = scope.prepared.key_of(self.kind, reference)
            if key is not None:
                yield Found((*scope.here.steps, *steps), key)


def named_in(resource: Any, element: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """`activity.reference`: each reference at a path through lists, with its steps."""
    level: list[tuple[tuple[str | int, ...], Any]] = [((), resource)]
    for name in element.split("."):
        following = []
        for steps, node in level:
            child = node.get(name) if isinstance(node, dict) else None
            if isinstance(child, list):
                following += [((*steps, name, n), one) for n, one in enumerate(child)]
            elif child is not None:
                following.append(((*steps, name), child))
        level = following
    yield from level


@dataclass(frozen=True, slots=True)
class Index:
    """The bundle's facts, and the ids of its resources by type."""

    facts: Facts
    ids: dict[str, frozenset[str]]
    unsound: frozenset[tuple[str, int]] = frozenset()
    """Type and number of each that nothing is made of."""
    faults: tuple[Issue, ...] = ()
    """Why."""

    def key_of(self, kind: str, reference: Any) -> str | None:
        """The id of a resource of this bundle that a reference leads to."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str):
            return None
        same = self.facts.get("same")
        key = bare(text)
        key = same.get(key, key) if isinstance(same, dict) else key
        return key if key in self.ids[kind] else None


def index(facts: Facts) -> Index:
    """Made once of the whole bundle."""
    ids = {kind: frozenset(filter(None, map(id_of, facts.get(kind) or ()))) for kind in TYPES}
    return Index(facts, ids)


def id_of(resource: Any) -> str:
    """The id of a resource; empty where it has none."""
    found = resource.get("id") if isinstance(resource, dict) else None
    return found if isinstance(found, str) else ""


def is_sound(scope: Scope) -> bool:
    """Whether the resource can be read: none that is unsound is made."""
    kind, number, *_ = scope.here.steps
    return (kind, number) not in scope.prepared.unsound


def first_of(facts: Facts, kind: str) -> dict[str, Any] | None:
    """The first resource of a type."""
    found = facts.get(kind)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else None


def identifier_of(subject: Any) -> Any:
    """The identifier beside, or instead of, a reference."""
    return subject.get("identifier") if isinstance(subject, dict) else None


def is_nhs(identifier: dict[str, Any]) -> bool:
    """Whether it is an NHS number, and is given."""
    return identifier.get("system") == systems.NHS_NUMBER and bool(identifier.get("value"))


def named_by(identifier: Any) -> tuple[str, str]:
    """System and value; of an NHS number without its blanks."""
    sent = identifier if isinstance(identifier, dict) else {}
    value = str(sent.get("value") or "")
    return str(sent.get("system") or ""), normalised(value) if is_nhs(sent) else value


def reference(kind: str) -> Any:
    """A named function: a key to a local reference."""

    def made(key: Any) -> dict[str, str]:
        return {"reference": local_reference(kind, str(key))}

    made.__name__ = f"reference_to_{kind}"
    made.__doc__ = "The local reference."
    return made


def plans(facts: Facts) -> str | None:
    """What a bundle states whole: its plans, but for those that are part of another; None where
    one has no id."""
    listed = [one for one in facts.get("CarePlan") or () if isinstance(one, dict)]
    first = sorted(id_of(one) for one in listed if not one.get("partOf"))
    return joined_key(*first) if first and all(first) else None


def lacks_a_part(facts: Facts) -> bool:
    """Whether the bundle refers to something of its plans that is not in it."""
    bundle = index(facts)
    return any(True for _ in dangling(bundle))


def dangling(bundle: Index) -> Iterator[tuple[Steps, str]]:
    """Each reference within the bundle that leads nowhere, and what it ought to lead to."""
    for kind, element, target in WITHIN:
        for number, one in enumerate(bundle.facts.get(kind) or ()):
            for steps, sent in named_in(one, element):
                if bundle.key_of(target, sent) is None:
                    yield (kind, number, *steps), target


WITHIN: Final = (
    ("CarePlan", "addresses", "Condition"),
    ("CarePlan", "goal", "Goal"),
    ("CarePlan", "partOf", "CarePlan"),
    ("CarePlan", "activity.reference", "Task"),
    ("Goal", "addresses", "Condition"),
)
"""Type, element, the type it refers to."""
