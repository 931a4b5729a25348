"""FHIR R4 reads of the record.

    GET  /fhir/R4/{type}/{id}                  read      http://hl7.org/fhir/R4/http.html#read
    GET  /fhir/R4/{type}/{id}/_history/{vid}   vread
    GET  /fhir/R4/{type}/{id}/_history         instance history
    GET  /fhir/R4/{type}, POST .../_search     search
    GET  /fhir/R4/Patient/{id}/$everything     the whole record the caller may see
    GET  /fhir/R4/{type}/{id}/$lineage         where each element came from

A route translates and nothing else. Every 200, 404 and 410 leaves an audit entry first.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.periods import first_moment, to_micros
from gateway.api.dependencies import (
    asking_of,
    body_of,
    check_format,
    json_wanted,
    site_of,
)
from gateway.api.lineage import parameters
from gateway.api.pages import PageTokens
from gateway.api.responses import (
    FhirResponse,
    bundle,
    history_entry,
    of_view,
    searchset,
    version_headers,
)
from gateway.api.search_params import MOST, PARAMETERS, SHAPES_ONLY, parse, shown_name
from gateway.errors import (
    Fault,
    FaultyRequestError,
    MediaTypeError,
    NotFoundError,
    NotSupportedError,
)
from gateway.flows import query_record
from gateway.flows.assemble import Page, Query
from gateway.flows.site import Asking, Site

READABLE: Final = (
    *PARAMETERS,
    "AllergyIntolerance",
    "Appointment",
    "Coverage",
    "DiagnosticReport",
    "DocumentReference",
    "EpisodeOfCare",
    "Flag",
    "Immunization",
    "List",
    "MedicationRequest",
    "MedicationStatement",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "Task",
)
"""Types that can be read; those with parameters can be searched."""
_FORM: Final = "application/x-www-form-urlencoded"
_FORM_BYTES: Final = 64 * 1024
_EVERYTHING_COUNT: Final = 200


def _given(request: Request) -> tuple[Site, Asking]:
    json_wanted(request)
    return site_of(request), asking_of(request)


def _named(request: Request) -> tuple[str, str]:
    return request.path_params["resource_type"], request.path_params["resource_id"]


def _known(resource_type: str) -> None:
    if resource_type not in READABLE:
        raise NotFoundError


def _searchable(resource_type: str) -> None:
    _known(resource_type)
    if resource_type not in PARAMETERS:
        raise NotSupportedError


def _controls(request: Request, *names: str) -> dict[str, str]:
    """What shapes the answer; anything else is refused, as a read narrows by nothing."""
    given = request.query_params.multi_items() if request.scope["query_string"] else []
    for name, value in given:
        whole = name == "_summary" and value == "false"
        if name not in (*names, *SHAPES_ONLY) and not whole:
            text = "not taken here" + (f", only {', '.join(names)}" if names else "")
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    return dict(given)


def _count(given: dict[str, str], usual: int) -> int:
    value = given.get("_count", str(usual))
    if not value.isascii() or not value.isdigit():
        raise FaultyRequestError([Fault("invalid", "_count", "a whole number")])
    return max(1, min(int(value[:6]), MOST))


async def read_everything(request: Request) -> FhirResponse:
    """Every resource of the person that the caller may see, in pages; 404 for none."""
    site, asking = _given(request)
    resource_id = request.path_params["resource_id"]
    given = _controls(request, "_count", "_type", "_page")
    kept = [(name, given[name]) for name in ("_type", "_count") if name in given]
    search = f"$everything {resource_id} {kept}"
    tokens = PageTokens(site.store.vault.hasher, asking.caller, search)
    count = _count(given, _EVERYTHING_COUNT)
    types = frozenset(given["_type"].split(",")) if "_type" in given else frozenset()
    if not types <= set(READABLE):
        raise FaultyRequestError([Fault("invalid", "_type", "names a type not served here")])
    after = tokens.open(given["_page"]) if "_page" in given else ""
    page = await query_record.everything(site, asking, resource_id, types, count, after)
    url = f"{site.base_url}/fhir/R4/Patient/{resource_id}/$everything"
    return _bundle(site, page, url, kept, tokens.make(page.last) if page.last else "")


async def read_lineage(request: Request) -> FhirResponse:
    """For each element: source field, rule, mapping version, delivery, item, time received."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    _known(resource_type)
    _controls(request)
    found, stored = await query_record.lineage(site, asking, resource_type, resource_id)
    return FhirResponse(
        orjson.dumps(parameters(found, stored, asking.caller.org)), 200, version_headers(found)
    )


