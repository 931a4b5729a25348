"""The gateway's own definitions, to be fetched and cached by whoever shows or sends a record.

    GET  /fhir/R4/{type}/{id}                       read
    GET  /fhir/R4/{type}, POST .../_search          search: url, name, status, _id

for CodeSystem, ConceptMap, OperationDefinition, Questionnaire (also by title, version and the code
of an item), SearchParameter, StructureDefinition, ValueSet.
No token is needed: they say nothing of anyone. They change with a version of the gateway alone.
"""

from functools import cache, partial
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.routing import Route

from gateway.api.answers.dependencies import check_accepted, form_of, site_of
from gateway.api.answers.paths import ID
from gateway.api.answers.responses import FhirResponse
from gateway.api.fhir import definitions
from gateway.api.fhir.definitions import MORE, PARAMETERS, TYPES
from gateway.api.fhir.metadata import claims
from gateway.api.search import held_search, search_forms
from gateway.api.search.search_params import MOST
from gateway.errors import NotFoundError


@cache
def _served(resource_type: str) -> tuple[dict[str, Any], ...]:
    if resource_type == "SearchParameter":
        return tuple(one | _form(one) for one in definitions.search_parameters(claims()))
    return definitions.served(resource_type)


def _form(one: dict[str, Any]) -> dict[str, Any]:
    """How a search takes a parameter; the log has its own way."""
    form = search_forms.forms().get(one["url"])
    base = one["base"][0]
    if form is None and base != "AuditEvent":
        return search_forms.of_held(base, one["code"], one["type"])
    return form or {}


async def read_terms(resource_type: str, request: Request) -> FhirResponse:
    """One definition."""
    check_accepted(request)
    wanted = request.path_params["resource_id"]
    found = [one for one in _served(resource_type) if one["id"] == wanted]
    if not found:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found[0]))


async def search_terms(resource_type: str, request: Request) -> FhirResponse:
    """All of them, or those of a url, a name, a status or an id."""
    return _search(resource_type, request, [])


async def search_terms_by_form(resource_type: str, request: Request) -> FhirResponse:
    """The same by form."""
    return _search(resource_type, request, await form_of(request))


def _search(resource_type: str, request: Request, form: held_search.Pairs) -> FhirResponse:
    check_accepted(request)
    given = [*request.query_params.multi_items(), *form]
    base = f"{site_of(request).base_url}/fhir/R4"
    sought = held_search.parse(given, PARAMETERS | MORE.get(resource_type, {}), MOST, base)
    url = f"{base}/{resource_type}"
    return FhirResponse(held_search.searchset(url, sought, _served(resource_type), _parts))


def _parts(name: str, one: dict[str, Any]) -> list[Any]:
    """What it has where a parameter reads."""
    if name == "code":
        return [each for item in one["item"] for each in item["code"]]
    held = one.get(name.removeprefix("_"))
    return [] if held is None else [held]


ROUTES: Final = tuple(
    route
    for kind in TYPES
    for route in (
        Route(
            f"/fhir/R4/{kind}/_search", partial(search_terms_by_form, kind), methods=["GET", "POST"]
        ),
        Route(f"/fhir/R4/{kind}/{ID}", partial(read_terms, kind), methods=["GET"]),
        Route(f"/fhir/R4/{kind}", partial(search_terms, kind), methods=["GET"]),
    )
)
