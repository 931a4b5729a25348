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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

import orjson
from uuid_utils import uuid7

from consent.terms import Caller, CallerKind
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import ForbiddenError, NotTheFormatError
from gateway.flows.delivery_answer import Tally, accepted
from gateway.flows.prepare import prepared
from gateway.flows.recognise import Contents, recognised
from gateway.flows.unpack import members_of
from gateway.store import deliveries
from gateway.store.apply import Applied, Prepared, apply_batch
from gateway.store.deliveries import DeliveryRow
from gateway.store.engine import Connection
from gateway.store.log import append
from gateway.store.units import Store
from gateway.store.versions import DeliveryContext
from mappings.core.rows import Feed

BATCH: Final = 50
LONG_BYTES: Final = 64 * 1024
"""A body above this takes long enough to map that others must not wait for it."""


@dataclass(frozen=True, slots=True)
class Push:
    """What was pushed, by whom, when."""

    feed: Feed
    caller: Caller
    body: bytes
    media_type: str
    request_id: str
    at: datetime
    largest_bytes: int = 256 * 1024 * 1024
    later: bool = False
    """`Prefer: respond-async`: keep it now, apply it by the worker."""


async def push(store: Store, what: Push) -> dict[str, Any]:
    """Take a delivery; the answer of interfaces (`delivery`, `status`, `items`, ...)."""
    await _authorise(store, what)  # 1
    try:
        members = members_of(what.body, what.largest_bytes)  # 2
        contents = recognised(what.feed, members, what.media_type)  # 3
        batches = _Batches(store, what, contents, sum(map(len, members.values())))
        first = [] if what.later else await batches.following()
    except NotTheFormatError as reason:
        await _refuse(store, what, reason)
        raise
    delivery = _delivery(store, what, contents)
    return await _Taking(store, what, delivery).run(first, batches)


async def finish_accepted(
    store: Store, feeds: Mapping[str, Feed], caller: Caller, row: DeliveryRow, at: datetime
) -> dict[str, Any]:
    """Apply a delivery that was accepted and not finished."""
    async with store.engine.reading() as conn:
        keys = await store.vault.keys(conn, [row.key_owner])
    body = keys.open(row.key_owner, row.sealed, deliveries.delivery_aad(row.delivery_id))
    what = Push(feeds[row.feed], caller, body, row.media_type, "", at)
    members = members_of(body, what.largest_bytes)
    contents = recognised(what.feed, members, row.media_type)
    batches = _Batches(store, what, contents, sum(map(len, members.values())))
    return await _Taking(store, what, row).run(await batches.following(), batches)


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


class _Batches:
    """Prepared items, so many at a time; long ones are read and mapped beside the event loop."""

    def __init__(self, store: Store, what: Push, contents: Contents, size: int) -> None:
        self._items = prepared(what.feed, contents, store.vault.hasher, what.at)
        self._long = size > LONG_BYTES

    async def following(self) -> list[Prepared]:
        """The next batch; empty at the end."""
        return await asyncio.to_thread(self._next) if self._long else self._next()

    def _next(self) -> list[Prepared]:
        return list(islice(self._items, BATCH))


def _delivery(store: Store, what: Push, contents: Contents | None) -> DeliveryRow:
    digest = hashlib.sha256(what.body).hexdigest()
    return DeliveryRow(
        delivery_id=str(uuid7()),
        source_org=what.caller.org,
        feed=what.feed.name,
        format=contents.name if contents else "",
        media_type=what.media_type,
        body_hash=store.vault.hasher.keyed_hash("body", digest),
        received_at=to_micros(what.at),
        state="accepted",
        taken=0,
        quarantined=0,
        answer=b"",
        key_owner=deliveries.key_owner(what.at),
        sealed=b"",
    )


async def _refuse(store: Store, what: Push, reason: NotTheFormatError) -> None:
    """Keep what is not the feed's format, sealed and counted; it is never taken."""
    row = _delivery(store, what, None)

    async def unit(conn: Connection) -> None:
        if await deliveries.find_same(conn, row.source_org, row.feed, row.body_hash) is None:
            await _keep_body(conn, store, what, replace(row, state="refused"))
        codes = tuple(sorted({fault.code for fault in reason.faults}))
        entry = _entry(what, Outcome.REFUSED, reasons=codes, delivery_id=row.delivery_id)
        await append(conn, store.vault, [entry])

    await store.write(unit)


async def _keep_body(conn: Connection, store: Store, what: Push, row: DeliveryRow) -> None:
    keys = await store.vault.ensure(conn, [row.key_owner])
    aad = deliveries.delivery_aad(row.delivery_id)
    sealed = keys.seal(row.key_owner, what.body, aad)
    await deliveries.insert(conn, replace(row, sealed=sealed))


class _Taking:
    """One delivery being taken, batch by batch."""

    def __init__(self, store: Store, what: Push, row: DeliveryRow) -> None:
        self.store = store
        self.what = what
        self.row = row
        self.tally = Tally()
        self.known: dict[str, Any] | None = None
        self.unkept = False
        """Whether the delivery's own row is still to be written, once, as it ends."""

    async def run(self, batch: list[Prepared], rest: _Batches) -> dict[str, Any]:
        """Apply every batch; the answer."""
        first = True
        while True:
            following = [] if self.what.later else await rest.following()
            unit = self._unit(batch, first=first, last=not following)
            tally = await self.store.write(unit)
            if self.known is not None:
                return self.known
            if not following:
                return self._answer(tally)
            self.tally, batch, first = tally, following, False
            await asyncio.sleep(0)

    def _unit(
        self, batch: list[Prepared], *, first: bool, last: bool
    ) -> Callable[[Connection], Awaitable[Tally]]:
        async def unit(conn: Connection) -> Tally:
            self.known, self.unkept = None, False
            if first and not await self._begin(conn, whole=last and not self.what.later):
                return self.tally
            row, vault = self.row, self.store.vault
            context = DeliveryContext(
                row.delivery_id, row.source_org, row.feed, row.received_at, row.key_owner
            )
            applied = await apply_batch(conn, vault, context, batch) if batch else []
            tally = self.tally.with_items(applied)
            if last and not self.what.later:
                await self._end(conn, tally)
            await append(conn, vault, self._entries(applied))
            return tally

        return unit

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
        same = await deliveries.find_same(conn, row.source_org, row.feed, row.body_hash)
        if same is None:
            self.unkept = whole
            if not whole:
                await _keep_body(conn, self.store, self.what, row)
            return True
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

    def _entries(self, applied: list[Applied]) -> list[AuditEntry]:
        """One audit entry for each person touched; one for the delivery if nobody was."""
        by_patient: dict[str, list[tuple[str, str, int]]] = {}
        people: dict[str, str] = {}
        for one in applied:
            if one.patient_id and not one.duplicate:
                people[one.patient_id] = one.person_id
                stored = by_patient.setdefault(one.patient_id, [])
                for reference, number in zip(one.references, one.versions, strict=True):
                    resource_type, _, resource_id = reference.partition("/")
                    stored.append((resource_type, resource_id, number))
        delivery_id, org = self.row.delivery_id, self.row.source_org
        if not by_patient:
            outcome = Outcome.QUARANTINED if applied else Outcome.STORED
            return [_entry(self.what, outcome, delivery_id=delivery_id)]
        return [
            _entry(
                self.what,
                Outcome.STORED,
                delivery_id=delivery_id,
                person_id=people[patient_id],
                patient_ids=(patient_id,),
                resources=tuple(dict.fromkeys(stored)),
                detail=(("owners", org),),
            )
            for patient_id, stored in by_patient.items()
        ]


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
