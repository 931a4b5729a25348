"""What governance reports, and what a person is given of their record.

GET  /ig/reports/board             a month of accesses in figures, by organisation
POST /ig/reports/subject-access    somebody's record and who looked, for whoever answers them
GET  /access/record                the caller's own record, and who looked
"""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, looking
from gateway.api.answers.responses import json_answer
from gateway.flows.asking.governance import Looker, looker_of
from gateway.flows.asking.sent_object import sent_texts
from gateway.flows.audit import subject_access
from gateway.flows.audit.plain_copy import in_words
from gateway.flows.audit.reports_board import board_figures
from gateway.flows.audit.subject_access import Subject
from gateway.flows.audit.who_looked import places
from gateway.flows.site.site import Asking, Site

router = APIRouter()
NDJSON: Final = "application/x-ndjson"
_TEXT: Final = "text/plain"
_LARGEST: Final = 4 * 1024
_Month = Annotated[str, Query(max_length=7)]
_OfTheBoard = Annotated[Looker, looking("board-figures")]


@router.get("/ig/reports/board")
async def read_board_figures(site: SiteGiven, looker: _OfTheBoard, month: _Month) -> Response:
    """Accesses, emergencies, claims, refusals, alerts and what became of them, in a month such as
    `2026-11`; one that is not over is `running`, without figures. For governance roles: those of an
    organisation are told of its own staff."""
    return json_answer(await board_figures(site.store, looker, month))


@router.post("/ig/reports/subject-access", response_class=StreamingResponse)
async def answer_a_subject(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Everything that is somebody's (`patient`) to see of what the caller's organisation holds,
    with who looked, as lines of JSON, or in words where Accept asks for text/plain; `reference`
    names their request. It raises an alert."""
    looker = await looker_of(site, asking, subject_access.NAME)
    sent = sent_texts(await body_of(request, _LARGEST), "patient", "reference")
    subject = subject_access.on_behalf(looker, **sent)
    return await _streamed(request, site, asking, subject)


@router.get("/access/record", response_class=StreamingResponse)
async def read_own_record(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Everything of the caller's own record that is theirs to see, and who looked: lines of JSON,
    or words where Accept asks for text/plain. For the person's own token alone. The last line has
    `"part": "end"`, or begins with `The end`: without it, it is cut."""
    return await _streamed(request, site, asking, await subject_access.own(site, asking))


async def _streamed(request: Request, site: Site, asking: Asking, subject: Subject) -> Response:
    lines = await subject_access.copy(site, asking, subject, request.app.state.clock)
    if request.headers.get("accept", "").startswith(_TEXT):
        async with site.store.engine.reading() as conn:
            known = await places(conn)
        return _named("record.txt", StreamingResponse(in_words(lines, known), media_type=_TEXT))
    return _named("record.ndjson", StreamingResponse(lines, media_type=NDJSON))


def _named(file: str, answer: Response) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer
