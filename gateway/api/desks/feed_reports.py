"""Where provider systems learn how what they send arrives.

GET /feeds/{feed}/report        the report card of the caller's own organisation
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven
from gateway.api.answers.responses import json_answer
from gateway.flows.feeds.report_card import DAYS, MOST_DAYS, own_report_card, sender_of
from gateway.flows.feeds.report_text import text_of

router = APIRouter(prefix="/feeds")
_Days = Annotated[int, Query(ge=1, le=MOST_DAYS)]


async def _of_sender(feed_name: str, site: SiteGiven, asking: AskingGiven) -> None:
    """Whose feed it is not is told that before the shape of `days`."""
    await sender_of(site, asking, feed_name)


@router.get("/{feed_name}/report", dependencies=[Depends(_of_sender)])
async def read_report(
    feed_name: str,
    request: Request,
    site: SiteGiven,
    asking: AskingGiven,
    days: _Days = DAYS,
) -> Response:
    """The report card of the organisation in the token, for the last `days`: JSON, or plain text
    to who accepts that. 403 for anybody but a provider system of that feed."""
    card = await own_report_card(site, asking, feed_name, days)
    if request.headers.get("accept", "").startswith("text/plain"):
        return Response(text_of(card), media_type="text/plain")
    return json_answer(card)
