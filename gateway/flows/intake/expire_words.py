"""What was typed into the log about nobody in particular ends: the keys of old months die.

    months whose time is over -> one after the other: record the shredding, take the key away

Rule    Entries, leaves, roots and proofs stay as they are: the log is never cut. What an entry
        seals about a person lives as long as that person's own key, which is as long as their
        record, and is not touched here. Each month is a transaction of its own: what was stopped
        goes on at the next look, and a restored backup is swept again. Other processes forget the
        key at once.
Errors  AuditUnavailableError.
"""

from datetime import UTC, datetime
from functools import partial

from gateway.audit.entry import Agent, AuditEntry, words_owner
from gateway.audit.events import Event, Outcome
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.sealed import key_state
from gateway.store.upkeep import operations

_AGENT = Agent("worker", "system", "worker", client_id="command-line")


async def expire_words(store: Store, at: datetime, years: int | None) -> int:
    """How many months' keys died; none where words are kept as long as the log."""
    if years is None:
        return 0
    moment = at.astimezone(UTC)
    earliest = words_owner(moment.replace(year=moment.year - years, day=1))
    async with store.engine.reading() as conn:
        owners = await operations.expired_words(conn, earliest)
    for owner in owners:
        await store.write(partial(_shred, store, owner, at))
        store.vault.forget(owner)
    return len(owners)


async def _shred(store: Store, owner: str, at: datetime, conn: Connection) -> None:
    await operations.shred(conn, owner)
    await key_state.move(conn)
    entry = AuditEntry(at, Event.SHRED, Outcome.STORED, _AGENT, detail=(("owner", owner),))
    await append(conn, store.vault, [entry])
