"""Where each element of a folded resource came from, as items are merged.

In      Lineage so far (element -> source field, rule, place of its item), and a newer item's.
Out     Lineage of the merged body: an element points at the newest item that named it.
Rule    Where an item adds to a list, its entries are found where they now stand; the lines of
        what it replaced or cleared go. A default keeps its line until an item says the element.
        Two states of one version say an element alike where it stands in the same place once
        their links are cut out, or in the same link.
Pure    Values in, values out.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import orjson

from gateway.store.clear.cutting import cut_links
from mappings.core.model.outcome import Mapped

Lines = dict[str, tuple[str, str, int]]
Statement = tuple[str, str, str]
"""What a line speaks of, whatever else is linked: place without links, the link, path in it."""
_STEP: Final = re.compile(r"\.?(\w+)|\[(\d+)\]")
_PATH: Final = re.compile(r"(\w+)(?:\[(\d+)\])?(?:\.(\w+))?")


def lines_of(mapped: Mapped, place: int) -> Lines:
    """The lines of one item alone: what it says, then what stands where it says nothing."""
    made = _said_by(mapped, place)
    for line in mapped.default_lineage:
        if line.path not in mapped.resource:
            made[line.path] = (line.source, line.rule, place)
    return made


def _said_by(mapped: Mapped, place: int) -> Lines:
    """The lines of what an item says, without those of what it clears."""
    cleared = {
        name
        for name, value in mapped.resource.items()
        if value.__class__ is not str and _clears(value)
    }
    return {
        path: (source, rule, place)
        for path, source, rule in mapped.lineage
        if not cleared or not _is_cleared(path, cleared, mapped.resource)
    }


def merged_lines(
    before: Lines, old: Mapping[str, Any], new: Mapping[str, Any], said: Mapped, place: int
) -> Lines:
    """The lines after an item that turned body `old` into `new`."""
    moved = {
        name: _places(new.get(name, []), value)
        for name, value in said.resource.items()
        if name in said.adds and isinstance(value, list) and isinstance(old.get(name), list)
    }
    parts = {
        name: value
        for name, value in said.resource.items()
        if name in said.adds and isinstance(value, dict) and isinstance(old.get(name), dict)
    }
    made = {
        path: line for path, line in before.items() if not _is_restated(path, said, moved, parts)
    }
    for path, line in _said_by(said, place).items():
        now = _moved(path, moved)
        if now is not None:
            made[now] = line
    named = {_steps(path)[0] for path in made}
    for default in said.default_lineage:
        if default.path in new and default.path not in named:
            made[default.path] = (default.source, default.rule, place)
    return made


def _is_restated(
    path: str,
    said: Mapped,
    moved: Mapping[str, Mapping[int, int]],
    parts: Mapping[str, Mapping[str, Any]],
) -> bool:
    name, index, part = _steps(path)
    if name not in said.resource or name == "meta":
        return False
    if name in moved:
        return index is None or index in moved[name].values()
    return name not in parts or part is None or part in parts[name]


def _moved(path: str, moved: Mapping[str, Mapping[int, int]]) -> str | None:
    """The path of an added entry where it now stands; None where a later one replaced it."""
    name, index, _ = _steps(path)
    if name not in moved or index is None:
        return path
    now = moved[name].get(index)
    return None if now is None else f"{name}[{now}]{path[len(f'{name}[{index}]') :]}"


def _places(body: list[Any], entries: list[Any]) -> dict[int, int]:
    """Where each entry of an item stands in the merged list."""
    found: dict[int, int] = {}
    for number, entry in enumerate(entries):
        at = next((at for at, one in enumerate(body) if one is entry), None)
        if at is not None:
            found[number] = at
    return found


def element_of(path: str) -> str:
    """The element of the resource that a path is in."""
    return _steps(path)[0]


def _steps(path: str) -> tuple[str, int | None, str | None]:
    found = _PATH.match(path)
    if found is None:
        return path, None, None
    name, index, part = found.groups()
    return name, None if index is None else int(index), part


def _clears(value: Any) -> bool:
    return value is None or (value.__class__ is dict and None in value.values())


def _is_cleared(path: str, cleared: set[str], resource: Mapping[str, Any]) -> bool:
    name, _, part = _steps(path)
    if name not in cleared:
        return False
    value = resource[name]
    return value is None or (part is not None and value.get(part, "") is None)


def statements(
    body: Mapping[str, Any], linked: Collection[str], paths: Iterable[str]
) -> dict[str, Statement]:
    """What each of these paths of a body speaks of."""
    kept = cut_links(body, linked).moved
    return {path: _statement(body, kept, path) for path in paths}


def _statement(body: Mapping[str, Any], kept: Mapping[str, str], path: str) -> Statement:
    if path in kept:
        return (kept[path], "", "")
    node: Any = body
    around, linking, end = "", "", 0
    for step in _STEP.finditer(path):
        name, index = step.groups()
        try:
            node = node[name] if name else node[int(index)]
        except (KeyError, IndexError, TypeError):
            return (path, "", "")
        end = step.end()
        if path[:end] in kept:
            around = kept[path[:end]]
            continue
        linking += f".{name}" if name else ""
        if not isinstance(node, list):
            return (around + linking, _canonical(node), path[end:])
    return (around + linking, "", "")


def _canonical(node: Any) -> str:
    return orjson.dumps(node, option=orjson.OPT_SORT_KEYS).decode()
