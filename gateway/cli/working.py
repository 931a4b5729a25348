"""The worker's loop: look at the inbox, apply what waits, look again; let old keys die."""

import asyncio
import signal
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from gateway.cli.alerting import tell_on, tell_once
from gateway.cli.outbound import give_on
from gateway.cli.pulling import pull_on
from gateway.cli.subscribing import look_at_calendar, subscribe_on, subscribe_once
from gateway.cli.witnessing import witness_on, witness_once
from gateway.clock import now
from gateway.denial import check_denials_in
from gateway.flows.identity.shred_again import shred_again
from gateway.flows.identity.tell_parted import tell_parted
from gateway.flows.intake.expire_deliveries import expire_deliveries
from gateway.flows.intake.expire_words import expire_words
from gateway.flows.intake.finish_deliveries import finish_deliveries
from gateway.flows.intake.pull_source import pull_due
from gateway.flows.intake.pulling import Puller
from gateway.flows.outbound.outbound import run_due
from gateway.flows.outbound.outbound_profiles import Outbound
from gateway.flows.sign_in.sign_in_system import clients_of
from gateway.flows.site.site import Site
from gateway.flows.subscriptions.subscription_terms import Terms, terms_of
from gateway.flows.upkeep.label_queue import relabel_some
from gateway.flows.upkeep.lapse import lapse_due
from gateway.flows.upkeep.left_out import state_left_out
from gateway.flows.upkeep.serving import WORKER, Serving, process_id
from gateway.flows.writing.change_notices import tell_changes
from gateway.settings import Settings
from gateway.sources import Sources
from gateway.store.commit.units import Store
from mappings.registry import FEEDS

AGAIN_AFTER: Final = timedelta(minutes=1)
"""A delivery that failed is passed over for so long."""


async def work(
    store: Store,
    pulled: tuple[Puller, Sources],
    given: tuple[Site, Outbound],
    *,
    settings: Settings,
    once: bool,
    every_seconds: float,
) -> None:
    """Apply deliveries, pull from sources that do not push, make the files that are due, tell
    subscribers, and give the log's checkpoints to witnesses, until told to stop; with `once`, until
    none can be applied and every source had its turn."""
    stop = stop_signal()
    async with store.engine.reading() as conn:
        await check_denials_in(conn, given[0].policy, now())
    terms = terms_of(settings, clients_of(settings, given[0].policy))
    if once:
        await pull_due(*pulled)
        await _apply(given[0], stop, settings, once=once, every_seconds=0)
        await run_due(*given, now)
        await look_at_calendar(given[0], terms, now())
        await subscribe_once(given[0], terms)
        await witness_once(store, settings)
        await tell_once(store, settings)
        return
    async with Serving(store, now, process_id(WORKER), {}):
        await _work_on(stop, pulled, given, terms, settings, every_seconds)


async def _work_on(
    stop: asyncio.Event,
    pulled: tuple[Puller, Sources],
    given: tuple[Site, Outbound],
    terms: Terms,
    settings: Settings,
    every_seconds: float,
) -> None:
    """Everything side by side, until told to stop."""
    store = given[0].store
    pulling = asyncio.create_task(pull_on(*pulled, stop))
    pulling.add_done_callback(lambda _: stop.set())
    giving = asyncio.create_task(give_on(*given, stop))
    subscribing = asyncio.create_task(subscribe_on(given[0], terms, stop))
    witnessing = asyncio.create_task(witness_on(store, settings, stop))
    telling = asyncio.create_task(tell_on(store, settings, stop))
    try:
        await _apply(given[0], stop, settings, once=False, every_seconds=every_seconds)
    finally:
        stop.set()
        await pulling
        await giving
        await subscribing
        await witnessing
        await telling


async def _apply(
    site: Site, stop: asyncio.Event, settings: Settings, *, once: bool, every_seconds: float
) -> None:
    store, failed = site.store, dict[str, datetime]()
    expired_on: date | None = None
    while not stop.is_set():
        at = now()
        if expired_on != at.date():
            await expire_deliveries(store, at, settings.raw_delivery_days)
            await expire_words(store, at, settings.audit_retention_years)
            await shred_again(store, settings.shredded_file)
            await tell_parted(store, at)
            expired_on = at.date()
        failed = {name: when for name, when in failed.items() if at < when + AGAIN_AFTER}
        finished, left = await finish_deliveries(store, FEEDS, at, failed)
        finished += (await relabel_some(store, at)).looked_at + await lapse_due(store, at)
        finished += await state_left_out(store, FEEDS, at)
        finished += await tell_changes(site, at)
        failed |= dict.fromkeys(left, at)
        if once and not finished:
            return
        if not finished:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_seconds)


def stop_signal() -> asyncio.Event:
    """Set when the process is asked to end: what is in hand is finished first."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, ValueError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
