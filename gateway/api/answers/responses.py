"""FHIR answers as bytes: resources, bundles, outcomes.

Rule    Bytes in, bytes out: what was stored is spliced into a Bundle unparsed. Error text is ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final, Protocol

import orjson
from fastapi import Response

from gateway.clock import instant
from gateway.flows.asking.views import View

MEDIA_TYPE: Final = "application/fhir+json;charset=utf-8"
WORDS: Final = {200: "Stored", 201: "Created", 204: "Deleted"}
MADE_ANEW: Final = ("AuditEvent", "Patient", "Provenance")
"""Composed for each who reads: what stands beside it may change it under the same version."""


class FhirResponse(Response):
    """A response whose body is FHIR JSON."""

    media_type = "application/fhir+json"

    def __init__(
        self, content: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status, headers, media_type=MEDIA_TYPE)


def outcome(status: int, issues: Iterable[tuple[str, str, str]]) -> FhirResponse:
    """An OperationOutcome of errors: (FHIR issue code, path, our own words)."""
    body = {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "code": code, "diagnostics": text}
            | ({"expression": [path]} if path else {})
            for code, path, text in issues
        ],
    }
    return FhirResponse(orjson.dumps(body), status)


def json_answer(made: object, status: int = 200) -> Response:
    """An answer of the service's own API, which is no FHIR."""
    return Response(orjson.dumps(made), status, media_type="application/json")


def told(words: str) -> bytes:
    """An OperationOutcome for whoever prefers one to the resource that was written."""
    issue = {"severity": "information", "code": "informational", "diagnostics": words}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})


class Shown(Protocol):
    """What stands in a Bundle."""

    @property
    def resource_type(self) -> str:
        """Its type."""

    @property
    def resource_id(self) -> str:
        """Its id."""

    @property
    def body(self) -> bytes:
        """The resource."""


class Versioned(Protocol):
    """What has versions."""

    @property
    def version(self) -> int:
        """The number of this one."""

    @property
    def updated_at(self) -> int:
        """When it was written, in microseconds."""


def version_headers(one: Versioned) -> dict[str, str]:
    """ETag and Last-Modified of a version."""
    modified = http_date(one.updated_at // 1_000_000)
    return {"ETag": f'W/"{one.version}"', "Last-Modified": modified}


def written(prefer: str, status: int, body: bytes, headers: Mapping[str, str]) -> FhirResponse:
    """What was written, as far as its writer prefers to be sent it (`Prefer`)."""
    if "return=minimal" in prefer.lower():
        body = b""
    elif "return=operationoutcome" in prefer.lower():
        body = told(WORDS[status])
    return FhirResponse(body, status, headers)


def is_held(headers: Mapping[str, str], view: View) -> bool:
    """Whether the caller holds this version, by If-None-Match or else If-Modified-Since. Of what is
    made anew nobody does: it is declared so."""
    if view.resource_type in MADE_ANEW:
        return False
    tags = headers.get("if-none-match")
    if tags is not None:
        held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return not held.isdisjoint((f'"{view.version}"', "*"))
    said = headers.get("if-modified-since")
    if said is None:
        return False
    try:
        since = parsedate_to_datetime(said)
        return view.updated_at // 1_000_000 <= since.timestamp()
    except (ValueError, OverflowError):
        return False


@lru_cache(maxsize=4096)
def http_date(seconds: int) -> str:
    """A moment as a header says it."""
    return formatdate(seconds, usegmt=True)


def of_view(view: View, status: int = 200, more: Mapping[str, str] | None = None) -> FhirResponse:
    """One resource with its version's headers."""
    return FhirResponse(view.body, status, version_headers(view) | dict(more or {}))


def bundle(
    kind: str, total: int | None, links: Mapping[str, str], entries: Iterable[bytes]
) -> bytes:
    """A Bundle; entries are whole entry objects as bytes."""
    parts: list[bytes] = []
    for one in entries:
        parts += (b",", one)
    return _joined(kind, total, links, parts)


def searchset(
    base: str,
    total: int | None,
    links: Mapping[str, str],
    matches: Sequence[Shown],
    included: Sequence[Shown] = (),
    behind: str = "",
) -> bytes:
    """A Bundle of what a search found and what goes with it, as served under `base`; and, of
    nobody, which feeds are behind."""
    parts: list[bytes] = []
    for mode, shown in (("match", matches), ("include", included)):
        end = f',"search":{{"mode":"{mode}"}}}}'.encode()
        for view in shown:
            url = f',{{"fullUrl":"{base}/{view.resource_type}/{view.resource_id}","resource":'
            parts += (url.encode(), view.body, end)
    if behind:
        text = f"What is shown may be older than what is known: {behind}"
        issue = {"severity": "warning", "code": "incomplete", "diagnostics": text}
        told = {"resourceType": "OperationOutcome", "issue": [issue]}
        parts += (b",", orjson.dumps({"resource": told, "search": {"mode": "outcome"}}))
    return _joined("searchset", total, links, parts)


def _joined(kind: str, total: int | None, links: Mapping[str, str], parts: list[bytes]) -> bytes:
    """A Bundle of entries in pieces, each entry after a comma; every byte is copied once."""
    head: dict[str, Any] = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": name, "url": url} for name, url in links.items()]
    opening = orjson.dumps(head)
    if not parts:
        return opening
    return b"".join((opening[:-1], b',"entry":[', parts[0][1:], *parts[1:], b"]}"))


def history_entry(base: str, view: View, deleted: bool) -> bytes:
    """One entry of a history: how the version came about, and the version unless deleted."""
    name = f"{view.resource_type}/{view.resource_id}"
    made: dict[str, Any] = {
        "fullUrl": f"{base}/{name}",
        "request": {
            "method": "DELETE" if deleted else "POST" if view.version == 1 else "PUT",
            "url": view.resource_type if view.version == 1 and not deleted else name,
        },
        "response": {
            "status": "204" if deleted else "201" if view.version == 1 else "200",
            "etag": f'W/"{view.version}"',
            "lastModified": instant(view.updated_at),
        },
    }
    if not deleted:
        made["resource"] = orjson.Fragment(view.body)
    return orjson.dumps(made)
