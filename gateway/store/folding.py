"""One batch of items folded into resources: what was read, and what is to be written.

Rule    An item that states a thing whole (a plan) withdraws what it no longer names, unless a
        newer one has been taken; a late item is folded into its place from the sealed facts of
        the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from gateway.clock import from_micros
from gateway.store.columns import Columns, columns_of
from gateway.store.engine import Connection
from gateway.store.fold import (
    Localiser,
    Order,
    Origin,
    State,
    first_state,
    next_state,
    raise_labels,
    state_bytes,
    state_of,
    stored_bytes,
)
from gateway.store.resources import (
    Current,
    NewVersion,
    current_rows,
    move_order,
    write_versions,
)
from gateway.store.sealing import label_tag, version_aad
from gateway.store.vault import Keys, Vault
from mappings.core.apply import map_item
from mappings.core.outcome import Fold, Item, Mapped, Outcome
from mappings.core.rows import Kind
from mappings.registry import FEEDS

_GONE = b"\x00gone"
"""Stands for the state hash of a withdrawn resource."""


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The delivery that a batch is part of."""

    delivery_id: str
    source_org: str
    feed: str
    received_at: int
    key_owner: str


def item_aad(item_id: str) -> bytes:
    """What an item's sealed facts are bound to."""
    return f"item|{item_id}".encode()


def labels_canonical(source_org: str, author: str, columns: Columns) -> bytes:
    """The clear labels of a row as bytes, for its label tag."""
    labels = columns.labels
    parts = (
        labels.category, labels.confidentiality, labels.sensitivities, labels.holds,
        labels.legal, source_org, author, columns.starts, columns.ends,
    )  # fmt: skip
    return "|".join(str(part) for part in parts).encode()


