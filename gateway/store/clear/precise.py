"""JSON of a resource, with every decimal as it was written: 1.00 stays 1.00.

In      Bytes; or what `loads` gave, changed or not.
Out     Dicts and lists; bytes.
Rule    A decimal is a float that remembers its digits. Stored bytes without one take the quick way.
Errors  ValueError: this is not JSON. RepeatedFieldError, one of them: readers of JSON differ about
        which of two equal names counts, so what was sent has none.
Source  http://hl7.org/fhir/R4/datatypes.html#decimal: precision is kept.
Pure    Values in, values out.
"""

import json
import re
from typing import Any, Final

import orjson

from mappings.core.reading.json_body import object_of

_DECIMAL: Final = re.compile(rb"[0-9][.eE]")
_DIGITS: Final = 18


class Decimal(float):
    """A number with a point or an exponent, and its digits."""

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> "Decimal":
        """The number that these digits write."""
        made = super().__new__(cls, digits)
        made.digits = digits
        return made

    def __deepcopy__(self, _memo: Any) -> "Decimal":
        return self


def sent(body: bytes) -> Any:
    """What bytes say that somebody sent: each field once."""
    orjson.loads(body)  # of text and numbers it takes less
    try:
        return _SENT.decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deep") from None


def loads(body: bytes) -> Any:
    """What stored bytes say."""
    read = orjson.loads(body)
    if not _DECIMAL.search(body):
        return read
    try:
        return json.loads(body, parse_float=Decimal, parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _whole(digits: str) -> int | Decimal:
    """A whole number; one of more digits than can be written keeps them as a decimal does."""
    return int(digits) if len(digits) <= _DIGITS else Decimal(digits)


_SENT: Final = json.JSONDecoder(object_pairs_hook=object_of, parse_float=Decimal, parse_int=_whole)


def dumps(value: Any, option: int | None = None) -> bytes:
    """The value as bytes."""
    return orjson.dumps(value, default=_digits, option=option)


def _digits(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(value.digits)
    raise TypeError
