"""FHIR R4 reads of the record.

    GET  /fhir/R4/{type}/{id}                  read      http://hl7.org/fhir/R4/http.html#read
    GET  /fhir/R4/{type}/{id}/_history/{vid}   vread
    GET  /fhir/R4/{type}/{id}/_history         instance history
    GET  /fhir/R4/Patient/{id}/$everything     the whole record the caller may see
    GET  /fhir/R4/{type}/{id}/$lineage         where each element came from

Both operations are asked by POST as well. A route translates and nothing else. Every 200, 404 and
410 leaves an audit entry first.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.periods import MAX_MICROS, MIN_MICROS
from gateway.api.answers import formats
from gateway.api.answers.copies import Copies
from gateway.api.answers.dependencies import (
    asking_of,
    check_accepted,
    reading_of,
    site_of,
)
from gateway.api.answers.middleware import behind_of
from gateway.api.answers.operation_input import given_to
from gateway.api.answers.pages import PageTokens
from gateway.api.answers.paths import INSTANCE
from gateway.api.answers.responses import (
    FhirResponse,
    bundle,
    history_entry,
    is_held,
    of_view,
    version_headers,
)
from gateway.api.fhir.lineage import parameters
from gateway.api.fhir.searching import of_page
from gateway.api.search.search_params import MOST, PARAMETERS, SHAPES_ONLY, shown_name
from gateway.errors import (
    Fault,
    FaultyRequestError,
)
from gateway.flows.asking.sent_object import sent_span
from gateway.flows.reading import query_record
from gateway.flows.reading.assemble import Part
from gateway.flows.site.site import Asking, Site

READABLE: Final = tuple(PARAMETERS)
"""Types that can be read, and searched."""
_EVERYTHING_COUNT: Final = 200
_ALL_OF_IT: Final = frozenset({"_format", "_pretty"})
"""Shapes that leave nothing out."""


def _given(request: Request) -> tuple[Site, Asking]:
    check_accepted(request)
    return site_of(request), reading_of(request)


def _named(request: Request) -> tuple[str, str]:
    return request.path_params["resource_type"], request.path_params["resource_id"]


def _controls(request: Request, *names: str) -> dict[str, str]:
    """What shapes the answer; anything else is refused, as a read narrows by nothing."""
    given = request.query_params.multi_items() if request.scope["query_string"] else []
    return _controlled(given, *names)


def _controlled(given: Iterable[tuple[str, str]], *names: str) -> dict[str, str]:
    """The same of what was given; of what is given again all, with commas."""
    kept: dict[str, str] = {}
    for name, value in given:
        counted = (name, value) == ("_summary", "count") and "_count" not in names
        if counted or name not in (*names, *SHAPES_ONLY):
            text = "not taken here" + (f", only {', '.join(names)}" if names else "")
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
        kept[name] = f"{kept[name]},{value}" if name in kept else value
    return kept


def _count(given: dict[str, str], usual: int) -> int:
    value = given.get("_count", str(usual))
    if not value.isascii() or not value.isdigit():
        raise FaultyRequestError([Fault("invalid", "_count", "a whole number")])
    return max(1, min(int(value[:6]), MOST))


async def read_everything(request: Request) -> FhirResponse:
    """Every resource of the person that the caller may see, in pages; 404 for none."""
    site, asking = _given(request)
    resource_id = request.path_params["resource_id"]
    narrowing = ("start", "end", "_type", "_since", "_count")
    given = _controlled(await given_to(request), *narrowing, "_page")
    names = (*narrowing, *SHAPES_ONLY)
    kept = [(name, given[name]) for name in names if name in given]
    search = f"$everything {resource_id} {kept}"
    tokens = PageTokens(site.store.vault.hasher, asking.caller, search)
    count = _count(given, _EVERYTHING_COUNT)
    types = frozenset(given["_type"].split(",")) if "_type" in given else frozenset()
    if not types <= set(READABLE):
        raise FaultyRequestError([Fault("invalid", "_type", "names a type not served here")])
    after = tokens.open(given["_page"]) if "_page" in given else ""
    part = Part(types, _since(given), _care(given))
    page = await query_record.everything(site, asking, resource_id, part, count, after)
    url = f"{site.base_url}/fhir/R4/Patient/{resource_id}/$everything"
    token = tokens.make(page.last) if page.last else ""
    return of_page(site, page, url, kept, token, await behind_of(request.scope))


async def read_lineage(request: Request) -> FhirResponse:
    """For each element: source field, rule, mapping version, delivery, item, time received."""
    check_accepted(request)
    site, asking = site_of(request), asking_of(request)
    resource_type, resource_id = _named(request)
    _controlled(await given_to(request))
    found, stored = await query_record.lineage(site, asking, resource_type, resource_id)
    return FhirResponse(
        orjson.dumps(parameters(found, stored, asking.caller.org)), 200, version_headers(found)
    )


async def read_history(request: Request) -> FhirResponse:
    """The versions the caller may see, newest first, in pages."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    given = _controls(request, "_count", "_since", "_page")
    kept = [(name, given[name]) for name in ("_since", "_count", *SHAPES_ONLY) if name in given]
    search = f"_history {resource_type}/{resource_id} {kept}"
    tokens = PageTokens(site.store.vault.hasher, asking.caller, search)
    before = int(tokens.open(given["_page"])) if "_page" in given else None
    found = await query_record.history(
        site, asking, resource_type, resource_id, _count(given, MOST), _since(given), before
    )
    base = f"{site.base_url}/fhir/R4"
    url = f"{base}/{resource_type}/{resource_id}/_history"
    links = {"self": f"{url}?{urlencode(kept)}" if kept else url}
    if found.last is not None:
        token = tokens.make(str(found.last))
        links["next"] = f"{url}?{urlencode([*kept, ('_page', token)])}"
    entries = [history_entry(base, view, deleted) for view, deleted in found.shown]
    return FhirResponse(bundle("history", found.total, links, entries))


