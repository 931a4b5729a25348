"""The log as FHIR AuditEvent, for information-governance roles.

GET  /fhir/R4/AuditEvent/{seq}
GET  /fhir/R4/AuditEvent, POST .../_search    patient, agent, date, subtype, outcome, _count
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request
from starlette.routing import Route

from consent.periods import first_moment, next_moment, to_micros
from gateway.api.dependencies import asking_of, body_of, json_wanted, site_of
from gateway.api.pages import PageTokens
from gateway.api.responses import FhirResponse, bundle
from gateway.api.search_params import MOST, shown_name
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError
from gateway.flows import review_access
from gateway.flows.site import Asking
from gateway.store.audit_reads import Wanted

PARAMETERS: Final = {
    "patient": "reference",
    "entity": "reference",
    "agent": "reference",
    "date": "date",
    "subtype": "token",
    "outcome": "token",
}
"""Each search parameter with its FHIR type."""
_COUNT: Final = 50
_FORM_BYTES: Final = 64 * 1024


async def read_event(request: Request) -> FhirResponse:
    """One entry."""
    json_wanted(request)
    site, asking = site_of(request), asking_of(request)
    number = request.path_params["number"]
    return FhirResponse(orjson.dumps(await review_access.read(site, asking, number)))


async def search_events(request: Request) -> FhirResponse:
    """A page of entries, newest first; the search is itself recorded."""
    return await _search(request, [])


async def search_events_by_form(request: Request) -> FhirResponse:
    """The same by form."""
    body = await body_of(request, _FORM_BYTES)
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return await _search(request, pairs)


async def _search(request: Request, form: list[tuple[str, str]]) -> FhirResponse:
    json_wanted(request)
    site, asking = site_of(request), asking_of(request)
    pairs = [*request.query_params.multi_items(), *form]
    kept = [(name, value) for name, value in pairs if name != "_page"]
    tokens = PageTokens(site.store.vault.hasher, asking.caller, f"AuditEvent {kept}")
    patients, wanted, count = _wanted(pairs, tokens)
    sealed = Asking(asking.caller, asking.at, asking.request_id, urlencode(kept))
    page = await review_access.search(site, sealed, wanted, patients, count)
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


def _wanted(
    pairs: list[tuple[str, str]], tokens: PageTokens
) -> tuple[tuple[str, ...], Wanted, int]:
    patients: tuple[str, ...] = ()
    found: dict[str, object] = {}
    count = _COUNT
    _check_given_once(pairs)
    for name, value in pairs:
        if name in ("patient", "entity"):
            patients = tuple(one.removeprefix("Patient/") for one in value.split(",") if one)
        elif name == "agent":
            found["users"] = tuple(one for one in value.split(",") if one)
        elif name == "subtype" and value in set(Event):
            found["events"] = (value,)
        elif name == "outcome" and value in set(Outcome):
            found["outcomes"] = (value,)
        elif name == "date":
            found |= _dates(value)
        elif name == "_count" and value.isascii() and value.isdigit():
            count = min(int(value[:6]), MOST)
        elif name == "_page":
            found["before"] = int(tokens.open(value))
        elif name != "_format":
            text = "takes " + ", ".join(PARAMETERS) + " and _count; see /fhir/R4/metadata"
            raise FaultyRequestError([Fault("invalid", shown_name(name), text)])
    return patients, Wanted(**found), count  # type: ignore[arg-type]


def _check_given_once(pairs: list[tuple[str, str]]) -> None:
    """A criterion that is empty, repeated or unreadable must not widen the search."""
    names = ["patient" if name == "entity" else name for name, _ in pairs]
    for name, value in pairs:
        known = "patient" if name == "entity" else name
        if not value.strip(",") or not value.isprintable() or names.count(known) > 1:
            raise FaultyRequestError(
                [Fault("invalid", shown_name(name), "give it once, with a value")]
            )


def _dates(value: str) -> dict[str, int]:
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() and value else ("eq", value)
    try:
        low, high = to_micros(first_moment(text)), to_micros(next_moment(text))
    except (ValueError, OverflowError):
        prefix, low, high = "", 0, 0
    made: dict[str, dict[str, int]] = {
        "eq": {"start": low, "end": high},
        "ge": {"start": low},
        "gt": {"start": high},
        "le": {"end": high},
        "lt": {"end": low},
    }
    if prefix not in made:
        raise FaultyRequestError(
            [Fault("invalid", "date", "a date, with eq ge gt le lt before it")]
        )
    return made[prefix]


_PATH: Final = "/fhir/R4/AuditEvent"
ROUTES: Final = (
    Route(f"{_PATH}/_search", search_events_by_form, methods=["POST"]),
    Route(f"{_PATH}/{{number}}", read_event, methods=["GET"]),
    Route(_PATH, search_events, methods=["GET"]),
)
