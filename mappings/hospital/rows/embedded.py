"""Documents that stand inside a message (OBX of type ED): decoded, known by their content.

In      OBX segments whose value is encapsulated data: `source^type^subtype^Base64^data`, whatever
        OBX-2 says, or the lines of a MIME part over several OBX, as one English laboratory system
        writes it.
Out     Embedded: the bytes as base64, their type, size and hashes; or why they cannot be read.
        A DocumentReference for each, kept once however often the same bytes are sent.
Rule    What begins as a PDF is one, whatever the sender says; what is said to be one and does
        not begin so is kept as bytes of unknown type, and reported.
Source  HL7 v2 chapter 2.A (ED); samples of English senders.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model.outcome import Issue, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.core.shaping.labels import of_content
from mappings.hospital.codes import documents as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first
from mappings.hospital.message.reader import show
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.tree import above, inside
from mappings.hospital.rows.whole import every, person_id, whole
from mappings.terms.access import Category

_BREAK: Final = re.compile(r"\\\.br\\|\s")
_HEADER: Final = re.compile(r"content-(type|transfer-encoding):", re.IGNORECASE)
_PDF: Final = b"%PDF-"
_ENCODED: Final = re.compile(r"[^^]*\^[^^]*\^[^^]*\^base64\^[^^~]", re.IGNORECASE).match

EMPTY: Final = "empty"
UNREADABLE: Final = "unreadable"
NOT_A_PDF: Final = "not a PDF"


@dataclass(frozen=True, slots=True)
class Embedded:
    """One document inside a message."""

    entry: dict[str, Any]
    """Its (first) OBX."""
    media: str = codes.UNKNOWN_MEDIA
    data: str = ""
    size: int = 0
    sha1: str = ""
    sha256: str = ""
    fault: str = ""

    @property
    def readable(self) -> bool:
        """Whether there is something to keep."""
        return bool(self.data)

    @property
    def attachment(self) -> dict[str, Any]:
        """FHIR Attachment; its hash is SHA-1, as FHIR has it."""
        return {
            "contentType": self.media,
            "data": self.data,
            "size": self.size,
            "hash": self.sha1,
        }


def is_embedded(entry: dict[str, Any]) -> bool:
    """Whether an OBX holds encapsulated data."""
    return (first(entry.get("2")) or "").upper() == "ED" or bool(_ENCODED(entry.get("5", "")))


def embedded(scope: Scope) -> Iterator[Found]:
    """Every document of the message, at its first OBX."""
    open_part: list[Found] = []
    for found in [*every(scope, "OBX"), None]:
        whole = found is None or not is_embedded(found.value) or "^" in found.value.get("5", "")
        if open_part and (whole or found is None or not _continues(open_part[0], found)):
            yield Found(open_part[0].steps, _of_part(open_part))
            open_part = []
        if found is None or not is_embedded(found.value):
            continue
        if whole:
            yield Found(found.steps, _of_field(found.value))
        else:
            open_part.append(found)


def _continues(part: Found, found: Found) -> bool:
    """Whether an OBX goes on with the MIME part of one before it."""
    return part.steps[:-1] == found.steps[:-1] and part.value.get("4") == found.value.get("4")


def _of_field(entry: dict[str, Any]) -> Embedded:
    value = entry.get("5", "")
    media = codes.MEDIA.find(component(value, 3)) or codes.MEDIA.find(component(value, 2))
    encoding = component(value, 4).upper()
    data = value.split("^", 4)[4].partition("~")[0] if value.count("^") >= 4 else ""
    return _decoded(entry, str(media or ""), encoding, data)


def _of_part(part: list[Found]) -> Embedded:
    lines = [found.value.get("5", "") for found in part]
    said = "".join(line for line in lines if _HEADER.match(line))
    data = "".join(line for line in lines if not _HEADER.match(line))
    media = "application/pdf" if ".pdf" in said.lower() else ""
    return _decoded(part[0].value, media, "BASE64", data)


def _decoded(entry: dict[str, Any], media: str, encoding: str, data: str) -> Embedded:
    bare = _BREAK.sub("", data)
    if not bare or bare == sensitivity.CLEARED:
        return Embedded(entry, fault=EMPTY)
    try:
        raw = bytes.fromhex(bare) if encoding == "HEX" else base64.b64decode(bare, validate=True)
    except (ValueError, binascii.Error):
        return Embedded(entry, fault=UNREADABLE)
    is_pdf, fault = raw.startswith(_PDF), ""
    if is_pdf:
        media = "application/pdf"
    elif media == "application/pdf":
        media, fault = "", NOT_A_PDF
    return Embedded(
        entry,
        media or codes.UNKNOWN_MEDIA,
        base64.b64encode(raw).decode(),
        len(raw),
        base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode(),
        hashlib.sha256(raw).hexdigest(),
        fault,
    )


def doubts(scope: Scope) -> Iterator[Issue]:
    """Documents that are empty, cannot be read, or are not what they say."""
    for found in embedded(scope):
        place, fault = show((*found.steps, "5")), found.value.fault
        if fault == EMPTY:
            text = "a document without content; nothing was made of it"
            yield warning(place, "empty-document", text)
        elif fault == UNREADABLE:
            text = "the content is not in the encoding it says; send it again"
            yield warning(place, "unreadable-document", text)
        elif fault == NOT_A_PDF:
            text = "does not begin as a PDF does; kept as bytes of unknown type"
            yield warning(place, "not-what-it-says", text)


def each_embedded(scope: Scope) -> Iterator[Found]:
    """Each document that can be read, once."""
    seen: set[str] = set()
    for found in embedded(scope):
        if found.value.readable and found.value.sha256 not in seen:
            seen.add(found.value.sha256)
            yield found


def embedded_key(scope: Scope) -> str:
    """The person, and a hash of the content: the same bytes are one document."""
    return joined_key(person_id(scope), "document", scope.element.sha256[:40])


def _of_obx(scope: Scope, field: str) -> Iterator[Found]:
    value = scope.element.entry.get(field)
    if value:
        yield Found((*scope.here.steps, field), value)


def state(scope: Scope) -> Iterator[Found]:
    """OBX-11."""
    for found in _of_obx(scope, "11"):
        yield Found(found.steps, f"result {first(found.value) or ''}")


def kind(scope: Scope) -> Iterator[Found]:
    """OBX-3, what the document is."""
    return _of_obx(scope, "3")


def observed_at(scope: Scope) -> Iterator[Found]:
    """OBX-14, when it was made."""
    return _of_obx(scope, "14")


def content(scope: Scope) -> Iterator[Found]:
    """The document itself."""
    yield Found((*scope.here.steps, "5"), scope.element.attachment)


def moment(field: str) -> str | None:
    """An instant; None where only a day is known."""
    made = times.when(field)
    return made if made and "T" in made else None


def of_report(scope: Scope) -> list[dict[str, str]]:
    """What tells of a whole report is no less restricted than the codes of any result in it."""
    held = [*above(scope.facts, scope.here.steps, "OBR")][-1:]
    place = held[0].steps if held else ()
    known = whole(scope).revealed
    if place not in known:
        known[place] = _revealed(scope, held)
    return [*sensitivity.of_visit(scope), *known[place]]


def _revealed(scope: Scope, held: list[Found]) -> list[dict[str, str]]:
    """By the results of the report; of the whole message where there is none."""
    told = [one.value.get("4", "") for one in held]
    results = inside(scope.facts, held[0].steps, "OBX") if held else every(scope, "OBX")
    for result in results:
        told.append(result.value.get("3", ""))
        told.append("" if is_embedded(result.value) else result.value.get("5", ""))
    return of_content({"code": [made for field in told if (made := types.concept(field))]})


def document(places: tuple[str, ...]) -> Target:
    """The DocumentReference of each document in some places of a message."""
    return Target(
        "DocumentReference",
        name="embedded",
        each=each_embedded,
        key=embedded_key,
        category=Category.DOCUMENTS,
        labels=of_report,
        reads=tuple(f"{place}.{n}" for place in places for n in ("2", "3", "4", "5", "11", "14")),
        defaults={"status": "current"},
        rows=(
            Row("embedded.state", "status", gather=state, table=codes.DOCUMENT_STATUS),
            Row("embedded.what", "type", gather=kind, fn=types.concept),
            Row("embedded.date", "date", gather=observed_at, fn=moment),
            Row("embedded.content", "content[0].attachment", gather=content, must=True),
        ),
    )
