"""Whether the service lives and is ready; what happened, as numbers without people."""

import asyncio
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from gateway.api.dependencies import SiteGiven
from gateway.flows import feed_state, label_queue, tell_witnesses
from gateway.flows.site import Site
from gateway.store import audit_reads

router = APIRouter()
_LABELS: Final = {
    "waiting": Gauge("care_gateway_labels_waiting", "Items whose labels wait for a decision"),
    "overdue": Gauge("care_gateway_labels_overdue", "Those that have waited longer than they may"),
}


@router.get("/livez")
async def live() -> Response:
    """The process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get("/readyz")
async def ready(site: SiteGiven) -> Response:
    """The database answers, and the log has its head."""
    try:
        async with asyncio.timeout(5), site.store.engine.reading() as conn:
            size, _ = await audit_reads.head(conn)
    except Exception:  # noqa: BLE001 - whatever failed, the service is not ready
        return Response(b'{"status":"not ready"}', 503, media_type="application/json")
    body = {"status": "ok", "audit_size": size}
    return Response(orjson.dumps(body), media_type="application/json")


@router.get("/status")
async def status(request: Request, site: SiteGiven) -> Response:
    """Version, feeds and readiness, for people and monitors; how fresh each organisation's feed
    is, how many labels wait for a decision, and how far behind the log's witnesses are."""
    state = request.app.state
    body = {
        "service": "Integrated care record gateway",
        "version": request.app.version,
        "feeds": sorted(site.feeds),
        "policy": site.policy.version,
        "sources": await feed_state.standing(site.store.engine),
        "labels": await _labels(request, site),
        "witnesses": await tell_witnesses.standing(site.store, state.witnesses, state.clock()),
    }
    return Response(orjson.dumps(body), media_type="application/json")


@router.get("/metrics")
async def metrics(request: Request, site: SiteGiven) -> Response:
    """Prometheus metrics; labels are route templates and outcomes, never a path or a person."""
    for name, number in (await _labels(request, site)).items():
        _LABELS[name].set(number)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _labels(request: Request, site: Site) -> dict[str, int]:
    state = request.app.state
    return await label_queue.numbers(site.store, state.clock(), state.label_review_days)
