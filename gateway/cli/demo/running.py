"""A gateway of its own for the demo: in this process, on this machine, on a file of its own.

In      Settings; a folder; a port (0 for a free one).
Out     A running service, until the block is left.
Errors  ConfigurationError where the port is taken, or the database file is there already.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from consent.policy import PermissionToView, Policy
from consent.terms import Purpose
from gateway.auth.development import DevelopmentIssuer
from gateway.cli.demo.findings import Integrity
from gateway.clock import now
from gateway.custody import keys_of
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import Operator
from gateway.flows.audit.verify_log import verify_log
from gateway.flows.feeds.feed_errors import errors
from gateway.flows.upkeep.load_site import load_site
from gateway.main import create_app, development_issuer, policy_of
from gateway.settings import Environment, Settings
from gateway.store.database import schema

HOST: Final = "127.0.0.1"
MOST_REVIEWS: Final = 10_000
_ON_CALL: Final = "020 7946 0999"
_LIFETIME: Final = timedelta(hours=8)
_LOOK_AGAIN_SECONDS: Final = 0.02


@dataclass(slots=True)
class Running:
    """A gateway that answers at `base_url`."""

    settings: Settings
    app: FastAPI
    issuer: DevelopmentIssuer
    policy: Policy
    stop: Callable[[], None]
    stopped: asyncio.Task[None]

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self.settings.base_url

    def token(self, role: str, user: str, org: str, **more: Any) -> str:
        """A development token; `more` may hold feeds and purpose."""
        return self.issuer.issue(
            role,
            user=user,
            org=org,
            at=now(),
            feeds=more.get("feeds", ()),
            purpose=Purpose(more.get("purpose", Purpose.TREATMENT)),
            lifetime=_LIFETIME,
        )

    async def verify(self) -> Integrity:
        """The verdict on the log, from the first entry to the last."""
        store = self.app.state.site.store
        verdict = await verify_log(store.engine, store.vault.provider.log_public_keys)
        return Integrity(verdict.size, verdict.root.hex(), verdict.ok)

    async def reviews(self) -> Mapping[str, Mapping[str, int]]:
        """By feed and reason: how many records of people could not be linked safely."""
        site = self.app.state.site
        waiting = await errors(site.store.engine, site.feeds, MOST_REVIEWS)
        found: dict[str, Counter[str]] = {}
        for record in waiting["review"]:
            found.setdefault(record["feed"], Counter())[record["state"]] += 1
        return found


def settings_for(given: Settings, database: Path, port: int) -> Settings:
    """The settings with the demo's own: its file, its keys beside it, permission recorded."""
    if given.production:
        raise ConfigurationError("the demo does not run with production settings")
    base_url = f"http://{HOST}:{port}"
    return given.model_copy(
        update={
            "environment": Environment.DEVELOPMENT,
            "database_url": f"sqlite:///{database}",
            "key_file": database.with_name(f"{database.name}.keys.json"),
            "host": HOST,
            "port": port,
            "base_url": base_url,
            "audience": base_url,
            "trusted_issuers": (),
            "permission_to_view": PermissionToView.RECORDED,
            "on_call_number": _ON_CALL,
        }
    )


@asynccontextmanager
async def running(given: Settings, database: Path, port: int) -> AsyncIterator[Running]:
    """The gateway, started; stopped when the block is left."""
    if database.exists():
        raise ConfigurationError(f"the demo makes its own database: choose a new file ({database})")
    listening = _listening(port)
    try:
        settings = settings_for(given, database, listening.getsockname()[1])
        schema.upgrade(settings.database_url)
        keys = keys_of(settings)
        app = create_app(settings)
        config = uvicorn.Config(
            app, log_level="warning", log_config=None, access_log=False, ws="none", lifespan="on"
        )
        server = uvicorn.Server(config)
        stopped = asyncio.create_task(server.serve(sockets=[listening]))

        def stop() -> None:
            server.should_exit = True

        issuer = development_issuer(settings, keys)
        gateway = Running(settings, app, issuer, policy_of(settings), stop, stopped)
        while not server.started:
            if stopped.done():
                raise ConfigurationError("the gateway of the demo did not start")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        site = app.state.site
        await load_site(site.store, Operator("demo", now()), site_files(), site.feeds)
        try:
            yield gateway
        finally:
            stop()
            await stopped
    finally:
        listening.close()


def site_files() -> list[tuple[str, bytes]]:
    """The files of the synthetic borough, as `site load` would read them."""
    folder = files("gateway.cli.demo").joinpath("site")
    return [(one.name, one.read_bytes()) for one in folder.iterdir() if one.is_file()]


def _listening(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError:
        made.close()
        raise ConfigurationError(f"port {port} is taken: choose another with --port") from None
    return made
