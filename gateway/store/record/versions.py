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

import structlog

from gateway.clock import instant
from gateway.store.clear.columns import columns_of, is_link, references
from gateway.store.labels.labelling import Marking
from gateway.store.record.fold import Order, State, dated, head_of, relinked, state_of, stored_bytes
from gateway.store.record.resources import Current, NewVersion
from gateway.store.sealed.lineage_seal import Told, lineage_opened, lineage_sealed
from gateway.store.sealed.row_seal import bound, row_aad
from gateway.store.sealed.vault import UNREADABLE, Keys
from gateway.store.team.team_lineage import NOTHING
from gateway.store.team.team_over import under
from gateway.store.team.team_statements import EDITED, shown_part, source_part, withdrawn

GONE: Final = b"\x00gone"
"""Stands for the state hash of a withdrawn resource."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The delivery that a batch is part of."""

    delivery_id: str
    source_org: str
    feed: str
    received_at: int
    key_owner: str

    @property
    def author_id(self) -> str:
        """Who made the versions that come of it."""
        return f"delivery:{self.delivery_id}"


def held_aad(row: Current, resource_id: str) -> bytes:
    """What the current row's bytes are bound to."""
    return row_aad(row.type, resource_id, row.version, row.patient_id, row.bound)


def source_state(row: Current, resource_id: str, held: bytes, order: Order, keys: Keys) -> State:
    """The state of a row that holds this. Errors: UnsealError where its lineage was altered."""
    return state_of(held, lineage_of_row(row, resource_id, keys), order)


def lineage_of_row(row: Current, resource_id: str, keys: Keys) -> bytes:
    """Where the elements of the current row came from. Errors: UnsealError."""
    of = Told(row.patient_id, row.type, resource_id, row.version, row.linking, row.author_id)
    return lineage_opened(keys, of, row.lineage)


def is_as_written(row: Current, resource_id: str, keys: Keys) -> bool:
    """Whether the current row opens; one that was altered outside is told to operators."""
    try:
        held = keys.open(row.patient_id, row.sealed, held_aad(row, resource_id))
        if not row.deleted:
            order = row.source_time, row.content_hash
            source_state(row, resource_id, shown_part(held), order, keys)
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
    before = source_state(row, state.resource_id, stored, state.order, writing.keys)
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
    told = Told(owner, state.type, state.resource_id, number, linking, delivery.author_id)
    return NewVersion(
        owner, state.resource_id, state.type, number, False, at, org, org, columns,
        keys.seal(owner, plain, aad), told.author_id,
        lineage_sealed(keys, told, lineage), container, origin, *state.order, state_hash, linking,
        feed, marking.labelling.version, others,
    )  # fmt: skip


def tombstone_of(
    resource_id: str, row: Current, order: Order, writing: Writing, lineage: bytes = NOTHING
) -> NewVersion:
    """The version that says a source has withdrawn the resource; its labels stay."""
    delivery, keys, at = writing.delivery, writing.keys, writing.at
    owner, number = row.patient_id, row.version + 1
    org, feed, marking = delivery.source_org, delivery.feed, writing.marking
    held = keys.open(owner, row.sealed, held_aad(row, resource_id))
    last = source_state(row, resource_id, shown_part(held), order, keys)
    said = columns_of(last.body)
    plain = withdrawn(held) if row.origin == EDITED else b""
    columns, _ = marking.marked((owner, resource_id), last.body, said, fresh=False)
    aad = row_aad(row.type, resource_id, number, owner, bound(org, org, columns, feed, 0))
    told = Told(owner, row.type, resource_id, number, 0, delivery.author_id)
    return NewVersion(
        owner, resource_id, row.type, number, True, at, org, org, columns,
        keys.seal(owner, plain, aad), told.author_id,
        lineage_sealed(keys, told, lineage), row.container, row.origin, *order, GONE.hex(), 0,
        feed, marking.labelling.version,
    )  # fmt: skip
