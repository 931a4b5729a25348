"""How an answer is written: part of each resource, indented, as XML. Plain ASGI.

    request -> app -> answer, filtered and recorded -> its shape -> first byte

In      _summary, _elements, _pretty, _format, from the query or a search form; Accept.
Out     the app's own answer, in a profile, with elements left out, or written otherwise.
Rule    An answer is shaped from its own bytes: what the Filter took out cannot come back, and
        hidden rows change nothing. Elements that must be there, and those that change the meaning
        of others, always stay. An answer with no such wish passes untouched.
Source  http://hl7.org/fhir/R4/search.html#summary, http.html#parameters
"""

import json
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers import formats, interweave
from gateway.api.answers.dependencies import FORM_BYTES
from gateway.api.answers.fhir_xml import to_xml
from gateway.api.answers.responses import outcome
from mappings.core.checking.shapes import SERVED, shape_of
from mappings.core.r4.elements import TYPES, Element

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_FHIR: Final = "/fhir/R4"
_NAMED: Final = re.compile(
    r"_(?:format|summary|elements|pretty)|%(?:5F|6[1-9A-F]|7[0-9A])", re.IGNORECASE
)
"""What a query that asks for a shape holds, its letters written as they are or not; most hold
none of it."""
_MOST_ELEMENTS: Final = 100
_SUMMARIES: Final = ("true", "text", "data", "count", "false")
_ELEMENT: Final = re.compile(r"[a-z][A-Za-z0-9]{0,63}", re.ASCII)
_BUNDLES: Final = ("searchset", "history", "collection")
_LONG: Final = 18
"""Digits of a whole number that a machine word may not hold."""
_WHOLE: Final = ("OperationOutcome", "Parameters")
"""Answers of an operation, of which no part is left out."""


class _WrongShapeError(Exception):
    """A shape that cannot be given: the parameter, and our words."""


class _Written(str):
    """A decimal, in the digits it came with."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The shape that is wished for."""

    summary: str = ""
    elements: frozenset[str] = frozenset()
    pretty: bool = False
    xml: bool = False
    profile: str = ""

    @property
    def whole(self) -> bool:
        """Whether each resource is to be as it is."""
        return not self.summary and not self.elements and not self.profile


_PLAIN: Final = Asked()


class Shaping:
    """Gives each FHIR answer the shape its request asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not _is_shaped(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = scope["query_string"].decode("latin-1")
        if scope["method"] == "POST" and scope["path"].endswith("/_search"):
            form, receive = await _kept(receive)
            given = f"{given}&{form}"
        accept = [value for name, value in scope["headers"] if name == b"accept"]
        try:
            asked = _asked(given, b",".join(accept))
        except _WrongShapeError as wrong:
            name, text = wrong.args
            await outcome(400, [("invalid", name, text)])(scope, receive, send)
            return
        if asked is _PLAIN or asked == _PLAIN:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(asked, send).take)


def _is_shaped(path: str) -> bool:
    """Whether an answer is FHIR: of an export's kick-off, the wishes are about its files."""
    return path.startswith(_FHIR) and not path.endswith("/$export")


async def _kept(receive: Receive) -> tuple[str, Receive]:
    """The form that is sent, and a channel on which the app reads it too."""
    messages: list[Message] = []
    size, more = 0, True
    while more and size <= FORM_BYTES:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    waiting = iter(messages)

    async def again() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    body = b"".join(message.get("body", b"") for message in messages)
    return body.decode("latin-1") if size <= FORM_BYTES else "", again


@lru_cache(maxsize=256)
def _by_accept(accept: bytes) -> Asked:
    said = accept.decode("latin-1")
    xml, profile = formats.preferred(said) == formats.XML, formats.profile_preferred(said)
    return Asked(xml=xml, profile=profile) if xml or profile else _PLAIN


def _asked(given: str, accept: bytes) -> Asked:
    """The shape of a request, from its parameters and its Accept header."""
    if not given or not _NAMED.search(given):
        return _by_accept(accept)
    pairs = dict(parse_qsl(given, keep_blank_values=True))
    summary = pairs.get("_summary", "false")
    if summary not in _SUMMARIES:
        raise _WrongShapeError("_summary", "one of " + ", ".join(_SUMMARIES))
    elements = frozenset(pairs["_elements"].split(",")) if "_elements" in pairs else frozenset()
    if len(elements) > _MOST_ELEMENTS or not all(map(_ELEMENT.fullmatch, elements)):
        words = f"names of elements, {_MOST_ELEMENTS} at most, with commas between them"
        raise _WrongShapeError("_elements", words)
    if pairs.get("_pretty", "true") not in ("true", "false"):
        raise _WrongShapeError("_pretty", "true or false")
    written_as = _by_accept(accept)
    if "_format" in pairs:
        named = pairs["_format"]
        xml = formats.named(named) == formats.XML
        written_as = Asked(xml=xml, profile=formats.profile_named(named))
    pretty = pairs.get("_pretty") == "true"
    summary = "" if summary == "false" else summary
    return replace(written_as, summary=summary, elements=elements, pretty=pretty)


