"""Bundles of requests: what each entry asks, and a transaction as one writing.

In      The bytes of a Bundle; this service's address.
Out     Entries as requests; of a transaction what is to be written, in the order it came.
Rule    An entry's address is of one resource or type here, and of nothing else: in a batch another
        is asked for as an address where nothing is. What a transaction writes is written whole or
        not at all; the entry that is at fault is named.
Errors  FaultyRequestError with the entry; TooLargeError above the limit of entries; ThrottledError.
Source  http://hl7.org/fhir/R4/http.html#transaction
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any, Final

from consent.periods import first_moment
from consent.terms import Action
from gateway.auth.rates import Kind
from gateway.errors import Fault, FaultyRequestError, NotSupportedError, TooLargeError
from gateway.flows.asking.throttle import check_caller
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.write_conditions import identifier_of, version_in
from gateway.flows.writing.write_patching import operations
from gateway.flows.writing.write_record import check_allowed, check_id, judged, perform
from gateway.flows.writing.write_references import people_named
from gateway.flows.writing.write_steps import Done, Write
from gateway.flows.writing.write_types import TYPES, check_deletable, event_of, read_resource
from gateway.store.clear import precise

FHIR: Final = "application/fhir+json"
JSON_PATCH: Final = "application/json-patch+json"
READS: Final = frozenset({"GET", "HEAD"})
_METHODS: Final = (*READS, "POST", "PUT", "PATCH", "DELETE")
_ADDRESS: Final = re.compile(
    r"(?P<path>[A-Z][A-Za-z]*(?:/[A-Za-z0-9$_][A-Za-z0-9$_.-]*)*|metadata)"
    r"/?(?:\?(?P<query>[!-~]*))?"
)
_OVER_ALL: Final = re.compile(r"(?P<path>)\?(?P<query>[!-~]+)")
_NOWHERE: Final = "_"
_CONDITIONS: Final = {
    "ifMatch": "if-match",
    "ifNoneMatch": "if-none-match",
    "ifModifiedSince": "if-modified-since",
    "ifNoneExist": "if-none-exist",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a request."""

    place: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    full_url: str = ""

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"Bundle.entry[{self.place}]"


@dataclass(frozen=True, slots=True)
class Asked:
    """A Bundle of requests."""

    is_transaction: bool
    entries: tuple[Entry, ...]


def read_bundle(body: bytes, base_url: str, most: int) -> Asked:
    """What a Bundle asks for."""
    bundle = read_resource(body, "Bundle")
    kind, listed = bundle.get("type"), bundle.get("entry", [])
    if kind not in ("batch", "transaction"):
        raise FaultyRequestError([Fault("value", "Bundle.type", "batch or transaction")])
    if not isinstance(listed, list):
        raise FaultyRequestError([Fault("structure", "Bundle.entry", "must be an array")])
    if len(listed) > most:
        raise TooLargeError
    return Asked(
        kind == "transaction",
        tuple(_entry(place, one, base_url, kind) for place, one in enumerate(listed)),
    )


def _entry(place: int, one: Any, base_url: str, kind: str) -> Entry:
    asked = one.get("request") if isinstance(one, dict) else None
    if not isinstance(asked, dict) or asked.get("method") not in _METHODS:
        raise _fault(place, "request", "a request with a method is needed")
    url = asked.get("url") or _own_type(asked["method"], one.get("resource"))
    found = _address(url, base_url, asked["method"])
    if found is None and kind == "transaction":
        raise _fault(place, "request.url", "is to be of one type or resource here")
    path, query = (found["path"], found["query"] or "") if found else (_NOWHERE, "")
    given = {name: asked.get(name) for name in _CONDITIONS if asked.get(name) is not None}
    if not all(isinstance(v, str) and v.isascii() and v.isprintable() for v in given.values()):
        raise _fault(place, "request", "a condition is a line of text")
    headers = {_CONDITIONS[name]: str(value) for name, value in given.items()}
    if "ifModifiedSince" in given:
        headers["if-modified-since"] = _in_http(place, headers["if-modified-since"])
    body, media_type = _body(place, asked["method"], one.get("resource"))
    if media_type:
        headers["content-type"] = media_type
    full_url = one.get("fullUrl", "")
    return Entry(
        place, asked["method"], path, _asked(query), headers, body,
        full_url if isinstance(full_url, str) else "",
    )  # fmt: skip


def _address(url: Any, base_url: str, method: str) -> re.Match[str] | None:
    """What an entry asks for, and how; reads may be over several types."""
    if not isinstance(url, str):
        return None
    home = f"{base_url}/fhir/R4"
    local = url.removeprefix(home) if url.startswith((f"{home}/", f"{home}?")) else url
    local = local.removeprefix("/")
    over_all = _OVER_ALL.fullmatch(local) if method in READS else None
    return over_all or _ADDRESS.fullmatch(local)


