"""Paths: how rows name a place in a provider's facts, and an element of a FHIR resource.

In      Source paths: `a.b` from the current element, `/a.b` from the item, `../a` from the
        element one `each` further out; `a[].b` every entry, `a[0].b` one entry. Element paths:
        FHIR names with `[0]` for a fixed entry and `[+]` for a new one.
Out     `Found` values with the exact steps to them, so that lineage and issues can name the
        field.
Pure    Compiled once when a row is made; reading allocates only what it finds.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from mappings.core.model.outcome import Facts

Steps = tuple[str | int, ...]

EVERY: Final = -1
"""In a compiled path: every entry of a list."""

_PART: Final = re.compile(r"([^\[\]]+)((?:\[\d*\])*)")
_ELEMENT_PART: Final = re.compile(r"([A-Za-z_]\w*)(?:\[(\d+|\+)\])?")


class Found(NamedTuple):
    """One value of the facts, and the steps from the item's root to it."""

    steps: Steps
    value: Any


@dataclass(frozen=True, slots=True)
class Scope:
    """Where rows are being applied: the element at hand, and those it stands in."""

    facts: Facts
    here: Found
    outer: "Scope | None" = None
    prepared: Any = None
    """What the kind's `prepare` made of the whole item, for functions that look things up."""

    @property
    def element(self) -> Any:
        """The element at hand."""
        return self.here.value

    def inside(self, found: Found) -> "Scope":
        """The scope one step further in."""
        return Scope(self.facts, found, self, self.prepared)


Gather = Callable[[Scope], Iterable[Found]]
"""A named function that finds values by more than a path; declared with what it `reads`."""


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A compiled source path."""

    text: str
    up: int
    from_root: bool
    steps: Steps
    is_one: bool
    """Whether it can lead to one value at most."""
    is_named: bool
    """Whether it leads there by names alone."""

    @staticmethod
    def parse(text: str) -> "SourcePath":
        """Compile; ValueError when the text is not a path."""
        rest, up = text, 0
        while rest.startswith("../"):
            rest, up = rest[3:], up + 1
        from_root = rest.startswith("/")
        steps = parse_steps(rest.lstrip("/"))
        is_named = all(isinstance(step, str) for step in steps)
        return SourcePath(text, up, from_root, steps, EVERY not in steps, is_named)

    def find(self, scope: Scope) -> list[Found]:
        """Every value at this path that is there and not empty."""
        above, value = self.origin(scope)
        return _walk(value, above, self.steps)

    def first(self, scope: Scope) -> Found | None:
        """The first value at this path, if there is one."""
        if self.from_root or self.up:
            above, value = self.origin(scope)
        else:
            above, value = scope.here
        if not self.is_named:
            return next(iter(_walk(value, above, self.steps)), None)
        for name in self.steps:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return None if not value and is_empty(value) else Found(above + self.steps, value)

    def reader(self) -> Callable[[Scope], Found | None]:
        """`first` as a function made once: most paths are names below the element at hand."""
        if self.from_root or self.up or not self.is_named:
            return self.first
        steps = self.steps

        def first(scope: Scope) -> Found | None:
            above, value = scope.here
            for name in steps:
                if not isinstance(value, dict):
                    return None
                value = value.get(name)
            return None if not value and is_empty(value) else Found(above + steps, value)

        return first

    def origin(self, scope: Scope) -> Found:
        """The element this path starts from."""
        if self.from_root:
            return Found((), scope.facts)
        for _ in range(self.up):
            if scope.outer is None:
                raise ValueError(f"{self.text} leads out of the item")
            scope = scope.outer
        return scope.here


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: zero and false do say something."""
    return value is None or value == "" or value == [] or value == {}


def parse_steps(text: str) -> Steps:
    """`a.b[].c[0]` to ("a", "b", EVERY, "c", 0); "." alone is the element itself."""
    if text in ("", "."):
        return ()
    steps: list[str | int] = []
    for part in text.split("."):
        found = _PART.fullmatch(part)
        if not found:
            raise ValueError(f"not a path: {text}")
        steps.append(found[1])
        for index in re.findall(r"\[(\d*)\]", found[2]):
            steps.append(int(index) if index else EVERY)
    return tuple(steps)


