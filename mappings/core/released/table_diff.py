"""Two versions of a mapping side by side: which rows and codes came, went or changed.

In      The tables of both (`version.table_of`), by kind.
Out     Change: where, and what became of it; no value of anybody's, for tables hold none.
Pure    Yes.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mappings.core.released.kept import Tables

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
_OF_A_TARGET: Final = (
    *("each", "when", "key", "category", "confidentiality", "labels", "fold", "adds", "defaults"),
)
_OF_A_ROW: Final = (
    *("to", "source", "value", "fn", "gather", "reads", "refers_to", "must", "why"),
)
_OF_CODES: Final = ("source", "required", "bare")


class Change(NamedTuple):
    """One difference between two versions of a kind."""

    kind: str
    what: str
    """`kind`, `target`, `row`, `code`, `rule`, `label code`, or `left out`."""
    name: str
    """The target's name, the row's id, the row's id and the code or what its function looks up, or
    the path left out."""
    change: str
    parts: tuple[str, ...] = ()
    """What of it changed, and from what to what; of a code what it becomes."""


def changes(old: Tables, new: Tables) -> list[Change]:
    """Everything that differs, kind by kind."""
    found: list[Change] = []
    for kind in sorted({*old, *new}):
        if kind not in old or kind not in new:
            found.append(Change(kind, "kind", kind, ADDED if kind in new else REMOVED))
        elif old[kind] != new[kind]:
            found += _of_kind(kind, old[kind], new[kind])
    return found


def _of_kind(kind: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    parts = [part for part in ("title", "lists", "merges") if old.get(part) != new.get(part)]
    if parts:
        yield Change(kind, "kind", kind, CHANGED, tuple(parts))
    yield from _pairs(kind, "left out", old["ignored"], new["ignored"])
    before, after = _targets(old), _targets(new)
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after:
            yield Change(kind, "target", name, ADDED if name in after else REMOVED)
        elif before[name] != after[name]:
            yield from _of_target(kind, name, before[name], after[name])


def _targets(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Targets by type and name; one that stands twice is told apart by its place."""
    found: dict[str, dict[str, Any]] = {}
    for target in table["targets"]:
        name = f"{target['type']} {target['name']}"
        count = sum(one.partition("#")[0] == name for one in found)
        found[f"{name}#{count + 1}" if count else name] = target
    return found


def _of_target(kind: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    parts = tuple(_differing(_OF_A_TARGET, old, new))
    if parts:
        yield Change(kind, "target", name, CHANGED, parts)
    codes = [(one.get("label_codes") or {}).get("codes", {}) for one in (old, new)]
    yield from _pairs(kind, "label code", codes[0], codes[1], f"{name} ")
    before, after = dict(_rows(old["rows"])), dict(_rows(new["rows"]))
    for row in dict.fromkeys((*before, *after)):
        if row not in before or row not in after:
            yield Change(kind, "row", row, ADDED if row in after else REMOVED)
        else:
            yield from _of_row(kind, row, before[row], after[row])
    if list(before) != list(after) and {*before} == {*after}:
        yield Change(kind, "target", name, CHANGED, ("order of rows",))


def _rows(rows: list[dict[str, Any]], within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row by its id and the element it fills, those of nested elements too."""
    for row in rows:
        path = f"{within}{row['to']}"
        yield f"{row['id']} ({path})", row
        yield from _rows(row.get("rows", []), f"{path}.")


def _of_row(kind: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    parts = [*_differing(_OF_A_ROW, old, new)]
    yield from _pairs(kind, "rule", old.get("rules", {}), new.get("rules", {}), f"{_id(name)} ")
    before, after = old.get("table") or {}, new.get("table") or {}
    parts += [f"codes: {one}" for one in _differing(_OF_CODES, before, after)]
    if parts:
        yield Change(kind, "row", name, CHANGED, tuple(parts))
    codes = [one.get("codes", {}) for one in (before, after)]
    yield from _pairs(kind, "code", codes[0], codes[1], f"{_id(name)} ")


def _id(name: str) -> str:
    """The row's id, of its id and the element it fills."""
    return name.partition(" ")[0]


def _pairs(
    kind: str, what: str, old: Mapping[str, Any], new: Mapping[str, Any], within: str = ""
) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            change = ADDED if name not in old else REMOVED if name not in new else CHANGED
            told = [_shown(one[name]) for one in (old, new) if name in one]
            yield Change(kind, what, f"{within}{name}", change, (" -> ".join(told),))


def _differing(
    parts: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[str]:
    for part in parts:
        if old.get(part) != new.get(part):
            yield f"{part}: {_was_is(old.get(part), new.get(part))}"


def _was_is(old: Any, new: Any) -> str:
    """From what to what; of two lists, what went and what came."""
    if isinstance(old, list) and isinstance(new, list) and {*map(str, old)} != {*map(str, new)}:
        went = [f"-{_shown(one)}" for one in old if one not in new]
        return " ".join([*went, *(f"+{_shown(one)}" for one in new if one not in old)])
    return f"{_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    """As a table of rows shows it."""
    if value is None:
        return "none"
    if isinstance(value, list):
        return " ".join(_shown(one) for one in value if one)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
