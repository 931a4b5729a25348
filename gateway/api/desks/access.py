"""Access that users open for themselves, why somebody sees an item, and what officers look at.

POST /access/break-glass, POST /access/break-glass/{grant_id}/close
POST /access/break-glass/{grant_id}/message
POST /access/self-claim, POST /access/self-claim/{grant_id}/close
GET  /access/explain, POST /access/preview, POST /access/replay
GET  /ig/alerts, GET /ig/alerts/{alert_id}, POST /ig/alerts/{alert_id}/{step}
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, body_of, looking
from gateway.api.answers.responses import json_answer
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.access import break_glass, explain, leave_message, preview, self_claim
from gateway.flows.asking import alerts
from gateway.flows.asking.governance import Looker
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.audit import replay_decision
from gateway.flows.writing.write_conditions import version_in

router = APIRouter()
_LARGEST: Final = 16 * 1024
_MOST: Final = 10**15
_Id = Annotated[str, Path(max_length=64)]
_Named = Annotated[str, Query(max_length=200)]
_Count = Annotated[int, Query(ge=1, le=500)]
_OfAlerts = Annotated[Looker, looking("alerts")]
_OfAlert = Annotated[Looker, looking("alert")]


@router.post("/access/break-glass")
async def open_break_glass(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """An emergency: one person, for hours, reading only; looked at by the privacy officer."""
    body = await body_of(request, _LARGEST)
    return json_answer(await break_glass.break_glass(site, asking, body), 201)


@router.post("/access/break-glass/{grant_id}/close")
async def close_break_glass(grant_id: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """The emergency is over."""
    return json_answer(await break_glass.close(site, asking, grant_id))


@router.post("/access/break-glass/{grant_id}/message")
async def leave_one_message(
    request: Request, grant_id: _Id, site: SiteGiven, asking: AskingGiven
) -> Response:
    """One message from an emergency, for who leads the person's care."""
    body = await body_of(request, _LARGEST)
    return json_answer(await leave_message.leave_message(site, asking, grant_id, body), 201)


@router.post("/access/self-claim")
async def claim_relationship(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """The caller is caring for this person, and no list says so yet."""
    body = await body_of(request, _LARGEST)
    return json_answer(await self_claim.self_claim(site, asking, body), 201)


@router.post("/access/self-claim/{grant_id}/close")
async def close_claim(grant_id: _Id, site: SiteGiven, asking: AskingGiven) -> Response:
    """The caller cares for them no longer."""
    return json_answer(await self_claim.close(site, asking, grant_id))


@router.get("/access/explain")
async def explain_sight(
    site: SiteGiven,
    asking: AskingGiven,
    resource: _Named,
    caller: _Named = "",
    role: _Named = "",
    org: _Named = "",
    purpose: _Named = "",
) -> Response:
    """Why the caller sees this item; for governance roles, why somebody else does or does not."""
    whose = explain.Whose(caller, role, org, purpose)
    return json_answer(await explain.explain(site, asking, resource, whose))


@router.post("/access/preview")
async def preview_a_consent(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """Who would gain and lose sight of what, were this Consent saved; nothing of it is. For who may
    save it; one with an id goes with If-Match, as it would be saved."""
    body = await body_of(request, request.app.state.limits.fhir_body_bytes)
    match = version_in(request.headers.get("if-match"))
    return json_answer(await preview.preview(site, asking, body, match))


@router.post("/access/replay")
async def replay_a_decision(request: Request, site: SiteGiven, asking: AskingGiven) -> Response:
    """A decision of the log, made again on the facts of its moment; for governance roles."""
    sent = sent_object(await body_of(request, _LARGEST))
    number = sent.get("entry")
    if type(number) is not int or not 0 <= number < _MOST or len(sent) > 1:
        raise FaultyRequestError([Fault("value", "entry", "the number of an entry of the log")])
    return json_answer(await replay_decision.replay(site, asking, number))


@router.get("/ig/alerts")
async def list_alerts(
    site: SiteGiven,
    looker: _OfAlerts,
    settled: bool = False,
    count: _Count = 100,
    kind: _Named = "",
) -> Response:
    """What is to be looked at, what is due first at the top: by reference, of nobody by name.
    For governance roles: those of an organisation see what its own staff did."""
    found = await alerts.listing(site.store, looker, count, settled=settled, kind=kind)
    return json_answer({"alerts": found})


@router.get("/ig/alerts/{alert_id}")
async def read_alert(alert_id: _Id, site: SiteGiven, looker: _OfAlert) -> Response:
    """One alert: the number of its entry in the log, its codes, the words that were given."""
    return json_answer(await alerts.one(site, looker, alert_id))


@router.post("/ig/alerts/{alert_id}/{step}")
async def settle_alert(
    request: Request, alert_id: _Id, step: _Id, site: SiteGiven, looker: _OfAlert
) -> Response:
    """ask, escalate, justify or dismiss, with a reason, which stands sealed in the log."""
    reason = _reason(await body_of(request, _LARGEST))
    return json_answer(await alerts.settle(site, looker, alert_id, step, reason))


def _reason(body: bytes) -> str:
    sent = sent_object(body)
    reason = sent.get("reason")
    if not isinstance(reason, str) or set(sent) != {"reason"}:
        raise FaultyRequestError([Fault("required", "reason", "a text, and nothing else")])
    return reason
