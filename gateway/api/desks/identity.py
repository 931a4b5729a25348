"""Where whoever decides on identity works: ids, states and weights, nothing of any person.

GET  /identity/queue              what waits: the likeliest pairs first; what is unsettled
GET  /identity/records/{record}   all that was said of one record's person
POST /identity/decisions          two records are one person's, are not, or it is open again
POST /identity/statements         protection, opt-out or death of the person of a record
POST /identity/settled            whose is settled of what was written of people who are parted
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, role_first
from gateway.api.answers.responses import json_answer
from gateway.flows.identity import identity_desk

router = APIRouter(prefix="/identity")
_Limit = Annotated[int, Query(ge=1, le=1000)]
_LARGEST_BYTES = 16 * 1024


@router.get("/queue", dependencies=[role_first(identity_desk.officer_of)])
async def read_queue(site: SiteGiven, asking: AskingGiven, limit: _Limit = 100) -> Response:
    """Records that could not be linked, with whom they may be; of at most `limit` records."""
    return json_answer(await identity_desk.queue(site, asking, limit))


@router.get("/records/{record}")
async def read_record(record: str, site: SiteGiven, asking: AskingGiven) -> Response:
    """Everybody's records of that record's person, and what was said of them."""
    return json_answer(await identity_desk.history(site, asking, record))


@router.post("/decisions")
async def decide(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Decide: `record`, `other`, `verdict` (same, different, open) and `reason`; `seen`, as the
    queue told it, holds the decision to what was said of both by then."""
    body = await body_of(request, _LARGEST_BYTES)
    return json_answer(await identity_desk.decide(site, asking, body), 201)


@router.post("/statements")
async def state(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """State: `record`, `fact` (pds, opted-out, deceased, review-from), `value` and `reason`."""
    body = await body_of(request, _LARGEST_BYTES)
    return json_answer(await identity_desk.state(site, asking, body), 201)


@router.post("/settled")
async def settle(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Settle what waits since people were parted: its `name` and a `reason`."""
    body = await body_of(request, _LARGEST_BYTES)
    return json_answer(await identity_desk.settle(site, asking, body), 201)
