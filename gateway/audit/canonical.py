"""Canonical JSON of audit records, written and strictly read back.

In      members that are strings, integers from 0 up, lists and objects of these.
Out     RFC 8785 bytes: sorted members, no white space, UTF-8; empty members left out.
Errors  EntryFormatError, without what was in the bytes.
Source  RFC 8785; docs/audit-format.md.
Pure    Values in, values out.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeVar

import orjson

from gateway.errors import GatewayError

_LARGEST: Final = 2**53 - 1
_Kind = TypeVar("_Kind")


class EntryFormatError(GatewayError):
    """Bytes or values that are not a record of a format this version knows."""


def canonical(members: Mapping[str, Any]) -> bytes:
    """The canonical bytes of the members that are not empty."""
    filled = {name: value for name, value in members.items() if value}
    try:
        return orjson.dumps(filled, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise EntryFormatError("a value that canonical JSON cannot hold") from None


def to_text(at: datetime) -> str:
    """A moment as text in UTC, always with six digits of a second."""
    if at.tzinfo is None:
        raise EntryFormatError("a moment without a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """The moment that to_text wrote."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise EntryFormatError("a moment that cannot be read") from None
    if to_text(at) != text:
        raise EntryFormatError("a moment that is not canonical")
    return at


def to_base64(content: bytes) -> str:
    """Standard base64, padded."""
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """The bytes that to_base64 wrote."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EntryFormatError("a member that is not base64") from None
    if to_base64(content) != text:
        raise EntryFormatError("a member whose base64 is not canonical")
    return content


class Reader:
    """Reads the members of one object, each once and only as the type it must have."""

    def __init__(self, members: object) -> None:
        if not isinstance(members, dict) or not all(members.values()):
            raise EntryFormatError("not an object of filled members")
        self._left: dict[str, Any] = dict(members)

    @classmethod
    def of(cls, record: bytes) -> Self:
        """A reader of canonical bytes; any other writing of the same members is refused."""
        try:
            members = orjson.loads(record)
        except orjson.JSONDecodeError:
            raise EntryFormatError("a record that is not JSON") from None
        reader = cls(members)
        if canonical(members) != record:
            raise EntryFormatError("a record that is not canonical")
        return reader

    def string(self, name: str) -> str:
        """The string of that name, "" when it was left out."""
        return _typed(self._left.pop(name, ""), str)

    def strings(self, *names: str) -> dict[str, Any]:
        """The strings of those names."""
        return {name: self.string(name) for name in names}

    def rest(self) -> dict[str, Any]:
        """All members that are left, which must be strings."""
        return self.strings(*tuple(self._left))

    def number(self, name: str) -> int:
        """The integer of that name, 0 when it was left out."""
        return _typed(self._left.pop(name, 0), int)

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of strings of that name."""
        return tuple(_typed(item, str) for item in _typed(self._left.pop(name, []), list))

    def rows(self, name: str, kinds: tuple[type, ...]) -> tuple[tuple[Any, ...], ...]:
        """The list of rows of that name, each with one value of each kind."""
        rows = [_typed(row, list) for row in _typed(self._left.pop(name, []), list)]
        if any(len(row) != len(kinds) for row in rows):
            raise EntryFormatError("a row of another length")
        return tuple(tuple(map(_typed, row, kinds)) for row in rows)

    def inner(self, name: str) -> "Reader":
        """A reader of the object of that name, which may have been left out."""
        return Reader(self._left.pop(name, {}))

    def check_nothing_left(self) -> None:
        """Errors: EntryFormatError when a member was not read."""
        if self._left:
            raise EntryFormatError("a member that this format does not have")


def _typed(value: object, kind: type[_Kind]) -> _Kind:
    if type(value) is not kind:
        raise EntryFormatError("a member of another type")
    if isinstance(value, int) and not 0 <= value <= _LARGEST:
        raise EntryFormatError("a number out of range")
    return value
