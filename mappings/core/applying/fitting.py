"""Leave out of a resource the parts that are no FHIR, where it is whole without them.

In      A resource as made, with its lineage.
Out     The same without the least that must go, each place told by its source; None where what is
        wrong is the resource's own, or changes the meaning of the rest (a modifier element).
Rule    Of a part whose modifier is wrong (an identifier's use) the whole part goes.
Pure    The resource given in is left as it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from mappings.core.applying.hollow import without_hollow
from mappings.core.checking.shapes import MODIFIERS
from mappings.core.checking.validate import validate
from mappings.core.model.outcome import Lineage, Mapped


def fit(one: Mapped, tell: Callable[[str], None]) -> Mapped | None:
    """The resource as valid FHIR; `tell` is given the source of each part that leaves."""
    left, lines = one.resource, list(one.lineage)
    while True:
        resource, lines = without_hollow(left, lines, one.fold)
        made = replace(one, resource=resource, lineage=tuple(lines))
        problems = validate(made.alone())
        if not problems:
            return made
        unfit = dict.fromkeys(_unfit(problem.path, made.alone()) for problem in problems)
        if "" in unfit:
            return None
        for path in unfit:
            tell(source_of(path, lines))
        left = without(resource, unfit.keys())


def source_of(element: str, lineage: Sequence[Lineage]) -> str:
    """The source of an element, else of the first within it, else of the nearest round it."""
    sources = {line.path: line.source for line in reversed(lineage) if line.source}
    if element and element not in sources:
        within = (f"{element}.", f"{element}[")
        inner = [line for line in lineage if line.source and line.path.startswith(within)]
        if inner:
            return min(inner, key=lambda line: _depth(line.path)).source
    while element:
        if element in sources:
            return sources[element]
        element = element[: max(element.rfind("."), element.rfind("["), 0)]
    return ""


def _depth(path: str) -> int:
    return path.count(".") + path.count("[")


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
        if step in MODIFIERS:
            return held
        node, held = node[step], f"{held}[{step}]" if position else f"{held}.{name}".lstrip(".")
    return held


def without(node: Any, paths: Iterable[str], at: str = "") -> Any:
    """The same with nothing at these paths."""
    if at in paths and at:
        return {}
    if isinstance(node, dict):
        below = ((name, f"{at}.{name}" if at else name) for name in node)
        return {name: without(node[name], paths, path) for name, path in below}
    if isinstance(node, list):
        return [without(child, paths, f"{at}[{n}]") for n, child in enumerate(node)]
    return node


_STEP: Final = re.compile(r"(\w+)|\[(\d+)\]", re.ASCII)
