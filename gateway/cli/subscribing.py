"""subscriptions list; and the worker's part: finding what happened, and telling subscribers."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.site.site import Site
    from gateway.flows.subscriptions.subscription_terms import Terms
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

LOOK_SECONDS: Final = 2.0
"""A notice leaves within seconds of what it is about."""
_CALENDAR: Final = timedelta(minutes=15)
"""Between looks at whose review is due, and at what is too old to be told."""
_log = structlog.get_logger()
app = typer.Typer(
    help="Who is told of changes, and how that stands.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_subscriptions(json: Json = False) -> None:
    """Every subscription: whose, of which topic, how it stands; no address, and of nobody.

    Exit 1 where one is failing, or was altered.

    Example: care-gateway subscriptions list --json
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.clock import instant
    from gateway.store.leaving import subscriptions
    from gateway.store.leaving.subscriptions import ALTERED, ERROR

    async def run(_settings: "Settings", store: "Store") -> list[dict[str, Any]]:
        async with store.engine.reading() as conn:
            found = await subscriptions.all_standing(conn)
        return [
            {
                "subscription": one.subscription_id, "organisation": one.org, "user": one.user_id,
                "role": one.role, "topic": one.topic, "status": one.status, "fault": one.fault,
                "told": one.told, "ends": instant(one.ends_at),
            }
            for one in found
        ]  # fmt: skip

    found = with_store(run)
    if json:
        output.as_json({"subscriptions": found})
    else:
        whose, stands = ("subscription", "organisation", "user", "role"), ("status", "fault")
        heads = (*whose, "topic", *stands, "told", "ends")
        output.table(heads, [[str(one[head]) for head in heads] for one in found])
    wrong = any(one["status"] == ERROR or one["fault"] == ALTERED for one in found)
    raise typer.Exit(int(wrong))


async def subscribe_on(site: "Site", terms: "Terms", stop: asyncio.Event) -> None:
    """Tell subscribers until told to stop. What fails is noted, and tried again."""
    from gateway.clock import now

    looked: datetime | None = None
    while not stop.is_set():
        at = now()
        try:
            if looked is None or at >= looked + _CALENDAR:
                await look_at_calendar(site, terms, at)
                looked = at
            await subscribe_once(site, terms)
        except Exception as fault:  # noqa: BLE001 - events wait; what else the worker does goes on
            _log.error("subscriptions", fault=type(fault).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def subscribe_once(site: "Site", terms: "Terms") -> None:
    """Find what happened, and tell of it."""
    from gateway.clock import now
    from gateway.flows.subscriptions.subscription_deliver import deliver_due
    from gateway.flows.subscriptions.subscription_match import match

    await match(site, terms, now())
    await deliver_due(site, terms, now)


async def look_at_calendar(site: "Site", terms: "Terms", at: datetime) -> None:
    """Find whose review is due; forget what is too old."""
    from gateway.flows.subscriptions.subscription_match import forget, match_reviews

    await match_reviews(site, terms, at)
    await forget(site, terms.keep, at)