class Folding:
    """One batch in one transaction."""

    def __init__(self, conn: Connection, vault: Vault, delivery: DeliveryContext) -> None:
        self.conn = conn
        self.vault = vault
        self.delivery = delivery
        self.localiser = Localiser(vault.hasher, delivery.source_org)
        self.keys = Keys({})
        self.links: list[tuple[str, str, str]] = []
        self._current: dict[str, Current] = {}
        self._states: dict[str, State] = {}
        self._owners: dict[str, str] = {}
        self._changed: set[str] = set()
        self._withdrawn: dict[str, Order] = {}
        self._containers: dict[str, str] = {}
        self._newest: dict[str, Order] = {}
        self._said: dict[str, list[tuple[Order, Mapped, Origin]]] = {}

    def container_id(self, item: Item, kind: Kind) -> str:
        """Keyed hash of the thing this item states whole; empty where it states parts."""
        whole = kind.whole(item.facts) if kind.whole else None
        if not whole:
            return ""
        org = self.delivery.source_org
        return self.vault.hasher.keyed_hash("container", org, item.kind, whole)

    async def load(self, owners: set[str], resources: Mapping[tuple[str, str], str]) -> None:
        """Keys and current rows of everything the batch speaks of."""
        self.keys = await self.vault.ensure(self.conn, sorted(owners | {self.delivery.key_owner}))
        ids = {
            self.localiser.resource_id(resource_type, key): owner
            for (resource_type, key), owner in resources.items()
        }
        self._current = await current_rows(self.conn, ids)

    async def fold_item(
        self,
        patient_id: str,
        item_id: str,
        container: str,
        item: Item,
        outcome: Outcome,
        order: Order,
        mapping_version: str,
    ) -> list[str]:
        """Fold one item's resources in; their `Type/id`, in the item's order."""
        delivery = self.delivery
        origin = Origin(
            item_id, delivery.delivery_id, item.number, item.kind, mapping_version,
            delivery.received_at,
        )  # fmt: skip
        superseded = await self._is_superseded(patient_id, container, order)
        references, said = [], set()
        for mapped in outcome.resources:
            resource_id = self.localiser.resource_id(mapped.type, mapped.key)
            said.add(resource_id)
            self.links.append((patient_id, resource_id, item_id))
            self._owners[resource_id] = patient_id
            self._said.setdefault(resource_id, []).append((order, mapped, origin))
            contained = bool(container) and mapped.type != "Patient"
            if contained and not superseded:
                self._containers[resource_id] = container
            await self._fold(resource_id, mapped, origin, order, superseded and contained)
            references.append(f"{mapped.type}/{resource_id}")
        if container and not superseded:
            self._newest[container] = order
            await self._withdraw(patient_id, container, said, order)
        return references

    async def _is_superseded(self, patient_id: str, container: str, order: Order) -> bool:
        """Whether a newer item has already stated the same thing whole."""
        if not container:
            return False
        rows = await self.conn.fetch(
            "SELECT source_time, content_hash FROM item WHERE patient_id = $1 AND container = $2"
            " AND state = 'taken' ORDER BY source_time DESC, content_hash DESC LIMIT 1",
            (patient_id, container),
        )
        stored: Order = (rows[0][0], rows[0][1]) if rows else ("", "")
        return max(stored, self._newest.get(container, ("", ""))) > order

    async def _fold(
        self, resource_id: str, mapped: Mapped, origin: Origin, order: Order, superseded: bool
    ) -> None:
        state = self._state(resource_id)
        if superseded:
            if state is not None and raise_labels(state, mapped):
                self._changed.add(resource_id)
        elif state is None:
            self._set(first_state(mapped, self.localiser, origin, order))
        elif order > state.order:
            self._set(next_state(state, mapped, self.localiser, origin, order))
        elif mapped.fold is Fold.MERGE:
            await self._refold(resource_id)
        elif raise_labels(state, mapped):
            self._changed.add(resource_id)

    def _state(self, resource_id: str) -> State | None:
        if resource_id in self._states:
            return self._states[resource_id]
        row = self._current.get(resource_id)
        if row is None or row.deleted or resource_id in self._withdrawn:
            return None
        aad = version_aad("resource", row.type, resource_id, row.version, row.patient_id)
        body = self.keys.open(row.patient_id, row.sealed, aad)
        state = state_of(body, row.lineage, (row.source_time, row.content_hash))
        self._states[resource_id] = state
        return state

    def _set(self, state: State) -> None:
        self._states[state.resource_id] = state
        self._changed.add(state.resource_id)
        self._withdrawn.pop(state.resource_id, None)

    async def _refold(self, resource_id: str) -> None:
        """A late item: fold everything said of the resource again, in order."""
        told = [*self._said[resource_id], *await self._told(resource_id)]
        told.sort(key=lambda entry: entry[0])
        order, mapped, origin = told[0]
        state = first_state(mapped, self.localiser, origin, order)
        for order, mapped, origin in told[1:]:
            state = next_state(state, mapped, self.localiser, origin, order)
        self._set(state)

    async def _told(self, resource_id: str) -> list[tuple[Order, Mapped, Origin]]:
        """What items taken earlier said, mapped again from their sealed facts."""
        rows = await self.conn.fetch(
            "SELECT i.item_id, i.delivery_id, i.number, i.kind, i.mapping_version, i.received_at,"
            " i.source_time, i.content_hash, i.sealed, i.key_owner, i.feed"
            " FROM item_resource r JOIN item i"
            " ON i.patient_id = r.patient_id AND i.item_id = r.item_id"
            " WHERE r.patient_id = $1 AND r.resource_id = $2 AND i.state = 'taken'",
            (self._owners[resource_id], resource_id),
        )
        told = []
        for row in rows:
            facts = orjson.loads(self.keys.open(row[9], bytes(row[8]), item_aad(row[0])))
            outcome = map_item(FEEDS[row[10]].kinds[row[3]], Item(row[3], row[2], facts))
            told += [
                ((row[6], row[7]), mapped, Origin(*row[:6]))
                for mapped in outcome.resources
                if self.localiser.resource_id(mapped.type, mapped.key) == resource_id
            ]
        return told

    async def _withdraw(
        self, patient_id: str, container: str, said: set[str], order: Order
    ) -> None:
        rows = await self.conn.fetch(
            "SELECT resource_id FROM resource WHERE patient_id = $1 AND container = $2"
            " AND deleted = 0",
            (patient_id, container),
        )
        held = {row[0] for row in rows}
        held |= {r for r, c in self._containers.items() if c == container}
        gone = sorted(held - said)
        self._current |= await current_rows(
            self.conn, {r: patient_id for r in gone if r not in self._current}
        )
        for resource_id in gone:
            self._owners[resource_id] = patient_id
            self._changed.discard(resource_id)
            self._states.pop(resource_id, None)
            self._withdrawn[resource_id] = order

    async def write(self) -> dict[str, int]:
        """Write every new version; `Type/id` -> version of all that stands now."""
        new: list[NewVersion] = []
        moved: list[tuple[str, str, str, str]] = []
        standing: dict[str, int] = {}
        for resource_id, state in self._states.items():
            row = self._current.get(resource_id)
            standing[f"{state.type}/{resource_id}"] = row.version if row else 0
            if resource_id not in self._changed:
                continue
            state_hash = self.vault.hasher.keyed_hash("state", state_bytes(state).hex())
            if row and not row.deleted and row.state_hash == state_hash:
                moved.append((*state.order, row.patient_id, resource_id))
                continue
            version = self._version(state, row, state_hash)
            standing[f"{state.type}/{resource_id}"] = version.version
            new.append(version)
        for resource_id, order in self._withdrawn.items():
            row = self._current.get(resource_id)
            if row and not row.deleted:
                new.append(self._tombstone(resource_id, row, order))
        await write_versions(self.conn, new)
        await move_order(self.conn, moved)
        return standing

    def _version(self, state: State, row: Current | None, state_hash: str) -> NewVersion:
        delivery, number = self.delivery, (row.version if row else 0) + 1
        owner = self._owners[state.resource_id]
        updated = from_micros(delivery.received_at).isoformat().replace("+00:00", "Z")
        source = f"urn:care-gateway:source:{delivery.source_org}:{delivery.feed}"
        aad = version_aad("resource", state.type, state.resource_id, number, owner)
        plain = stored_bytes(state, number, updated, source)
        columns = columns_of(state.body)
        key = self.keys.current(owner)
        labels = labels_canonical(delivery.source_org, delivery.source_org, columns)
        return NewVersion(
            owner, state.resource_id, state.type, number, False, delivery.received_at,
            delivery.source_org, delivery.source_org, columns, label_tag(key, aad, labels),
            self.keys.seal(owner, plain, aad), f"delivery:{delivery.delivery_id}",
            state.lineage_bytes(),
            self._containers.get(state.resource_id, row.container if row else ""),
            "feed", *state.order, state_hash,
        )  # fmt: skip

    def _tombstone(self, resource_id: str, row: Current, order: Order) -> NewVersion:
        """The version that says a source has withdrawn the resource; its labels stay."""
        number, delivery = row.version + 1, self.delivery
        aad = version_aad("resource", row.type, resource_id, row.version, row.patient_id)
        last = state_of(self.keys.open(row.patient_id, row.sealed, aad), row.lineage, order)
        columns = columns_of(last.body)
        aad = version_aad("resource", row.type, resource_id, number, row.patient_id)
        labels = labels_canonical(delivery.source_org, delivery.source_org, columns)
        key = self.keys.current(row.patient_id)
        return NewVersion(
            row.patient_id, resource_id, row.type, number, True, delivery.received_at,
            delivery.source_org, delivery.source_org, columns, label_tag(key, aad, labels),
            self.keys.seal(row.patient_id, b"", aad), f"delivery:{delivery.delivery_id}",
            orjson.dumps([[], []]), row.container, "feed", *order, _GONE.hex(),
        )  # fmt: skip
