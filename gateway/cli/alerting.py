"""audit alerts; and the worker's part: notices of alerts to GATEWAY_ALERT_FOLDER."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import structlog
import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.units import Store

TELL_SECONDS: Final = 15
"""A notice goes out well within a minute of its alert."""
_SHOWN: Final = ("alert", "kind", "organisation", "raised", "due", "status", "overdue")
_log = structlog.get_logger()


def alerts(
    org: Annotated[str, typer.Option(help="Of this organisation's staff alone.")] = "",
    settled: Annotated[bool, typer.Option("--settled", help="Those that are settled too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """What privacy officers have to look at, what is due first at the top; exit 1 where something
    is overdue. By reference: `/ig/alerts` says more, to whoever may read it.

    Example: care-gateway audit alerts --org RAX --json
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.alerts import queue
    from gateway.flows.governance import Looker

    async def run(_settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        looker = Looker.of(operator())
        return await queue(store, looker, limit, org=org, settled=settled)

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
    """Send the notices that have not gone out, where a folder is set; a failure is noted, and
    tried again."""
    from gateway.clock import now
    from gateway.flows.tell_alerts import tell_alerts

    if settings.alert_folder is None:
        return
    try:
        while await tell_alerts(store, settings.alert_folder, settings.base_url, now()):
            pass
    except Exception as fault:  # noqa: BLE001 - the next look tries again
        _log.error("notices", fault=type(fault).__name__)
