"""JSON Patch: a list of operations done on a resource, all or none.

In      A resource as the caller is shown it; the operations.
Out     The resource after them; the one given is not changed.
Rule    RFC 6902 and RFC 6901, every operation. What is copied is counted, as a copy of a copy
        doubles. A test compares JSON values: 1 and 1.0 are one number, 1 and true are two things.
Errors  FaultyRequestError: these are no operations. UnprocessableError: one cannot be done; it is
        named by its place, and nothing of it is repeated. TooLargeError.
Source  https://www.rfc-editor.org/rfc/rfc6902; docs/adr/0040-writing-over-rest.md says why not a
        library.
Pure    Values in, values out.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from gateway.errors import Fault, FaultyRequestError, TooLargeError, UnprocessableError
from gateway.flows.asking.sent_object import sent_fhir
from gateway.store.clear import precise

MOST: Final = 1_000
"""Operations of one patch."""
_MOST_COPIED: Final = 1_000_000
"""Letters that copies may make; a value counts as ten."""
_MOST_BYTES: Final = 8 * 1024 * 1024
"""What a resource may come to, patch by patch."""
_POINTER: Final = re.compile("(?:/(?:[^~/]|~[01])*)*")
_INDEX: Final = re.compile("0|[1-9][0-9]{0,8}")
_Tokens = list[str]


class _CannotError(Exception):
    """The operation cannot be done on this resource."""


def operations(body: bytes) -> list[dict[str, Any]]:
    """The operations of a patch, well formed. Errors: FaultyRequestError."""
    read = sent_fhir(body)
    if not isinstance(read, list) or len(read) > MOST:
        text = f"a list of at most {MOST} operations is expected"
        raise FaultyRequestError([Fault("structure", "", text)])
    for place, one in enumerate(read):
        wrong = _fault_of(one)
        if wrong:
            raise FaultyRequestError([Fault("structure", f"[{place}]", wrong)])
    return read


def _fault_of(one: Any) -> str:
    if not isinstance(one, dict) or str(one.get("op")) not in _OPERATIONS:
        return "op is one of add, remove, replace, move, copy and test"
    needed = ["path", *({"move": ["from"], "copy": ["from"], "remove": []}.get(one["op"], []))]
    if any(not _is_pointer(one.get(name)) for name in needed):
        return "path, and from where one is needed, is a JSON pointer"
    if one["op"] in ("add", "replace", "test") and "value" not in one:
        return "a value is needed"
    return ""


def _is_pointer(text: Any) -> bool:
    return isinstance(text, str) and _POINTER.fullmatch(text) is not None


def patched(resource: Mapping[str, Any], listed: list[dict[str, Any]]) -> Any:
    """The resource after the operations."""
    doing = _Doing(deepcopy(dict(resource)))
    for place, one in enumerate(listed):
        try:
            _OPERATIONS[one["op"]](doing, one)
        except (_CannotError, RecursionError):
            text = "a test failed" if one["op"] == "test" else "this cannot be done here"
            raise UnprocessableError([Fault("processing", f"[{place}]", text)]) from None
    return doing.root


def check_size(resource: Any) -> None:
    """It has not grown beyond what is kept. Errors: TooLargeError."""
    if len(precise.dumps(resource)) > _MOST_BYTES:
        raise TooLargeError


class _Doing:
    """The document, as one operation after another changes it."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.copied = 0

    def test(self, one: Mapping[str, Any]) -> None:
        """Go on only where the value is this."""
        if not _same(self._at(_tokens(one["path"])), one["value"]):
            raise _CannotError

    def add(self, one: Mapping[str, Any]) -> None:
        """Put a value in."""
        self._put(_tokens(one["path"]), deepcopy(one["value"]))

    def replace(self, one: Mapping[str, Any]) -> None:
        """Put a value in place of the one that is there."""
        tokens = _tokens(one["path"])
        self._at(tokens)
        if not tokens:
            self.root = deepcopy(one["value"])
            return
        holder, key = self._held(tokens)
        holder[key] = deepcopy(one["value"])

    def remove(self, one: Mapping[str, Any]) -> None:
        """Take a value out."""
        self._take(_tokens(one["path"]))

    def move(self, one: Mapping[str, Any]) -> None:
        """Take a value from one place to another, not into itself."""
        source, target = _tokens(one["from"]), _tokens(one["path"])
        if source == target[: len(source)]:
            if source != target:
                raise _CannotError
            self._at(source)
            return
        self._put(target, self._take(source))

    def copy(self, one: Mapping[str, Any]) -> None:
        """Put the value of one place in another too."""
        value = self._at(_tokens(one["from"]))
        self.copied += _size(value)
        if self.copied > _MOST_COPIED:
            raise _CannotError
        self._put(_tokens(one["path"]), deepcopy(value))

    def _at(self, tokens: _Tokens) -> Any:
        node = self.root
        for token in tokens:
            node = node[_key(node, token)]
        return node

    def _held(self, tokens: _Tokens) -> tuple[Any, Any]:
        """What holds the value at this place, and under which key."""
        holder = self._at(tokens[:-1])
        return holder, _key(holder, tokens[-1])

    def _take(self, tokens: _Tokens) -> Any:
        if not tokens:
            raise _CannotError
        holder, key = self._held(tokens)
        return holder.pop(key)

    def _put(self, tokens: _Tokens, value: Any) -> None:
        if not tokens:
            self.root = value
            return
        holder, last = self._at(tokens[:-1]), tokens[-1]
        if isinstance(holder, dict):
            holder[last] = value
        elif isinstance(holder, list):
            place = len(holder) if last == "-" else _place(last)
            if place > len(holder):
                raise _CannotError
            holder.insert(place, value)
        else:
            raise _CannotError


def _tokens(pointer: str) -> _Tokens:
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _key(holder: Any, token: str) -> str | int:
    """The key of what is there under this token."""
    if isinstance(holder, dict) and token in holder:
        return token
    if isinstance(holder, list):
        place = _place(token)
        if place < len(holder):
            return place
    raise _CannotError


def _place(token: str) -> int:
    if not _INDEX.fullmatch(token):
        raise _CannotError
    return int(token)


def _same(one: Any, other: Any) -> bool:
    """Whether these are one JSON value."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _size(node: Any) -> int:
    if isinstance(node, str):
        return 10 + len(node)
    if isinstance(node, dict):
        return 10 + sum(len(name) + _size(value) for name, value in node.items())
    return 10 + (sum(map(_size, node)) if isinstance(node, list) else 0)


_OPERATIONS: Final[Mapping[str, Callable[[_Doing, Mapping[str, Any]], None]]] = {
    "add": _Doing.add,
    "remove": _Doing.remove,
    "replace": _Doing.replace,
    "move": _Doing.move,
    "copy": _Doing.copy,
    "test": _Doing.test,
}
