"""Leave out references to resources of an item that were refused: none is left dangling.

In      The resources that were made, and the local references of those that were refused.
Out     The resources without those references, with a warning for each place; an entry of a list
        that is not whole without one leaves with it, and a resource that is not is refused in its
        turn.
Pure    The resources given in are left as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.hollow import without_clears, without_hollow
from mappings.core.outcome import Issue, Mapped, error, warning
from mappings.core.rows import local_reference
from mappings.core.validate import validate


def without_refused(made: Iterable[Mapped], refused: set[str], issues: list[Issue]) -> list[Mapped]:
    """What is left when nothing refers to what was refused."""
    kept = list(made)
    while True:
        again: set[str] = set()
        still: list[Mapped] = []
        for one in kept:
            whole = _loosened(one, refused, issues)
            if whole is None:
                again.add(local_reference(one.type, one.key))
            else:
                still.append(whole)
        if not again:
            return still
        kept, refused = still, again


def _loosened(one: Mapped, refused: set[str], issues: list[Issue]) -> Mapped | None:
    paths = list(_places(one.resource, refused.__contains__, ""))
    if not paths:
        return one
    bare = _without(one.resource, refused)
    resource, lineage = without_hollow(bare, list(one.lineage), one.fold)
    is_whole = not validate(without_clears(resource))
    if not is_whole:
        bare = _without_entries(one.resource, paths)
        resource, lineage = without_hollow(bare, list(one.lineage), one.fold)
        is_whole = not validate(without_clears(resource))
    sources = {line.path: line.source for line in one.lineage}
    for path in paths:
        at = next((sources[p] for p in _outwards(path) if sources.get(p)), "")
        issues.append(warning(at, "refused-target", _LEFT_OUT))
    if not is_whole:
        issues.append(error("", "refused-target", _NOT_WHOLE))
        return None
    return replace(one, resource=resource, lineage=tuple(lineage))


def _places(node: Any, is_refused: Callable[[str], bool], at: str) -> Iterator[str]:
    if isinstance(node, dict):
        named = node.get("reference")
        if isinstance(named, str) and is_refused(named):
            yield at
            return
        for name, child in node.items():
            yield from _places(child, is_refused, f"{at}.{name}" if at else name)
    elif isinstance(node, list):
        for position, child in enumerate(node):
            yield from _places(child, is_refused, f"{at}[{position}]")


def _without(node: Any, refused: set[str]) -> Any:
    if isinstance(node, dict):
        if node.get("reference").__class__ is str and node["reference"] in refused:
            return {}
        return {name: _without(child, refused) for name, child in node.items()}
    return [_without(child, refused) for child in node] if isinstance(node, list) else node


def _without_entries(resource: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Without the whole entry of the list that each place stands in."""
    entries: dict[str, set[int]] = {}
    for path in paths:
        if found := _ENTRY.match(path):
            entries.setdefault(found[1], set()).add(int(found[2]))
    return {
        name: [{} if n in entries[name] else child for n, child in enumerate(node)]
        if name in entries
        else node
        for name, node in resource.items()
    }


def _outwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]


_ENTRY: Final = re.compile(r"(\w+)\[(\d+)\]", re.ASCII)
_LEFT_OUT: Final = "names a resource that was refused; left out"
_NOT_WHOLE: Final = "a resource is not whole without one that was refused; refused with it"