class _Answer:
    """One answer, held until it is whole."""

    def __init__(self, asked: Asked, send: Send) -> None:
        self._asked, self._send = asked, send
        self._start: Message = {}
        self._parts: list[bytes] = []

    async def take(self, message: Message) -> None:
        """Hand it on in its shape once its last byte is here."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(self._parts)
        if body and _is_fhir(self._start):
            body, kind = written(body, self._asked)
            self._start["headers"] = _described(self._start["headers"], len(body), kind)
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_fhir(start: Message) -> bool:
    kind = dict(start["headers"]).get(b"content-type", b"")
    return bool(kind.startswith(formats.JSON.encode()))


def _described(
    headers: list[tuple[bytes, bytes]], length: int, kind: str
) -> list[tuple[bytes, bytes]]:
    kept = [pair for pair in headers if pair[0] not in (b"content-length", b"content-type")]
    return [
        *kept,
        (b"content-length", str(length).encode()),
        (b"content-type", f"{kind};charset=utf-8".encode()),
    ]


def written(body: bytes, asked: Asked) -> tuple[bytes, str]:
    """A FHIR answer in the shape that is asked for, and its media type."""
    resource = json.loads(body, parse_float=_Written, parse_int=_whole)
    shown = resource if asked.whole else _subset(resource, asked)
    if asked.xml:
        return to_xml(shown), formats.XML
    options = orjson.OPT_PASSTHROUGH_SUBCLASS | (orjson.OPT_INDENT_2 if asked.pretty else 0)
    return orjson.dumps(shown, _as_written, options), formats.JSON


def _whole(digits: str) -> int | _Written:
    return int(digits) if len(digits) < _LONG else _Written(digits)


def _as_written(value: Any) -> orjson.Fragment:
    return orjson.Fragment(str(value))


def _subset(answer: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The answer with what was not asked for left out of each resource."""
    if answer["resourceType"] in _WHOLE:
        return answer
    if answer["resourceType"] != "Bundle":
        return _part(answer, asked)
    if answer["type"] not in _BUNDLES:
        return answer
    if asked.summary == "count":
        links = [link for link in answer.get("link", ()) if link["relation"] == "self"]
        kept = {name: value for name, value in answer.items() if name not in ("entry", "link")}
        return kept | ({"link": links} if links else {})
    entries = [_entry(entry, asked) for entry in answer.get("entry", ())]
    return answer | ({"entry": entries} if entries else {})


def _entry(entry: dict[str, Any], asked: Asked) -> dict[str, Any]:
    if "resource" not in entry or entry.get("search", {}).get("mode") == "outcome":
        return entry
    included = entry.get("search", {}).get("mode") == "include"
    of_it = replace(asked, elements=frozenset()) if included else asked
    return entry | {"resource": _part(entry["resource"], of_it)}


def _part(resource: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """A resource without what was not asked for, and said to be so."""
    left_out = False
    if asked.profile and resource["resourceType"] == "CarePlan":
        resource, left_out = interweave.viewed(resource)
    if asked.summary or asked.elements:
        resource, left_out = _named_parts(resource, asked), True
    if not left_out:
        return resource
    meta = resource.get("meta", {})
    return resource | {"meta": meta | {"tag": [*meta.get("tag", ()), SUBSETTED]}}


def _named_parts(resource: dict[str, Any], asked: Asked) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in resource.items()
        if _is_kept(resource["resourceType"], name.removeprefix("_"), asked)
    }
    if "contained" in resource and b'"#' in orjson.dumps(kept):
        kept["contained"] = resource["contained"]
    return kept


@lru_cache(maxsize=8192)
def _is_kept(resource_type: str, name: str, asked: Asked) -> bool:
    if asked.summary == "data" and not asked.elements:
        return name != "text"
    if name in ("resourceType", "id", "meta") or resource_type not in SERVED:
        return True
    if name == "text":
        return asked.summary == "text"
    field = shape_of(resource_type).fields.get(name)
    element = field.choice or name if field else name
    always, summarised = _marked(resource_type)
    return (
        element in always
        or not asked.elements.isdisjoint((element, name))
        or (asked.summary == "true" and element in summarised)
    )


@cache
def _marked(resource_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """Elements that always stay, being required or modifying others; those of the summary."""
    rows: list[Element] = []
    name = resource_type
    while name:
        name, own = TYPES[name][0], TYPES[name][1]
        rows += own
    always = (row[0].removesuffix("[x]") for row in rows if row[2] or "m" in row[6])
    summary = (row[0].removesuffix("[x]") for row in rows if "s" in row[6])
    return frozenset(always), frozenset(summary)
