"""A provider system pushes what it has: messages, bundles, files of rows.

    authorise -> unpack -> recognise -> same body before? -> read, map, apply in batches -> answer

Each batch is one transaction: items, people, versions, and the audit entries last. What was
answered is on disk. An interrupted delivery is completed when the same body comes again, or by
the worker: items that were taken are not taken twice.

Errors  ForbiddenError; NotTheFormatError (the body is kept, sealed, and counted); TooLargeError;
        BusyError when the database would not let us in.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from uuid_utils import uuid7

from consent.feeds import FeedState
from consent.terms import Caller, CallerKind
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import ForbiddenError, GatewayError, NotTheFormatError
from gateway.flows.intake.absence import Covered, Taken, apply_whole, covered
from gateway.flows.intake.back_fill import in_place
from gateway.flows.intake.batches import LARGEST_BYTES, Batches, context_of, entries_of, kept_body
from gateway.flows.intake.delivery_answer import Tally, accepted, refused
from gateway.flows.intake.recognise import Contents
from gateway.flows.intake.set_aside import written
from gateway.flows.intake.side_by_side import applied, side_by_side
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.commit.writer import Ahead
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries
from gateway.store.intake.deliveries import DeliveryRow
from gateway.store.intake.work import Prepared
from gateway.store.site import feed_standing
from mappings.core.model.outcome import error
from mappings.core.model.rows import Feed


@dataclass(frozen=True, slots=True)
class Push:
    """What was pushed, by whom, when."""

    feed: Feed
    caller: Caller
    body: bytes
    media_type: str
    request_id: str
    at: datetime
    largest_bytes: int = LARGEST_BYTES
    later: bool = False
    """`Prefer: respond-async`: keep it now, apply it by the worker."""
    back_fill: bool = False
    """`Prefer: back-fill`: a first load, which outranks nothing that was said live."""
    check: Callable[[Connection], Awaitable[None]] | None = None
    """What must hold in the transaction that takes it first; it raises where it does not."""
    told: Callable[[int], None] = lambda _items: None
    """Called with how many items more are on disk."""


async def push(store: Store, what: Push) -> dict[str, Any]:
    """Take a delivery; the answer of interfaces (`delivery`, `status`, `items`, ...)."""
    await _authorise(store, what)  # 1
    try:
        batches = _batches(store, what)  # 2, 3
        first = [] if what.later else await batches.following()
    except NotTheFormatError as reason:
        await _refuse(store, what, reason)
        raise
    delivery = _delivery(store, what, batches.contents)
    try:
        return await _Taking(store, what, delivery).run(first, batches)
    except _PausedError:
        return await _Taking(store, replace(what, later=True), delivery).run([], batches)


async def refuse(store: Store, what: Push, reason: NotTheFormatError) -> None:
    """Keep what came in no state to be read, such as cut short on its way; it is not taken."""
    await _authorise(store, what)
    await _refuse(store, what, reason)


async def finish_accepted(
    store: Store, feeds: Mapping[str, Feed], caller: Caller, row: DeliveryRow, at: datetime
) -> dict[str, Any]:
    """Apply a delivery that was accepted and not finished."""
    body = await kept_body(store, row)
    what = Push(feeds[row.feed], caller, body, row.media_type, "", at)
    batches = _batches(store, what)
    return await _Taking(store, what, row).run(await batches.following(), batches)


def _batches(store: Store, what: Push) -> Batches:
    return Batches(store, what.feed, what.body, what.media_type, what.at, what.largest_bytes)


async def _authorise(store: Store, what: Push) -> None:
    caller = what.caller
    if (
        caller.kind is CallerKind.SYSTEM
        and caller.role == "provider"
        and caller.org
        and what.feed.name in caller.feeds
    ):
        return
    entry = _entry(what, Outcome.REFUSED, reasons=("feed-not-granted",))
    await store.log.append(entry)
    raise ForbiddenError


def _delivery(store: Store, what: Push, contents: Contents | None) -> DeliveryRow:
    digest = hashlib.sha256(what.body).hexdigest()
    return DeliveryRow(
        delivery_id=str(uuid7()),
        source_org=what.caller.org,
        feed=what.feed.name,
        format=contents.name if contents else "",
        media_type=what.media_type,
        body_hash=store.vault.hasher.lasting_hash("body", what.caller.org, what.feed.name, digest),
        received_at=to_micros(what.at),
        state="accepted",
        taken=0,
        quarantined=0,
        answer=b"",
        key_owner=deliveries.key_owner(what.at),
        sealed=b"",
        back_fill=int(what.back_fill),
    )


async def _refuse(store: Store, what: Push, reason: NotTheFormatError) -> None:
    """Keep what is not the feed's format, sealed and counted; it is never taken."""
    row = _delivery(store, what, None)

    async def unit(conn: Connection) -> None:
        same = await deliveries.find_same(conn, row.body_hash)
        if same is None:
            told = [error(fault.path, fault.code, fault.text) for fault in reason.faults]
            answer = orjson.dumps(refused(row.delivery_id, told))
            await _keep_body(conn, store, what, replace(row, state="refused", answer=answer))
        codes = tuple(sorted({fault.code for fault in reason.faults}))
        named = same.delivery_id if same else row.delivery_id
        entry = _entry(what, Outcome.REFUSED, reasons=codes, delivery_id=named)
        await append(conn, store.vault, [entry])

    await store.write(unit)


