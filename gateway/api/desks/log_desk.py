"""The log's desk: searches that governance keeps, and the log taken away as it is found.

GET, POST            /ig/searches                   one's own; a new one: name, query, days
POST                 /ig/searches/forget            those of a colleague who left go: user
GET, PUT, DELETE     /ig/searches/{search_id}       one of them; PUT: query, days
GET                  /ig/searches/{search_id}/events    what it finds now, as AuditEvents
GET, POST            /ig/log/{form}                 ndjson | csv: all that a search finds, streamed;
                                                    parameters as AuditEvent's, or `search`

Rule    A query is what a search of AuditEvent takes, and is read anew each time. POST takes the
        parameters as a form, so that no person's id stands in an address; nor does a colleague's.
"""

from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import StreamingResponse

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, form_of, looking
from gateway.api.answers.responses import json_answer
from gateway.api.answers.transfer import Transfer
from gateway.api.fhir import audit_events
from gateway.api.search.audit_params import parse
from gateway.auth.rates import caller_name
from gateway.clock import instant
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.asking.governance import looker_of
from gateway.flows.asking.review_access import QUERY
from gateway.flows.asking.sent_object import sent_object, sent_texts
from gateway.flows.audit import export_events
from gateway.flows.audit.saved_searches import NAME, Desk, Saved, Search, begins, checked
from gateway.flows.site.site import Asking, Site

router = APIRouter()
_LARGEST: Final = 16 * 1024
_MEDIA_TYPES: Final = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_Id = Annotated[str, Path(max_length=64)]
_OF_SEARCHES: Final = [looking(NAME)]
_Pairs = list[tuple[str, str]]


@router.get("/ig/searches")
async def list_searches(site: SiteGiven, asking: AskingGiven) -> Response:
    """The caller's own, the oldest first. For governance roles."""
    desk = await _desk(site, asking)
    return json_answer({"searches": [_shown(one) for one in await desk.all()]})


@router.post("/ig/searches")
async def keep_search(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """A search of the log is kept under a `name`: `query` as AuditEvent's parameters in an address;
    with `days` of the last so many days, whenever it is run. It stands sealed."""
    desk = await _desk(site, asking)
    sent = _sent(await body_of(request, _LARGEST), {"name": str, "query": str, "days": int})
    search = checked(Search(sent.get("name", ""), sent.get("query", ""), sent.get("days", 0)))
    _pairs(search, asking)
    saved = await desk.keep(search)
    made = json_answer(_shown(saved), 201)
    made.headers["Location"] = f"{site.base_url}/ig/searches/{saved.search_id}"
    return made


@router.post("/ig/searches/forget")
async def forget_searches(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """All that a `user` of the caller's organisation kept, who left, is deleted; nobody is shown
    what it was. Not while the site knows of a post that they have there. For governance roles."""
    desk = await _desk(site, asking)
    sent = sent_texts(await body_of(request, _LARGEST), "user")
    await desk.forget(sent["user"], asking.caller.org)
    return Response(status_code=204)


@router.get("/ig/searches/{search_id}", dependencies=_OF_SEARCHES)
async def read_search(search_id: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """One of the caller's own."""
    return json_answer(_shown(await (await _desk(site, asking)).one(search_id)))


@router.put("/ig/searches/{search_id}", dependencies=_OF_SEARCHES)
async def change_search(
    search_id: _Id, request: Request, site: SiteGiven, asking: AskingGiven
) -> Response:
    """It asks something else from now on; its name stays."""
    desk = await _desk(site, asking)
    sent = _sent(await body_of(request, _LARGEST), {"query": str, "days": int})
    search = checked(Search(NAME, sent.get("query", ""), sent.get("days", 0)))
    _pairs(search, asking)
    return json_answer(_shown(await desk.change(search_id, search.query, search.days)))


@router.delete("/ig/searches/{search_id}", dependencies=_OF_SEARCHES)
async def delete_search(search_id: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """It is kept no longer."""
    await (await _desk(site, asking)).delete(search_id)
    return Response(status_code=204)


@router.get("/ig/searches/{search_id}/events", dependencies=_OF_SEARCHES)
async def run_search(search_id: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """What it finds now, of what the caller's role shows them now: as a search of AuditEvent."""
    saved = await (await _desk(site, asking)).one(search_id)
    return await audit_events.found(site, asking, _pairs(saved.search, asking))


@router.get("/ig/log/{form}", response_class=StreamingResponse)
async def take_log(form: str, request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """All that a search finds of what the caller's role shows them, the newest first, streamed:
    AuditEvents as lines of JSON that say how far it is, or rows of CSV. The last line of `ndjson`
    has `"part": "end"`: without it, it is cut. `X-Entries` says how many entries are looked at.
    429 while the caller is given as many as may leave at once."""
    return await _streamed(form, request, site, asking, request.query_params.multi_items())


@router.post("/ig/log/{form}", response_class=StreamingResponse)
async def take_log_by_form(
    form: str, request: Request, site: SiteGiven, asking: AskingGiven
) -> Response:
    """The same, with the parameters as a form."""
    pairs = request.query_params.multi_items() + await form_of(request)
    return await _streamed(form, request, site, asking, pairs)


async def _streamed(
    form: str, request: Request, site: Site, asking: Asking, pairs: _Pairs
) -> Response:
    sealed = Asking(asking.caller, asking.at, asking.request_id, urlencode(pairs))
    looker = await looker_of(site, sealed, QUERY)
    if form not in _MEDIA_TYPES:
        raise NotFoundError
    named = [value for name, value in pairs if name == "search"]
    if named:
        if len(pairs) != 1:
            raise _faulty("search", "given alone: the id of a search that is kept")
        saved = await Desk(site.store, looker).one(named[0])
        pairs = _pairs(saved.search, asking)
        sealed = replace(sealed, raw_query=urlencode(pairs))
    sought = parse(pairs, _no_page, await audit_events.staff_named(site, asking, pairs))
    with ExitStack() as held:
        held.enter_context(request.app.state.transfers.one(caller_name(asking.caller)))
        taken = await export_events.take(site, sealed, sought, form)
        headers = {
            "Content-Disposition": f'attachment; filename="log.{form}"',
            "X-Entries": str(taken.total),
        }
        lines = taken.lines() if form == "ndjson" else taken.rows()
        return Transfer(lines, _MEDIA_TYPES[form], headers, held.pop_all())


async def _desk(site: Site, asking: Asking) -> Desk:
    return Desk(site.store, await looker_of(site, asking, NAME))


def _pairs(search: Search, asking: Asking) -> _Pairs:
    """The parameters as of now. Errors: FaultyRequestError for what AuditEvent would not take."""
    pairs = parse_qsl(search.query, keep_blank_values=True)
    if search.days:
        if any(name == "date" for name, _ in pairs):
            raise _faulty("days", "days, or dates in the query")
        pairs.append(("date", f"ge{begins(search, asking.at)}"))
    parse(pairs, _no_page)
    return pairs


def _no_page(_token: str) -> str:
    raise _faulty("_page", "not taken here")


def _sent(body: bytes, fields: dict[str, type]) -> dict[str, Any]:
    sent = sent_object(body)
    for name, value in sent.items():
        if name not in fields or type(value) is not fields[name]:
            raise _faulty("", f"takes {', '.join(fields)}")
    return sent


def _shown(saved: Saved) -> dict[str, Any]:
    one = saved.search
    return {
        "id": saved.search_id,
        "name": one.name,
        "query": one.query,
        "days": one.days,
        "saved": instant(saved.saved_at),
    }


def _faulty(field: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("invalid", field, text)])
