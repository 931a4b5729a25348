"""Bulk exports for systems, by the Bulk Data Access guide.

    GET, POST    /fhir/R4/Patient/$export          kick-off: everybody the organisation has a tie to
    GET, POST    /fhir/R4/Group/{id}/$export       kick-off: one of its groups
    GET, POST    /fhir/R4/$export                  refused: there is no export of everything
    GET, DELETE  /exports/{job_id}                 status, then the list of files; calling it off
    GET          /exports/{job_id}/{name}          a file, made as it is fetched
    GET          /fhir/R4/Group, /fhir/R4/Group/{id}

Source  HL7 Bulk Data Access IG 2.0.0 (http://hl7.org/fhir/uv/bulkdata/STU2/)
"""

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import Route

from gateway.api.answers import formats
from gateway.api.answers.dependencies import (
    IN_BUNDLE,
    AskingGiven,
    SiteGiven,
    asking_of,
    body_of,
    caller_of,
    check_accepted,
    form_of,
    media_type_of,
    site_of,
)
from gateway.api.answers.paths import ID
from gateway.api.answers.responses import FhirResponse, http_date, json_answer, told
from gateway.api.answers.shaping import Asked, written
from gateway.api.answers.transfer import Transfer
from gateway.api.search import held_search
from gateway.api.search.search_params import DEFAULT_COUNT
from gateway.errors import (
    Fault,
    FaultyRequestError,
    MediaTypeError,
    NotFoundError,
    NotSupportedError,
)
from gateway.flows.asking.views import View
from gateway.flows.export import export_files, export_jobs
from gateway.flows.export.export_entitled import SYSTEM_LEVEL, Entitled, entitled, refusal
from gateway.flows.export.export_files import File
from gateway.flows.export.export_groups import groups_of, tie_of
from gateway.flows.export.export_request import Wanted, from_parameters, from_query
from gateway.flows.site.site import Asking, Site

router = APIRouter()
NDJSON: Final = "application/fhir+ndjson"
GROUP_PARAMETERS: Final = {"_id": "token"}
"""Each search parameter of Group with its FHIR type."""
_AGAIN_SECONDS: Final = "1"
_Id = Annotated[str, Path(max_length=64)]


async def _entitled(request: Request, site: Site, asking: Asking) -> Entitled:
    registered = request.app.state.sign_in.clients.get(asking.caller.client_id)
    return await entitled(site, asking, registered[0] if registered else None)


async def export_everything(request: Request) -> Response:
    """Refused, and told why."""
    raise await refusal(site_of(request), asking_of(request), SYSTEM_LEVEL)


async def export_patients(request: Request) -> Response:
    """202, and where to ask how far it is."""
    return await _kick_off(request, "")


async def export_group(request: Request) -> Response:
    """The same for one group of the system's own organisation."""
    return await _kick_off(request, request.path_params["group_id"])


async def _kick_off(request: Request, group_id: str) -> Response:
    check_accepted(request)
    if request.method == "HEAD":
        raise NotSupportedError
    site, asking = site_of(request), asking_of(request)
    who = await _entitled(request, site, asking)
    group = tie_of(asking.caller.org, group_id) if group_id else ""
    if group is None:
        raise NotFoundError
    if IN_BUNDLE in request.scope:
        text = "an export is asked for by itself, in no Bundle: its answer says where to look"
        raise FaultyRequestError([Fault("not-supported", "", text)])
    preferred = ";".join(request.headers.getlist("prefer")).lower().replace(",", ";").split(";")
    if "respond-async" not in [one.strip() for one in preferred]:
        text = "an export is asked for with `Prefer: respond-async`"
        raise FaultyRequestError([Fault("required", "Prefer", text)])
    wanted = await _wanted(request)
    path = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    address = f"{site.base_url}{path}" + (f"?{query}" if query else "")
    job = await export_jobs.start(site, who, request.app.state.exports, address, wanted, group)
    body = told("The export was begun: ask at Content-Location")
    return FhirResponse(body, 202, {"Content-Location": f"{site.base_url}/exports/{job.job_id}"})


async def _wanted(request: Request) -> Wanted:
    pairs = [one for one in request.query_params.multi_items() if one[0] != "_format"]  # of answers
    if request.method != "POST":
        return from_query(pairs)
    if media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    if pairs:
        raise FaultyRequestError([Fault("invalid", pairs[0][0], "a POST has them in its body")])
    return from_parameters(await body_of(request, request.app.state.limits.fhir_body_bytes))


