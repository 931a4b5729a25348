"""New versions of resources from folded states: sealed, labelled, numbered.

In      A state, or the current row of what is withdrawn; the delivery; the owner's keys.
Out     NewVersion rows, ready to be written.
Pure    No database; sealing draws its nonces.
"""

from dataclasses import dataclass
from typing import Final

import orjson

from gateway.clock import from_micros
from gateway.store.columns import Columns, columns_of
from gateway.store.fold import Order, State, state_of, stored_bytes
from gateway.store.resources import Current, NewVersion
from gateway.store.sealing import label_tag, version_aad
from gateway.store.vault import Keys

GONE: Final = b"\x00gone"
"""Stands for the state hash of a withdrawn resource."""
_NOTHING: Final = orjson.dumps([[], []])


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The delivery that a batch is part of."""

    delivery_id: str
    source_org: str
    feed: str
    received_at: int
    key_owner: str


def labels_canonical(source_org: str, author: str, columns: Columns) -> bytes:
    """The clear labels of a row as bytes, for its label tag."""
    labels = columns.labels
    parts = (
        labels.category, labels.confidentiality, labels.sensitivities, labels.holds,
        labels.legal, source_org, author, columns.starts, columns.ends,
    )  # fmt: skip
    return "|".join(str(part) for part in parts).encode()


def row_aad(row: Current, resource_id: str) -> bytes:
    """What the current row's bytes are bound to."""
    return version_aad("resource", row.type, resource_id, row.version, row.patient_id)


def version_of(
    state: State,
    row: Current | None,
    owner: str,
    container: str,
    state_hash: str,
    delivery: DeliveryContext,
    keys: Keys,
) -> NewVersion:
    """The version that follows the current row (the first, without one)."""
    number = (row.version if row else 0) + 1
    updated = from_micros(delivery.received_at).isoformat().replace("+00:00", "Z")
    source = f"urn:care-gateway:source:{delivery.source_org}:{delivery.feed}"
    aad = version_aad("resource", state.type, state.resource_id, number, owner)
    plain = stored_bytes(state, number, updated, source)
    columns = columns_of(state.body)
    org = delivery.source_org
    tag = label_tag(keys.current(owner), aad, labels_canonical(org, org, columns))
    return NewVersion(
        owner, state.resource_id, state.type, number, False, delivery.received_at, org, org,
        columns, tag, keys.seal(owner, plain, aad), f"delivery:{delivery.delivery_id}",
        state.lineage_bytes(), container, "feed", *state.order, state_hash,
    )  # fmt: skip


def tombstone_of(
    resource_id: str, row: Current, order: Order, delivery: DeliveryContext, keys: Keys
) -> NewVersion:
    """The version that says a source has withdrawn the resource; its labels stay."""
    owner, number, org = row.patient_id, row.version + 1, delivery.source_org
    last = state_of(keys.open(owner, row.sealed, row_aad(row, resource_id)), row.lineage, order)
    columns = columns_of(last.body)
    aad = version_aad("resource", row.type, resource_id, number, owner)
    tag = label_tag(keys.current(owner), aad, labels_canonical(org, org, columns))
    return NewVersion(
        owner, resource_id, row.type, number, True, delivery.received_at, org, org, columns,
        tag, keys.seal(owner, b"", aad), f"delivery:{delivery.delivery_id}", _NOTHING,
        row.container, "feed", *order, GONE.hex(),
    )  # fmt: skip
