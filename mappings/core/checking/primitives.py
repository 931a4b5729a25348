"""Each FHIR R4 primitive: is this JSON value one?

In      a JSON value as `json` or `orjson` read it (a decimal is int, float or Decimal).
Out     FIND_FAULT: primitive type -> function that gives our words for what is wrong, or None.
Source  the official regular expressions of r4/elements.py; one that a hostile value could
        make slow, or that is looser than the specification's text, is written anew here.
Pure    Nothing here looks outside its argument.
"""

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from mappings.core.checking.narrative import narrative_problem
from mappings.core.r4.elements import PRIMITIVES

FindFault = Callable[[object], str | None]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_VISIBLE: Final = re.compile(r"\S", re.ASCII)
_BASE64: Final = re.compile(
    r"(?:\s*+[0-9A-Za-z+/]{4})*+(?:\s*+(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=))?+\s*+",
    re.ASCII,
)
_BOUNDS: Final = {
    "integer": (-(2**31), "a whole number"),
    "unsignedInt": (0, "a whole number, 0 or more"),
    "positiveInt": (1, "a whole number, 1 or more"),
}
_MOST: Final = 2**31 - 1
_WORDS: Final = {
    "code": "must be a code: text without spaces at either end",
    "date": "must be a date: YYYY, YYYY-MM or YYYY-MM-DD",
    "dateTime": "must be a date, or a date and time with seconds and time zone",
    "instant": "must be a date and time with seconds and time zone",
    "time": "must be a time: hh:mm:ss",
    "id": "must be an id: 1 to 64 letters, digits, '-' and '.'",
    "oid": "must be an OID written as urn:oid:",
    "uuid": "must be a UUID in lower case written as urn:uuid:",
    "uri": "must be a URI without spaces",
    "url": "must be a URL without spaces",
    "canonical": "must be a canonical URL without spaces",
}


def _boolean(value: object) -> str | None:
    return None if value is True or value is False else "must be true or false, unquoted"


def _decimal(value: object) -> str | None:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return None if math.isfinite(value) else "must be a finite number"
    return "must be a number, unquoted"


def _integer(least: int, words: str) -> FindFault:
    def find(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST:
            return None
        return f"must be {words}, unquoted"

    return find


def _text(most: int) -> FindFault:
    def find(value: object) -> str | None:
        if not isinstance(value, str):
            return "must be text"
        if not value:
            return "must not be empty"
        if not value.isprintable():
            if not _VISIBLE.search(value):
                return "must not be empty"
            if _CONTROL.search(value):
                return _HOLDS_CONTROL
        return _TOO_LONG if most and len(value) > most else None

    return find


def _matching(name: str) -> FindFault:
    matches = re.compile(PRIMITIVES[name][0], re.ASCII).fullmatch
    words = _WORDS[name]

    def find(value: object) -> str | None:
        return None if isinstance(value, str) and value and matches(value) else words

    return find


def _dated(name: str) -> FindFault:
    form = _matching(name)

    def find(value: object) -> str | None:
        return form(value) or (None if _real_day(str(value)) else "must be a day that exists")

    return find


def _real_day(value: str) -> bool:
    if len(value) < 10 or value[8:10] < "29":
        return True
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _base64(value: object) -> str | None:
    if isinstance(value, str) and not value.isspace() and value and _BASE64.fullmatch(value):
        return None
    return "must be base64"


_HOLDS_CONTROL: Final = "must not hold control characters"
_TOO_LONG: Final = "is too long"
UNFIT_TEXT: Final = frozenset({_HOLDS_CONTROL, _TOO_LONG})
"""What is wrong with a text that no mapping could mend."""

FIND_FAULT: Final[dict[str, FindFault]] = {
    "boolean": _boolean,
    "decimal": _decimal,
    "base64Binary": _base64,
    "xhtml": narrative_problem,
    "string": _text(PRIMITIVES["string"][1]),
    "markdown": _text(PRIMITIVES["markdown"][1]),
    **{name: _integer(*bounds) for name, bounds in _BOUNDS.items()},
    **{name: _dated(name) for name in ("date", "dateTime", "instant")},
    **{name: _matching(name) for name in _WORDS if name not in ("date", "dateTime", "instant")},
}
