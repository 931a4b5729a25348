"""The loop that gives checkpoints of the log to witnesses, beside a worker."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

LOOK_SECONDS: Final = 5.0
"""Between looks at whether a checkpoint is due: a thousand entries may come within seconds."""
_log = structlog.get_logger()


async def witness_once(store: "Store", settings: "Settings") -> None:
    """Sign what is due, and give it to every witness that does not have it."""
    from gateway.clock import now
    from gateway.flows.asking.search_log import origin
    from gateway.flows.audit.tell_witnesses import tell_witnesses

    await tell_witnesses(store, origin(settings.base_url), settings.witnesses, now())


async def witness_on(store: "Store", settings: "Settings", stop: asyncio.Event) -> None:
    """The same again and again, until told to stop."""
    while not stop.is_set():
        try:
            await witness_once(store, settings)
        except Exception as fault:  # noqa: BLE001 - the rest of the worker goes on
            _log.error("checkpoint-failed", fault=type(fault).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
