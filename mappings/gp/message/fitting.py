"""What of a resource does not fit its shape.

In      One resource of a bundle as JSON, and the shape of its type.
Out     The paths whose JSON is of another kind than STU3 has there; the lists sent as a single
        object, which reading mends.
"""

from collections.abc import Iterator
from typing import Any

from mappings.core.model.paths import Steps
from mappings.gp.message.datatypes import NUMBER, Shape


def misfits(shape: Shape, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Every place whose JSON is of another kind than the shape's; null counts as absent."""
    if value is None:
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield steps
            return
        for name, child in value.items():
            if name in shape:
                yield from misfits(shape[name], child, (*steps, name))
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield steps
            return
        for position, child in enumerate(value):
            if child is None:
                yield (*steps, position)
            else:
                yield from misfits(shape[0], child, (*steps, position))
    elif not _is_of(shape, value):
        yield steps


def _is_of(kind: Shape, value: Any) -> bool:
    if kind is NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def single_lists(shape: Shape, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Lists of objects that were sent as one object; outer places first."""
    if isinstance(shape, list) and isinstance(shape[0], dict):
        if isinstance(value, dict):
            yield steps
        for position, child in enumerate(value if isinstance(value, list) else ()):
            yield from single_lists(shape[0], child, (*steps, position))
    elif isinstance(shape, dict) and isinstance(value, dict):
        for name, child in value.items():
            if name in shape and isinstance(child, dict | list):
                yield from single_lists(shape[name], child, (*steps, name))
