"""In which encoding a file of text is written.

In      The file's bytes; the path under which its issues are told.
Out     The encoding, and what is to be said of it.
Rule    A byte order mark says it; UTF-16 is known without one where the first characters can be
        nothing else; then UTF-8, and what is not that is Windows-1252.
Pure    The file is decoded piece by piece: a long file is never a long string.
"""

import codecs
import re
from typing import Final

from mappings.core.model.outcome import Issue, warning

_PIECE: Final = 64 * 1024
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_UTF_16: Final = (
    (re.compile(rb"(?:[\t\r\n\x20-\x7e]\0){8}"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\r\n\x20-\x7e]){8}"), "utf-16-be"),
)
"""Eight plain characters of a heading; in any other encoding every second one would be NUL."""
_MARKED: Final = "a byte order mark was taken off the first heading"
_UNMARKED: Final = "not UTF-8; read as UTF-16 without a byte order mark"
_WINDOWS: Final = "not UTF-8; read as Windows-1252"
_UNREADABLE: Final = "holds bytes that are no character; each is shown as \N{REPLACEMENT CHARACTER}"


def encoding_of(path: str, body: bytes) -> tuple[str, list[Issue]]:
    """The encoding, and the issues of it."""
    encoding, repaired = _recognised(path, body)
    issues = [repaired] if repaired else []
    if repaired and not _is_in(encoding, body):
        issues.append(warning(path, "unreadable-characters", _UNREADABLE))
    return encoding, issues


def _recognised(path: str, body: bytes) -> tuple[str, Issue | None]:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding, warning(path, "byte-order-mark", _MARKED)
    for start, encoding in _UTF_16:
        if start.match(body):
            return encoding, warning(path, "encoding", _UNMARKED)
    if _is_in("utf-8", body):
        return "utf-8", None
    return "cp1252", warning(path, "encoding", _WINDOWS)


def _is_in(encoding: str, body: bytes) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(body), _PIECE):
            decoder.decode(body[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
