"""Whether the service lives and is ready; what happened, as numbers without people."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.responses import PlainTextResponse

from gateway.api.answers.dependencies import SiteGiven
from gateway.api.answers.kept import Kept
from gateway.api.answers.responses import json_answer
from gateway.flows.asking.record_answer import record_outage
from gateway.flows.audit import tell_witnesses
from gateway.flows.feeds import feed_state
from gateway.flows.upkeep import label_queue
from gateway.store.audit import audit_reads

router = APIRouter()
_log = structlog.get_logger()
_UP: Final = Gauge("care_gateway_store_up", "1 where the database answers, else 0")
_LABELS: Final = {
    "waiting": Gauge("care_gateway_labels_waiting", "Items whose labels wait for a decision"),
    "overdue": Gauge("care_gateway_labels_overdue", "Those that have waited longer than they may"),
}
_UNKNOWN: Final = dict.fromkeys(_LABELS, float("nan"))


class Standing:
    """How the deployment stands, by what the database says: read at most every few seconds."""

    def __init__(self, app: FastAPI) -> None:
        self._state = app.state
        self.labels: Kept[Mapping[str, int]] = Kept(self._labels, app.state.clock)
        self.feeds: Kept[Mapping[str, Any]] = Kept(self._feeds, app.state.clock)
        self.behind: Kept[str] = Kept(self._behind, app.state.clock)
        self._told = ""

    async def _labels(self) -> Mapping[str, int]:
        state = self._state
        return await label_queue.numbers(state.site.store, state.clock(), state.label_review_days)

    async def _feeds(self) -> Mapping[str, Any]:
        state, store = self._state, self._state.site.store
        return {
            "sources": await feed_state.standing(store.engine),
            "witnesses": await tell_witnesses.standing(store, state.witnesses, state.clock()),
        }

    async def _behind(self) -> str:
        """The feeds that are behind; as it was last known where the database does not say: what
        an answer says beside itself is not what it fails by."""
        try:
            async with asyncio.timeout(1):
                self._told = await feed_state.behind(self._state.site.store.engine)
        except Exception as fault:  # noqa: BLE001 - whatever it was, it is asked again
            _log.warning("behind-not-known", fault=type(fault).__name__)
        return self._told


@router.head("/livez", include_in_schema=False)
@router.get("/livez")
async def live() -> Response:
    """The process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def ready(request: Request, site: SiteGiven) -> Response:
    """The database answers, the log has its head, and can be written: where the last entry could
    not be, that is tried again, and is in the log from then on."""
    try:
        async with asyncio.timeout(5):
            if site.store.log.failing:
                await record_outage(site.store, request.app.state.clock())
            async with site.store.engine.reading() as conn:
                size, _ = await audit_reads.head(conn)
    except Exception:  # noqa: BLE001 - whatever failed, the service is not ready
        return Response(b'{"status":"not ready"}', 503, media_type="application/json")
    body = {"status": "ok", "audit_size": size}
    return json_answer(body)


@router.head("/status", include_in_schema=False)
@router.get("/status")
async def status(request: Request, site: SiteGiven) -> Response:
    """Version, feeds and readiness, for people and monitors; how fresh each organisation's feed
    is, how many labels wait for a decision, and how far behind the log's witnesses are: as it
    stood at most 15 seconds ago."""
    standing: Standing = request.app.state.standing
    body = {
        "service": "Integrated care record gateway",
        "version": request.app.version,
        "feeds": sorted(site.feeds),
        "policy": site.policy.version,
        "labels": await standing.labels.value(),
        **await standing.feeds.value(),
    }
    return json_answer(body)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Prometheus metrics; labels are route templates and outcomes, never a path or a person.
    Without a database `care_gateway_store_up` is 0, and what is counted there is NaN."""
    numbers: Mapping[str, float] = _UNKNOWN
    try:
        numbers = await request.app.state.standing.labels.value()
        _UP.set(1)
    except Exception:  # noqa: BLE001 - whatever failed, what needs no database is told
        _UP.set(0)
    for name, number in numbers.items():
        _LABELS[name].set(number)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
