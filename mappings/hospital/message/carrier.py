"""From bytes to the lines of messages: encoding, framing, line ends, batch envelopes.

In      The bytes of a delivery: one message, several, a batch file, or framed as for MLLP.
Out     Raw messages (their lines) in order; what had to be repaired, as issues.
Errors  NotThisFormatError where no message header is found.
Source  HL7 v2 chapter 2 (batch protocol, MSH-18); MLLP; samples of real senders.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mappings.core.model.outcome import Issue, NotThisFormatError, error, warning
from mappings.hospital.message.profiles import profile_named

_START: Final = re.compile(rb"[\s\x0b\x1c\x00]*")
_SEGMENT: Final = re.compile(r"[A-Z][A-Z0-9]{2}(?![A-Za-z0-9 ])")
_CUT_NAME: Final = re.compile(r"[A-Z][A-Z0-9]{0,2}")
_HEADERS: Final = (b"MSH", b"FHS", b"BHS")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENVELOPE: Final = frozenset({"FHS", "BHS", "BTS", "FTS"})

CHARSETS: Final = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "8859/1": "cp1252",
    **{f"8859/{part}": f"iso8859-{part}" for part in (*range(2, 10), 15)},
}
"""MSH-18 (table 0211) to a codec; anything else is tried as UTF-8."""


@dataclass(slots=True)
class RawMessage:
    """The lines of one message; `header` is False for lines that stand outside any message."""

    lines: list[str]
    header: bool = True
    issues: list[Issue] = field(default_factory=list)


def looks_like_hl7(body: bytes) -> bool:
    """Whether the first thing in these bytes is a message or batch header."""
    if body.startswith(_WIDE):
        body = body[:256].decode("utf-16", errors="replace").encode()
    bare = body[: len(codecs.BOM_UTF8) + 4096].removeprefix(codecs.BOM_UTF8)
    found = _START.match(bare)
    return bare[found.end() if found else 0 :].startswith(_HEADERS)


def raw_messages(body: bytes) -> Iterator[RawMessage]:
    """Every message, in order; lines before, between or after them as header-less ones."""
    text, issues = _decoded(body)
    lines = text.replace("\x0b", "\r").replace("\x1c", "\r").replace("\n", "\r")
    if (
        not lines.startswith("MSH")
        and "\rMSH" not in lines
        and not lines.lstrip("\r ").startswith("MSH")
    ):
        raise NotThisFormatError("MSH", "no message header (MSH) stands in what was sent")
    for message in _split(lines.split("\r")):
        message.issues[:0] = issues
        yield message


def _split(lines: list[str]) -> Iterator[RawMessage]:
    current: RawMessage | None = None
    for line in lines:
        if not line or line.isspace():
            continue
        name = line[:3]
        if name == "MSH":
            if current:
                yield current
            current = RawMessage([line])
        elif name in ENVELOPE:
            if current:
                yield current
            current = None
        elif current is None:
            current = RawMessage([line], header=False)
        elif line[3:4] == "|" or _SEGMENT.match(line):
            current.lines.append(line)
        else:
            _continue(current, line)
    if current:
        if unended := lines[-1].strip():
            current.issues.append(_no_end(current.lines[-1][:3], unended))
        yield current


def _no_end(segment: str, line: str) -> Issue:
    """What was cut is seen for certain in a segment's name alone; else only that no end came."""
    path = segment if _SEGMENT.match(segment) else ""
    if _CUT_NAME.fullmatch(line):
        text = "was cut in the name of a segment: send the message again whole"
        return error(path, "cut-message", text)
    text = "has no carriage return after its last segment: if it was cut, send it again whole"
    return warning(path, "no-end", text)


def _continue(message: RawMessage, line: str) -> None:
    """A line end inside a field: the rest belongs to the segment before."""
    message.lines[-1] += "\\.br\\" + line
    name = message.lines[-1][:3]
    path = name if _SEGMENT.match(name) else ""
    text = "a line end stood inside a field; send it as \\.br\\"
    message.issues.append(warning(path, "line-end-in-field", text))


def _decoded(body: bytes) -> tuple[str, list[Issue]]:
    if body.startswith(_WIDE):
        return body.decode("utf-16", errors="replace"), []
    if body.isascii():
        return body.decode("ascii"), []
    issues = []
    if body.startswith(codecs.BOM_UTF8):
        body = body[len(codecs.BOM_UTF8) :]
        text = "began with a byte order mark, which was left out"
        issues.append(warning("MSH-18", "byte-order-mark", text))
    application, facility, charset, *others = _sender(body)
    try:
        return body.decode(CHARSETS.get(charset, "utf-8")), issues
    except UnicodeDecodeError:
        if (further := _in_another(body, others)) is not None:
            return further, issues
        known = profile_named(application, facility).charset
        if known and not charset and (agreed := _as_agreed(body, known)) is not None:
            return agreed, issues
        read_as = known if known and not charset else "Windows-1252"
        text = f"is not in the character set it says, or in UTF-8; read as {read_as}"
        return _decoded_as(body, read_as), [*issues, warning("MSH-18", "character-set", text)]


def _as_agreed(body: bytes, charset: str) -> str | None:
    """As text in the set that the reviewed profile of its sender names; None where it is not."""
    with suppress(UnicodeDecodeError):
        return body.decode(charset)
    return None


def _in_another(body: bytes, charsets: list[str]) -> str | None:
    """As text in the first further set that MSH-18 names, where the first one does not serve."""
    for charset in charsets:
        with suppress(UnicodeDecodeError):
            return body.decode(CHARSETS[charset]) if charset in CHARSETS else None
    return None


def _decoded_as(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _sender(body: bytes) -> list[str]:
    """MSH-3, MSH-4 and each set that MSH-18 names, of the first message."""
    at = body.find(b"MSH")
    header = re.split(rb"[\r\n]", body[at : at + 4096], maxsplit=1)[0].decode("latin-1")
    fields = [*header.split(header[3:4] or "|"), *[""] * 18]
    application, facility = (re.split(r"[\^~]", fields[n])[0] for n in (2, 3))
    return [application, facility, *(one.strip().upper() for one in fields[17].split("~"))]
