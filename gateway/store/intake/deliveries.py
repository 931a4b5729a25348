"""Rows of deliveries: received, applied, answered.

Rule    A delivery is kept whole, a long one compressed, sealed under a key of its day that dies
        with its retention. Its answer is kept, so that the same body gets the same answer.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.store.database.engine import Connection, Insert, Row, placeholders

_LONG_BYTES: Final = 1024 * 1024
_COMPRESSED: Final = b"\x1f\x8b"
"""How what gzip made begins; a body that begins so is compressed too, and so is never mistaken."""

_COLUMNS = (
    "delivery_id, source_org, feed, format, media_type, body_hash, received_at, state, taken,"
    " quarantined, answer, key_owner, sealed, back_fill"
)
_DELIVERY: Final = Insert("delivery", _COLUMNS)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as stored."""

    delivery_id: str
    source_org: str
    feed: str
    format: str
    media_type: str
    body_hash: str
    received_at: int
    state: str
    taken: int
    quarantined: int
    answer: bytes
    key_owner: str
    sealed: bytes
    back_fill: int = 0
    """1: a first load, which outranks nothing that was said live."""


def key_owner(at: datetime) -> str:
    """The owner of the data key that a day's deliveries are sealed under."""
    return f"deliveries:{at.date().isoformat()}"


def delivery_aad(delivery_id: str) -> bytes:
    """What a delivery's sealed body is bound to."""
    return f"delivery|{delivery_id}".encode()


def to_kept(body: bytes) -> bytes:
    """What is sealed of a body: sealing and storing a long one would hold it several times over."""
    if len(body) < _LONG_BYTES and not body.startswith(_COMPRESSED):
        return body
    return gzip.compress(body, compresslevel=1, mtime=0)


def from_kept(kept: bytes) -> bytes:
    """The body, as it came."""
    return gzip.decompress(kept) if kept.startswith(_COMPRESSED) else kept


async def find_same(conn: Connection, body_hash: str) -> DeliveryRow | None:
    """The delivery of the same body by the same organisation to the same feed."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM delivery WHERE body_hash = $1", (body_hash,))
    return _row(rows[0]) if rows else None


async def came_before(conn: Connection, body_hashes: Sequence[str]) -> set[str]:
    """Those of the bodies that a delivery bears."""
    rows = await conn.fetch(
        f"SELECT body_hash FROM delivery WHERE body_hash IN ({placeholders(len(body_hashes))})",
        body_hashes,
    )
    return {row[0] for row in rows}


async def find(conn: Connection, delivery_id: str) -> DeliveryRow | None:
    """A delivery by id."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM delivery WHERE delivery_id = $1",
        (delivery_id,),
    )
    return _row(rows[0]) if rows else None


async def unfinished(conn: Connection, limit: int) -> list[str]:
    """The ids of deliveries that were accepted and are not applied to the end, oldest first; not
    those of a feed that is paused. Each may be as large as a delivery can be."""
    rows = await conn.fetch(
        "SELECT delivery_id FROM delivery d WHERE state = 'accepted' AND NOT EXISTS"
        " (SELECT 1 FROM feed_standing s WHERE s.org = d.source_org AND s.feed = d.feed"
        " AND s.state = 'paused') ORDER BY received_at LIMIT $1",
        (limit,),
    )
    return [row[0] for row in rows]


async def latest(conn: Connection, feed: str, limit: int) -> list[str]:
    """The ids of the last deliveries of a feed that were of one of its formats."""
    rows = await conn.fetch(
        "SELECT delivery_id FROM delivery WHERE feed = $1 AND format <> ''"
        " ORDER BY received_at DESC, delivery_id LIMIT $2",
        (feed, limit),
    )
    return [row[0] for row in rows]


async def insert(conn: Connection, row: DeliveryRow) -> None:
    """Keep a new delivery."""
    values = (
        row.delivery_id, row.source_org, row.feed, row.format, row.media_type,
        row.body_hash, row.received_at, row.state, row.taken, row.quarantined,
        row.answer, row.key_owner, row.sealed, row.back_fill,
    )  # fmt: skip
    await conn.add(_DELIVERY, [values])


async def finish(
    conn: Connection, delivery_id: str, state: str, taken: int, quarantined: int, answer: bytes
) -> None:
    """Note how a delivery ended."""
    await conn.execute(
        "UPDATE delivery SET state = $2, taken = $3, quarantined = $4, answer = $5"
        " WHERE delivery_id = $1",
        (delivery_id, state, taken, quarantined, answer),
    )


async def name_format(conn: Connection, delivery_id: str, name: str) -> None:
    """Note what a delivery was recognised as, of late."""
    await conn.execute(
        "UPDATE delivery SET format = $2 WHERE delivery_id = $1", (delivery_id, name)
    )


def _row(row: Row) -> DeliveryRow:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values |= {name: bytes(values[name]) for name in ("answer", "sealed")}
    return DeliveryRow(**values)
