"""Acknowledgements: what is sent back to a hospital, as the bytes of an HL7 v2 message.

In      The message (facts, or bytes nobody could read), the code (AA, AE, AR; CA, CE, CR), our
        own control id, the moment, the issues.
Out     MSH, MSA and an ERR for each error, ending with a carriage return; no framing. For a batch,
        a batch of them.
Rule    Sender and receiver change places; MSA-2 is their MSH-10 even where it is empty; MSH-11
        and 12 are theirs. What they get at all is theirs to say (MSH-15, MSH-16): `answers`.
        An acknowledgement is never acknowledged.
Source  HL7 v2 chapter 2, sections 2.9 (modes), 2.10.3 (batches) and 2.15; tables 0008, 0155, 0357.
Pure    No clock and no ids of its own. Texts are the issues' own; nothing else of the message
        comes back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from mappings.core.model.outcome import Issue, NotThisFormatError, Severity
from mappings.hospital.message.fields import escaped
from mappings.hospital.message.reader import read

MOST_ERRORS: Final = 20

_PLACE: Final = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?")
_CODES: Final = {
    "missing": ("101", "Required field missing"),
    "no-key": ("101", "Required field missing"),
    "names-nobody": ("101", "Required field missing"),
    "invalid-date": ("102", "Data type error"),
    "not-fhir": ("102", "Data type error"),
    "unfit-value": ("102", "Data type error"),
    "key-too-long": ("102", "Data type error"),
    "unmapped-code": ("103", "Table value not found"),
    "kind-not-mapped": ("201", "Unsupported event code"),
    "duplicate-key": ("205", "Duplicate key identifier"),
}
_OTHER: Final = ("207", "Application internal error")
_ENVELOPES: Final = tuple(
    re.compile(rb"(?:\A|[\r\n\x0b])\s*(%s[^A-Za-z0-9\s][^\r\n\x0b]*)" % name)
    for name in (b"BHS", b"FHS")
)
_ENVELOPE_WITHIN: Final = 4096


class Mode(StrEnum):
    """Whose word holds about which acknowledgements are sent."""

    ASKED = "asked"
    """The message's own (MSH-15, MSH-16)."""
    ORIGINAL = "original"
    """Ours: always one AA, AE or AR."""
    COMMIT = "commit"
    """Ours: always one CA, CE or CR."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Which acknowledgements a sender asks for."""

    accept: bool
    """CA, CE or CR, once the message is on disk."""
    application: bool
    """AA, AE or AR, once it is known what became of it."""


def answers(
    message: Mapping[str, Any] | bytes, *, kept: bool, applied: bool, mode: Mode = Mode.ASKED
) -> Answers:
    """What to send; both fields empty, or unreadable, is the original mode: one AA, AE or AR.

    What is not kept is not applied either: where that was said, it is not said twice.
    """
    header = _header(message)
    if header.get("9", "").partition("^")[0] == "ACK":
        return Answers(accept=False, application=False)
    accept, application = (_condition(header, field) for field in ("15", "16"))
    if mode is not Mode.ASKED or not (accept or application):
        return Answers(accept=mode is Mode.COMMIT, application=mode is not Mode.COMMIT)
    told = _is_met(accept, failed=not kept)
    again = kept or not told
    return Answers(accept=told, application=again and _is_met(application, failed=not applied))


def _condition(header: Mapping[str, str], field: str) -> str:
    """Table 0155: always, never, on error, on success; empty for anything else."""
    said = header.get(field, "").strip().upper()
    return said if said in ("AL", "NE", "ER", "SU") else ""


def _is_met(condition: str, *, failed: bool) -> bool:
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


def is_batch(body: bytes) -> bool:
    """Whether these messages stand in an envelope."""
    return bool(_envelope(body))


def batch(body: bytes, made: Sequence[bytes], control_id: str, at: datetime) -> bytes:
    """The acknowledgements of a batch as a batch, which refers to theirs."""
    line = _envelope(body)
    fields = [*(_in_line(field) for field in line.split(line[3:4] or "|")), *[""] * 12]
    if not line:
        header = _header(body)
        fields[2:6] = [header.get(field, "") for field in ("3", "4", "5", "6")]
    theirs = fields[10]
    said = ["BHS", "^~\\&", *fields[4:6], *fields[2:4], at.strftime("%Y%m%d%H%M%S%z")]
    lines = ["|".join([*said, "", "", "", control_id, theirs]), f"BTS|{len(made)}"]
    return f"{lines[0]}\r".encode() + b"".join(made) + f"{lines[1]}\r".encode()


def _envelope(body: bytes) -> str:
    """The header of the batch, else of the file; empty where there is none."""
    found = (pattern.search(body, 0, _ENVELOPE_WITHIN) for pattern in _ENVELOPES)
    return next((one[1].decode("utf-8", "replace") for one in found if one), "")


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
    text = escaped(f"{issue.path}: {issue.text}" if issue.path else issue.text)
    if old:
        place = f"{segment}^{sequence}^{field}" if segment else "^^"
        return f"ERR|{place}^{number}&{meaning}&HL70357&{escaped(issue.code)}&{text}"
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
