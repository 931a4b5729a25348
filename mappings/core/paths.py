"""Paths: how rows name a place in a provider's facts, and an element of a FHIR resource.

In      Source paths: `a.b` from the current element, `/a.b` from the item, `../a` from the
        element one `each` further out; `a[].b` every entry, `a[0].b` one entry. Element paths:
        FHIR names with `[0]` for a fixed entry and `[+]` for a new one.
Out     `Found` values with the exact steps to them, so that lineage and issues can name the
        field.
Pure    Compiled once when a row is made; reading allocates only what it finds.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.outcome import Facts

Steps = tuple[str | int, ...]

EVERY: Final = -1
"""In a compiled path: every entry of a list."""

_PART: Final = re.compile(r"([^\[\]]+)((?:\[\d*\])*)")
_ELEMENT_PART: Final = re.compile(r"([A-Za-z_]\w*)(?:\[(\d+|\+)\])?")


@dataclass(frozen=True, slots=True)
class Found:
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

    @staticmethod
    def parse(text: str) -> "SourcePath":
        """Compile; ValueError when the text is not a path."""
        rest, up = text, 0
        while rest.startswith("../"):
            rest, up = rest[3:], up + 1
        from_root = rest.startswith("/")
        steps = parse_steps(rest.lstrip("/"))
        return SourcePath(text, up, from_root, steps, is_one=EVERY not in steps)

    def find(self, scope: Scope) -> Iterator[Found]:
        """Every value at this path that is there and not empty."""
        origin = self.origin(scope)
        return _walk(origin.value, origin.steps, self.steps)

    def first(self, scope: Scope) -> Found | None:
        """The first value at this path, if there is one."""
        origin = self.origin(scope)
        value = origin.value
        for step in self.steps:
            if step.__class__ is str:
                if not isinstance(value, dict) or step not in value:
                    return None
                value = value[step]
            elif step == EVERY:
                return next(_walk(origin.value, origin.steps, self.steps), None)
            else:
                if not isinstance(value, list) or step >= len(value):  # type: ignore[operator]
                    return None
                value = value[step]  # type: ignore[index]
        if value is None or value == "" or value == [] or value == {}:
            return None
        return Found(origin.steps + self.steps, value)

    def origin(self, scope: Scope) -> Found:
        """The element this path starts from."""
        if self.from_root:
            return Found((), scope.facts)
        for _ in range(self.up):
            if scope.outer is None:
                raise ValueError(f"{self.text} leads out of the item")
            scope = scope.outer
        return scope.here


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


def _walk(value: Any, steps: Steps, rest: Steps) -> Iterator[Found]:
    for position, step in enumerate(rest):
        if step == EVERY:
            entries = value if isinstance(value, list) else ()
            for index, entry in enumerate(entries):
                yield from _walk(entry, (*steps, index), rest[position + 1 :])
            return
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return
        elif not isinstance(value, dict) or step not in value:
            return
        value, steps = value[step], (*steps, step)
    if value is not None and value != "" and value != [] and value != {}:
        yield Found(steps, value)


@dataclass(frozen=True, slots=True)
class ElementPath:
    """A compiled FHIR element path, such as `target[0].dueDate` or `note[+].text`."""

    text: str
    steps: tuple[tuple[str, int | None], ...]
    """Name and entry; the entry is None for a single element, EVERY for a new one."""
    appends: bool
    """Whether it makes a new list entry each time."""
    is_plain: bool
    """Whether it is one name alone."""

    @staticmethod
    def parse(text: str) -> "ElementPath":
        """Compile; ValueError when the text is not an element path."""
        steps = []
        for part in text.split("."):
            found = _ELEMENT_PART.fullmatch(part)
            if not found:
                raise ValueError(f"not an element path: {text}")
            entry = found[2]
            steps.append(
                (found[1], None if entry is None else EVERY if entry == "+" else int(entry))
            )
        appends = any(entry == EVERY for _, entry in steps)
        return ElementPath(text, tuple(steps), appends, is_plain=steps == [(text, None)])

    def put(self, resource: dict[str, Any], value: Any) -> str:
        """Set the value; the exact path it went to."""
        if self.is_plain:
            resource[self.text] = value
            return self.text
        node: Any = resource
        shown: list[str] = []
        last = len(self.steps) - 1
        for position, (name, entry) in enumerate(self.steps):
            fresh: Any = value if position == last else {}
            if entry is None:
                shown.append(name)
                if position == last:
                    node[name] = value
                node = node.setdefault(name, fresh)
                continue
            entries = node.setdefault(name, [])
            index = len(entries) if entry == EVERY else entry
            while len(entries) <= index:
                entries.append(fresh if len(entries) == index else {})
            if position == last:
                entries[index] = value
            shown.append(f"{name}[{index}]")
            node = entries[index]
        return ".".join(shown)


def dotted(steps: Steps) -> str:
    """Steps as `needs[0].goals[1].words`."""
    shown = ""
    for step in steps:
        if isinstance(step, int):
            shown += f"[{step}]"
        else:
            shown += f".{step}" if shown else step
    return shown
