"""What no flow recorded is recorded as its answer leaves: refusals, faults, ends nobody saw.

    answer without an entry -> an entry, or one more that is counted

Rule    A flood of refusals must not become a flood of entries: of one source a minute's first ones
        have an entry each, before the first byte; those after them are counted, and the count is
        one entry as the minute ends. A source is the caller, and without one the network address.
        What was asked is named by its route, never by its path.
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
from gateway.store.log import TOLD as TOLD
from gateway.store.log import Told as Told
from gateway.store.units import Store

MINUTE: Final = timedelta(minutes=1)
SINGLE: Final = 20
"""Refusals of one source in a minute that have an entry each."""
SOURCES: Final = 1_000
"""Sources told apart in a minute; those after them are one."""
_OUTCOMES: Final = {404: Outcome.NOT_FOUND, 410: Outcome.NOT_FOUND}
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

    def entry(self) -> AuditEntry:
        """What the log says of it."""
        return AuditEntry(
            recorded=self.at,
            event=Event.LOGIN if self.status == 401 else Event.OPERATION,
            outcome=self._outcome(),
            agent=self.agent,
            request_id=self.request_id,
            reasons=(f"http-{self.status}",),
            query=f"{self.method} {self.route}".strip(),
        )

    def completion(self, outcome: Outcome, reason: str) -> AuditEntry:
        """How what was recorded before came to its end."""
        made = replace(self.entry(), event=Event.COMPLETION, outcome=outcome)
        return replace(made, reasons=(reason,))

    def _outcome(self) -> Outcome:
        if self.status < 400:
            return Outcome.SERVED
        if self.status >= 500:
            return Outcome.FAILED
        return _OUTCOMES.get(self.status, Outcome.REFUSED)


@dataclass(slots=True)
class _Counted:
    """The refusals of one source in this minute, and the last of those not recorded singly."""

    number: int = 0
    last: AuditEntry | None = None


@dataclass(slots=True)
class Refusals:
    """Takes refusals to the log, bounded."""

    store: Store
    _minute: datetime | None = None
    _counted: dict[str, _Counted] = field(default_factory=dict)
    _timer: asyncio.Task[None] | None = None

    async def record(self, answered: Answered) -> None:
        """An entry of a refusal, or one more in the count of its source."""
        minute = answered.at.replace(second=0, microsecond=0)
        if minute != self._minute:
            await self.flush()
            self._minute = minute
        agent = answered.agent
        source = f"{agent.client_id} {agent.user_id}" if agent.user_id else agent.network
        if source not in self._counted and len(self._counted) >= SOURCES:
            source = ""
        counted = self._counted.setdefault(source, _Counted())
        counted.number += 1
        if counted.number <= SINGLE:
            await self.store.log.append(answered.entry())
            return
        last = replace(answered.entry(), request_id="")
        counted.last = last if source else replace(last, agent=Agent(user_id="", kind=""))
        if self._timer is None:
            self._timer = asyncio.create_task(self._at_the_end())

    async def flush(self) -> None:
        """Record what was counted: one entry for each source."""
        counted, self._counted = self._counted, {}
        for one in counted.values():
            if one.last is not None:
                number = str(one.number - SINGLE)
                more = replace(one.last, reasons=("counted",), detail=(("count", number),))
                await self.store.log.append(more)

    async def close(self) -> None:
        """Record what was counted, as the service ends."""
        if self._timer is not None:
            self._timer.cancel()
            with suppress(asyncio.CancelledError):
                await self._timer
        await self._flush_or_say()

    async def _at_the_end(self) -> None:
        await asyncio.sleep(MINUTE.total_seconds())
        self._timer = None
        await self._flush_or_say()

    async def _flush_or_say(self) -> None:
        try:
            await self.flush()
        except AuditUnavailableError:
            _log.error("refusals-not-recorded")
