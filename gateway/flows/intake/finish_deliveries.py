"""A worker applies what was accepted to be taken later, or was interrupted.

    unfinished, oldest first -> apply each -> how many

Rule    A delivery is applied as its own organisation. One that turns out not to be the feed's
        format is closed as refused; one that fails otherwise waits, and does not stop the rest.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import orjson
import structlog

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.errors import (
    AuditUnavailableError,
    FaultyRequestError,
    GatewayError,
    TooLargeError,
)
from gateway.flows.intake.delivery_answer import refused
from gateway.flows.intake.push_update import finish_accepted
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries
from gateway.store.intake.deliveries import DeliveryRow
from mappings.core.model.outcome import error
from mappings.core.model.rows import Feed

MOST: Final = 50
_log = structlog.get_logger()


def provider(org: str, feed: str, user_id: str) -> Caller:
    """The provider system of an organisation, for whom this machine pushes to one feed."""
    return Caller(
        user_id=user_id,
        kind=CallerKind.SYSTEM,
        role="provider",
        org=org,
        purpose=Purpose.TREATMENT,
        client_id="command-line",
        scopes=frozenset(),
        feeds=frozenset({feed}),
        patient=None,
        assurance="",
        token_hash="",
    )


async def finish_deliveries(
    store: Store, feeds: Mapping[str, Feed], at: datetime, passed_over: Collection[str] = ()
) -> tuple[int, frozenset[str]]:
    """How many were finished, and the ids of those that could not be."""
    async with store.engine.reading() as conn:
        waiting = await deliveries.unfinished(conn, MOST + len(passed_over))
    finished, failed = 0, set()
    for delivery_id in waiting:
        if delivery_id in passed_over:
            continue
        async with store.engine.reading() as conn:
            row = await deliveries.find(conn, delivery_id)
        if row is not None and await _finish(store, feeds, row, at):
            finished += 1
        else:
            failed.add(delivery_id)
    return finished, frozenset(failed)


async def _finish(store: Store, feeds: Mapping[str, Feed], row: DeliveryRow, at: datetime) -> bool:
    caller = provider(row.source_org, row.feed, "worker")
    try:
        await finish_accepted(store, feeds, caller, row, at)
    except AuditUnavailableError:
        raise
    except (FaultyRequestError, TooLargeError) as reason:
        await _refuse(store, row, caller, reason, at)
    except (GatewayError, LookupError, OSError) as fault:
        _log.error("delivery-not-finished", feed=row.feed, fault=type(fault).__name__)
        return False
    return True


async def _refuse(
    store: Store, row: DeliveryRow, caller: Caller, reason: GatewayError, at: datetime
) -> None:
    """Close a delivery that cannot be read, with the reasons its sender will find."""
    faults = reason.faults if isinstance(reason, FaultyRequestError) else ()
    answer = refused(row.delivery_id, [error(one.path, one.code, one.text) for one in faults])
    codes = tuple(sorted({fault.code for fault in faults})) or ("too-large",)
    entry = AuditEntry(
        at,
        Event.PUSH,
        Outcome.REFUSED,
        Agent.of(caller),
        reasons=codes,
        query=row.feed,
        delivery_id=row.delivery_id,
    )

    async def unit(conn: Connection) -> None:
        stored = orjson.dumps(answer)
        await deliveries.finish(conn, row.delivery_id, "refused", 0, 0, stored)
        await append(conn, store.vault, [entry])

    await store.write(unit)