def _walk(value: Any, above: Steps, rest: Steps) -> list[Found]:
    for position, step in enumerate(rest):
        if step == EVERY:
            entries = value if isinstance(value, list) else ()
            after = rest[position + 1 :]
            above += rest[:position]
            return [
                found
                for index, entry in enumerate(entries)
                for found in _walk(entry, (*above, index), after)
            ]
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return []
        elif not isinstance(value, dict) or step not in value:
            return []
        value = value[step]
    return [] if not value and is_empty(value) else [Found(above + rest, value)]


@dataclass(frozen=True, slots=True)
class ElementPath:
    """A compiled FHIR element path, such as `target[0].dueDate` or `note[+].text`."""

    text: str
    above: tuple[tuple[str, int | None], ...]
    """Name and entry of what the element stands in; the entry is None for a single element,
    EVERY for a new one."""
    name: str
    entry: int | None
    """The element's own."""
    appends: bool
    """Whether it makes a new list entry each time."""

    @staticmethod
    def parse(text: str) -> "ElementPath":
        """Compile; ValueError when the text is not an element path."""
        steps: list[tuple[str, int | None]] = []
        for part in text.split("."):
            found = _ELEMENT_PART.fullmatch(part)
            if not found:
                raise ValueError(f"not an element path: {text}")
            entry = found[2]
            steps.append(
                (found[1], None if entry is None else EVERY if entry == "+" else int(entry))
            )
        *above, (name, own) = steps
        appends = any(entry == EVERY for _, entry in steps)
        return ElementPath(text, tuple(above), name, own, appends)

    def putter(self) -> Callable[[dict[str, Any], Any], str]:
        """`put` as a function made once: most elements stand in the resource itself."""
        if self.above or self.entry is not None:
            return self.put
        name, text = self.name, self.text

        def put(resource: dict[str, Any], value: Any) -> str:
            resource[name] = value
            return text

        return put

    def put(self, resource: dict[str, Any], value: Any) -> str:
        """Set the value; the exact path it went to."""
        node: Any = resource
        shown = self.text
        for name, entry in self.above:
            if entry is None:
                node = node.setdefault(name, {})
                continue
            entries = node.setdefault(name, [])
            if entry == EVERY:
                entry, shown = len(entries), _numbered(shown, len(entries))
            node = _entry(entries, entry)
        if self.entry is None:
            node[self.name] = value
            return shown
        entries = node.setdefault(self.name, [])
        if self.entry == EVERY:
            entries.append(value)
            return _numbered(shown, len(entries) - 1)
        while len(entries) < self.entry:
            entries.append({})
        entries[self.entry : self.entry + 1] = [value]
        return shown


def _entry(entries: list[Any], index: int) -> Any:
    """The entry at this place, with empty ones made up to it."""
    while len(entries) <= index:
        entries.append({})
    return entries[index]


def _numbered(text: str, index: int) -> str:
    return text.replace("[+]", f"[{index}]", 1)


@lru_cache(maxsize=8192)
def shown_by(show: Callable[[Steps], str], steps: Steps) -> str:
    """Steps as a feed's senders write them; the same few thousand places come again and again."""
    return show(steps)


def dotted(steps: Steps) -> str:
    """Steps as `needs[0].goals[1].words`."""
    shown = ""
    for step in steps:
        if isinstance(step, int):
            shown += f"[{step}]"
        else:
            shown += f".{step}" if shown else step
    return shown


def presented(steps: Steps) -> str:
    """The same of steps whose names are the sender's: each as far as it is presentable."""
    return dotted(presentable(steps))


def presentable(steps: Steps) -> Steps:
    """Steps with the names a sender could have meant as names; one that may hold a value is not
    repeated."""
    return tuple(
        step if isinstance(step, int) or is_presentable(step) else "(a field)" for step in steps
    )


def is_presentable(name: str) -> bool:
    """Whether a sender could have meant it as a name, of a field or a column."""
    return _NAME.fullmatch(name) is not None


_NAME: Final = re.compile(r"(?!.*\d{6})[A-Za-z_][\w .()/:-]{0,59}|\d{1,4}", re.ASCII)
