"""FHIR R4 searches of the record.

    GET  /fhir/R4/{type}                       search of a type
    GET  /fhir/R4/Patient/{id}/{type}          compartment: what is of one person
    GET  /fhir/R4/Patient/{id}/*               the same over every type of it
    GET  /fhir/R4?_type=...                    search of several types, without _type of all

Each by GET and, as a form, by POST at its address with /_search behind it. A route translates and
nothing else. Every answer leaves an audit entry first. A link never repeats whom a search named,
in words or by number: it names those who were found.

Source  http://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from starlette.routing import Route

from consent.terms import Action
from gateway.api.answers.dependencies import (
    FORM_BYTES,
    body_of,
    check_accepted,
    check_format,
    reading_of,
    site_of,
)
from gateway.api.answers.middleware import WITHHELD, behind_of
from gateway.api.answers.pages import PageTokens
from gateway.api.answers.paths import OF_TYPE
from gateway.api.answers.responses import FhirResponse, searchset
from gateway.api.search.search_grammar import escaped
from gateway.api.search.search_params import PARAMETERS, parse, private_step
from gateway.errors import Fault, FaultyRequestError, MediaTypeError, NotFoundError
from gateway.flows.asking.views import View
from gateway.flows.reading import query_record
from gateway.flows.reading.assemble import Page
from gateway.flows.reading.query import PERSON, Query
from gateway.flows.reading.staff_beside import Beside, staff_beside
from gateway.flows.site.site import Asking, Site
from gateway.flows.site.staff_seen import staff_numbers

_FORM: Final = "application/x-www-form-urlencoded"
_BESIDE: Final = frozenset({PERSON, "Task"})
"""Types that R4 keeps out of a person's compartment, or that are the person."""
COMPARTMENT: Final = tuple(sorted(set(PARAMETERS) - _BESIDE))
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a search is asked: its path under the base, and what that says by itself."""

    path: str
    types: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...] = ()


async def search_type(request: Request) -> FhirResponse:
    """Search of a type: by query string, or by form, the way when somebody's name or number is a
    criterion."""
    resource_type = request.path_params["resource_type"]
    return await _search(request, _Place(resource_type, (resource_type,)), await _pairs(request))


async def search_of_person(request: Request) -> FhirResponse:
    """What is of one person; nothing, as of nobody, where nothing may be seen."""
    resource_id, kind = request.path_params["resource_id"], request.path_params["resource_type"]
    types = COMPARTMENT if kind == "*" else (kind,)
    if not set(types) <= set(COMPARTMENT):
        raise NotFoundError
    place = _Place(f"{PERSON}/{resource_id}/{kind}", types, (("patient", escaped(resource_id)),))
    return await _search(request, place, await _pairs(request))


async def search_of_types(request: Request) -> FhirResponse:
    """Search of several types by what is the same for all of them."""
    pairs = await _pairs(request)
    types = (*COMPARTMENT, "Task")
    given = [one for name, value in pairs if name == "_type" for one in value.split(",")]
    named = given or types
    if not set(named) <= set(types):
        raise FaultyRequestError([Fault("invalid", "_type", "names the types to be searched")])
    return await _search(request, _Place("", tuple(dict.fromkeys(named))), pairs)


async def _pairs(request: Request) -> Pairs:
    """What is asked in the address, and then in the form."""
    pairs: Pairs = list(request.query_params.multi_items())
    if request.method != "POST":
        return pairs
    body = await body_of(request, FORM_BYTES)
    if body and not request.headers.get("content-type", "").startswith(_FORM):
        raise MediaTypeError
    try:
        return pairs + parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise FaultyRequestError([Fault("invalid", "", "the form cannot be read")]) from None


async def _search(request: Request, place: _Place, pairs: Pairs) -> FhirResponse:
    check_accepted(request)
    site, asking = site_of(request), reading_of(request)
    for name, value in pairs:
        if name == "_format":
            check_format(value)
    hasher, base = site.store.vault.hasher, f"{site.base_url}/fhir/R4"
    given = [pair for pair in pairs if pair[0] != "_page"]
    tokens = PageTokens(hasher, asking.caller, f"{place.path} {given}")
    asked = [*place.fixed, *(pair for pair in pairs if (place.path or pair[0] != "_type"))]
    reading = partial(parse, place.types, asked, hasher, tokens.open, base, asking.at)
    query: Query = reading()
    if query.names_staff:
        query = reading(await staff_numbers(site, asking, Action.SEARCH))
    sealed = replace(asking, raw_query=urlencode(given))
    page = await query_record.search(site, sealed, query)
    staff = await staff_beside(site, asking, query, page)
    behind = "" if query.only_total else await behind_of(request.scope)
    return _answer(site, asking, place, query, page, given, behind, staff)


def _answer(
    site: Site,
    asking: Asking,
    place: _Place,
    query: Query,
    page: Page,
    given: Pairs,
    behind: str,
    staff: Sequence[Beside],
) -> FhirResponse:
    kept = _repeated(place, query, page, given)
    tokens = PageTokens(site.store.vault.hasher, asking.caller, f"{place.path} {kept}")
    token = tokens.make(page.last) if page.last else ""
    url = f"{site.base_url}/fhir/R4{'/' if place.path else ''}{place.path}"
    return of_page(site, page, url, kept, token, behind, staff)


def _repeated(place: _Place, query: Query, page: Page, given: Pairs) -> Pairs:
    """What the links say: the count that was used, and nobody's name or number."""
    kept = [(n, str(query.count) if n == "_count" else value) for n, value in given]
    if not query.private:
        return kept
    kept = [(n, value) for n, value in kept if not _is_private(place, n, value)]
    whose = "_id" if place.types == (PERSON,) else "patient"
    return [(whose, ",".join(page.people) or "none"), *kept]


def _is_private(place: _Place, name: str, value: str) -> bool:
    is_control = name.startswith("_") and not name.startswith("_has:")
    return not is_control and private_step(place.types, name, value) is not None


def of_page(
    site: Site,
    page: Page,
    url: str,
    pairs: Sequence[tuple[str, str]],
    token: str,
    behind: str,
    staff: Sequence[Beside] = (),
) -> FhirResponse:
    """A page as a Bundle, with the links of a search at this address, which feeds are behind, and
    the staff that go with it."""
    links = {"self": f"{url}?{urlencode(pairs)}" if pairs else url}
    if token:
        links["next"] = f"{url}?{urlencode([*pairs, ('_page', token)])}"
    base = f"{site.base_url}/fhir/R4"
    beside: list[View | Beside] = [*page.included, *staff]
    told = WITHHELD if page.withheld else None
    content = searchset(base, page.total, links, page.matches, beside, behind)
    return FhirResponse(content, 200, told)


_GET: Final = ["GET"]  # and with it HEAD
_BOTH: Final = ["GET", "POST"]
_COMPARTMENT: Final = "/fhir/R4/Patient/{resource_id}/{resource_type:record_id}"
ROUTES: Final = (
    Route(OF_TYPE, search_type, methods=_GET),
    Route(f"{OF_TYPE}/_search", search_type, methods=_BOTH),
    Route(_COMPARTMENT, search_of_person, methods=_GET),
    Route(f"{_COMPARTMENT}/_search", search_of_person, methods=_BOTH),
    Route("/fhir/R4", search_of_types, methods=_GET),
    Route("/fhir/R4/_search", search_of_types, methods=_BOTH),
)
"""After those of single resources: a compartment's address looks like an operation's."""
