"""Requests by which users open access for themselves, and what is left of them."""

import json
from typing import Any

from gateway.store.access import alerts
from gateway.store.access.alerts import AlertRow
from tests.api.service import Headers, Service

WHY = "found at home, confused and alone"
JSON = {"Content-Type": "application/json"}


def post(service: Service, path: str, who: Headers, **body: Any):
    return service.ask("POST", path, who, content=json.dumps(body), headers=JSON)


def break_glass(service: Service, who: Headers, person: str, **more: Any):
    body = {"patient": f"Patient/{person}", "reason": "emergency", "text": WHY} | more
    sent = {name: value for name, value in body.items() if value is not None}
    return post(service, "/access/break-glass", who, **sent)


def self_claim(service: Service, who: Headers, person: str, **more: Any):
    body = {"patient": f"Patient/{person}", "reason": "seen-now", "text": WHY} | more
    sent = {name: value for name, value in body.items() if value is not None}
    return post(service, "/access/self-claim", who, **sent)


def alert_rows(service: Service) -> list[AlertRow]:
    """Every alert, in the order they were raised."""

    async def read() -> list[AlertRow]:
        async with service.site.store.engine.reading() as conn:
            return await alerts.listed(conn, None, 500, unsettled=False)

    return sorted(service.run(read()), key=lambda one: (one.raised_at, one.alert_id))
