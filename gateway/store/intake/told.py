"""What items taken earlier said of a resource: mapped again from their sealed facts.

In      A connection in a writing, opened keys, the resource.
Out     For each item that speaks of it, or that matters to it still: its place in the order, what
        it said, the item.
Rule    What an item names of a resource is sealed beside it as it is taken, where elements of that
        type are merged; one that was mapped by other rows than today's is mapped to be told.
        Whatever speaks of a resource was taken.
        An item is read and mapped once, however many of its resources are asked for, while no more
        than so many are held, and of each no more than was said to be asked for. What is asked for
        again at once is there, however much it is. Of somebody of whom thousands of items tell, it
        takes seconds: others get on meanwhile.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final

import orjson

from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.record.fold import Order, Origin
from gateway.store.record.localising import Localisers
from gateway.store.record.mattering import Naming, mattering, naming_from, naming_of
from gateway.store.sealed.vault import Keys
from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Fold, Item, Mapped
from mappings.core.released.version import version
from mappings.registry import FEEDS

Telling = tuple[Order, Mapped, Origin]
_CHUNK: Final = 300
_OPENED: Final = 20
"""Items whose sealed facts are read in one statement, and mapped before others get on."""
_HELD: Final = 4_000
"""Items that are held as they were mapped."""


def item_aad(item_id: str) -> bytes:
    """What an item's sealed facts are bound to."""
    return f"item|{item_id}".encode()


def sealed_naming(keys: Keys, place: Place, item_id: str, mapped: Mapped) -> bytes:
    """What an item names of a resource, as it is kept; empty for a type that is never merged."""
    if mapped.type not in merged_types():
        return b""
    return keys.seal(place[0], naming_of(mapped).to_bytes(), _naming_aad(item_id, place[1]))


def _naming_aad(item_id: str, resource_id: str) -> bytes:
    return f"naming|{item_id}|{resource_id}".encode()


@cache
def merges(kind: str, resource_type: str) -> bool:
    """Whether a kind of that name changes resources of this type element by element."""
    return any(
        target.type == resource_type and target.fold is Fold.MERGE
        for feed in FEEDS.values()
        for name, one in feed.kinds.items()
        if name == kind
        for target in one.targets
    )


@cache
def merged_types() -> frozenset[str]:
    """The types that items of some kind change element by element."""
    return frozenset(
        target.type
        for feed in FEEDS.values()
        for kind in feed.kinds.values()
        for target in kind.targets
        if target.fold is Fold.MERGE
    )


@cache
def added(resource_type: str) -> frozenset[str]:
    """The elements of this type that items of some kind add to."""
    return frozenset(
        name
        for feed in FEEDS.values()
        for kind in feed.kinds.values()
        for target in kind.targets
        if target.type == resource_type
        for name in target.adds
    )


async def told_of(conn: Connection, places: Collection[Place]) -> set[Place]:
    """Those of the resources that some item has spoken of before."""
    wanted = sorted(places)
    found: set[Place] = set()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        owners = sorted({owner for owner, _ in part})
        ids = sorted({resource_id for _, resource_id in part})
        rows = await conn.fetch(
            "SELECT DISTINCT patient_id, resource_id FROM item_resource"
            f" WHERE patient_id IN ({placeholders(len(owners))})"
            f" AND resource_id IN ({placeholders(len(ids), len(owners) + 1)})",
            [*owners, *ids],
        )
        found |= {(row[0], row[1]) for row in rows}
    return found


