"""Deliveries of one source's feed that come at the same moment are applied as one batch.

In      Deliveries that are one batch each, and are to be applied now.
Out     For each that was taken along, what became of its items: its unit finds it, ends the
        delivery and notes its entries.
Rule    Who speaks of the record of another, bears an item of another, or came before is not taken
        along, but goes on its own: so each gets the versions and the answer that it would have had.
Source  docs/adr/0082-deliveries-of-one-moment-are-applied-together.md
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from consent.feeds import FeedState
from gateway.flows.intake.batches import context_of
from gateway.store.commit.writer import Ahead
from gateway.store.database.engine import Connection
from gateway.store.intake import deliveries
from gateway.store.intake.apply import apply_parts, records_of
from gateway.store.intake.deliveries import DeliveryRow
from gateway.store.intake.work import Applied, Part, Prepared
from gateway.store.sealed.vault import Vault
from gateway.store.site import feed_standing

_APPLIED: Final = "deliveries applied together"


class _Delivery(NamedTuple):
    """What is known of one before the transaction."""

    vault: Vault
    row: DeliveryRow
    batch: Sequence[Prepared]


def side_by_side(vault: Vault, row: DeliveryRow, batch: Sequence[Prepared]) -> Ahead:
    """A delivery that may be applied with others of its source and feed."""
    return Ahead(_apply, (row.source_org, row.feed), _Delivery(vault, row, batch))


def applied(conn: Connection, row: DeliveryRow) -> list[Applied] | None:
    """What became of its items in this transaction; None where it goes on its own."""
    made: dict[str, list[Applied]] = conn.own.get(_APPLIED, {})
    return made.get(row.delivery_id)


async def _apply(conn: Connection, sent: Sequence[_Delivery]) -> Collection[int]:
    row = sent[0].row
    stands = await feed_standing.note(conn, row.source_org, row.feed, row.received_at)
    if stands.state is FeedState.PAUSED:
        return ()
    before = await deliveries.came_before(conn, [one.row.body_hash for one in sent])
    places = _apart(sent, before)
    if len(places) < 2:
        return ()
    parts = [Part(context_of(sent[one].row), sent[one].batch) for one in places]
    answers = await apply_parts(conn, sent[0].vault, parts)
    made = conn.own.setdefault(_APPLIED, {})
    for one, answer in zip(places, answers, strict=True):
        made[sent[one].row.delivery_id] = answer
    return places


def _apart(sent: Sequence[_Delivery], before: Collection[str]) -> list[int]:
    """The places of those that have nothing in common with one another."""
    named = set(before)
    places = []
    for place, one in enumerate(sent):
        own = {one.row.body_hash, *records_of(one.vault, one.row.source_org, one.batch)}
        if named.isdisjoint(own):
            places.append(place)
        named |= own
    return places
