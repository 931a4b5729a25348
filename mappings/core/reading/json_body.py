"""A JSON body as facts: nothing in it that could not be stored and read again as it was sent.

In      The bytes of one body: UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
Out     Objects, arrays, text, finite numbers, true, false and null.
Errors  NotThisFormatError for what is not JSON, and for what JSON readers differ about: a field
        named twice, numbers that are not finite, half characters, nesting deeper than DEEPEST.
Pure    The same bytes give the same facts.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.outcome import NotThisFormatError
from mappings.core.model.paths import Steps, presented

DEEPEST: Final = 100
"""Levels of objects and arrays; no record of a person needs a tenth of them."""
NAMED_TWICE: Final = "an object names this field twice"


class RepeatedFieldError(ValueError):
    """An object names a field twice."""


def read_json(body: bytes) -> Any:
    """The value of a JSON body."""
    try:
        text = body.decode(json.detect_encoding(body))
        value = _READER.decode(text)
        if "\\u" in text:  # the one way in for half a character
            json.dumps(value, ensure_ascii=False).encode()
    except RepeatedFieldError:
        raise NotThisFormatError(repeated_in(text), NAMED_TWICE) from None
    except (ValueError, RecursionError):
        raise NotThisFormatError("", "not readable as JSON") from None
    if text.count("{") + text.count("[") > DEEPEST and _is_deep(value):
        raise NotThisFormatError("", f"nested deeper than {DEEPEST} levels")
    return value


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these fields, as a reader of JSON makes it. Errors: RepeatedFieldError."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise RepeatedFieldError
    return made


def repeated_in(text: str) -> str:
    """The path of the first field that its object names twice, read again for it alone; empty
    where it cannot be told."""
    try:
        places = _places(_FINDER.decode(text), ())
        return presented(next(places, ()))
    except (ValueError, RecursionError):
        return ""


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named: set[str] = set()
    for name, _ in pairs:
        if name in named:
            return {name: _REPEATED}
        named.add(name)
    return dict(pairs)


def _places(node: Any, steps: Steps) -> Iterator[Steps]:
    if node is _REPEATED:
        yield steps
    elif isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places(child, (*steps, step))


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise ValueError
    return number


def _constant(_: str) -> float:
    raise ValueError


_READER: Final = json.JSONDecoder(
    object_pairs_hook=object_of, parse_float=_finite, parse_constant=_constant
)

_FINDER: Final = json.JSONDecoder(object_pairs_hook=_marked)
_REPEATED: Final = object()


def _is_deep(value: Any) -> bool:
    """Level by level, so that no nesting can exhaust the stack."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return bool(level)
