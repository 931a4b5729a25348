"""Leave out references to resources of an item that were refused: none is left dangling.

In      The resources that were made, and the local references of those that were refused.
Out     The resources without those references, with a warning for each place; an element that is
        not whole without one leaves with it, told too, and a resource that is not is refused in
        its turn. Nothing else of a resource leaves; and none of what a Consent is limited to, since
        without it the Consent would say more: it is refused.
Pure    The resources given in are left as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.applying.hollow import without_hollow
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import Issue, Lineage, Mapped, error, warning
from mappings.core.model.rows import local_reference


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
    """The resource without those references, and without the least that is no FHIR without them."""
    paths = list(_places(one.resource, refused.__contains__, ""))
    if not paths:
        return one
    issues += [warning(_source(one.lineage, path), "refused-target", _LEFT_OUT) for path in paths]
    if any(path.startswith(_LIMITS) for path in paths):
        issues.append(error("", "refused-target", _NOT_WHOLE))
        return None
    left, lines = _without(one.resource, set(paths), ""), list(one.lineage)
    while True:
        resource, lines = without_hollow(left, lines, one.fold)
        made = replace(one, resource=resource, lineage=tuple(lines))
        problems = validate(made.alone())
        if not problems:
            return made
        unfit = {_unfit(problem.path, resource) for problem in problems}
        if "" in unfit:
            issues.append(error("", "refused-target", _NOT_WHOLE))
            return None
        issues += [warning(_source(lines, path), "refused-target", _WITH_IT) for path in unfit]
        left = _without(resource, unfit, "")


def _source(lines: Iterable[Lineage], path: str) -> str:
    """Where the element came from, or else what is round it."""
    sources = {line.path: line.source for line in lines}
    return next((sources[one] for one in _outwards(path) if sources.get(one)), "")


def _unfit(problem: str, resource: dict[str, Any]) -> str:
    """The element that a problem is of: where a part is missing, what it is missing from; empty
    for the resource itself."""
    path = problem.partition(".")[2]
    node: Any = resource
    held = ""
    for name, position in _STEP.findall(path):
        step = int(position) if position else name
        if isinstance(step, str) and (not isinstance(node, dict) or step not in node):
            return held
        node, held = node[step], f"{held}[{step}]" if position else f"{held}.{name}".lstrip(".")
    return held


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


def _without(node: Any, paths: set[str], at: str) -> Any:
    """The same with nothing at these paths."""
    if at in paths:
        return {}
    if isinstance(node, dict):
        below = ((name, f"{at}.{name}" if at else name) for name in node)
        return {name: _without(node[name], paths, path) for name, path in below}
    if isinstance(node, list):
        return [_without(child, paths, f"{at}[{n}]") for n, child in enumerate(node)]
    return node


def _outwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]


_LIMITS: Final = "provision."
_STEP: Final = re.compile(r"(\w+)|\[(\d+)\]", re.ASCII)
_LEFT_OUT: Final = "names a resource that was refused; left out"
_WITH_IT: Final = "is not whole without a resource that was refused; left out with it"
_NOT_WHOLE: Final = "a resource is not whole without one that was refused; refused with it"
