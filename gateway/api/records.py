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
from fastapi import APIRouter, Request

from gateway.api.dependencies import AskingGiven, SiteGiven, body_of
from gateway.api.lineage import parameters
from gateway.api.pages import PageTokens
from gateway.api.responses import (
    FhirResponse,
    bundle,
    entry,
    history_entry,
    of_view,
    version_headers,
)
from gateway.api.search_params import DEFAULT_COUNT, MOST, PARAMETERS, parse
from gateway.errors import Fault, FaultyRequestError, GoneError, NotFoundError
from gateway.flows import query_record
from gateway.flows.assemble import Page, Query
from gateway.flows.site import Asking, Site

router = APIRouter(prefix="/fhir/R4")
READABLE: Final = (
    *PARAMETERS,
    "AllergyIntolerance",
    "DocumentReference",
    "EpisodeOfCare",
    "Flag",
    "MedicationStatement",
    "Procedure",
    "Provenance",
    "RelatedPerson",
    "Task",
)
"""Types that can be read; those with parameters can be searched."""
_FORM: Final = "application/x-www-form-urlencoded"
_FORM_BYTES: Final = 64 * 1024
_GET: Final = ["GET", "HEAD"]


def _known(resource_type: str, among: Sequence[str] = READABLE) -> None:
    if resource_type not in among:
        raise NotFoundError


@router.api_route("/Patient/{resource_id}/$everything", methods=_GET)
async def read_everything(
    resource_id: str, request: Request, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """Every resource of the person that the caller may see, in pages; 404 for none."""
    pairs = list(request.query_params.multi_items())
    tokens = PageTokens(site.store.vault.hasher, asking.caller, f"$everything {resource_id}")
    count, after, types = DEFAULT_COUNT * 4, "", frozenset[str]()
    for name, value in pairs:
        if name == "_count" and value.isascii() and value.isdigit():
            count = max(1, min(int(value[:6]), MOST))
        elif name == "_page":
            after = tokens.open(value)
        elif name == "_type":
            types = frozenset(value.split(","))
        elif name != "_format":
            raise FaultyRequestError([Fault("invalid", "", "takes _count, _type and _page")])
    page = await query_record.everything(site, asking, resource_id, types, count, after)
    url = f"{site.base_url}/fhir/R4/Patient/{resource_id}/$everything"
    kept = [(name, value) for name, value in pairs if name != "_page"]
    return _bundle(site, tokens, page, url, kept, names_url=True)


@router.api_route("/{resource_type}/{resource_id}/$lineage", methods=_GET)
async def read_lineage(
    resource_type: str, resource_id: str, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """For each element: source field, rule, mapping version, delivery, item, time received."""
    _known(resource_type)
    found, stored = await query_record.lineage(site, asking, resource_type, resource_id)
    return FhirResponse(orjson.dumps(parameters(found, stored)), 200, version_headers(found))


@router.api_route("/{resource_type}/{resource_id}/_history", methods=_GET)
async def read_history(
    resource_type: str, resource_id: str, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """Every version the caller may see, newest first."""
    _known(resource_type)
    versions = await query_record.history(site, asking, resource_type, resource_id)
    base = f"{site.base_url}/fhir/R4"
    url = f"{base}/{resource_type}/{resource_id}/_history"
    entries = [history_entry(base, view, deleted) for view, deleted in versions]
    return FhirResponse(bundle("history", len(entries), {"self": url}, entries))


@router.api_route("/{resource_type}/{resource_id}/_history/{version}", methods=_GET)
async def read_version(
    resource_type: str, resource_id: str, version: str, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """One version; 410 where it is a deletion."""
    _known(resource_type)
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    found = await query_record.history(site, asking, resource_type, resource_id, number)
    view, deleted = found[0]
    if deleted:
        raise GoneError
    return of_view(view)


@router.api_route("/{resource_type}/{resource_id}", methods=_GET)
async def read_resource(
    resource_type: str,
    resource_id: str,
    request: Request,
    site: SiteGiven,
    asking: AskingGiven,
) -> FhirResponse:
    """The current version; 304 when the caller holds it already and nothing was taken out."""
    _known(resource_type)
    found = await query_record.read(site, asking, resource_type, resource_id)
    held = request.headers.get("if-none-match", "")
    if f'W/"{found.version}"' in held.split(", ") and not found.redacted:
        return FhirResponse(b"", 304, version_headers(found))
    return of_view(found)


@router.api_route("/{resource_type}", methods=_GET)
async def search_by_get(
    resource_type: str, request: Request, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """Search by query string."""
    _known(resource_type, tuple(PARAMETERS))
    pairs = list(request.query_params.multi_items())
    return await _search(site, asking, resource_type, pairs)


@router.post("/{resource_type}/_search")
async def search_by_post(
    resource_type: str, request: Request, site: SiteGiven, asking: AskingGiven
) -> FhirResponse:
    """Search by form: the way when an NHS number is a criterion."""
    _known(resource_type, tuple(PARAMETERS))
    pairs = list(request.query_params.multi_items())
    body = await body_of(request, _FORM_BYTES)
    if body and not request.headers.get("content-type", "").startswith(_FORM):
        raise FaultyRequestError([Fault("invalid", "", f"send a form: {_FORM}")])
    try:
        pairs += parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise FaultyRequestError([Fault("invalid", "", "the form cannot be read")]) from None
    return await _search(site, asking, resource_type, pairs)


async def _search(
    site: Site, asking: Asking, resource_type: str, pairs: list[tuple[str, str]]
) -> FhirResponse:
    kept = [(name, value) for name, value in pairs if name != "_page"]
    tokens = PageTokens(site.store.vault.hasher, asking.caller, f"{resource_type} {kept}")
    query: Query = parse(resource_type, pairs, site.store.vault.hasher, tokens.open)
    sealed = Asking(asking.caller, asking.at, asking.request_id, urlencode(kept))
    page = await query_record.search(site, sealed, query)
    url = f"{site.base_url}/fhir/R4/{resource_type}"
    return _bundle(site, tokens, page, url, kept, names_url=not query.numbers)


def _bundle(
    site: Site,
    tokens: PageTokens,
    page: Page,
    url: str,
    pairs: list[tuple[str, str]],
    *,
    names_url: bool,
) -> FhirResponse:
    """A searchset; no link repeats an NHS number."""
    shown = pairs if names_url else [pair for pair in pairs if pair[0] != "identifier"]
    links = {"self": f"{url}?{urlencode(shown)}" if shown else url}
    if page.last and names_url:
        links["next"] = f"{url}?{urlencode([*shown, ('_page', tokens.make(page.last))])}"
    base = f"{site.base_url}/fhir/R4"
    entries = [entry(base, view, "match") for view in page.matches]
    entries += [entry(base, view, "include") for view in page.included]
    return FhirResponse(bundle("searchset", page.total, links, entries))
