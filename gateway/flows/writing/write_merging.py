"""An edit joined with what its writer could not see: no write changes what is hidden from it.

In      A resource as stored; the cut of it that the writer was shown; what the writer sent.
Out     What is to be stored: every change that was sent, and every hidden part still there.
Rule    Cut again in the same way, the result is what was sent. What stood in a list and is wholly
        hidden stays in it, at its end. An entry is found again by being as it was, by its id, or
        by its place. Of a visible entry that was taken out, the hidden part stays; where one value
        was hidden and another is sent, the latter stands. Words in place of a reference cannot
        be changed.
Errors  WordedError: what was sent changes the element in which such words stand.
Pure    Values in, values out.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.store.clear.cutting import Cut

_GONE: Any = object()
"""Stands for nothing left."""


class WordedError(Exception):
    """The element holds something that is not part of the writer's view."""

    def __init__(self, element: str) -> None:
        super().__init__()
        self.element = element


def rejoined(stored: Mapping[str, Any], shown: Cut, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The resource that is to be stored."""
    seen = shown.resource
    for name, value in seen.items():
        if shown.worded and sent.get(name) != value and _has_words(value, shown):
            raise WordedError(name)
    return _Joining(shown).object(stored, seen, sent)


def _has_words(node: Any, shown: Cut) -> bool:
    if id(node) in shown.worded:
        return True
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return any(_has_words(child, shown) for child in children)


class _Joining:
    def __init__(self, shown: Cut) -> None:
        self.shown = shown

    def value(self, stored: Any, seen: Any, sent: Any) -> Any:
        """One value of an element that the writer saw, and sent."""
        if stored == seen:
            return sent
        if sent == seen:
            return stored
        if isinstance(stored, dict) and isinstance(seen, dict) and isinstance(sent, dict):
            return self.object(stored, seen, sent)
        if isinstance(stored, list) and isinstance(seen, list) and isinstance(sent, list):
            return self.list(stored, seen, sent)
        return sent

    def object(
        self, stored: Mapping[str, Any], seen: Mapping[str, Any], sent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What was sent, with what is hidden."""
        made: dict[str, Any] = {}
        for name, value in sent.items():
            hidden = name in stored and name not in seen
            if hidden and isinstance(value, list) and isinstance(stored[name], list):
                made[name] = [*value, *stored[name]]
            elif name in stored and not hidden:
                made[name] = self.value(stored[name], seen[name], value)
            else:
                made[name] = value
        for name, value in stored.items():
            if name not in sent:
                left = self.left(value, seen[name]) if name in seen else value
                if left is not _GONE:
                    made[name] = left
        return made

    def list(self, stored: list[Any], seen: list[Any], sent: list[Any]) -> list[Any]:
        """What was sent, each entry with what is hidden in it, and the hidden entries."""
        _, stood = self.shown.left.get(id(seen), (seen, list(range(len(seen)))))
        places = _places([stored[place] for place in stood], seen, sent)
        made = [
            value if place is None else self.value(stored[stood[place]], seen[place], value)
            for value, place in zip(sent, places, strict=True)
        ]
        found, known = {*places}, {*stood}
        for place, value in enumerate(seen):
            if place not in found:
                left = self.left(stored[stood[place]], value)
                made += [] if left is _GONE else [left]
        return made + [value for place, value in enumerate(stored) if place not in known]

    def left(self, stored: Any, seen: Any) -> Any:
        """What is hidden of something that was taken out."""
        if stored == seen:
            return _GONE
        if isinstance(stored, dict) and isinstance(seen, dict):
            kept = {
                name: left
                for name, value in stored.items()
                if (left := self.left(value, seen[name]) if name in seen else value) is not _GONE
            }
            return kept or _GONE
        if isinstance(stored, list) and isinstance(seen, list):
            return self.list(stored, seen, []) or _GONE
        return _GONE


def _places(stored: list[Any], seen: list[Any], sent: list[Any]) -> list[int | None]:
    """Where each entry that was sent stood in what the writer saw; None for a new one."""
    found: list[int | None] = [None] * len(sent)
    taken: set[int] = set()

    def take(entry: int, place: int) -> None:
        found[entry] = place
        taken.add(place)

    for name in (_whole, _id):
        known: dict[str | bytes, deque[int]] = {}
        for place, value in enumerate(seen):
            if place not in taken and (key := name(value)) is not None:
                known.setdefault(key, deque()).append(place)
        for entry, value in enumerate(sent):
            places = known.get(name(value) or b"") if found[entry] is None else None
            if places:
                take(entry, places.popleft())
    if len(seen) == len(sent):
        for entry in range(len(sent)):
            free = found[entry] is None and entry not in taken
            if free and not _covers(sent[entry], stored[entry], seen[entry]):
                take(entry, entry)
    return found


def _whole(value: Any) -> bytes:
    """What is the same of entries that are."""
    return orjson.dumps(value, default=float, option=orjson.OPT_SORT_KEYS)


def _id(value: Any) -> str | None:
    named = value.get("id") if isinstance(value, dict) else None
    return named if isinstance(named, str) else None


def _covers(sent: Any, stored: Any, seen: Any) -> bool:
    """Whether something is said where something is hidden: it is another entry then."""
    if not (isinstance(sent, dict) and isinstance(stored, dict) and isinstance(seen, dict)):
        return bool(stored != seen)
    return any(name in stored and name not in seen for name in sent)