async def _keep_body(conn: Connection, store: Store, what: Push, row: DeliveryRow) -> None:
    keys = await store.vault.ensure(conn, [row.key_owner])
    aad = deliveries.delivery_aad(row.delivery_id)
    sealed = keys.seal(row.key_owner, deliveries.to_kept(what.body), aad)
    await deliveries.insert(conn, replace(row, sealed=sealed))


class _PausedError(GatewayError):
    """The feed is paused: nothing was taken."""


class _Taking:
    """One delivery being taken, batch by batch."""

    def __init__(self, store: Store, what: Push, row: DeliveryRow) -> None:
        self.store = store
        self.what = what
        self.row = row
        self.tally = Tally()
        self.known: dict[str, Any] | None = None
        self.whole: Covered | None = None
        self.unkept = False
        """Whether the delivery's own row is still to be written, once, as it ends."""

    async def run(self, batch: list[Prepared], rest: Batches) -> dict[str, Any]:
        """Apply every batch; the answer."""
        first, self.whole = True, covered(rest.contents)
        while True:
            following = [] if self.what.later else await rest.following()
            applying = partial(self._unit, first=first, last=not following)
            ahead = self._ahead(batch) if first and not following else None
            tally = await written(self.store, batch, applying, ahead)
            if self.known is not None:
                return self.known
            self.what.told(len(batch))
            if not following:
                return self._answer(tally)
            self.tally, batch, first = tally, following, False
            await asyncio.sleep(0)

    def _ahead(self, batch: Sequence[Prepared]) -> Ahead | None:
        """Whether it may be applied with others of the same moment: it is one batch, and nothing
        is asked of it that is not asked of all."""
        what = self.what
        is_plain = batch and not (what.later or what.back_fill or what.check or self.whole)
        return side_by_side(self.store.vault, self.row, batch) if is_plain else None

    def _unit(
        self, batch: Sequence[Prepared], *, first: bool, last: bool
    ) -> Callable[[Connection], Awaitable[Tally]]:
        ends = last and not self.what.later

        async def unit(conn: Connection) -> Tally:
            together = applied(conn, self.row)
            self.known, self.unkept = None, together is not None
            if together is None and first and not await self._starts(conn, whole=ends):
                return self.tally
            row, vault = self.row, self.store.vault
            if together is None:
                items = in_place(row, batch)
                given = context_of(row), self.whole, items
                taken = await apply_whole(conn, vault, *given, last=ends)
            else:
                taken = Taken(together)
            tally = self.tally.with_items(taken.items).telling(taken.issues)
            if ends:
                await self._end(conn, tally)
            await append(conn, vault, entries_of(row, taken.all, partial(_entry, self.what)))
            return tally

        return unit

    async def _starts(self, conn: Connection, *, whole: bool) -> bool:
        """Whether it is to be applied; False when its answer stands."""
        await self._check_not_paused(conn)
        if self.what.check is not None:
            await self.what.check(conn)
        return await self._begin(conn, whole=whole)

    async def _check_not_paused(self, conn: Connection) -> None:
        """Errors: _PausedError where what comes is to be kept, and not applied."""
        row = self.row
        load = bool(row.back_fill)
        at = to_micros(self.what.at)
        stands = await feed_standing.note(conn, row.source_org, row.feed, at, back_fill=load)
        if stands.state is FeedState.PAUSED and not self.what.later:
            raise _PausedError

    async def _end(self, conn: Connection, tally: Tally) -> None:
        """Note how the delivery ended."""
        row = self.row
        ended = tally.status, tally.taken, tally.quarantined
        answer = orjson.dumps(tally.answer(row.delivery_id))
        if not self.unkept:
            return await deliveries.finish(conn, row.delivery_id, *ended, answer)
        state, taken, quarantined = ended
        whole = replace(row, state=state, taken=taken, quarantined=quarantined, answer=answer)
        await _keep_body(conn, self.store, self.what, whole)
        return None

    async def _begin(self, conn: Connection, *, whole: bool) -> bool:
        """Keep the body, or take up the same one again; False when its answer stands."""
        row = self.row
        same = await deliveries.find_same(conn, row.body_hash)
        if same is None:
            self.unkept = whole
            if not whole:
                await _keep_body(conn, self.store, self.what, row)
            return True
        if same.state == "refused":  # it came cut short before, or could not be read then
            same = replace(same, state="accepted", answer=b"")
            await deliveries.finish(conn, same.delivery_id, same.state, 0, 0, b"")
        self.row = same
        if same.state == "accepted" and not self.what.later:
            return True
        stored = orjson.loads(same.answer) if same.answer else accepted(same.delivery_id)
        self.known = stored | {"duplicate": True}
        entry = _entry(
            self.what, Outcome.STORED, reasons=("duplicate",), delivery_id=same.delivery_id
        )
        await append(conn, self.store.vault, [entry])
        return False

    def _answer(self, tally: Tally) -> dict[str, Any]:
        delivery_id = self.row.delivery_id
        return accepted(delivery_id) if self.what.later else tally.answer(delivery_id)


def _entry(what: Push, outcome: Outcome, **more: Any) -> AuditEntry:
    return AuditEntry(
        recorded=what.at,
        event=Event.PUSH,
        outcome=outcome,
        agent=Agent.of(what.caller),
        request_id=what.request_id,
        query=what.feed.name,
        **more,
    )