def _since(given: dict[str, str]) -> int | None:
    covered = _covered(given, "_since", "an instant")
    return covered[0] if covered else None


def _care(given: dict[str, str]) -> tuple[int, int] | None:
    """The days that are asked about; an end is a whole day, month or year, and is among them."""
    starts = _covered(given, "start", "a date")
    ends = _covered(given, "end", "a date")
    if not starts and not ends:
        return None
    care = starts[0] if starts else MIN_MICROS, ends[1] if ends else MAX_MICROS
    if care[0] >= care[1]:
        raise FaultyRequestError([Fault("invalid", "end", "not before the start")])
    return care


def _covered(given: dict[str, str], name: str, what: str) -> tuple[int, int] | None:
    return sent_span(name, given[name], what) if name in given else None


async def read_version(request: Request) -> FhirResponse:
    """One version; 410 where it is a deletion."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    version = request.path_params["version"]
    _controls(request)
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return of_view(await query_record.version(site, asking, resource_type, resource_id, number))


async def read_resource(request: Request) -> FhirResponse:
    """The current version; 304 when the caller was given just this, and it never looked otherwise
    to them."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    _controls(request)
    found = await query_record.read(site, asking, resource_type, resource_id)
    copies: Copies = request.app.state.copies
    held = found.settled and is_held(request.headers, found)
    if held and copies.has(asking.caller, found):
        return FhirResponse(b"", 304, version_headers(found))
    if found.settled and _is_whole(request):
        copies.give(asking.caller, found)
    return of_view(found)


def _is_whole(request: Request) -> bool:
    """Whether all of the resource leaves: a HEAD has none of it, a shape or a profile cuts it."""
    given = request.query_params
    if request.method != "GET" or not given.keys() <= _ALL_OF_IT:
        return False
    accepted = formats.profile_preferred(",".join(request.headers.getlist("accept")))
    return not accepted and not any(map(formats.profile_named, given.getlist("_format")))


_GET: Final = ["GET"]  # and with it HEAD
_ASKED: Final = ["GET", "POST"]
ROUTES: Final = (
    Route(INSTANCE, read_resource, methods=_GET),
    Route("/fhir/R4/Patient/{resource_id}/$everything", read_everything, methods=_ASKED),
    Route(f"{INSTANCE}/$lineage", read_lineage, methods=_ASKED),
    Route(f"{INSTANCE}/_history", read_history, methods=_GET),
    Route(f"{INSTANCE}/_history/{{version}}", read_version, methods=_GET),
)
