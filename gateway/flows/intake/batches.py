"""What pushing and replaying share: items in batches, a kept body, the entries of what was applied.

Errors  NotTheFormatError, TooLargeError for a body that cannot be read; KeyUnavailableError for
        one whose day's key has died.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from itertools import islice
from typing import Any, Final

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Outcome
from gateway.errors import GatewayError
from gateway.flows.intake.map_aside import Asked, is_known_aside, mapped_aside
from gateway.flows.intake.map_items import MappedItem, mapped
from gateway.flows.intake.prepare import keyed
from gateway.flows.intake.recognise import Contents, recognised
from gateway.flows.intake.unpack import members_of
from gateway.store.commit.units import Store
from gateway.store.intake import deliveries
from gateway.store.intake.deliveries import DeliveryRow
from gateway.store.intake.work import Applied, Prepared
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.record.versions import DeliveryContext
from mappings.core.applying.apply import parts_of
from mappings.core.model.outcome import NotThisFormatError
from mappings.core.model.rows import Feed

BATCH: Final = 250
"""Items of a file that one transaction writes: what else writes waits so long (docs/adr/0077)."""
LARGEST_BYTES: Final = 256 * 1024 * 1024
LONG_BYTES: Final = 64 * 1024
"""A body above this takes long enough to map that others must not wait for it."""


ASIDE_BYTES: Final = 1024 * 1024
"""A body above this that holds many items is mapped by a process of its own, but for its head."""
HEAD: Final = 2 * BATCH
"""So many items are mapped here, while that process starts."""


def counted(feed: Feed, body: bytes, media_type: str, largest: int) -> int:
    """How many items a body holds: it is read and not mapped, a fraction of what taking it costs.
    0 for one that cannot be read, as pushing it tells."""
    try:
        contents = recognised(feed, members_of(body, largest), media_type)
        return sum(len(tuple(parts_of(feed.kinds, item))) for _, item in contents.items())
    except (GatewayError, NotThisFormatError):
        return 0


class Batches:
    """A body's items, prepared, so many at a time; long ones are mapped beside the event loop."""

    def __init__(
        self, store: Store, feed: Feed, body: bytes, media_type: str, at: datetime, largest: int
    ) -> None:
        members = members_of(body, largest)
        self.contents: Contents = recognised(feed, members, media_type)
        size = sum(map(len, members.values()))
        asked = Asked(feed.name, body, media_type, at, largest, HEAD, BATCH)
        aside = asked if size > ASIDE_BYTES and is_known_aside(feed) else None
        items = _mapped(mapped(feed, self.contents, at), aside)
        self._items = keyed(feed, items, store.vault.hasher)
        self._long = size > LONG_BYTES

    async def following(self) -> list[Prepared]:
        """The next batch; empty at the end."""
        return await asyncio.to_thread(self._next) if self._long else self._next()

    def _next(self) -> list[Prepared]:
        return list(islice(self._items, BATCH))


def _mapped(here: Iterator[MappedItem], aside: Asked | None) -> Iterator[MappedItem]:
    """Every item: of a long file the first few as mapped here, then the rest from beside."""
    yield from islice(here, BATCH)
    following = next(here, None)
    if following is None:
        return
    with mapped_aside(aside) if aside else nullcontext(here) as rest:
        yield following
        yield from islice(here, HEAD - BATCH - 1)
        yield from rest


async def kept_body(store: Store, row: DeliveryRow) -> bytes:
    """The body of a delivery, opened. Errors: KeyUnavailableError, also for one that is kept no
    more: it held something of a shredded record."""
    if not row.sealed:
        raise KeyUnavailableError("the body of a delivery is not kept any more")
    async with store.engine.reading() as conn:
        keys = await store.vault.keys(conn, [row.key_owner])
    aad = deliveries.delivery_aad(row.delivery_id)
    return deliveries.from_kept(keys.open(row.key_owner, row.sealed, aad))


def context_of(row: DeliveryRow) -> DeliveryContext:
    """The delivery as a batch of it knows it."""
    return DeliveryContext(
        row.delivery_id, row.source_org, row.feed, row.received_at, row.key_owner
    )


def entries_of(
    row: DeliveryRow, applied: Iterable[Applied], entry: Callable[..., AuditEntry]
) -> list[AuditEntry]:
    """One audit entry for each person touched; one for the delivery if nobody was."""
    by_patient: dict[str, list[tuple[str, str, int]]] = {}
    people: dict[str, str] = {}
    outcome = Outcome.STORED
    for one in applied:
        if one.quarantined:
            outcome = Outcome.QUARANTINED
        if one.patient_id and not one.duplicate:
            people[one.patient_id] = one.person_id
            stored = by_patient.setdefault(one.patient_id, [])
            for reference, number in zip(one.references, one.versions, strict=True):
                resource_type, _, resource_id = reference.partition("/")
                stored.append((resource_type, resource_id, number))
    if not by_patient:
        return [entry(outcome, delivery_id=row.delivery_id)]
    return [
        entry(Outcome.STORED, **_about(row, patient_id, people[patient_id], stored))
        for patient_id, stored in by_patient.items()
    ]


def _about(
    row: DeliveryRow, patient_id: str, person_id: str, stored: list[tuple[str, str, int]]
) -> dict[str, Any]:
    return {
        "delivery_id": row.delivery_id,
        "person_id": person_id,
        "patient_ids": (patient_id,),
        "resources": tuple(dict.fromkeys(stored)),
        "detail": (("owners", row.source_org),),
    }
