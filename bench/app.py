"""The service under measurement: the product, and beside it the same bytes from a plain route.

In the same server, but outside the product's application, stands a bare route: a small answer that
passes nothing of ours. It tells what the machine can do, and so what a count means on it.
`BENCH_WITHOUT` may name `filter` and `audit`: the bench puts an all-allowing Filter and a log that
forgets in their place. The product has no such switch.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from consent.filter import EVERYTHING, Filter
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Outcome
from gateway.flows.asking import sight
from gateway.flows.asking.record_answer import OUTCOMES
from gateway.main import serving_app

BARE_PATH = "/bench/bare"
_BYTES: dict[int, bytes] = {}


class ForgetfulLog:
    """Takes entries and keeps none."""

    async def append(self, _entry: AuditEntry) -> int:
        """Nothing."""
        return 0


def make() -> ASGIApp:
    """The product's application with the static route, and the bare route beside it."""
    product, beside = _product(), _bare()

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        app = beside if scope.get("path") == BARE_PATH else product
        await app(scope, receive, send)

    return either


def _bare() -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.get(BARE_PATH)
    async def bare() -> Response:
        """A small answer."""
        return Response(b'{"small":true}', media_type="application/json")

    return app


def _product() -> FastAPI:
    """The application of the environment's settings, with the static route."""
    app = serving_app()
    without = os.environ.get("BENCH_WITHOUT", "").split(",")  # noqa: TID251 - not the product

    @app.get("/bench/static/{size}")
    async def static(size: int) -> Response:
        """That many bytes, made once; counted as recorded, so that no entry is made of it."""
        if told := OUTCOMES.get():
            told.outcomes.append(Outcome.SERVED)
        body = _BYTES.setdefault(size, b"x" * size)
        return Response(body, media_type="application/fhir+json")

    app.router.routes.insert(0, app.router.routes.pop())  # found at once, as the busiest are
    opened = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[Any]:
        async with opened(started) as state:
            if "audit" in without:
                site = started.state.site
                started.state.site = replace(site, store=replace(site.store, log=ForgetfulLog()))
            yield state

    app.router.lifespan_context = lifespan
    if "filter" in without:
        vars(sight)["compile_filter"] = lambda *_: Filter((EVERYTHING,))
    return app
