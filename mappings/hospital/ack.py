"""Acknowledgements: what is sent back to a hospital, as the bytes of an HL7 v2 message.

In      The message (facts, or bytes nobody could read), the code (AA, AE, AR; CA, CE, CR), our
        own control id, the moment, the issues.
Out     MSH, MSA and an ERR for each error, ending with a carriage return; no framing.
Rule    Sender and receiver change places; MSA-2 is their MSH-10 even where it is empty; MSH-11
        and 12 are theirs. What they get at all is theirs to say (MSH-15, MSH-16): `answers`.
Source  HL7 v2 chapter 2, sections 2.9 (modes) and 2.15; tables 0008, 0155, 0357.
Pure    No clock and no ids of its own. Texts are the issues' own; nothing else of the message
        comes back.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mappings.core.outcome import Issue, NotThisFormatError, Severity
from mappings.hospital.message.reader import read

MOST_ERRORS: Final = 20

_PLACE: Final = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?")
_CODES: Final = {
    "missing": ("101", "Required field missing"),
    "no-key": ("101", "Required field missing"),
    "names-nobody": ("101", "Required field missing"),
    "invalid-date": ("102", "Data type error"),
    "not-fhir": ("102", "Data type error"),
    "unmapped-code": ("103", "Table value not found"),
    "kind-not-mapped": ("201", "Unsupported event code"),
    "duplicate-key": ("205", "Duplicate key identifier"),
}
_OTHER: Final = ("207", "Application internal error")
_SPECIAL: Final = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}


@dataclass(frozen=True, slots=True)
class Answers:
    """Which acknowledgements a sender asks for."""

    accept: bool
    """CA, CE or CR, once the message is on disk."""
    application: bool
    """AA, AE or AR, once it is known what became of it."""


def answers(message: Mapping[str, Any] | bytes, *, failed: bool) -> Answers:
    """What to send, by MSH-15 and MSH-16; both empty is the original mode, one AA, AE or AR."""
    header = _header(message)
    accept, application = (header.get(field, "").strip().upper() for field in ("15", "16"))
    if not accept and not application:
        return Answers(accept=False, application=True)
    return Answers(_wanted(accept, failed=failed), _wanted(application, failed=failed))


def _wanted(condition: str, *, failed: bool) -> bool:
    """Table 0155: always, never, on error, on success."""
    return condition == "AL" or condition == ("ER" if failed else "SU")


def acknowledge(
    message: Mapping[str, Any] | bytes,
    code: str,
    control_id: str,
    at: datetime,
    errors: Iterable[Issue] = (),
) -> bytes:
    """The acknowledgement of one message."""
    header = _header(message)
    trigger = header.get("9", "").split("^")[1:2]
    version = header.get("12", "") or "2.4"
    kind = "^".join(["ACK", trigger[0], "ACK"]) if trigger and trigger[0] else "ACK"
    fields = [
        "MSH",
        "^~\\&",
        *(header.get(field, "") for field in ("5", "6", "3", "4")),
        at.strftime("%Y%m%d%H%M%S%z"),
        "",
        kind,
        control_id,
        header.get("11", "") or "P",
        version,
    ]
    fields += ["", "", "", "", "", "UNICODE UTF-8"]
    lines = ["|".join(fields), f"MSA|{code}|{header.get('10', '')}"]
    wrong = [issue for issue in errors if issue.severity is Severity.ERROR][:MOST_ERRORS]
    lines += [_error(issue, old=_is_before_2_5(version)) for issue in wrong]
    return ("\r".join(lines) + "\r").encode()


def _header(message: Mapping[str, Any] | bytes) -> Mapping[str, str]:
    """The fields of MSH; empty where there is none to read."""
    if isinstance(message, bytes):
        try:
            facts: Mapping[str, Any] = next(iter(read({"": message}))).facts
        except (NotThisFormatError, StopIteration):
            return {}
    else:
        facts = message
    headers = facts.get("MSH") or [{}]
    return {field: _in_line(value) for field, value in headers[0].items() if isinstance(value, str)}


def _in_line(text: str) -> str:
    """Never a line end or a field separator of ours inside a field."""
    return re.sub(r"[\x00-\x1f]", " ", text).replace("|", "\\F\\")


def _is_before_2_5(version: str) -> bool:
    found = re.match(r"2\.(\d+)", version)
    return bool(found and int(found[1]) < 5)


def _error(issue: Issue, *, old: bool) -> str:
    """ERR of version 2.5 (place, code, severity, words), or ERR-1 of the versions before."""
    number, meaning = _CODES.get(issue.code, _OTHER)
    segment, sequence, field, repetition, component = _place(issue.path)
    text = _escaped(f"{issue.path}: {issue.text}" if issue.path else issue.text)
    if old:
        place = f"{segment}^{sequence}^{field}" if segment else "^^"
        return f"ERR|{place}^{number}&{meaning}&HL70357&{_escaped(issue.code)}&{text}"
    parts = (segment, sequence, field, repetition, component)
    place = "^".join(parts).rstrip("^")
    return f"ERR||{place}|{number}^{meaning}^HL70357|E||||{text}"


def _place(path: str) -> tuple[str, str, str, str, str]:
    """Segment, its number, field, repetition, component: of the last segment a path names."""
    found = _PLACE.fullmatch(path.rpartition("].")[2] if "]." in path else path)
    if not found:
        return ("", "", "", "", "")
    segment, sequence, field, repetition, component = found.groups()
    return (
        segment,
        sequence or "1",
        field or "",
        (repetition or "1") if field else "",
        component or "",
    )


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)
