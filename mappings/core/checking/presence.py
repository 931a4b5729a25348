"""The words invariants are written in: what is there, what is coded how, what comes first.

In      node: a FHIR object that is right in every other way; element names.
Out     truth values, or functions of (node, the resource it stands in) that give them.
Pure    Nothing here looks outside its arguments.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

Node = dict[str, Any]
Test = Callable[[Node, Node], bool]

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"


def has(node: Node, *names: str) -> bool:
    """Any of these elements is there, by value or by companion."""
    for name in names:  # noqa: SIM110 - the inner step of every validation; any() costs double
        if name in node or f"_{name}" in node:
            return True
    return False


def has_choice(node: Node, name: str) -> bool:
    """An element such as `value[x]` is there."""
    beside = f"_{name}"
    for key in node:  # noqa: SIM110 - as above
        if key.startswith((name, beside)) and key not in (name, beside):
            return True
    return False


def coded(concept: object, system: str, *codes: str) -> bool:
    """The concept has a coding of this system with one of these codes."""
    codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
    return any(c.get("system") == _TERMINOLOGY + system and c.get("code") in codes for c in codings)


def after(first: str | None, second: str | None) -> bool:
    """The first date or time is certainly later; not where either is missing.

    A time and a bare date are compared by their days, both where the time was and in UTC.
    """
    if not first or not second:
        return False
    if "T" in first and "T" in second:
        return _instant(first) > _instant(second)
    return all(_day_after(a, b) for a in _days(first) for b in _days(second))


def _day_after(first: str, second: str) -> bool:
    shared = min(len(first), len(second))
    return first[:shared] > second[:shared]


def _days(text: str) -> tuple[str, ...]:
    if "T" not in text:
        return (text,)
    try:
        return (text[:10], _instant(text).astimezone(UTC).date().isoformat())
    except OverflowError:  # the first and the last day there is
        return (text[:10],)


def _instant(text: str) -> datetime:
    """A leap second counts as the second before it."""
    return datetime.fromisoformat(text.replace(":60", ":59"))


def entries_at(node: Node, *names: str) -> Iterator[Node]:
    """The objects at a path through single elements and lists."""
    values = [node]
    for name in names:
        found = [value.get(name, ()) for value in values]
        values = [
            v
            for item in found
            for v in (item if isinstance(item, list) else [item] if item else ())
        ]
    yield from values


def needs(element: str, *others: str) -> Test:
    """Where the element is there, so is one of the others."""
    return lambda node, _top: not has(node, element) or has(node, *others)


def not_both(first: str, second: str) -> Test:
    """At most one of the two is there."""
    return lambda node, _top: not (has(node, first) and has(node, second))


def one_of(*names: str) -> Test:
    """At least one of these is there."""
    return lambda node, _top: has(node, *names)
