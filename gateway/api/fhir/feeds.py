"""Where provider systems push.

POST /feeds/{feed}                        a delivery of one or more items
GET  /feeds/{feed}/deliveries/{id}        its answer again
"""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from consent.terms import CallerKind
from gateway.api.answers.dependencies import (
    AskingGiven,
    SiteGiven,
    asking_of,
    body_of,
    media_type_of,
    site_of,
)
from gateway.api.answers.responses import json_answer
from gateway.errors import ForbiddenError, NotFoundError, NotTheFormatError
from gateway.flows.intake import acknowledge
from gateway.flows.intake.delivery_answer import accepted
from gateway.flows.intake.push_update import Push, push
from gateway.flows.site.site import Site
from gateway.store.intake import deliveries
from gateway.store.record.reads import is_id

router = APIRouter(prefix="/feeds")


@router.post("/{feed_name}")
async def push_delivery(feed_name: str, request: Request) -> Response:
    """Take a delivery: 200 when applied (also in part), 202 when all is quarantined, discarded or
    accepted for later, 400 when it is not the feed's format, 403 when the system may not push
    this feed. A sender of HL7 v2 that accepts HL7 v2 is given acknowledgements instead of JSON."""
    site, asking = site_of(request), asking_of(request)  # itself, as FHIR routes do: the busiest
    feed = site.feeds.get(feed_name)
    if feed is None:
        raise NotFoundError
    limits, preferred = request.app.state.limits, request.headers.get("prefer", "")
    body = await body_of(request, limits.feed_body_bytes)
    what = Push(
        feed=feed,
        caller=asking.caller,
        body=body,
        media_type=media_type_of(request),
        request_id=asking.request_id,
        at=asking.at,
        largest_bytes=limits.feed_unpacked_bytes,
        later="respond-async" in preferred,
        back_fill="back-fill" in preferred,
    )
    if acknowledge.is_wanted(feed, request.headers.get("accept", "")):
        return await _acknowledged(site, what)
    answer = await push(site.store, what)
    status = _status(answer)
    return json_answer(answer, status)


def _status(answer: dict[str, Any]) -> int:
    return 202 if answer["status"] in ("quarantined", "accepted", "discarded") else 200


async def _acknowledged(site: Site, what: Push) -> Response:
    try:
        answer = await push(site.store, what)
    except NotTheFormatError as reason:
        made = acknowledge.refusal(what.body, reason.faults, what.request_id, what.at)
        return Response(made, 400, media_type=acknowledge.MEDIA_TYPE)
    made = await asyncio.to_thread(
        acknowledge.acknowledgements,
        what.feed, what.body, what.media_type, what.largest_bytes, answer, what.at,
    )  # fmt: skip
    return Response(made, _status(answer), media_type=acknowledge.MEDIA_TYPE)


@router.get("/{feed_name}/deliveries/{delivery_id}")
async def read_delivery(
    feed_name: str, delivery_id: str, site: SiteGiven, asking: AskingGiven
) -> Response:
    """The answer a delivery of the caller's own organisation was given."""
    if asking.caller.kind is not CallerKind.SYSTEM:
        raise ForbiddenError
    if not is_id(delivery_id):
        raise NotFoundError
    async with site.store.engine.reading() as conn:
        row = await deliveries.find(conn, delivery_id)
    if row is None or row.feed != feed_name or row.source_org != asking.caller.org:
        raise NotFoundError
    waiting = accepted(row.delivery_id) | {"status": row.state}
    return Response(row.answer or orjson.dumps(waiting), media_type="application/json")
