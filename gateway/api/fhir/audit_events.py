"""The log as FHIR AuditEvent, for information-governance roles.

GET  /fhir/R4/AuditEvent/{seq}
GET  /fhir/R4/AuditEvent, POST .../_search    as gateway.api.search.audit_params reads it
"""

from typing import Final
from urllib.parse import urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.terms import Action
from gateway.api.answers.dependencies import asking_of, check_accepted, form_of, site_of
from gateway.api.answers.pages import PageTokens
from gateway.api.answers.paths import ID
from gateway.api.answers.responses import FhirResponse, bundle
from gateway.api.search.audit_params import Users, parse
from gateway.flows.asking import review_access
from gateway.flows.asking.governance import looker_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.site.staff_seen import staff_numbers
from mappings.core.model.systems import SDS_USER


async def read_event(request: Request) -> FhirResponse:
    """One entry."""
    check_accepted(request)
    site, asking = site_of(request), asking_of(request)
    number = request.path_params["resource_id"]
    return FhirResponse(orjson.dumps(await review_access.read(site, asking, number)))


async def search_events(request: Request) -> FhirResponse:
    """A page of entries, newest first; the search is itself recorded."""
    return await _search(request, [])


async def search_events_by_form(request: Request) -> FhirResponse:
    """The same by form."""
    return await _search(request, await form_of(request))


async def _search(request: Request, form: list[tuple[str, str]]) -> FhirResponse:
    check_accepted(request)
    pairs = [*request.query_params.multi_items(), *form]
    return await found(site_of(request), asking_of(request), pairs)


async def found(site: Site, asking: Asking, pairs: list[tuple[str, str]]) -> FhirResponse:
    """The page that these parameters ask for, as a searchset."""
    kept = [(name, value) for name, value in pairs if name != "_page"]
    sealed = Asking(asking.caller, asking.at, asking.request_id, urlencode(kept))
    await looker_of(site, sealed, review_access.QUERY)
    tokens = PageTokens(site.store.vault.hasher, asking.caller, f"AuditEvent {kept}")
    sought = parse(pairs, tokens.open, await staff_named(site, asking, pairs))
    page = await review_access.search(site, sealed, sought)
    url = f"{site.base_url}/fhir/R4/AuditEvent"
    links = {"self": f"{url}?{urlencode(kept)}" if kept else url}
    if page.last is not None:
        links["next"] = f"{url}?{urlencode([*kept, ('_page', tokens.make(str(page.last)))])}"
    entries = [
        orjson.dumps(
            {"fullUrl": f"{url}/{event['id']}", "resource": event, "search": {"mode": "match"}}
        )
        for event in page.events
    ]
    return FhirResponse(bundle("searchset", page.total, links, entries))


async def staff_named(site: Site, asking: Asking, pairs: list[tuple[str, str]]) -> Users:
    """Where an agent is named as a Practitioner: whom each is that the caller is shown, by the
    user id that the log has."""
    if not any(name == "agent" and _STAFF in value for name, value in pairs):
        return {}
    numbers = await staff_numbers(site, asking, Action.SEARCH)
    return {
        f"{home}{_STAFF}{name}": tuple(n["value"] for n in several if n["system"] == SDS_USER)
        for home in ("", f"{site.base_url}/fhir/R4/")
        for name, several in numbers.items()
    }


_STAFF: Final = "Practitioner/"
_PATH: Final = "/fhir/R4/AuditEvent"
ROUTES: Final = (
    Route(f"{_PATH}/_search", search_events_by_form, methods=["GET", "POST"]),
    Route(f"{_PATH}/{ID}", read_event, methods=["GET"]),
    Route(_PATH, search_events, methods=["GET"]),
)
