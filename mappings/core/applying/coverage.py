"""Coverage: which fields of an item are read by a row or left out for a stated reason.

In      A Kind; an item's facts.
Out     The steps of every field that is neither, named once per place in the tree.
Pure    The tree of covered paths is built once per kind.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from mappings.core.model.outcome import Facts
from mappings.core.model.paths import EVERY, SourcePath, Steps, parse_steps
from mappings.core.model.rows import Kind, Row, Target

Tree = dict[str | int, Any]
"""Step -> subtree, or None where everything below is covered."""


def uncovered(kind: Kind, facts: Facts) -> Iterator[Steps]:
    """The first instance of every place no row reads and no reason covers."""
    seen: set[Steps] = set()
    for steps in _uncovered(_tree(kind), facts, ()):
        place = tuple(EVERY if isinstance(step, int) else step for step in steps)
        if place not in seen:
            seen.add(place)
            yield steps


def covered_paths(kind: Kind) -> set[Steps]:
    """Every root path that a row, key or rule of the kind reads, and every ignored one."""
    paths = {parse_steps(text) for text in (*kind.reads, *kind.ignored)}
    for target in kind.targets:
        paths |= set(_target_paths(target))
    return paths


def _target_paths(target: Target) -> Iterator[Steps]:
    chain = _chain(target)
    yield from (parse_steps(text) for text in target.reads)
    if not callable(target.key):
        for text in (part for part in target.key if not part.startswith("=")):
            yield _absolute(SourcePath.parse(text), chain)
    for row in target.rows:
        yield from _row_paths(row, chain)


def _chain(target: Target) -> list[Steps]:
    """Absolute steps of the scopes a target's rows stand in, outermost first."""
    chain: list[Steps] = [()]
    if callable(target.each):
        return [*chain, ("(declared in reads)",)]
    steps: list[str | int] = []
    for step in parse_steps(target.each):
        steps.append(step)
        if step == EVERY:
            chain.append(tuple(steps))
    if len(chain[-1]) < len(steps):
        chain.append(tuple(steps))
    return chain


def _row_paths(row: Row, chain: list[Steps]) -> Iterator[Steps]:
    yield from (parse_steps(text.lstrip("/")) for text in row.reads)
    for path in row.compiled.sources:
        at = _absolute(path, chain)
        if row.rows:
            for child in row.rows:
                yield from _row_paths(child, [*chain, at])
        else:
            yield at
    if row.gather is not None:
        for child in row.rows:
            yield from _row_paths(child, [*chain, ("(declared in reads)",)])


def _absolute(path: SourcePath, chain: list[Steps]) -> Steps:
    if path.from_root:
        return path.steps
    return (*chain[len(chain) - 1 - path.up], *path.steps)


@cache
def _tree(kind: Kind) -> Tree:
    root: Tree = {}
    for steps in sorted(covered_paths(kind), key=len):
        node: Tree | None = root
        for step in steps[:-1]:
            node = node.setdefault(step, {}) if node is not None else None
        if node is not None and steps:
            node[steps[-1]] = None
    return root


def _uncovered(tree: Tree, value: Any, steps: Steps) -> Iterator[Steps]:
    if isinstance(value, dict):
        pairs: Iterable[tuple[str | int, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        if value not in (None, ""):
            yield steps
        return
    for step, child in pairs:
        key = step if step in tree or not isinstance(step, int) else EVERY
        if key not in tree:
            if child not in (None, "", [], {}):
                yield (*steps, step)
        elif (below := tree[key]) is not None:
            yield from _uncovered(below, child, (*steps, step))
