"""Find segments in the tree of a message, wherever they stand.

In      Facts; the name of a segment; steps to one.
Out     Found segments in the order of the tree, with the steps to them.
Pure    Looks only at segments (lists under a segment's name), never inside fields.
"""

from collections.abc import Iterator
from typing import Any

from mappings.core.model.outcome import Facts
from mappings.core.model.paths import Found, Steps


def by_name(facts: Facts) -> dict[str, list[Found]]:
    """Every segment of the message, by its name."""
    made: dict[str, list[Found]] = {}
    for found in _below(facts, ()):
        made.setdefault(str(found.steps[-2]), []).append(found)
    return made


def inside(facts: Facts, steps: Steps, name: str) -> Iterator[Found]:
    """Every segment of a name under the one at these steps."""
    return (found for found in _below(at(facts, steps), steps) if found.steps[-2] == name)


def at(facts: Facts, steps: Steps) -> Any:
    """The segment, or segments, at these steps."""
    node: Any = facts
    for step in steps:
        node = node[step]
    return node


def above(facts: Facts, steps: Steps, name: str) -> Iterator[Found]:
    """The segments of a name that hold the one at these steps, or are it; outermost first."""
    for position, step in enumerate(steps):
        if step == name:
            upto = steps[: position + 2]
            yield Found(upto, at(facts, upto))


def _below(node: dict[str, Any], steps: Steps) -> Iterator[Found]:
    for key, value in node.items():
        if value.__class__ is list:
            for index, entry in enumerate(value):
                here = (*steps, key, index)
                yield Found(here, entry)
                yield from _below(entry, here)
