"""Whether the service lives and is ready; what happened, as numbers without people."""

import asyncio

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.api.dependencies import SiteGiven
from gateway.store import audit_reads

router = APIRouter()


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
    """Version, feeds and readiness, for people and monitors."""
    body = {
        "service": "Integrated care record gateway",
        "version": request.app.version,
        "feeds": sorted(site.feeds),
        "policy": site.policy.version,
    }
    return Response(orjson.dumps(body), media_type="application/json")


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus metrics; labels are route templates and outcomes, never a path or a person."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