def _own_type(method: str, resource: Any) -> Any:
    """What is created without an address is of its own type."""
    return resource.get("resourceType") if method == "POST" and isinstance(resource, dict) else None


def _in_http(place: int, instant: str) -> str:
    """An instant as the header has it."""
    try:
        return format_datetime(first_moment(instant), usegmt=True)
    except (ValueError, OverflowError):
        raise _fault(place, "request.ifModifiedSince", "an instant") from None


def _asked(query: str) -> str:
    """The query without what would give one entry another format than the Bundle's."""
    return "&".join(one for one in query.split("&") if not one.startswith(("_format=", "_pretty=")))


def _body(place: int, method: str, resource: Any) -> tuple[bytes, str]:
    """The body of the request, and what it is; a JSON Patch stands in a Binary."""
    if method in READS or method == "DELETE" or resource is None:
        return b"", ""
    if not isinstance(resource, dict):
        raise _fault(place, "resource", "must be a resource")
    named = (resource.get("resourceType"), resource.get("contentType"))
    if method != "PATCH" or named != ("Binary", JSON_PATCH):
        try:
            return precise.dumps(resource), FHIR
        except TypeError:
            raise _fault(place, "resource", "is nested too deep") from None
    try:
        return base64.b64decode(str(resource.get("data", "")), validate=True), JSON_PATCH
    except (binascii.Error, ValueError):
        return b"", JSON_PATCH


def _fault(place: int, path: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("invalid", f"Bundle.entry[{place}].{path}", text)])


async def write_all(site: Site, asking: Asking, entries: Sequence[Entry]) -> list[Done]:
    """What these entries of one transaction write, in their order."""
    _check_full_urls(entries)
    writes = []
    for entry in entries:
        try:
            write = _write(entry)
            await check_allowed(site, asking, write.action, write.resource_type)
            if write.action is Action.UPDATE and write.identifier is not None:
                await check_allowed(site, asking, Action.CREATE, write.resource_type)
            writes.append(judged(write))
        except FaultyRequestError as faulty:
            raise type(faulty)([_at(entry, fault) for fault in faulty.faults]) from None
    await _check_rate(site, asking, writes)
    return await perform(site, asking, writes, bundled=True)


async def _check_rate(site: Site, asking: Asking, writes: Sequence[Write]) -> None:
    """Everybody who is named by number counts as one search for a person, before any is looked
    for. Errors: ThrottledError."""
    named = {one: write for write in writes for one in people_named(write.body or {})}
    for write in named.values():
        event = event_of(write.resource_type, write.action)
        await check_caller(site, asking, Kind.PEOPLE, event, write.resource_type)


def _at(entry: Entry, fault: Fault) -> Fault:
    kind = f"{entry.path.partition('/')[0]}."
    part = f".resource.{fault.path.removeprefix(kind)}" if fault.path.startswith(kind) else ""
    return replace(fault, path=f"{entry.name}{part}")


def _check_full_urls(entries: Sequence[Entry]) -> None:
    named = [entry.full_url for entry in entries if entry.full_url]
    if len(set(named)) < len(named):
        raise FaultyRequestError([Fault("invalid", "Bundle.entry", "bdl-7: fullUrl is unique")])


def _write(entry: Entry) -> Write:
    """What one entry writes."""
    kind, _, name = entry.path.partition("/")
    if kind not in TYPES:
        raise NotSupportedError
    if "/" in name or name.startswith(("$", "_")) or (name and entry.query):
        raise FaultyRequestError([Fault("invalid", "", "cannot be in a transaction")])
    made = Write(
        Action.UPDATE, kind, name, match=version_in(entry.headers.get("if-match")),
        only_new=entry.headers.get("if-none-match", "").strip() == "*", full_url=entry.full_url,
        place=entry.place,
    )  # fmt: skip
    if entry.method == "POST":
        if name or entry.query:
            raise FaultyRequestError([Fault("invalid", "", "is created by its type alone")])
        asked = entry.headers.get("if-none-exist")
        given = None if asked is None else identifier_of(asked, addresses=(kind,))
        body = read_resource(entry.body, kind)
        return replace(made, action=Action.CREATE, body=body, identifier=given)
    if not name:
        made = replace(made, identifier=identifier_of(entry.query))
    if entry.method == "DELETE":
        check_deletable(kind)
        return replace(made, action=Action.DELETE)
    if entry.method == "PATCH":
        if entry.headers.get("content-type") != JSON_PATCH:
            raise FaultyRequestError([Fault("invalid", "", f"a patch is a Binary of {JSON_PATCH}")])
        return replace(made, patch=operations(entry.body))
    body = read_resource(entry.body, kind)
    check_id(body, made)
    return replace(made, body=body)
