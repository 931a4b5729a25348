"""An operator has what was taken mapped again, with today's mappings, from its kept facts.

    which source records -> each in a transaction: map, fold in place, record -> counts

Rule    What comes out the same stays as it is, with its version. Links between records of people
        are not made anew.
Errors  AuditUnavailableError.
"""

from functools import partial
from typing import Any

import structlog

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_errors import Choice
from gateway.store.access import facts
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.sealed.vault import UNREADABLE
from gateway.store.upkeep.refolding import Refolded, counted, records_to_refold, refold
from mappings.core.model.rows import Feed

_log = structlog.get_logger()


async def replay_taken(
    store: Store, choice: Choice, operator: Operator, *, older: bool
) -> dict[str, Any]:
    """What is otherwise now, by feed."""
    found: dict[str, list[Refolded]] = {}
    for name, feed in choice.feeds.items():
        async with store.engine.reading() as conn:
            wanted = await records_to_refold(conn, feed, choice.org, older=older)
        found[name] = [await _refolded(store, feed, one, operator) for one in wanted]
    return {"feeds": counted(found)}


async def _refolded(store: Store, feed: Feed, patient_id: str, operator: Operator) -> Refolded:
    """What became of one record; one that does not open stops no other."""
    try:
        return await store.write(partial(_unit, store, feed, patient_id, operator))
    except UNREADABLE as fault:
        if not fault.owner:  # no row of the record: this machine lacks a key
            raise
        _log.error("not-refolded", feed=feed.name, fault=type(fault).__name__)
        return Refolded(unreadable=1)


async def _unit(
    store: Store, feed: Feed, patient_id: str, operator: Operator, conn: Connection
) -> Refolded:
    made = await refold(conn, store.vault, feed, patient_id)
    if made.versions:
        entry = AuditEntry(
            operator.at,
            Event.REPLAY,
            Outcome.STORED,
            operator.agent,
            person_id=await facts.person_of(conn, patient_id) or "",
            patient_ids=(patient_id,),
            resources=tuple(made.versions),
            query=feed.name,
            detail=(("taken", str(made.items)),),
        )
        await append(conn, store.vault, [entry])
    return made
