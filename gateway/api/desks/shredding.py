"""Where the borough's governance has somebody's data shredded: two of them, never one.

GET  /ig/shredding                            what is open
POST /ig/shredding/requests                   one asks
POST /ig/shredding/requests/{name}/confirm    another confirms
POST /ig/shredding/requests/{name}/withdraw   it is taken back
POST /ig/shredding/holds                      nothing of a person is shredded meanwhile
POST /ig/shredding/holds/{name}/lift          another says that the hold is over
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, role_first
from gateway.api.answers.responses import json_answer
from gateway.flows.identity import shred_desk

router = APIRouter(prefix="/ig/shredding", dependencies=[role_first(shred_desk.guardian_of)])
_LARGEST: Final = 4 * 1024
_Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_shredding(site: SiteGiven, asking: AskingGiven) -> Response:
    """Requests and holds that are open, by ids, and how many records were shredded."""
    return json_answer(await shred_desk.listed(site, asking))


@router.post("/requests")
async def ask_to_shred(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Ask that all records of a person be shredded: `record`, one of their ids; `basis` (request,
    unlawful, retention, court, mistake); `reason`, which names nobody: it stays readable."""
    body = await body_of(request, _LARGEST)
    return json_answer(await shred_desk.ask(site, asking, body), 201)


@router.post("/requests/{name}/confirm")
async def confirm_shredding(name: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """Shred what somebody else asked for within a week, now and for good."""
    return json_answer(await shred_desk.confirm(site, asking, name))


@router.post("/requests/{name}/withdraw")
async def withdraw_shredding(
    request: Request, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """Take a request back before it is carried out, with a `reason`."""
    body = await body_of(request, _LARGEST)
    return json_answer(await shred_desk.withdraw(site, asking, name, body))


@router.post("/holds")
async def hold_shredding(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Let nothing of a `record`'s person be shredded: `review`, a day to come, and `reason`."""
    body = await body_of(request, _LARGEST)
    return json_answer(await shred_desk.hold(site, asking, body), 201)


@router.post("/holds/{name}/lift")
async def lift_shredding_hold(
    request: Request, name: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """Lift a hold that somebody else set, with a `reason`."""
    body = await body_of(request, _LARGEST)
    return json_answer(await shred_desk.lift(site, asking, name, body))
