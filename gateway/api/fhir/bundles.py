"""Batches and transactions.

POST /fhir/R4      http://hl7.org/fhir/R4/http.html#transaction

Rule    Each entry of a batch is asked of this service as a request of its own, with the headers of
        the batch: its own decision, entry in the log and outcome, and never more than the single
        request gives. A transaction writes all or nothing; what it reads must be there before,
        and is read once it is written.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Message

from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    IN_BUNDLE,
    asking_of,
    body_of,
    check_accepted,
    media_type_of,
    site_of,
)
from gateway.api.answers.responses import (
    MEDIA_TYPE,
    WORDS,
    FhirResponse,
    outcome,
    told,
    version_headers,
)
from gateway.api.fhir.writes import place_of
from gateway.errors import MediaTypeError
from gateway.flows.site.site import Site
from gateway.flows.writing.write_bundle import READS, Entry, read_bundle, write_all
from gateway.flows.writing.write_steps import Done
from gateway.flows.writing.write_told import HEADER, check_untold

_SCOPE: Final = ("http_version", "asgi", "scheme", "server", "client", "root_path")
_ITS_OWN: Final = frozenset(
    {
        *("accept", "content-type", "content-length", "content-encoding", "transfer-encoding"),
        *("expect", "if-match", "if-none-match", "if-modified-since", "if-none-exist"),
    }
)
"""Headers of the batch that say nothing of an entry."""
MOST_ANSWERED: Final = 64 * 1024 * 1024
"""Bytes that the entries of one Bundle are answered, those included with which it is reached."""
_AT_ONCE: Final = 4
_DECIDES_ACCESS: Final = ("CareTeam", "Consent")
_OF_ONE: Final = re.compile(r"([A-Z]\w*/[A-Za-z0-9.-]+)(?:/_history/\w+)?")
_ASK_LESS: Final = "The entries before fill this answer; ask for the rest by itself"
_SHAPE: Final = len(MEDIA_TYPE.partition(";")[0])


@dataclass(frozen=True, slots=True)
class _Told:
    """What one entry is answered."""

    status: int
    headers: Headers
    body: bytes

    @property
    def is_fhir(self) -> bool:
        """Whether the body can stand in a Bundle as it is."""
        kind = self.headers.get("content-type", "")
        return bool(self.body) and kind[:_SHAPE] == MEDIA_TYPE[:_SHAPE]


_TOO_MUCH: Final = _Told(
    413,
    Headers({"content-type": MEDIA_TYPE}),
    bytes(outcome(413, [("too-costly", "", _ASK_LESS)]).body),
)


async def process_bundle(request: Request) -> Response:
    """A batch or a transaction: 200 with a response to each entry, in their order."""
    check_accepted(request)
    site = site_of(request)
    asking_of(request)
    check_untold(request.headers.getlist(HEADER))
    if media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    limits = request.app.state.limits
    body = await body_of(request, limits.fhir_body_bytes)
    asked = read_bundle(body, site.base_url, limits.bundle_entries)
    if asked.is_transaction:
        return await _transaction(request, site, asked.entries)
    answers, size = [], 0
    for some in _at_once(asked.entries):
        if size < MOST_ANSWERED:
            told = await asyncio.gather(*(_ask(request, one) for one in some))
        else:
            told = [_TOO_MUCH] * len(some)
        answers += [_entry(site, *one) for one in zip(some, told, strict=True)]
        size += sum(len(one.body) for one in told)
    return _bundle("batch-response", answers)


def _at_once(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """What is asked at once, in the order of the batch: a few that follow each other, so that those
    that show nothing wait for their ticks together. Reads stand apart from writings, a second
    writing of one address from the first, and what decides access from everything."""
    some: list[Entry] = []
    for one in entries:
        if some and (len(some) == _AT_ONCE or any(_is_apart(one, each) for each in some)):
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def _is_apart(one: Entry, other: Entry) -> bool:
    reads = (one.method in READS) + (other.method in READS)
    if reads:
        return reads == 1
    return _writes(one) == _writes(other) or any(
        each.path.startswith(_DECIDES_ACCESS) for each in (one, other)
    )


def _writes(one: Entry) -> tuple[object, ...]:
    """What a writing is of: what it makes anew without a condition is of itself alone."""
    condition = dict(one.headers).get("if-none-exist", "")
    return (
        one.path,
        one.query,
        condition,
        one.place if one.method == "POST" and not condition else 0,
    )


async def _transaction(request: Request, site: Site, entries: Sequence[Entry]) -> Response:
    reads = [one for one in entries if one.method in READS]
    writes = [one for one in entries if one.method not in READS]
    answers: dict[int, _Told] = {}
    for one in reads:
        size = sum(len(told.body) for told in answers.values())
        answers[one.place] = await _ask(request, one) if size < MOST_ANSWERED else _TOO_MUCH
    failed = next((answers[one.place] for one in reads if answers[one.place].status >= 400), None)
    if failed is not None:
        return FhirResponse(failed.body, failed.status)
    if not writes:
        return _bundle(
            "transaction-response", [_entry(site, one, answers[one.place]) for one in reads]
        )
    done = await write_all(site, asking_of(request), writes)
    made = {
        one.place: _written(request, site, result) for one, result in zip(writes, done, strict=True)
    }
    made |= {one.place: _entry(site, one, await _ask(request, one)) for one in reads}
    return _bundle("transaction-response", [made[one.place] for one in entries])


def _bundle(kind: str, entries: Sequence[dict[str, Any]]) -> Response:
    """Each fullUrl once: a second entry of one resource goes without."""
    named: set[str] = set()
    for one in entries:
        if one.get("fullUrl") in named:
            del one["fullUrl"]
        named.add(one.get("fullUrl", ""))
    made: dict[str, Any] = {"resourceType": "Bundle", "type": kind}
    return FhirResponse(orjson.dumps(made | ({"entry": entries} if entries else {})))


async def _ask(request: Request, entry: Entry) -> _Told:
    """What this service answers to the entry alone."""
    given = [
        (name, value)
        for name, value in request.headers.raw
        if name.decode("latin-1") not in _ITS_OWN
    ]
    more = {"accept": "application/fhir+json", "content-length": str(len(entry.body))}
    given += [(n.encode(), v.encode("latin-1")) for n, v in (more | dict(entry.headers)).items()]
    path = f"/fhir/R4/{entry.path}"
    scope = {name: request.scope[name] for name in _SCOPE if name in request.scope}
    scope |= {
        "type": "http", "method": entry.method, "path": path, "raw_path": path.encode(),
        "query_string": entry.query.encode(), "headers": given, IN_BUNDLE: True,
    }  # fmt: skip
    status, headers, parts = 500, Headers(), []

    async def receive() -> Message:
        return {"type": "http.request", "body": entry.body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], Headers(raw=message["headers"])
        else:
            parts.append(message.get("body", b""))

    await request.app(scope, receive, send)
    return _Told(status, headers, b"".join(parts))


def _entry(site: Site, asked: Entry, answer: _Told) -> dict[str, Any]:
    """The answer as an entry of the response."""
    made: dict[str, Any] = {"status": _status(answer.status)}
    for name, header in (("location", "location"), ("etag", "etag")):
        if header in answer.headers:
            made[name] = answer.headers[header]
    if "last-modified" in answer.headers:
        at = parsedate_to_datetime(answer.headers["last-modified"])
        made["lastModified"] = at.isoformat().replace("+00:00", "Z")
    if not answer.is_fhir:
        return {"response": made}
    whole = orjson.Fragment(answer.body)
    if answer.status >= 400 or answer.body.startswith(_OUTCOME):
        return {"response": made | {"outcome": whole}}
    return _full_url(site, asked, made) | {"resource": whole, "response": made}


def _full_url(site: Site, asked: Entry, response: dict[str, Any]) -> dict[str, str]:
    """Of one resource its address, as a search gives it; a Bundle has none."""
    if "location" in response:
        return {"fullUrl": response["location"].partition("/_history/")[0]}
    found = _OF_ONE.fullmatch(asked.path)
    return {"fullUrl": f"{site.base_url}/fhir/R4/{found[1]}"} if found else {}


_OUTCOME: Final = b'{"resourceType":"OperationOutcome"'


def _written(request: Request, site: Site, done: Done) -> dict[str, Any]:
    """What was written, as an entry of the response."""
    view = done.view
    made: dict[str, Any] = {"status": _status(done.status)}
    if view.version:
        headers = version_headers(view)
        at = parsedate_to_datetime(headers["Last-Modified"])
        made |= {"etag": headers["ETag"], "lastModified": at.isoformat().replace("+00:00", "Z")}
    if done.status == 204:
        return {"response": made}
    made["location"] = place_of(site, done)
    preferred = request.headers.get("prefer", "").lower()
    if "return=operationoutcome" in preferred:
        made["outcome"] = orjson.Fragment(told(WORDS[done.status]))
    shown = bool(view.body) and "return=minimal" not in preferred and "outcome" not in made
    name = f"{site.base_url}/fhir/R4/{view.resource_type}/{view.resource_id}"
    whole = {"resource": orjson.Fragment(view.body)} if shown else {}
    return {"fullUrl": name, **whole, "response": made}


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


ROUTES: Final = (Route("/fhir/R4", process_bundle, methods=["POST"]),)
