"""The body a GP system sends: FHIR as JSON or XML, of the release that GP Connect or UK Core has.

In      The bytes of one body.
Out     Items: GP Connect's structured record (STU3) or UK Core's resources (R4), each read by
        its own module.
Errors  NotThisFormatError where it is not FHIR; warnings for what had to be mended.
Source  GP Connect Access Record: Structured 1.6 (STU3, JSON); UK Core (R4, JSON or XML).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from mappings.core.model.outcome import Issue, Item, NotThisFormatError, warning
from mappings.core.r4.codes import RESOURCE_TYPES as R4_TYPES
from mappings.gp.message import bundle, resources
from mappings.gp.message.fhir_xml import looks_like_fhir, read_xml
from mappings.gp.message.release import is_r4
from mappings.gp.message.types import RESOURCE_TYPES as STU3_TYPES

MEDIA_TYPES: Final = (
    "application/fhir+json",
    "application/json",
    "application/fhir+xml",
    "application/xml",
)

_BOM: Final = b"\xef\xbb\xbf"
_DEEPEST: Final = 60
_NAMED: Final = re.compile(rb'"resourceType"\s*:\s*"')


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like FHIR as JSON or XML."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    bare = body.removeprefix(_BOM)
    if looks_like_fhir(bare):
        return True
    return bare.lstrip()[:1] == b"{" and bool(_NAMED.search(bare))


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The items of the body."""
    issues: list[Issue] = []
    body = next(iter(members.values()), b"")
    if looks_like_fhir(body.removeprefix(_BOM)):
        sent = read_xml(body)
        yield from resources.items(sent, issues)
        return
    sent = _json(body, issues)
    named = sent.get("resourceType") if isinstance(sent, dict) else None
    if not isinstance(named, str) or named not in STU3_TYPES | R4_TYPES:
        raise NotThisFormatError("resourceType", "not a resource of FHIR STU3 or R4")
    if _is_deeper(sent, _DEEPEST):
        raise NotThisFormatError("", "nested deeper than any FHIR resource")
    yield from (resources if is_r4(sent) else bundle).items(sent, issues)


def _json(body: bytes, issues: list[Issue]) -> Any:
    bare = body.removeprefix(_BOM)
    if len(bare) < len(body):
        issues.append(warning("", "repaired", "a byte order mark was left out"))
    try:
        return orjson.loads(bare)
    except orjson.JSONDecodeError:
        pass
    try:
        sent = orjson.loads(bare.decode("cp1252"))
    except (UnicodeDecodeError, orjson.JSONDecodeError):
        raise NotThisFormatError("", "not readable as JSON in UTF-8") from None
    issues.append(warning("", "repaired", "read as Windows-1252, because it is not UTF-8"))
    return sent


def _is_deeper(value: Any, levels: int) -> bool:
    if levels == 0:
        return True
    if isinstance(value, dict):
        return any(_is_deeper(child, levels - 1) for child in value.values())
    return isinstance(value, list) and any(_is_deeper(child, levels - 1) for child in value)
