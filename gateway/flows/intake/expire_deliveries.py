"""The keys of old deliveries die: what was pushed raw is not kept for ever.

    days whose time is over -> record the shredding -> take the key away -> how many

Rule    A day's key dies once all its deliveries are finished and its days are over. Items that
        were taken live on under the person's key; items that wait in quarantine go with the
        delivery, and the entry says how many. Copies of the database made before still hold the
        wrapped key.
"""

from datetime import datetime, timedelta

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries, queue
from gateway.store.sealed import key_state
from gateway.store.upkeep import operations

_AGENT = Agent("worker", "system", "worker", client_id="command-line")


async def expire_deliveries(store: Store, at: datetime, days: int) -> int:
    """How many days' keys died."""
    earliest = deliveries.key_owner(at - timedelta(days=days))
    async with store.engine.reading() as conn:
        owners = await operations.expired_owners(conn, earliest)
    for owner in owners:
        await _shred(store, owner, at)
    return len(owners)


async def _shred(store: Store, owner: str, at: datetime) -> None:
    async def unit(conn: Connection) -> None:
        waiting = str(await queue.waiting_under(conn, owner))
        detail = (("owner", owner), ("waiting", waiting))
        await operations.shred(conn, owner)
        await key_state.move(conn)
        entry = AuditEntry(at, Event.SHRED, Outcome.STORED, _AGENT, detail=detail)
        await append(conn, store.vault, [entry])

    await store.write(unit)
    store.vault.forget(owner)
