"""Sources that do not push are pulled: by schedule, each by one puller at a time.

    due and free -> ours -> folder or practice, into the inbox -> note how it went, and when next

Rule    What is pulled goes the way of what is pushed. A puller that stops without a word holds a
        source no longer than `HELD`; two who pull at once take nothing twice, for a delivery that
        came before is a duplicate.
Errors  None of a source ends the run: its state says what went wrong, in a word of ours.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from uuid_utils import uuid7

from gateway.clock import from_micros, to_micros
from gateway.errors import ConfigurationError, GatewayError
from gateway.flows.intake.pull_folder import pull_folder
from gateway.flows.intake.pull_practice import pull_practice
from gateway.flows.intake.pulling import Holding, Puller
from gateway.sources import FolderSource, Pulled, PullSource, Sources
from gateway.store.database.engine import Connection, Engine
from gateway.store.intake import sources as stored
from gateway.store.intake.sources import Ended
from mappings.core.model.dates import LONDON
from mappings.core.model.rows import Feed

HELD: Final = timedelta(minutes=2)
_log = structlog.get_logger()


def check_feeds(sources: Sources, feeds: Mapping[str, Feed]) -> None:
    """Errors: ConfigurationError for a source of a feed that there is not."""
    for one in sources.source:
        if one.feed not in feeds:
            names = ", ".join(sorted(feeds))
            raise ConfigurationError(f"sources file: {one.name}: the feeds are {names}")


async def pull_due(
    puller: Puller, sources: Sources, *, name: str = "", forced: bool = False
) -> dict[str, Ended]:
    """Pull every source whose turn it is; with `forced` whether it is or not. How each went."""
    found = {}
    for source in sources.source:
        if name in ("", source.name):
            ended = await _pulled(puller, source, forced=forced)
            if ended is not None:
                found[source.name] = ended
    return found


async def _pulled(puller: Puller, source: PullSource, *, forced: bool) -> Ended | None:
    """How it went; None where it is not its turn, or somebody else is at it."""
    by, began = str(uuid7()), puller.clock()
    at, until = to_micros(began), to_micros(began + HELD)

    async def hold(conn: Connection) -> bool:
        return await stored.hold(conn, source.name, by, at, until, forced=forced)

    if not await puller.store.write(hold):
        return None
    async with _kept(puller, source, by, began + HELD) as holding:
        ended = await _run(puller, source, holding)
    now, next_at = to_micros(puller.clock()), to_micros(next_run(source, began))

    async def let_go(conn: Connection) -> None:
        await stored.let_go(conn, source.name, by, ended, now, next_at)

    await puller.store.write(let_go)
    return ended


async def _run(puller: Puller, source: PullSource, holding: Holding) -> Ended:
    try:
        if isinstance(source, FolderSource):
            return await pull_folder(puller, source, holding)
        return await pull_practice(puller, source, holding)
    except (GatewayError, OSError) as fault:
        _log.error("source-not-pulled", feed=source.feed, fault=type(fault).__name__)
        reason = "not-configured" if isinstance(fault, ConfigurationError) else "not-applied"
        return Ended("failed", reason)


@asynccontextmanager
async def _kept(puller: Puller, source: Pulled, by: str, until: datetime) -> AsyncIterator[Holding]:
    """The source stays ours for as long as the block takes; it is lost where that could not be
    noted until the time that was noted before is over."""
    holding = Holding()

    async def keep(until: datetime, conn: Connection) -> bool:
        return await stored.keep(conn, source.name, by, to_micros(until))

    async def hold_on(until: datetime) -> None:
        while not holding.lost:
            await asyncio.sleep(HELD.total_seconds() / 4)
            longer = puller.clock() + HELD
            try:
                holding.lost = not await puller.store.write(partial(keep, longer))
                until = longer
            except Exception as fault:  # noqa: BLE001 - whatever failed, others may have it soon
                _log.warning("source-not-kept", feed=source.feed, fault=type(fault).__name__)
                holding.lost = puller.clock() >= until

    task = asyncio.create_task(hold_on(until))
    try:
        yield holding
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def next_run(source: Pulled, at: datetime) -> datetime:
    """When a source runs after this moment."""
    if source.daily_at is None:
        return at + timedelta(minutes=source.every_minutes or 1)
    hour, minute = map(int, source.daily_at.split(":"))
    local = at.astimezone(LONDON).replace(hour=hour, minute=minute, second=0, microsecond=0)
    if local <= at:
        day = local.date() + timedelta(days=1)
        local = local.replace(year=day.year, month=day.month, day=day.day, fold=0)
    return local.astimezone(at.tzinfo)


async def source_states(engine: Engine, sources: Sources) -> list[dict[str, Any]]:
    """Each source with its last run and its next: counts, and nothing of any person."""
    async with engine.reading() as conn:
        held = await stored.states(conn)
    return [_state(one, held.get(one.name, {})) for one in sources.source]


def _state(source: PullSource, held: Mapping[str, Any]) -> dict[str, Any]:
    schedule = source.daily_at or f"every {source.every_minutes} minutes"
    counts = ("taken", "duplicates", "refused", "failed", "waiting")
    return {
        "source": source.name,
        "kind": source.kind,
        "feed": source.feed,
        "organisation": source.org,
        "schedule": schedule,
        "at_work": bool(held.get("held_until")),
        "last_run": _moment(held.get("began_at", 0)),
        "ended": _moment(held.get("ended_at", 0)),
        "next_run": _moment(held.get("next_at", 0)),
        "outcome": held.get("outcome", ""),
        "reason": held.get("reason", ""),
    } | {name: held.get(name, 0) for name in counts}


def _moment(micros: int) -> str | None:
    return from_micros(micros).isoformat() if micros else None
