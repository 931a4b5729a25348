"""A process that serves says so, and how far it is; what is said of one that ended without a word.

    began -> every two seconds: how far -> ended
    not heard of for a minute -> an entry, and one more for each answer that may not have arrived

In      What a process does (it answers over HTTP, it listens, it works beside), and what it is
        answering at the moment.
Rule    An entry is there before its bytes: what a process that was killed leaves is entries whose
        bytes nobody can vouch for. Those are its answers that were under way as it last spoke, or
        came after that, or up to one turn before, while the last bytes lay in a buffer of the
        process. Each gets a completion `unknown`. Whichever process finds the silence first says
        so; one that was only slow speaks up again, and what was said of it stands. A worker answers
        nobody: only what it served may not have arrived.
Errors  None while it serves: what could not be said is said at the next turn. Nothing can be
        served while the log cannot be written.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from gateway.audit.entry import Agent, AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.clock import Clock, to_micros
from gateway.store.audit import audit_reads
from gateway.store.commit.log import PROCESS, Outcomes, append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.keyring.keys import random_bytes
from gateway.store.sealed.vault import Vault
from gateway.store.site import serving
from gateway.store.site.serving import Standing

TURN: Final = timedelta(seconds=2)
HTTP: Final = "http"
MLLP: Final = "mllp"
WORKER: Final = "worker"
"""How the ids of processes begin: by what they do."""
_ID_BYTES: Final = 6
LOST_AFTER: Final = timedelta(minutes=1)
LOST: Final = "process-lost"
ENTRY: Final = "entry"
"""The detail of a completion that names the entry it is about."""
_AT_ONCE: Final = 500
_log = structlog.get_logger()


def process_id(kind: str) -> str:
    """What a process that does this calls itself, for this one run."""
    return f"{kind}-{random_bytes(_ID_BYTES).hex()}"


@dataclass(slots=True)
class Serving:
    """One process that serves; one without an id, as part of something else, says nothing."""

    store: Store
    clock: Clock
    process_id: str
    under_way: Mapping[int, Outcomes]
    """What was recorded of each request that is not yet answered to its end."""
    _reached: int | None = None
    _turns: asyncio.Task[None] | None = field(default=None, repr=False)

    async def __aenter__(self) -> None:
        await self.begin()

    async def __aexit__(self, *_ended: object) -> None:
        await self.end()

    async def begin(self) -> None:
        """Say that it serves, and go on saying so."""
        if not self.process_id:
            return
        self.store.writer.serve_as(self.process_id)
        await self._try_turn()
        self._turns = asyncio.create_task(self._on())

    async def end(self) -> None:
        """Say that it ended in order."""
        if self._turns is None:
            return
        self._turns.cancel()
        with suppress(asyncio.CancelledError):
            await self._turns
        try:
            await self.store.write(self._ended)
        except Exception as fault:  # noqa: BLE001 - whatever it was, another process will say it
            _log.error("serving-end-not-said", fault=type(fault).__name__)

    async def turn(self) -> None:
        """Say how far it is; and of processes that fell silent, what they left."""
        self._reached = await self.store.write(self._said)
        await settle_lost(self.store, self.clock(), LOST_AFTER)

    async def _on(self) -> None:
        while True:
            await asyncio.sleep(TURN.total_seconds())
            await self._try_turn()

    async def _try_turn(self) -> None:
        try:
            await self.turn()
        except Exception as fault:  # noqa: BLE001 - whatever it was, it is tried again
            _log.warning("serving-not-said", fault=type(fault).__name__)

    async def _said(self, conn: Connection) -> int:
        """In this order: what is under way is looked at after the size, so that every answer to an
        entry before it is either under way or handed over."""
        size, _ = await audit_reads.head(conn)
        reached = size if self._reached is None else self._reached
        numbers = {number for told in self.under_way.values() for number in told.numbers}
        open_now = tuple(sorted(number for number in numbers if number < reached))
        seen_at = to_micros(self.clock())
        await serving.keep(conn, Standing(self.process_id, seen_at, reached, open_now))
        if self._reached is None:
            await append(conn, self.store.vault, [self._entry(Event.START)])
        return size

    async def _ended(self, conn: Connection) -> None:
        await serving.forget(conn, self.process_id)
        await append(conn, self.store.vault, [self._entry(Event.STOP)])

    def _entry(self, event: Event) -> AuditEntry:
        return AuditEntry(self.clock(), event, Outcome.STORED, Agent(user_id="", kind="system"))


async def settle_lost(store: Store, at: datetime, after: timedelta) -> int:
    """Say of each process that was silent for so long what may not have arrived; how many."""
    async with store.engine.reading() as conn:
        lost = await serving.silent(conn, to_micros(at - after))
    for one in lost:
        left = [entry async for entry in _left(store, one)]
        await store.write(partial(_settle, store.vault, at, one, left))
    return len(lost)


async def _settle(
    vault: Vault,
    at: datetime,
    lost: Standing,
    left: Collection[tuple[int, AuditEntry]],
    conn: Connection,
) -> None:
    if not await serving.take(conn, lost):
        return  # another process was first, or this one speaks again
    await append(conn, vault, [_of_process(at, lost, left), *(_unknown(at, *one) for one in left)])


async def _left(store: Store, lost: Standing) -> AsyncIterator[tuple[int, AuditEntry]]:
    """The entries of a process whose answers may not have arrived."""
    async with store.engine.reading() as conn:
        size, _ = await audit_reads.head(conn)
        starts = range(lost.reached, size, _AT_ONCE)
        parts = [(one, one + 1) for one in lost.under_way]
        parts += [(start, start + _AT_ONCE) for start in starts]
        for first, end in parts:
            for number, record in await audit_reads.stretch(conn, first, end):
                entry = decode(record).entry
                if _is_answer(entry, lost) and dict(entry.detail).get(PROCESS) == lost.process_id:
                    yield number, entry


def _is_answer(entry: AuditEntry, lost: Standing) -> bool:
    """Whether something was to be handed over to somebody for it."""
    answered = entry.outcome is Outcome.STORED and not lost.process_id.startswith(WORKER)
    return (answered or entry.outcome is Outcome.SERVED) and bool(entry.request_id)


def _of_process(
    at: datetime, lost: Standing, left: Collection[tuple[int, AuditEntry]]
) -> AuditEntry:
    """What is said of the process itself."""
    first = min((number for number, _ in left), default=lost.reached)
    detail = (("lost", lost.process_id), ("from", str(first)), ("answers", str(len(left))))
    agent = Agent(user_id="", kind="system")
    return AuditEntry(at, Event.SYSTEM, Outcome.UNKNOWN, agent, reasons=(LOST,), detail=detail)


def _unknown(at: datetime, number: int, entry: AuditEntry) -> AuditEntry:
    """How an answer ended: nobody knows. Of a concern only its desk reads that, either."""
    owners = dict(entry.detail).get("owners", "")
    return AuditEntry(
        recorded=at,
        event=Event.SAFEGUARDING if entry.event is Event.SAFEGUARDING else Event.COMPLETION,
        outcome=Outcome.UNKNOWN,
        agent=entry.agent,
        request_id=entry.request_id,
        reasons=(LOST,),
        person_id=entry.person_id,
        patient_ids=entry.patient_ids,
        detail=((ENTRY, str(number)), ("owners", owners)),
    )
