"""Concerns about somebody's safety, those kept away from them, and what the person disputes.

POST /safeguarding/concerns (every role, one way)
GET  /safeguarding/concerns, GET /safeguarding/concerns/{name}
POST /safeguarding/concerns/{name}/{step}
POST /safeguarding/suspensions, GET /safeguarding/suspensions
POST /safeguarding/suspensions/{name}/lift, POST /safeguarding/suspensions/{name}/keep
POST /access/disputes, POST /access/disputes/{name}/answer
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, role_first
from gateway.api.answers.responses import json_answer
from gateway.flows.access import concerns, disputes, safeguarding_desk, suspend
from gateway.flows.asking.sent_object import sent_texts

router = APIRouter()
_LARGEST: Final = 32 * 1024
_Id = Annotated[str, Path(max_length=64)]
_Count = Annotated[int, Query(ge=1, le=500)]


def _at_the_desk(query: str) -> list[Any]:
    return [role_first(lambda site, asking: safeguarding_desk.check_desk(site, asking, query))]


_OF_CONCERN: Final = _at_the_desk("concern")
_OF_SUSPENSIONS: Final = _at_the_desk(suspend.QUERY)


@router.post("/safeguarding/concerns")
async def raise_a_concern(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Somebody may be coming to harm: said by any role, of anybody, one way. The answer is the same
    whether they are known here or not; what becomes of it is told to nobody but the desk."""
    body = await body_of(request, _LARGEST)
    return json_answer(await concerns.raise_concern(site, asking, body), 202)


@router.get("/safeguarding/concerns", dependencies=_at_the_desk("concerns"))
async def list_concerns(
    site: SiteGiven, asking: AskingGiven, settled: bool = False, count: _Count = 100
) -> Response:
    """The desk's concerns, what is due first at the top: of nobody by name."""
    found = await safeguarding_desk.listing(site, asking, count, settled=settled)
    return json_answer({"concerns": found})


@router.get("/safeguarding/concerns/{name}", dependencies=_OF_CONCERN)
async def read_concern(name: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """One concern with its words; for safeguarding roles of the organisation it went to."""
    return json_answer(await safeguarding_desk.one(site, asking, name))


@router.post("/safeguarding/concerns/{name}/{step}", dependencies=_OF_CONCERN)
async def decide_on_concern(
    request: Request, name: _Id, step: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """take, enquire, act or close, with a reason, which stands sealed in the log."""
    reason = sent_texts(await body_of(request, _LARGEST), "reason")["reason"]
    return json_answer(await safeguarding_desk.step(site, asking, name, step, reason))


@router.post("/safeguarding/suspensions")
async def suspend_users(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Those named as a source of harm see nothing of the person from the next request on."""
    body = await body_of(request, _LARGEST)
    return json_answer(await suspend.suspend(site, asking, body), 201)


@router.get("/safeguarding/suspensions", dependencies=_OF_SUSPENSIONS)
async def list_suspensions(
    site: SiteGiven, asking: AskingGiven, ended: bool = False, count: _Count = 100
) -> Response:
    """Who is suspended from whose sight, what is due to be looked at first at the top."""
    found = await suspend.listing(site, asking, count, ended=ended)
    return json_answer({"suspensions": found})


@router.post("/safeguarding/suspensions/{name}/lift", dependencies=_OF_SUSPENSIONS)
async def lift_suspension(
    request: Request, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """It ends now, with a reason."""
    reason = sent_texts(await body_of(request, _LARGEST), "reason")["reason"]
    return json_answer(await suspend.lift(site, asking, name, reason))


@router.post("/safeguarding/suspensions/{name}/keep", dependencies=_OF_SUSPENSIONS)
async def keep_suspension(
    request: Request, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """It stands, with a reason, and is looked at again by another day (`review`)."""
    body = await body_of(request, _LARGEST)
    said = sent_texts(body, "reason", "review")
    return json_answer(await suspend.keep(site, asking, name, said["reason"], said["review"]))


@router.post("/access/disputes")
async def dispute_an_item(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """The person says that an item of their record is wrong: a note stands beside it, and whose
    item it is answers by a day."""
    body = await body_of(request, _LARGEST)
    return json_answer(await disputes.dispute(site, asking, body), 201)


@router.post("/access/disputes/{name}/answer")
async def answer_a_dispute(
    request: Request, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """corrected or stands, and why: said by staff of the organisation whose item it is."""
    body = await body_of(request, _LARGEST)
    return json_answer(await disputes.answer(site, asking, name, body))
