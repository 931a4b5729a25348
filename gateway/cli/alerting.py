"""audit alerts; and the worker's part: notices of alerts, to a folder and to an address."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import structlog
import typer

from gateway.cli.output import Json
from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from gateway.flows.access.post_alerts import Webhook
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

TELL_SECONDS: Final = 15
"""A notice goes out well within a minute of its alert."""
_SHOWN: Final = ("alert", "kind", "organisation", "raised", "due", "status", "overdue")
_log = structlog.get_logger()


def alerts(
    org: Annotated[str, typer.Option(help="Of this organisation's staff alone.")] = "",
    settled: Annotated[bool, typer.Option("--settled", help="Those that are settled too.")] = False,
    kind: Annotated[str, typer.Option(help="Of this kind alone, such as `break-glass`.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """What privacy officers have to look at, what is due first at the top; exit 1 where something
    is overdue. By reference: `/ig/alerts` says more, to whoever may read it.

    Example: care-gateway audit alerts --org RAX --json
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.asking.alerts import listing
    from gateway.flows.asking.governance import Looker

    async def run(_settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        looker = replace(Looker.of(operator()), within_org=org or None)
        return await listing(store, looker, limit, settled=settled, kind=kind)

    found = with_store(run)
    if json:
        output.as_json({"alerts": found})
    else:
        output.table(_SHOWN, [[one[name] for name in _SHOWN] for one in found])
    raise typer.Exit(1 if any(one["overdue"] for one in found) else 0)


async def tell_on(store: "Store", settings: "Settings", stop: asyncio.Event) -> None:
    """Send notices until told to stop."""
    while not stop.is_set():
        await tell_once(store, settings)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), TELL_SECONDS)


async def tell_once(store: "Store", settings: "Settings") -> None:
    """Send the notices that have not gone out, to the folder and the address that are set; a
    failure of one way is noted, stops no other, and is tried again."""
    from gateway.clock import now
    from gateway.flows.access.post_alerts import post_alerts
    from gateway.flows.access.tell_alerts import tell_alerts

    base, folder = settings.base_url, settings.alert_folder
    ways: list[Callable[[], Awaitable[object]]] = []
    if folder is not None:
        ways.append(lambda: tell_alerts(store, folder, base, now()))
    if settings.alert_webhook_url:
        ways.append(lambda: post_alerts(store, webhook_of(settings), base, now()))
    for way in ways:
        try:
            await way()
        except Exception as fault:  # noqa: BLE001 - the next look tries again
            _log.error("notices", fault=type(fault).__name__)


def webhook_of(settings: "Settings") -> "Webhook":
    """Where notices are posted to. Errors: ConfigurationError."""
    from gateway.flows.access.post_alerts import Webhook
    from gateway.setting_parts import says

    file = settings.alert_webhook_key_file
    found = None if file is None else Webhook.read(settings.alert_webhook_url, file)
    if found is None:
        raise ConfigurationError(
            says("alert_webhook_key_file", "a key of 24 to 64 bytes, in base64")
        )
    return found
