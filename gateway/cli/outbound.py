"""outbound run | list, and the loop that makes files beside a worker."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import structlog
import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.outbound.outbound_profiles import Outbound
    from gateway.flows.site.site import Site
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

LOOK_SECONDS: Final = 60.0
"""Between looks at whose file is due."""
_log = structlog.get_logger()
app = typer.Typer(
    help="Files for organisations without FHIR.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("run")
def run_outbound(
    org: Annotated[str, typer.Option(help="One organisation alone (ODS code).")] = "",
    json: Json = False,
) -> None:
    """Make the next file now, for each organisation in GATEWAY_OUTBOUND_FILE: what changed of its
    own people since the last one, as its role may see it.

    The worker makes them when they are due. Exit 1 where another run is at work, or access moved
    while the file was made.

    Example: care-gateway outbound run --org XK1
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.clock import now
    from gateway.denial import check_denials_in
    from gateway.flows.outbound import outbound

    async def run(settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        site, given_to = opened(settings, store)
        wanted = [one for one in given_to.profiles if org in ("", one.org)]
        if not wanted:
            raise typer.BadParameter("GATEWAY_OUTBOUND_FILE names no such organisation")
        async with store.engine.reading() as conn:
            await check_denials_in(conn, site.policy, now())
        return [await outbound.run(site, given_to, one, now) for one in wanted]

    found = with_store(run)
    if json:
        output.as_json({"runs": found})
    else:
        heads = ("organisation", "status", "file", "changed", "gone")
        output.table(heads, [[one.get(head, "") for head in heads] for one in found])
    raise typer.Exit(int(any(one["status"] != outbound.VISIBLE for one in found)))


@app.command("list")
def list_outbound(json: Json = False) -> None:
    """Who is given files, when and in what form, and how the last one stands.

    Example: care-gateway outbound list
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.flows.outbound import outbound

    found = with_store(lambda settings, store: outbound.listed(*opened(settings, store)))
    if json:
        output.as_json({"organisations": found})
        return
    heads = ("organisation", "role", "form", "at", "file", "state", "finished", "changed", "gone")
    output.table(heads, [[one[head] for head in heads] for one in found])


def opened(settings: "Settings", store: "Store") -> "tuple[Site, Outbound]":
    """The deployment under a policy that is signed, and who is given files."""
    from gateway.cli.recall import site_over
    from gateway.flows.outbound.outbound_profiles import read_outbound

    site = site_over(settings, store)
    return site, read_outbound(settings.outbound_file, site.policy)


async def give_on(site: "Site", given_to: "Outbound", stop: asyncio.Event) -> None:
    """Make each file when it is due, and read the log on for recalls, until told to stop. What
    fails is noted, and tried again."""
    from gateway.clock import now
    from gateway.flows.outbound.outbound import run_due
    from gateway.store.audit import shown

    while not stop.is_set():
        try:
            await shown.catch_up(site.store)
            await run_due(site, given_to, now)
        except Exception as fault:  # noqa: BLE001 - files wait; what else the worker does goes on
            _log.error("outbound-failed", fault=type(fault).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
