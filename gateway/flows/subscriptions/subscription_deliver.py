"""Tells subscriptions what waits for them, at their addresses: again until it is taken, for days.

    hold -> over? registered still? -> handshake | what waits, under today's Filter | heartbeat
      -> ONE transaction: what may be told no more is dropped, the access to each person is recorded
      -> sent, signed -> numbered where it was taken; tried again, later each time, where it was not

Rule    The Filter is made anew for each attempt, and where access moved before it is recorded, it
        is made again. What is told is recorded as it is first tried, and again where access moved
        since; how it ended, after several tries, is one entry more. Events have their numbers from
        being taken: what was never told, because it was hidden meanwhile, leaves no gap. They go in
        their order, one request of a subscription at a time; one that comes twice has the same
        `webhook-id`.
Errors  None of the receiver's. AuditUnavailableError: then nothing is sent.
Source  HL7 Subscriptions R5 Backport 1.1; Standard Webhooks 1.0.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from uuid_utils import uuid7

from consent.terms import Caller
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import Clock, to_micros
from gateway.flows.access.post_alerts import signed
from gateway.flows.asking.alerts import append_owing, to_micros_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.subscriptions.subscription_desk import unseen
from gateway.flows.subscriptions.subscription_notice import (
    EVENTS,
    HANDSHAKE,
    HEARTBEAT,
    entries_of,
    notice,
    status_of,
)
from gateway.flows.subscriptions.subscription_reach import send
from gateway.flows.subscriptions.subscription_resource import Asked, stored
from gateway.flows.subscriptions.subscription_sight import Shown, told_of
from gateway.flows.subscriptions.subscription_terms import Terms, owner_of, set_aside
from gateway.store.database.engine import Connection
from gateway.store.leaving import outbound, subscription_events, subscriptions
from gateway.store.leaving.subscriptions import ACTIVE, ERROR, OFF, Content, Standing
from gateway.store.sealed.sealing import UnsealError

_HOLD: Final = timedelta(minutes=2)
_FIRST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(hours=1)
_ATTEMPTS: Final = 3
_ROUNDS: Final = 100
"""Requests to one subscription in one look."""
_AT_ONCE: Final = 10
"""Owners who are told at once."""
_TURN: Final = timedelta(seconds=30)
"""Of one owner in one look: slow addresses of theirs keep nobody else waiting for longer."""
_MEDIA_TYPE: Final = "application/fhir+json"
_log = structlog.get_logger()


async def deliver_due(site: Site, terms: Terms, clock: Clock) -> int:
    """Tell all for whom something waits, an owner's one after the other and none for longer than
    their turn; how many requests were taken. What fails is noted and stops no other, and the first
    of it is raised at the end."""
    async with site.store.engine.reading() as conn:
        due = await subscriptions.due(conn, to_micros(clock()))
    at_once, faults = asyncio.Semaphore(_AT_ONCE), list[Exception]()

    async def turn(names: Sequence[str]) -> int:
        taken = 0
        async with at_once:
            until = clock() + _TURN
            for name in names:
                try:
                    taken += await _deliver(site, terms, name, until, clock)
                except Exception as fault:  # noqa: BLE001 - the owner's others are told all the same
                    _log.error("subscription", subscription=name, fault=type(fault).__name__)
                    faults.append(fault)
        return taken

    taken = sum(await asyncio.gather(*map(turn, due.values())))
    if faults:
        raise faults[0]
    return taken


async def _deliver(site: Site, terms: Terms, name: str, until: datetime, clock: Clock) -> int:
    taken = 0
    for _ in range(_ROUNDS):
        who, at = str(uuid7()), clock()
        if at >= until:
            break
        try:
            kept = await site.store.write(partial(_hold, site, name, who, at))
        except UnsealError:
            await site.store.write(partial(set_aside, name, at))
            break
        if kept is None:
            break
        look = _Look(site, terms, *kept, who, at)
        row, events = await look.run()
        settle = partial(_settle, row, who, events)
        if not await site.store.write(settle) or row.sent_at != to_micros(at):
            break
        taken += 1
    return taken


async def _hold(
    site: Site, name: str, who: str, at: datetime, conn: Connection
) -> tuple[Standing, Content] | None:
    until = to_micros(at + _HOLD)
    return await subscriptions.hold(conn, site.store.vault, name, who, to_micros(at), until)


async def _settle(row: Standing, who: str, events: Sequence[Shown], conn: Connection) -> bool:
    if not await subscriptions.settle(conn, row, who):
        return False
    await subscription_events.number(conn, [one.event for one in events])
    return True


@dataclass(frozen=True, slots=True)
class _Look:
    """One subscription in hand."""

    site: Site
    terms: Terms
    row: Standing
    content: Content
    who: str
    at: datetime

    async def run(self) -> tuple[Standing, list[Shown]]:
        """How it stands after this, and what it was told."""
        row, owner = self.row, owner_of(self.row, self.terms, self.at)
        if row.ends_at <= to_micros(self.at):
            return self._off("ended"), []
        if owner is None:
            return self._off("unregistered"), []
        asked = stored(self.content.resource, self.terms.reach)
        if not row.posted:
            return replace(row, next_at=self._idle(row, asked)), []
        if not row.shaken:
            return await self._send(asked, HANDSHAKE, []), []
        may = await self._recorded(asked, owner)
        if may is None:
            return replace(row, next_at=to_micros(self.at + _FIRST)), []
        if may:
            after = await self._first_or_again(may)._send(asked, EVENTS, may)
            return after, may if after.told > row.told else []
        if self._next_heartbeat(row, asked) <= to_micros(self.at):
            return await self._send(asked, HEARTBEAT, []), []
        row = replace(row, failures=0, failing_since=0)
        return replace(row, next_at=self._idle(row, asked)), []

    def _first_or_again(self, may: Sequence[Shown]) -> "_Look":
        """This look; where none of these was tried before, what failed was of another kind."""
        if any(one.event.recorded != subscription_events.NOT_YET for one in may):
            return self
        return replace(self, row=replace(self.row, failures=0, failing_since=0))

    async def _recorded(self, asked: Asked, owner: Caller) -> list[Shown] | None:
        """The next events that may be told, numbered and recorded; None where access moved each
        time, or another has it now. What is hidden is dropped before: as many are told as though
        it had never been."""
        name, topic, moved = self.row.subscription_id, asked.topic, 0
        while moved < _ATTEMPTS:
            async with self.site.store.engine.reading() as conn:
                waiting = await subscription_events.waiting(conn, name, asked.most)
                may, epochs = await told_of(conn, self.site, owner, topic, waiting, self.at)
            if not waiting:
                return []
            hidden = unseen(waiting, may)
            record = partial(self._record, owner, [] if hidden else may, hidden, epochs)
            if not await self.site.store.write(record):
                moved += 1
            elif not hidden:
                return [
                    replace(one, event=replace(one.event, number=number))
                    for number, one in enumerate(may, self.row.told + 1)
                ]
        return None

    async def _record(
        self,
        owner: Caller,
        may: Sequence[Shown],
        hidden: Sequence[subscription_events.Event],
        epochs: Mapping[str, int],
        conn: Connection,
    ) -> bool:
        """An entry for each person, and what may not be told is dropped; not where access moved, or
        another has it. What is only tried again, and moved nothing since, has its entry."""
        if await outbound.moved(conn, epochs):
            return False
        if not await subscriptions.is_held(conn, self.row.subscription_id, self.who):
            return False
        await subscription_events.drop(conn, hidden)
        asking = Asking(owner, self.at, self.who)
        new = [one for one in may if one.event.recorded != epochs[one.sight.person_id]]
        for owed, entry in entries_of(self.site, asking, self.row, new, Event.NOTIFY):
            await append_owing(conn, self.site.store.vault, owed, entry)
        recorded = [(one.event, epochs[one.sight.person_id]) for one in new]
        await subscription_events.record(conn, recorded)
        return True

    async def _send(self, asked: Asked, kind: str, shown: Sequence[Shown]) -> Standing:
        """Send it; how the subscription stands then."""
        row = replace(self.row, told=self.row.told + len(shown))
        if kind != EVENTS and not row.failures:
            await self.site.store.log.append(self._entry(kind))
        body = notice(
            self.site, status_of(self.site, row, kind, shown, asked.content), row, self.at
        )
        headers = {**asked.headers, **signed(self.content.key, self._name(shown), self.at, body)}
        headers |= {"Content-Type": _MEDIA_TYPE}
        taken = await send(asked.endpoint, self.terms.reach, headers, body, asked.timeout)
        if shown and taken and self.row.failures:
            await self._end(kind, Outcome.SERVED, "taken-later")
        return self._taken(row, asked) if taken else await self._not_taken(kind)

    def _name(self, shown: Sequence[Shown]) -> str:
        """The same for the same events."""
        if not shown:
            return str(uuid7())
        parts = [(one.event.resource_id, str(one.event.occasion)) for one in shown]
        named = (self.row.subscription_id, *(part for pair in parts for part in pair))
        return self.site.store.vault.hasher.keyed_uuid("notice", *named)

    def _taken(self, row: Standing, asked: Asked) -> Standing:
        at = to_micros(self.at)
        row = replace(row, shaken=1, failures=0, failing_since=0, sent_at=at)
        row = replace(row, next_at=self._idle(row, asked))
        return self._changed(row, ACTIVE, "")

    async def _not_taken(self, kind: str) -> Standing:
        row, at = self.row, to_micros(self.at)
        since = row.failing_since or at
        if at - since >= to_micros_of(self.terms.keep):
            await self._end(kind, Outcome.FAILED, "given-up")
            return self._off("given-up")
        pause = min(_LONGEST, _FIRST * 2 ** min(row.failures, 10))
        row = replace(
            row, failures=row.failures + 1, failing_since=since, next_at=to_micros(self.at + pause)
        )
        return self._changed(row, ERROR, "receiver")

    def _off(self, fault: str) -> Standing:
        return self._changed(self.row, OFF, fault)

    def _changed(self, row: Standing, status: str, fault: str) -> Standing:
        if (row.status, row.fault) == (status, fault):
            return row
        at = to_micros(self.at)
        return replace(row, status=status, fault=fault, version=row.version + 1, updated_at=at)

    def _idle(self, row: Standing, asked: Asked) -> int:
        """When there is something to look at though nothing happens."""
        again = to_micros(self.at + _LONGEST) if row.registered else row.ends_at
        return min(row.ends_at, again, self._next_heartbeat(row, asked))

    def _next_heartbeat(self, row: Standing, asked: Asked) -> int:
        if not asked.heartbeat:
            return row.ends_at
        return row.sent_at + to_micros_of(timedelta(seconds=asked.heartbeat))

    async def _end(self, kind: str, outcome: Outcome, reason: str) -> None:
        """How it ended that something was tried again and again."""
        detail = (("attempts", str(self.row.failures + 1)),)
        made = replace(self._entry(kind), event=Event.COMPLETION, outcome=outcome)
        made = replace(made, reasons=(reason,), detail=(*made.detail, *detail))
        await self.site.store.log.append(made)

    def _entry(self, kind: str) -> AuditEntry:
        row = self.row
        detail = (("subscription", row.subscription_id), ("topic", row.topic), ("kind", kind))
        return AuditEntry(
            self.at, Event.NOTIFY, Outcome.SERVED, Agent.of(row.caller),
            request_id=self.who, query="Subscription", detail=detail,
        )  # fmt: skip
