"""What no flow recorded is recorded as its answer leaves: refusals, faults, ends nobody saw.

    answer without an entry -> an entry, or one more that is counted

Rule    A flood of refusals, or of answers to nobody known, must not become a flood of entries: of
        one source and outcome a minute's first ones have an entry each, before the first byte;
        those after them are counted, and the count is one entry as the minute ends. A count that
        could not be recorded is kept until it is. A source is the caller, and without one the
        network address. What was asked is named by its route, never by its path.
Errors  AuditUnavailableError: then nothing is answered.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.errors import AuditUnavailableError
from gateway.store.commit.log import OUTCOMES as OUTCOMES
from gateway.store.commit.log import Outcomes as Outcomes
from gateway.store.commit.units import Store

MINUTE: Final = timedelta(minutes=1)
SINGLE: Final = 20
"""Refusals of one source in a minute that have an entry each."""
SOURCES: Final = 1_000
"""Sources told apart in a minute; those after them are one."""
_OUTCOMES: Final = {404: Outcome.NOT_FOUND, 410: Outcome.NOT_FOUND}
_DESK: Final = "/safeguarding/"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer about to leave: to whom, what they asked for by its route, and its status."""

    agent: Agent
    at: datetime
    request_id: str
    method: str
    route: str
    status: int
    refusal: AuditEntry | None = None
    """What the flow says that refused."""

    def entry(self) -> AuditEntry:
        """What the log says of it."""
        if self.refusal is not None:
            agent = replace(self.refusal.agent, network=self.agent.network)
            return replace(self.refusal, agent=agent)
        return AuditEntry(
            recorded=self.at,
            event=self._event(),
            outcome=self._outcome(),
            agent=self.agent,
            request_id=self.request_id,
            reasons=(f"http-{self.status}",),
            query=f"{self.method} {self.route}".strip(),
        )

    def completion(self, outcome: Outcome, reason: str) -> AuditEntry:
        """How what was recorded before came to its end."""
        made = self.entry()
        event = made.event if made.event is Event.SAFEGUARDING else Event.COMPLETION
        return replace(made, event=event, outcome=outcome, reasons=(reason,))

    def _event(self) -> Event:
        """What it was about; who raised a concern is for the desk alone, whatever came of it."""
        if self.status == 401:
            return Event.LOGIN
        return Event.SAFEGUARDING if self.route.startswith(_DESK) else Event.OPERATION

    def _outcome(self) -> Outcome:
        if self.status < 400:
            return Outcome.SERVED
        if self.status >= 500:
            return Outcome.FAILED
        return _OUTCOMES.get(self.status, Outcome.REFUSED)


async def refuse_unproved(store: Store, entry: AuditEntry) -> None:
    """Record the refusal of somebody who proved nothing: with the answer, within its bounds; at
    once where no request is answered."""
    told = OUTCOMES.get()
    if told is None:
        await store.log.append(entry)
    else:
        told.refusal = entry


async def record_outage(store: Store, at: datetime) -> None:
    """Record that the log could not be written. Errors: AuditUnavailableError while it cannot."""
    agent = Agent(user_id="", kind="system")
    reasons = ("audit-log-unavailable",)
    await store.log.append(AuditEntry(at, Event.SYSTEM, Outcome.FAILED, agent, reasons=reasons))


_Source = tuple[str, Event, Outcome]


@dataclass(slots=True)
class _Counted:
    """Answers to one source in this minute, and those of them not recorded singly: how many, and
    the last."""

    single: int = 0
    more: int = 0
    last: AuditEntry | None = None


@dataclass(slots=True)
class Refusals:
    """Takes refusals, and answers to nobody known, to the log, bounded."""

    store: Store
    _minute: datetime | None = None
    _counted: dict[_Source, _Counted] = field(default_factory=dict)
    _timer: asyncio.Task[None] | None = None

    async def record(self, answered: Answered) -> None:
        """An entry of an answer, or one more in the count of its source."""
        minute = answered.at.replace(second=0, microsecond=0)
        if minute != self._minute:
            await self.flush()
            self._minute = minute
        entry = answered.entry()
        counted = self._of(_source(entry))
        if counted.single < SINGLE:
            counted.single += 1
            await self.store.log.append(entry)
            return
        counted.more += 1
        counted.last = replace(entry, request_id="")
        if self._timer is None:
            self._timer = asyncio.create_task(self._at_the_end())

    def _of(self, source: _Source) -> _Counted:
        if source not in self._counted and len(self._counted) >= SOURCES:
            source = ("", *source[1:])
        return self._counted.setdefault(source, _Counted())

    async def flush(self) -> None:
        """Record what was counted: one entry for each source, on behalf of no request; of the one
        that came first in its minute it says nothing."""
        asked = OUTCOMES.set(None)
        try:
            await self._record_counts()
        finally:
            OUTCOMES.reset(asked)

    async def _record_counts(self) -> None:
        counted, self._counted = self._counted, {}
        while counted:
            source, one = counted.popitem()
            if one.last is None:
                continue
            agent = one.last.agent if source[0] else Agent(user_id="", kind="")
            detail = (("count", str(one.more)),)
            more = replace(one.last, agent=agent, reasons=("counted",), detail=detail)
            try:
                await self.store.log.append(more)
            except AuditUnavailableError:
                self._keep({source: one, **counted})
                raise

    def _keep(self, unrecorded: dict[_Source, _Counted]) -> None:
        """Count on from what could not be recorded."""
        for source, one in unrecorded.items():
            if one.last is not None:
                kept = self._of(source)
                kept.more, kept.last = kept.more + one.more, kept.last or one.last

    async def close(self) -> None:
        """Record what was counted, as the service ends."""
        if self._timer is not None:
            self._timer.cancel()
            with suppress(asyncio.CancelledError):
                await self._timer
        await self._flush_or_say()

    async def _at_the_end(self) -> None:
        while True:
            await asyncio.sleep(MINUTE.total_seconds())
            done = await self._flush_or_say()
            if done and not any(one.more for one in self._counted.values()):  # as it was recorded
                self._timer = None
                return

    async def _flush_or_say(self) -> bool:
        try:
            await self.flush()
        except AuditUnavailableError:
            _log.error("refusals-not-recorded")
            return False
        return True


def _source(entry: AuditEntry) -> _Source:
    agent = entry.agent
    name = f"{agent.client_id} {agent.user_id}" if agent.user_id else agent.network
    return name, entry.event, entry.outcome
