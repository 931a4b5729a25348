"""An operator replays what waits: kept bodies are read and mapped again, with today's mappings.

    which deliveries -> open -> read, map -> take out, apply, batch by batch -> record -> how it is

Rule    A delivery and its items keep their ids, and are judged by when they came. What they say
        is folded in by the sources' own times, so that it comes where it would have stood. What
        was taken whole is not touched; what is still wrong waits on, with its reasons of today.
        Replaying again changes nothing. An item that is read otherwise today is another item; the
        one it was read as before goes.
Errors  A body whose day's key has died is told as `gone`: it has to be sent again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros
from gateway.errors import FaultyRequestError, NotTheFormatError, TooLargeError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.feed_errors import Choice, chosen
from gateway.flows.intake.absence import Covered, apply_whole, covered
from gateway.flows.intake.back_fill import in_place
from gateway.flows.intake.batches import LARGEST_BYTES, Batches, context_of, entries_of, kept_body
from gateway.flows.intake.delivery_answer import Tally, refused
from gateway.flows.intake.set_aside import written
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries, queue
from gateway.store.intake.deliveries import DeliveryRow
from gateway.store.intake.queue import HeldItem, is_discarded
from gateway.store.intake.work import Applied, Prepared
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.sealed.sealing import UnsealError
from mappings.core.model.outcome import Issue, Severity, error, has_errors
from mappings.core.model.rows import Feed

GONE: Final = "gone"


async def replay(store: Store, choice: Choice, operator: Operator) -> dict[str, Any]:
    """How each chosen delivery stands now, the first that came first; how much was mended, and
    how much of those deliveries still waits, whatever its reason is now."""
    wanted = {one.delivery_id async for one in chosen(store.engine, choice)}
    async with store.engine.reading() as conn:
        if choice.message:
            wanted |= {await queue.delivery_of(conn, choice.message)} - {""}
        elif not choice.rule:
            wanted |= set(await queue.unsettled(conn, sorted(choice.feeds), choice.org))
    found = []
    for delivery_id in sorted(wanted):
        async with store.engine.reading() as conn:
            row = await deliveries.find(conn, delivery_id)
        if row is not None and choice.covers(row.feed, row.source_org):
            again = _Again(store, choice.feeds[row.feed], row, operator, choice.message)
            found.append(await again.run())
    left = [
        one.delivery_id in wanted
        async for one in chosen(store.engine, Choice(choice.feeds, choice.org))
    ]
    mended = sum(one["mended"] for one in found)
    return {"deliveries": found, "mended": mended, "waiting": sum(left)}


@dataclass(slots=True)
class _Again:
    """One delivery being replayed, batch by batch."""

    store: Store
    feed: Feed
    row: DeliveryRow
    operator: Operator
    named: str
    """The id of the delivery or item that was asked for: what was discarded of that is taken up,
    and of nothing beside it."""
    tally: Tally = field(default_factory=Tally)
    mended: int = 0
    whole: Covered | None = None
    _read: set[str] = field(default_factory=set)

    async def run(self) -> dict[str, Any]:
        row = self.row
        try:
            body, at = await kept_body(self.store, row), from_micros(row.received_at)
        except (KeyUnavailableError, UnsealError):
            return self._told(GONE)
        try:
            batches = Batches(self.store, self.feed, body, row.media_type, at, LARGEST_BYTES)
            self.whole = covered(batches.contents)
            batch = await batches.following()
        except (NotTheFormatError, TooLargeError) as reason:
            return await self._refused(reason)
        while True:
            following = await batches.following()
            last = None if following else batches.contents.name
            applying = partial(self._unit, last=last)
            self.tally, mended = await written(self.store, batch, applying)
            self.mended += mended
            self._read |= {one.item_hash for one in batch}
            if not following:
                return self._told(self.tally.status)
            batch = following

    def _unit(
        self, batch: Sequence[Prepared], last: str | None
    ) -> Callable[[Connection], Awaitable[tuple[Tally, int]]]:
        """Apply a batch; `last` is the name of the format, after the last one."""

        async def unit(conn: Connection) -> tuple[Tally, int]:
            row, vault = self.row, self.store.vault
            await self._take_out(conn, batch)
            context, ends = context_of(row), last is not None
            items = in_place(row, batch)
            taken = await apply_whole(conn, vault, context, self.whole, items, last=ends)
            applied = taken.items
            tally = self.tally.with_items(applied).telling(taken.issues)
            if last is not None:
                await self._end(conn, tally, last, {one.item_hash for one in batch})
            await append(conn, vault, entries_of(row, taken.all, self._entry))
            return tally, sum(_is_mended(one) for one in applied)

        return unit

    async def _take_out(self, conn: Connection, batch: Sequence[Prepared]) -> None:
        hashes = {one.item_hash: one for one in batch}
        if not hashes:
            return
        held = await queue.held_by_hash(conn, self.row.source_org, list(hashes))
        again = [one for key, one in held.items() if self._is_open(one, hashes[key])]
        await queue.take_out(conn, self.row.source_org, again)

    def _is_open(self, held: HeldItem, now: Prepared) -> bool:
        """Whether the item is to be applied again."""
        if held.state == queue.QUARANTINED:
            return True
        if held.state == queue.DISCARDED:
            return self._is_named(held)
        if now.outcome.quarantined or not has_errors(held.issues):
            return False
        return _errors(now.outcome.issues) != _errors(held.issues) or (
            self._is_named(held) and is_discarded(held.issues)
        )

    def _is_named(self, held: HeldItem) -> bool:
        return self.named in (self.row.delivery_id, held.item_id)

    async def _end(self, conn: Connection, tally: Tally, name: str, read: set[str]) -> None:
        row = self.row
        read = read | self._read
        held = await queue.held_by_delivery(conn, row.delivery_id)
        other = [one for one in held if one.item_hash not in read]
        await queue.take_out(conn, row.source_org, other)
        answer = orjson.dumps(tally.answer(row.delivery_id))
        ended = (tally.status, tally.taken, tally.quarantined, answer)
        await deliveries.finish(conn, row.delivery_id, *ended)
        await deliveries.name_format(conn, row.delivery_id, name)

    async def _refused(self, reason: NotTheFormatError | TooLargeError) -> dict[str, Any]:
        """It is not the feed's format today either: its reasons of today."""
        row = self.row
        faults = reason.faults if isinstance(reason, FaultyRequestError) else ()
        told = [error(one.path, one.code, one.text) for one in faults]
        answer = orjson.dumps(refused(row.delivery_id, told))
        codes = tuple(sorted({one.code for one in told})) or ("too-large",)

        async def unit(conn: Connection) -> None:
            if row.state == "refused":
                await deliveries.finish(conn, row.delivery_id, row.state, 0, 0, answer)
            entry = self._entry(Outcome.REFUSED, reasons=codes, delivery_id=row.delivery_id)
            await append(conn, self.store.vault, [entry])

        await self.store.write(unit)
        return self._told("refused")

    def _entry(self, outcome: Outcome, **more: Any) -> AuditEntry:
        operator = self.operator
        made = partial(AuditEntry, operator.at, Event.REPLAY, outcome, operator.agent)
        return made(query=self.row.feed, **more)

    def _told(self, status: str) -> dict[str, Any]:
        row = self.row
        return {
            "delivery": row.delivery_id,
            "feed": row.feed,
            "organisation": row.source_org,
            "before": row.state,
            "status": status,
            "mended": self.mended,
        }


def _is_mended(one: Applied) -> bool:
    """Whether it was applied just now, and whole."""
    return not (one.duplicate or one.quarantined or has_errors(one.issues))


def _errors(issues: Sequence[Issue]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one.path, one.code)
        for one in issues
        if one.severity is Severity.ERROR and one.code != queue.DISCARDED
    )
