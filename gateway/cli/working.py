"""The worker's loop: look at the inbox, apply what waits, look again; let old keys die."""

import asyncio
import signal
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from gateway.clock import now
from gateway.flows.expire_deliveries import expire_deliveries
from gateway.flows.finish_deliveries import finish_deliveries
from gateway.store.units import Store
from mappings.registry import FEEDS

AGAIN_AFTER: Final = timedelta(minutes=1)
"""A delivery that failed is passed over for so long."""


async def work(store: Store, *, once: bool, every_seconds: float, keep_days: int) -> None:
    """Apply deliveries until told to stop; with `once`, until none can be applied."""
    stop = stop_signal()
    failed: dict[str, datetime] = {}
    expired_on: date | None = None
    while not stop.is_set():
        at = now()
        if expired_on != at.date():
            await expire_deliveries(store, at, keep_days)
            expired_on = at.date()
        failed = {name: when for name, when in failed.items() if at < when + AGAIN_AFTER}
        finished, left = await finish_deliveries(store, FEEDS, at, failed)
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
