"""One batch of items folded into resources: what was read, and what is to be written.

Rule    A resource is what its newest item says. It stands unless a newer item that states the
        same thing whole (a plan, a list) no longer names it. Its labels are those of every item
        that ever named it. An item with a refused part withdraws nothing: the part may be why a
        resource is missing. So the order of arrival makes no difference. A state that differs
        in its links alone makes no new version.
"""

from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import Final

from gateway.clock import to_micros
from gateway.store.clear.columns import Place, references
from gateway.store.database.engine import Connection
from gateway.store.intake import lapsing
from gateway.store.intake.containers import IN_PART, may_be_left_out
from gateway.store.intake.told import (
    EarlierItems,
    Telling,
    added,
    merges,
    sealed_naming,
    told_of,
)
from gateway.store.labels.labelling import Marking
from gateway.store.record.fold import (
    Order,
    Origin,
    State,
    folded,
    is_settled,
    next_state,
    own_bytes,
    raise_labels,
    take_labels,
)
from gateway.store.record.localising import Localisers
from gateway.store.record.resources import (
    Current,
    Moved,
    NewVersion,
    current_rows,
    in_containers,
    move_order,
    newest_wholes,
    write_versions,
)
from gateway.store.record.versions import (
    DeliveryContext,
    Writing,
    held_aad,
    relinked_of,
    source_state,
    tombstone_of,
    version_of,
)
from gateway.store.sealed.label_decisions import marking_of
from gateway.store.sealed.vault import Keys, Vault
from gateway.store.team.team_statements import source_part
from mappings.core.model.outcome import Fold, Item, Mapped, Outcome

_OLDEST: Final[Order] = ("", "")