@router.get("/exports/{job_id}")
async def read_export(
    request: Request, job_id: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """202 while the caseload is looked through, which asking carries on; then the list of files."""
    who = await _entitled(request, site, asking)
    job = await export_jobs.look(site, who, job_id)
    if not job.asked.ready:
        return Response(
            status_code=202, headers={"Retry-After": _AGAIN_SECONDS, "X-Progress": "in progress"}
        )
    address = f"{site.base_url}/exports/{job.job_id}"
    made = json_answer(export_jobs.manifest(job, address, who.types))
    made.headers["Expires"] = http_date(job.expires_at // 1_000_000)
    return made


@router.delete("/exports/{job_id}")
async def cancel_export(
    request: Request, job_id: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """The export is called off: nothing of it can be fetched any more."""
    who = await _entitled(request, site, asking)
    await export_jobs.cancel(site, who, job_id)
    return FhirResponse(told("The export was called off"), 202)


@router.get("/exports/{job_id}/{name}", response_class=StreamingResponse)
async def read_file(
    request: Request, job_id: _Id, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """One file, made as it is fetched: a resource a line, as the system may see it now; 429 while
    the system fetches as many as it may."""
    who = await _entitled(request, site, asking)
    stem, dot, suffix = name.rpartition(".")
    if (dot, suffix) != (".", "ndjson"):
        raise NotFoundError
    packed = _takes_gzip(request.headers.get("accept-encoding", ""))
    if request.scope["http_version"] == "1.0" and not packed:
        text = "over HTTP/1.0 a file leaves packed alone: a plain one that broke off looks whole"
        raise FaultyRequestError([Fault("not-supported", "Accept-Encoding", text)])
    with ExitStack() as held:
        held.enter_context(request.app.state.transfers.one(asking.caller.client_id))
        file = await export_files.open_file(site, who, job_id, stem, request.app.state.clock)
        pages = file.pages()
        first = await anext(pages, None)  # what cannot be recorded is answered 503 while it can be
        lines = _lines(file, first or (), pages)
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
        return Transfer(_packed(lines) if packed else lines, NDJSON, headers, held.pop_all())


async def _lines(
    file: File, first: Sequence[View], rest: AsyncIterator[Sequence[View]]
) -> AsyncIterator[bytes]:
    shape = _shape(file)
    yield _written(first, shape)
    async for page in rest:
        yield _written(page, shape)


def _written(page: Sequence[View], shape: Asked | None) -> bytes:
    bodies = (one.body if shape is None else written(one.body, shape)[0] for one in page)
    return b"".join(body + b"\n" for body in bodies)


def _shape(file: File) -> Asked | None:
    """The elements that are wished for of the file's type; None: all."""
    named = [one.rpartition(".") for one in file.job.asked.elements]
    own = frozenset(element for of, _, element in named if of in ("", file.name))
    return Asked(elements=own) if own and not file.of_deleted else None


async def _packed(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    async for some in lines:
        yield packer.compress(some)
    yield packer.flush()


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is among what is taken, and not at weight 0."""
    for one in accepted.lower().split(","):
        name, *more = [part.strip() for part in one.split(";")]
        if name == "gzip":
            return not any(part.startswith("q=0") and not part.strip("q=0.") for part in more)
    return False


async def read_group(request: Request) -> FhirResponse:
    """One group of the caller's own organisation."""
    check_accepted(request)
    found = groups_of(caller_of(request).org).get(request.path_params["resource_id"])
    if found is None:
        raise NotFoundError
    return FhirResponse(orjson.dumps(found))


async def search_groups(request: Request) -> FhirResponse:
    """Those of them that match every parameter."""
    check_accepted(request)
    held = groups_of(caller_of(request).org).values()
    given = request.query_params.multi_items()
    if request.method == "POST":
        given += await form_of(request)
    base = f"{site_of(request).base_url}/fhir/R4"
    sought = held_search.parse(given, GROUP_PARAMETERS, DEFAULT_COUNT, base)
    url = f"{base}/Group"
    return FhirResponse(held_search.searchset(url, sought, held, _parts))


def _parts(_name: str, one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of its id, the one parameter there is."""
    return (one["id"],)


_BOTH: Final = ["GET", "POST"]
FIRST: Final = (Route("/fhir/R4/Patient/$export", export_patients, methods=_BOTH),)
"""Before the reads: an id might be meant."""
ROUTES: Final = (
    Route("/fhir/R4/$export", export_everything, methods=_BOTH),
    Route("/fhir/R4/Group/{group_id}/$export", export_group, methods=_BOTH),
    Route("/fhir/R4/Group/_search", search_groups, methods=["GET", "POST"]),
    Route(f"/fhir/R4/Group/{ID}", read_group, methods=["GET"]),
    Route("/fhir/R4/Group", search_groups, methods=["GET"]),
)
