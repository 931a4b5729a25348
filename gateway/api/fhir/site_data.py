"""The site's organisations, places, services and staff as FHIR: whom to go back to, where, when.

    GET  /fhir/R4/{type}/{id}    read
    GET  /fhir/R4/{type}         search, POST .../_search

for Organization, Location, HealthcareService, Practitioner and PractitionerRole. A token is needed,
and the answer is recorded as every other. Nothing is of a person's record; staff are shown as the
policy says (flows/site/staff_seen), and what goes with a match is shown as if it were asked for.
"""

from dataclasses import replace
from functools import partial
from typing import Final

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.terms import Action
from gateway.api.answers.dependencies import caller_of, check_accepted, form_of, reading_of, site_of
from gateway.api.answers.paths import ID
from gateway.api.answers.responses import FhirResponse
from gateway.api.search import held_search
from gateway.api.search.search_params import DEFAULT_COUNT
from gateway.api.search.site_params import ALONG, PARAMETERS, along, gone_along, parts
from gateway.errors import NotFoundError
from gateway.flows.site.site_served import Resources
from gateway.flows.site.staff_seen import STAFF, staff_seen


async def read_site(resource_type: str, request: Request) -> FhirResponse:
    """One of them."""
    check_accepted(request)
    served = await _served(request, resource_type, Action.READ)
    found = served.get(request.path_params["resource_id"])
    if found is None:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found))


async def search_site(resource_type: str, request: Request) -> FhirResponse:
    """Those that match every parameter."""
    return await _search(request, resource_type, [])


async def search_site_by_form(resource_type: str, request: Request) -> FhirResponse:
    """The same by form."""
    caller_of(request)
    return await _search(request, resource_type, await form_of(request))


async def _served(request: Request, resource_type: str, action: Action) -> Resources:
    site = site_of(request)
    if resource_type in STAFF:
        return await staff_seen(site, reading_of(request), resource_type, action)
    caller_of(request)
    return await site.served.of(site.store.engine, resource_type, request.app.state.clock())


async def _search(request: Request, resource_type: str, form: held_search.Pairs) -> FhirResponse:
    check_accepted(request)
    caller_of(request)
    given = [*request.query_params.multi_items(), *form]
    asked = list(dict.fromkeys(along(resource_type, *one) for one in given if one[0] in ALONG))
    rest = [pair for pair in given if pair[0] not in ALONG]
    base = f"{site_of(request).base_url}/fhir/R4"
    sought = held_search.parse(rest, PARAMETERS[resource_type], DEFAULT_COUNT, base)
    found = await _served(request, resource_type, Action.SEARCH)
    others = {one.shown: await _served(request, one.shown, Action.SEARCH) for one in asked}
    beside = partial(gone_along, asked, others)
    url, shown = f"{base}/{resource_type}", replace(sought, given=given)
    return FhirResponse(held_search.searchset(url, shown, found.values(), parts, beside))


ROUTES: Final = tuple(
    route
    for kind in PARAMETERS
    for route in (
        Route(
            f"/fhir/R4/{kind}/_search", partial(search_site_by_form, kind), methods=["GET", "POST"]
        ),
        Route(f"/fhir/R4/{kind}/{ID}", partial(read_site, kind), methods=["GET"]),
        Route(f"/fhir/R4/{kind}", partial(search_site, kind), methods=["GET"]),
    )
)