class EarlierItems:
    """The earlier items of one batch's resources."""

    def __init__(self, conn: Connection, localisers: Localisers) -> None:
        self._conn = conn
        self._localisers = localisers
        self._items: dict[str, dict[str, Mapped]] = {}
        self._wanted: set[str] = set()
        self._last: tuple[Place, list[Telling]] | None = None
        self._last_named: tuple[Place, list[tuple[Row, Naming]]] | None = None

    def expect(self, resource_ids: Collection[str]) -> None:
        """What items said of these will be asked for: nothing else of them is held."""
        if not self._wanted.issuperset(resource_ids):
            self._items.clear()
            self._wanted.update(resource_ids)

    async def of(self, place: Place, keys: Keys) -> list[Telling]:
        """What items taken earlier said of this resource."""
        if self._last is None or self._last[0] != place:
            self._last = place, await self._told(place, keys)
        return self._last[1]

    async def mattering(self, place: Place, keys: Keys, said: Sequence[Telling]) -> list[Telling]:
        """Of what is said of this resource now, and of what items taken earlier said, as much as
        makes it what it is: all but its labels."""
        if self._last_named is None or self._last_named[0] != place:
            self._last_named = place, await self._named(place, keys)
        named = [((row[6], row[7]), naming, row) for row, naming in self._last_named[1]]
        now = [(one[0], naming_of(one[1]), one) for one in said]
        every = sorted([*named, *now], key=itemgetter(0))
        matter = [every[at][2] for at in mattering([naming for _, naming, _ in every])]
        earlier = [one for one in matter if isinstance(one[0], str)]
        return [
            *(one for one in matter if not isinstance(one[0], str)),
            *await self._tellings(place, earlier, keys),
        ]

    async def _named(self, place: Place, keys: Keys) -> list[tuple[Row, Naming]]:
        """Each item that was taken, with what it names."""
        known: list[tuple[Row, Naming]] = []
        unknown: list[Row] = []
        for number, row in enumerate(await self._rows(place)):
            if row[9] and row[4] == version(FEEDS[row[8]].kinds[row[3]]):
                kept = keys.open(place[0], bytes(row[9]), _naming_aad(row[0], place[1]))
                known.append((row, naming_from(kept)))
            else:
                unknown.append(row)
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
        by_id = {row[0]: row for row in unknown}
        for telling in await self._tellings(place, unknown, keys):
            known.append((by_id[telling[2].item_id], naming_of(telling[1])))
        return known

    async def _told(self, place: Place, keys: Keys) -> list[Telling]:
        return await self._tellings(place, await self._rows(place), keys)

    async def _rows(self, place: Place) -> list[Row]:
        return await self._conn.fetch(
            "SELECT i.item_id, i.delivery_id, i.number, i.kind, i.mapping_version, i.received_at,"
            " i.source_time, i.content_hash, i.feed, r.sealed"
            " FROM item_resource r JOIN item i"
            " ON i.patient_id = r.patient_id AND i.item_id = r.item_id"
            " WHERE r.patient_id = $1 AND r.resource_id = $2",
            place,
        )

    async def _tellings(self, place: Place, rows: Sequence[Row], keys: Keys) -> list[Telling]:
        self.expect({place[1]})
        told: list[Telling] = []
        for start in range(0, len(rows), _OPENED):
            part = rows[start : start + _OPENED]
            items = {row[0]: (row[8], row[3], row[2]) for row in part}
            said = await self._said(place[0], items, keys)
            await asyncio.sleep(0)
            told += [
                ((row[6], row[7]), said[row[0]][place[1]], Origin(*row[:6]))
                for row in part
                if place[1] in said[row[0]]
            ]
        return told

    async def newer(self, owner: str, item_ids: Collection[str], order: Order) -> set[str]:
        """Those of these items that were taken earlier and come after `order`."""
        if not item_ids:
            return set()
        rows = await self._conn.fetch(
            "SELECT item_id, source_time, content_hash FROM item WHERE patient_id = $1"
            f" AND item_id IN ({placeholders(len(item_ids), 2)})",
            [owner, *item_ids],
        )
        return {row[0] for row in rows if (row[1], row[2]) > order}

    async def kinds_since(self, place: Place, resource_type: str, order: Order) -> set[str]:
        """The kinds of items that were taken earlier, come after `order` and speak of this
        resource, where such a type is merged at all. One that changed nothing is no origin of it,
        and stands nevertheless on what came before."""
        if resource_type not in merged_types():
            return set()
        rows = await self._conn.fetch(
            "SELECT i.kind, i.source_time, i.content_hash FROM item_resource r JOIN item i"
            " ON i.patient_id = r.patient_id AND i.item_id = r.item_id"
            " WHERE r.patient_id = $1 AND r.resource_id = $2",
            place,
        )
        return {row[0] for row in rows if (row[1], row[2]) > order}

    async def _said(
        self, owner: str, items: Mapping[str, tuple[str, str, int]], keys: Keys
    ) -> dict[str, dict[str, Mapped]]:
        """What items of a source record, each of a feed, a kind and a number, said of what is
        wanted, by resource id."""
        found = {name: self._items[name] for name in items if name in self._items}
        missing = sorted(items.keys() - found.keys())
        if missing:
            rows = await self._conn.fetch(
                "SELECT item_id, sealed, key_owner FROM item WHERE patient_id = $1"
                f" AND item_id IN ({placeholders(len(missing), 2)})",
                [owner, *missing],
            )
            for name, sealed, key_owner in rows:
                facts = orjson.loads(keys.open(key_owner, bytes(sealed), item_aad(name)))
                found[name] = self._mapped(owner, *items[name], facts)
            if len(self._items) + len(missing) > _HELD:
                self._items.clear()
            self._items |= {name: found[name] for name in missing}
        return found

    def _mapped(
        self, owner: str, feed: str, kind: str, number: int, facts: Any
    ) -> dict[str, Mapped]:
        outcome = map_item(FEEDS[feed].kinds[kind], Item(kind, number, facts))
        localiser = self._localisers.of(owner)
        said = {localiser.resource_id(one.type, one.key): one for one in outcome.resources}
        return {name: one for name, one in said.items() if name in self._wanted}