async def read_history(request: Request) -> FhirResponse:
    """The versions the caller may see, newest first, in pages."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    _known(resource_type)
    given = _controls(request, "_count", "_since", "_page")
    kept = [(name, given[name]) for name in ("_since", "_count") if name in given]
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
    if "_since" not in given:
        return None
    try:
        return to_micros(first_moment(given["_since"]))
    except (ValueError, OverflowError):
        text = "an instant, with + written %2B"
        raise FaultyRequestError([Fault("invalid", "_since", text)]) from None


async def read_version(request: Request) -> FhirResponse:
    """One version; 410 where it is a deletion."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    version = request.path_params["version"]
    _known(resource_type)
    _controls(request)
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return of_view(await query_record.version(site, asking, resource_type, resource_id, number))


async def read_resource(request: Request) -> FhirResponse:
    """The current version; 304 when the caller holds it, and it never looked otherwise to them."""
    site, asking = _given(request)
    resource_type, resource_id = _named(request)
    _known(resource_type)
    _controls(request)
    found = await query_record.read(site, asking, resource_type, resource_id)
    held = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
    if f'"{found.version}"' in tags and found.settled:
        return FhirResponse(b"", 304, version_headers(found))
    return of_view(found)


async def search_by_get(request: Request) -> FhirResponse:
    """Search by query string."""
    site, asking = _given(request)
    resource_type = request.path_params["resource_type"]
    _searchable(resource_type)
    pairs = list(request.query_params.multi_items())
    return await _search(site, asking, resource_type, pairs)


async def search_by_post(request: Request) -> FhirResponse:
    """Search by form: the way when an NHS number is a criterion."""
    site, asking = _given(request)
    resource_type = request.path_params["resource_type"]
    _searchable(resource_type)
    pairs = list(request.query_params.multi_items())
    body = await body_of(request, _FORM_BYTES)
    if body and not request.headers.get("content-type", "").startswith(_FORM):
        raise MediaTypeError
    try:
        pairs += parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise FaultyRequestError([Fault("invalid", "", "the form cannot be read")]) from None
    return await _search(site, asking, resource_type, pairs)


async def _search(
    site: Site, asking: Asking, resource_type: str, pairs: list[tuple[str, str]]
) -> FhirResponse:
    for name, value in pairs:
        if name == "_format":
            check_format(value)
    hasher, given = site.store.vault.hasher, [pair for pair in pairs if pair[0] != "_page"]
    tokens = PageTokens(hasher, asking.caller, f"{resource_type} {given}")
    query: Query = parse(resource_type, pairs, hasher, tokens.open)
    kept = [(n, str(query.count) if n == "_count" else value) for n, value in given]
    sealed = Asking(asking.caller, asking.at, asking.request_id, urlencode(given))
    page = await query_record.search(site, sealed, query)
    if query.numbers:  # the links name the people found, and never an NHS number
        kept = [pair for pair in kept if pair[0] != "identifier"]
        kept.insert(0, ("_id", ",".join(page.people) or "none"))
    tokens = PageTokens(hasher, asking.caller, f"{resource_type} {kept}")
    token = tokens.make(page.last) if page.last else ""
    return _bundle(site, page, f"{site.base_url}/fhir/R4/{resource_type}", kept, token)


def _bundle(
    site: Site, page: Page, url: str, pairs: Sequence[tuple[str, str]], token: str
) -> FhirResponse:
    links = {"self": f"{url}?{urlencode(pairs)}" if pairs else url}
    if token:
        links["next"] = f"{url}?{urlencode([*pairs, ('_page', token)])}"
    base = f"{site.base_url}/fhir/R4"
    return FhirResponse(searchset(base, page.total, links, page.matches, page.included))


_GET: Final = ["GET"]  # and with it HEAD
_INSTANCE: Final = "/fhir/R4/{resource_type}/{resource_id}"
ROUTES: Final = (
    Route(_INSTANCE, read_resource, methods=_GET),
    Route("/fhir/R4/{resource_type}", search_by_get, methods=_GET),
    Route("/fhir/R4/{resource_type}/_search", search_by_post, methods=["POST"]),
    Route("/fhir/R4/Patient/{resource_id}/$everything", read_everything, methods=_GET),
    Route(f"{_INSTANCE}/$lineage", read_lineage, methods=_GET),
    Route(f"{_INSTANCE}/_history", read_history, methods=_GET),
    Route(f"{_INSTANCE}/_history/{{version}}", read_version, methods=_GET),
)