class Folding:
    """One batch in one transaction, of deliveries of one source's feed."""

    def __init__(self, conn: Connection, vault: Vault, delivery: DeliveryContext) -> None:
        self.conn = conn
        self.vault = vault
        self.delivery = delivery
        self.localisers = Localisers(vault.hasher, delivery.source_org)
        self.deliveries: dict[str, DeliveryContext] = {}
        """Source record -> the delivery that speaks of it, where that is another."""
        self.keys = Keys({}, vault.hasher)
        self.links: list[tuple[str, str, str, bytes]] = []
        self._told = EarlierItems(conn, self.localisers)
        self._told_before: set[Place] = set()
        self._before: set[str] = set()
        self._current: dict[Place, Current] = {}
        self._states: dict[Place, State] = {}
        self._changed: set[Place] = set()
        self._withdrawn: dict[Place, Order] = {}
        self._containers: dict[Place, str] = {}
        self._newest: dict[str, Order] = {}
        """Container -> the newest item that stated it whole."""
        self._inside: dict[str, set[Place]] = {}
        self._said: dict[Place, list[Telling]] = {}

    async def load(
        self,
        owners: Mapping[str, bool],
        inboxes: Collection[str],
        resources: Collection[tuple[str, str, str]],
        wholes: Mapping[Place, Order],
        lists: Mapping[Place, Order],
    ) -> None:
        """Keys and rows of all the batch speaks of: source record -> whether it was there before;
        whose keys its items are kept under; (source record, type, key) of every resource; what its
        items state whole, by containers of items and by Lists, each with the newest that does."""
        self._before = {owner for owner, before in owners.items() if before}
        wanted = sorted({*owners, *inboxes})
        self.keys = await self.vault.ensure(self.conn, wanted, new=owners.keys() - self._before)
        places = {
            (owner, self.localisers.of(owner).resource_id(resource_type, key))
            for owner, resource_type, key in resources
            if owner in self._before
        }
        self._told.expect({resource_id for _, resource_id in places})
        self._current = await current_rows(self.conn, places)
        gone = {p for p in places if p not in self._current or self._current[p].deleted}
        self._told_before = await told_of(self.conn, gone)
        stated = {one for one in wholes if one[0] in self._before}
        self._newest = await newest_wholes(self.conn, stated)
        stated |= {one for one in lists if one[0] in self._before}
        orders = {**wholes, **lists}
        newer = {one for one in stated if self._newest_whole(one) < orders[one]}
        self._inside = await in_containers(self.conn, newer)
        inside = set().union(*self._inside.values())
        self._current |= await current_rows(self.conn, inside - self._current.keys())

    async def fold_item(
        self,
        patient_id: str,
        item_id: str,
        container: str,
        item: Item,
        outcome: Outcome,
        order: Order,
        mapping_version: str,
        lists: Mapping[str, str],
    ) -> list[str]:
        """Fold one item's resources in; their `Type/id`, in the item's order."""
        delivery = self.deliveries.get(patient_id, self.delivery)
        origin = Origin(
            item_id, delivery.delivery_id, item.number, item.kind, mapping_version,
            delivery.received_at,
        )  # fmt: skip
        whole = container.removeprefix(IN_PART)
        localiser = self.localisers.of(patient_id)
        newest = self._newest_whole((patient_id, whole))
        ids = {of: localiser.resource_id("List", key) for of, key in lists.items()}
        listings = {of: (one, self._newest_whole((patient_id, one))) for of, one in ids.items()}
        references, said = [], set()
        for mapped in outcome.resources:
            place = (patient_id, localiser.resource_id(mapped.type, mapped.key))
            said.add(place)
            self.links.append((*place, item_id, sealed_naming(self.keys, place, item_id, mapped)))
            self._said.setdefault(place, []).append((order, mapped, origin))
            inside = whole if may_be_left_out(mapped.resource) else ""
            listing = listings.get(mapped.type, (inside, newest))
            await self._fold(place, mapped, origin, order, *listing)
            references.append(f"{mapped.type}/{place[1]}")
        if container and container == whole and newest < order:
            self._newest[whole] = order
            self._withdraw(patient_id, whole, said, order)
        for held, stated in listings.values():
            if (patient_id, held) in said and stated < order:
                self._newest[held] = order
                self._withdraw(patient_id, held, said, order)
        return references

    def _newest_whole(self, whole: Place) -> Order:
        """The newest item that stated (source record, container) whole, or made the List."""
        if whole[1] not in self._newest:
            row = self._current.get(whole)
            self._newest[whole[1]] = (row.source_time, row.content_hash) if row else _OLDEST
        return self._newest[whole[1]]

    async def _fold(
        self,
        place: Place,
        mapped: Mapped,
        origin: Origin,
        order: Order,
        inside: str,
        newest: Order,
    ) -> None:
        superseded = bool(inside) and newest > order
        state = self._state(place)
        if state is not None and order < state.order:
            await self._fold_late(place, state, mapped, order)
        elif superseded:
            if state is not None:
                self._bury(place, newest)
        elif state is not None:
            localiser = self.localisers.of(place[0])
            self._set(place, next_state(state, mapped, localiser, origin, order), inside)
        else:
            told = [*self._said[place], *await self._earlier(place)]
            if max(told, key=itemgetter(0))[0] == order:  # else something newer withdrew it
                self._set(place, folded(told, self.localisers.of(place[0])), inside)

    async def _fold_late(self, place: Place, state: State, mapped: Mapped, order: Order) -> None:
        """An item older than the state: in its place where elements are merged and it changes
        one; else its labels alone."""
        since = {one.kind for at, _, one in self._said[place] if at > order}
        if mapped.fold is Fold.REPLACE:
            since |= await self._told.kinds_since(place, state.type, order)
        merging = mapped.fold is Fold.MERGE or any(merges(kind, state.type) for kind in since)
        if merging and not await self._is_settled(place, state, mapped, order):
            told = await self._told.mattering(place, self.keys, self._said[place])
            self._states[place] = folded(told, self.localisers.of(place[0]))
            take_labels(self._states[place], state.body, mapped.resource)
            self._changed.add(place)
        elif raise_labels(state, mapped):
            self._changed.add(place)

    async def _is_settled(self, place: Place, state: State, mapped: Mapped, order: Order) -> bool:
        origins = {origin.item_id for origin in state.origins}
        newer = {one.item_id for at, _, one in self._said[place] if at > order}
        newer |= await self._told.newer(place[0], origins - newer, order)
        return is_settled(state, mapped, self.localisers.of(place[0]), added(state.type), newer)

    async def _earlier(self, place: Place) -> list[Telling]:
        known = place in self._told_before or place in self._withdrawn
        return await self._told.of(place, self.keys) if known else []

    def _state(self, place: Place) -> State | None:
        if place in self._states:
            return self._states[place]
        row = self._current.get(place)
        if row is None or row.deleted or place in self._withdrawn:
            return None
        body = self.keys.open(row.patient_id, row.sealed, held_aad(row, place[1]))
        order = row.source_time, row.content_hash
        state = source_state(row, place[1], source_part(body), order, self.keys)
        self._states[place] = state
        return state

    def _set(self, place: Place, state: State, container: str) -> None:
        self._states[place] = state
        self._changed.add(place)
        self._containers[place] = container
        self._withdrawn.pop(place, None)

    def _bury(self, place: Place, order: Order) -> None:
        self._states.pop(place, None)
        self._changed.discard(place)
        self._withdrawn[place] = order

    def _withdraw(self, patient_id: str, container: str, said: set[Place], order: Order) -> None:
        """Take away what stood in the container and is no longer named."""
        held = self._inside.get(container, set())
        held = held | {place for place in self._states if self._container(place) == container}
        for place in sorted(held - said):
            standing = self._container(place) == container and place[0] == patient_id
            state = self._state(place) if standing else None
            if state is not None and state.order < order and may_be_left_out(state.body):
                self._bury(place, order)

    def _container(self, place: Place) -> str:
        row = self._current.get(place)
        return self._containers.get(place, row.container if row else "")

    async def write(self) -> dict[tuple[str, str], int]:
        """Write every new version; (source record, `Type/id`) -> version of all that stands."""
        before = [p for p in (*self._changed, *self._withdrawn) if p in self._current]
        marking = await marking_of(self.conn, self.vault, self.keys, self.delivery.feed, before)
        at = to_micros(self.vault.now())
        new: list[NewVersion] = []
        moved: list[Moved] = []
        standing: dict[tuple[str, str], int] = {}
        for place, state in self._states.items():
            row = self._current.get(place)
            shown = (place[0], f"{state.type}/{place[1]}")
            standing[shown] = row.version if row else 0
            if place not in self._changed:
                continue
            writing = self._writing(place[0], marking, at)
            lapsing.lapsed(state, at)
            container = self._container(place)
            named = references(state.body)
            state_hash = self.vault.hasher.lasting_hash("state", own_bytes(state, named).hex())
            if row and not row.deleted and row.state_hash == state_hash:
                linked = relinked_of(state, row, container, writing, named)
                if linked:
                    new.append(linked)
                else:
                    moved.append((*state.order, container, *place))
                continue
            version = version_of(state, row, place[0], container, state_hash, writing, named)
            standing[shown] = version.version
            new.append(version)
        for place, order in self._withdrawn.items():
            row = self._current.get(place)
            if row and not row.deleted:
                new += self._tombstone(place, row, order, self._writing(place[0], marking, at))
        await move_order(self.conn, moved)
        await write_versions(self.conn, new)
        await lapsing.note(self.conn, {p: self._states[p] for p in self._changed})
        return standing

    def _writing(self, owner: str, marking: Marking, at: int) -> Writing:
        return Writing.of(self.deliveries.get(owner, self.delivery), self.keys, at, marking)

    def _tombstone(self, place: Place, row: Current, at: Order, by: Writing) -> list[NewVersion]:
        return [tombstone_of(place[1], row, at, by)]
