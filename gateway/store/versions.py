"""New versions of resources from folded states: sealed, labelled, numbered.

In      A state, or the current row of what is withdrawn; the delivery; the owner's keys.
Out     NewVersion rows, ready to be written.
Rule    Where a state differs from the current version in its links alone, the version stays what
        it is, with its time, and has a new linking.
Source  docs/adr/0014-links-make-no-version.md.
Pure    No database; sealing draws its nonces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from gateway.clock import instant
from gateway.store.columns import columns_of, is_link, references
from gateway.store.fold import Order, State, dated, head_of, relinked, state_of, stored_bytes
from gateway.store.labelling import Marking
from gateway.store.resources import Current, NewVersion
from gateway.store.row_seal import bound, row_aad
from gateway.store.sealing import UnsealError
from gateway.store.team_over import under
from gateway.store.team_statements import EDITED, shown_part, source_part, withdrawn
from gateway.store.vault import UNREADABLE, Keys

GONE: Final = b"\x00gone"
"""Stands for the state hash of a withdrawn resource."""
_NOTHING: Final = orjson.dumps([[], []])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The delivery that a batch is part of."""

    delivery_id: str
    source_org: str
    feed: str
    received_at: int
    key_owner: str


def held_aad(row: Current, resource_id: str) -> bytes:
    """What the current row's bytes are bound to."""
    return row_aad(row.type, resource_id, row.version, row.patient_id, row.bound)


def source_state(row: Current, held: bytes, order: Order) -> State:
    """The state of a row that holds this. Errors: UnsealError where its lineage, which no seal
    binds, was altered so that it is none."""
    try:
        return state_of(held, row.lineage, order)
    except (LookupError, TypeError, ValueError):
        fault = UnsealError("the lineage of a row is none")
        fault.owner = row.patient_id
        raise fault from None


def is_as_written(row: Current, resource_id: str, keys: Keys) -> bool:
    """Whether the current row opens; one that was altered outside is told to operators."""
    try:
        held = keys.open(row.patient_id, row.sealed, held_aad(row, resource_id))
        if not row.deleted:
            source_state(row, shown_part(held), (row.source_time, row.content_hash))
    except UNREADABLE:
        left_alone(row.type)
        return False
    return True


def left_alone(resource_type: str) -> None:
    """Tell operators of a row that nothing is laid over, for it was altered outside."""
    _log.error("altered-row-left", resource_type=resource_type)


@dataclass(frozen=True, slots=True)
class Writing:
    """What every version written together has in common."""

    delivery: DeliveryContext
    keys: Keys
    at: int
    """Of this writing, whenever the delivery was received."""
    updated: str
    """The same as FHIR says it."""
    source: str
    marking: Marking

    @classmethod
    def of(cls, delivery: DeliveryContext, keys: Keys, at: int, marking: Marking) -> "Writing":
        """A writing at this time."""
        updated = instant(at)
        source = f"urn:care-gateway:source:{delivery.source_org}:{delivery.feed}"
        return cls(delivery, keys, at, updated, source, marking)


def version_of(
    state: State,
    row: Current | None,
    owner: str,
    container: str,
    state_hash: str,
    writing: Writing,
    named: Sequence[str],
) -> NewVersion:
    """The version that follows the current row (the first, without one); `named`: the state's
    references."""
    number = (row.version if row else 0) + 1
    head = {
        "versionId": str(number),
        "lastUpdated": writing.updated,
        "source": writing.source,
    }
    place = (owner, number, 0, writing.at)
    plain = stored_bytes(state, head)
    over = _over(row, state.resource_id, writing.keys)
    return _sealed(
        state, plain, head, place, container, state_hash, writing, named, over, fresh=row is None
    )


def relinked_of(
    state: State, row: Current, container: str, writing: Writing, named: Sequence[str]
) -> NewVersion | None:
    """The current version with the links, and the day, it has now; None where they are as they
    were."""
    linked = any(map(is_link, named)) or any(map(is_link, row.refs.split()))
    if not linked and not dated(state.body):
        return None
    held = writing.keys.open(row.patient_id, row.sealed, held_aad(row, state.resource_id))
    stored = source_part(held)
    before = source_state(row, stored, state.order)
    if before.body == state.body:
        return None
    place = (row.patient_id, row.version, row.linking + 1, row.updated_at)
    made = relinked(before, state)
    plain, head = stored_bytes(made, head_of(stored)), head_of(shown_part(held))
    return _sealed(
        made, plain, head, place, container, row.state_hash, writing, references(made.body),
        held if row.origin == EDITED else b"",
    )  # fmt: skip


def _over(row: Current | None, resource_id: str, keys: Keys) -> bytes:
    """What the current row seals, where a team's edits lie over it; empty where none do."""
    if row is None or row.origin != EDITED:
        return b""
    return keys.open(row.patient_id, row.sealed, held_aad(row, resource_id))


def _sealed(
    state: State,
    plain: bytes,
    head: dict[str, Any],
    place: tuple[str, int, int, int],
    container: str,
    state_hash: str,
    writing: Writing,
    named: Sequence[str],
    over: bytes,
    *,
    fresh: bool = False,
) -> NewVersion:
    owner, number, linking, at = place
    body, origin, lineage = state.body, "feed", state.lineage_bytes()
    if over:
        body, plain, lineage, named = under(plain, over, head, lineage)
        origin = EDITED
    delivery, keys = writing.delivery, writing.keys
    org, feed, marking = delivery.source_org, delivery.feed, writing.marking
    said = columns_of(body, named, hasher=keys.hasher)
    columns, others = marking.marked((owner, state.resource_id), body, said, fresh=fresh)
    labels = bound(org, org, columns, feed, linking)
    aad = row_aad(state.type, state.resource_id, number, owner, labels)
    return NewVersion(
        owner, state.resource_id, state.type, number, False, at, org, org, columns,
        keys.seal(owner, plain, aad), f"delivery:{delivery.delivery_id}", lineage, container,
        origin, *state.order, state_hash, linking, feed, marking.labelling.version, others,
    )  # fmt: skip


def tombstone_of(resource_id: str, row: Current, order: Order, writing: Writing) -> NewVersion:
    """The version that says a source has withdrawn the resource; its labels stay."""
    delivery, keys, at = writing.delivery, writing.keys, writing.at
    owner, number = row.patient_id, row.version + 1
    org, feed, marking = delivery.source_org, delivery.feed, writing.marking
    held = keys.open(owner, row.sealed, held_aad(row, resource_id))
    last = source_state(row, shown_part(held), order)
    said = columns_of(last.body)
    plain = withdrawn(held) if row.origin == EDITED else b""
    columns, _ = marking.marked((owner, resource_id), last.body, said, fresh=False)
    aad = row_aad(row.type, resource_id, number, owner, bound(org, org, columns, feed, 0))
    return NewVersion(
        owner, resource_id, row.type, number, True, at, org, org, columns,
        keys.seal(owner, plain, aad), f"delivery:{delivery.delivery_id}", _NOTHING,
        row.container, row.origin, *order, GONE.hex(), 0, feed, marking.labelling.version,
    )  # fmt: skip
