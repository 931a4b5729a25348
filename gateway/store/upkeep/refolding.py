"""What was taken under older mappings, mapped again from its kept facts and folded in place.

In      A connection in a writing; one source record's items of one feed.
Out     How many of its items and resources are otherwise now; the versions that were written.
Rule    A resource is what the items that speak of it say today, in their order. What comes out the
        same stays as it is: no version. What a back-fill says keeps its place. What nothing speaks
        of any more is withdrawn; what was withdrawn stays so. An item that today's mapping refuses,
        in whole or in a part that it took, is left as it was taken, and so are those of a record
        whose key was destroyed. So is what a data set states for a whole period: the next file of
        that period states it anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity import source_records
from gateway.store.intake.apply import issues_bytes, issues_from
from gateway.store.intake.containers import IN_PART, lists_of, may_be_left_out
from gateway.store.intake.folding import Folding
from gateway.store.intake.told import item_aad, sealed_naming
from gateway.store.record.fold import folded, raise_labels
from gateway.store.record.resources import current_rows, newest_wholes
from gateway.store.record.versions import DeliveryContext
from gateway.store.sealed.vault import Keys, Vault
from gateway.store.site.feed_standing import as_first_load
from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Issue, Item, Outcome, has_errors
from mappings.core.model.rows import Feed
from mappings.core.released.version import version

_ITEMS: Final = (
    "SELECT i.item_id, i.kind, i.number, i.container, i.source_time, i.content_hash, i.issues,"
    " i.sealed, COALESCE(d.back_fill, 0), i.delivery_id, i.received_at, i.source_org"
    " FROM item i LEFT JOIN delivery d ON d.delivery_id = i.delivery_id"
    " WHERE i.patient_id = $1 AND i.feed = $2 AND NOT EXISTS"
    " (SELECT 1 FROM snapshot_item s WHERE s.patient_id = i.patient_id AND s.item_id = i.item_id)"
    " ORDER BY i.source_time, i.content_hash"
)


@dataclass(slots=True)
class Refolded:
    """What became of one source record's items of one feed."""

    items: int = 0
    refused: int = 0
    """Items that today's mapping does not take as they were taken: left as they are."""
    keyless: int = 0
    """Records whose key was destroyed."""
    unreadable: int = 0
    """Records of which something was altered in the database: left as they are."""
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    versions: list[tuple[str, str, int]] = field(default_factory=list)


async def records_to_refold(conn: Connection, feed: Feed, org: str, *, older: bool) -> list[str]:
    """The source records that have taken items of the feed, in the order of their ids; with
    `older`, of another mapping version than today's."""
    args: list[str] = [feed.name, org]
    conditions = []
    for name, kind in feed.kinds.items():
        args += [name, version(kind)]
        conditions.append(f"(kind = ${len(args) - 1} AND mapping_version <> ${len(args)})")
    which = f" AND ({' OR '.join(conditions)})" if older else ""
    rows = await conn.fetch(
        "SELECT DISTINCT patient_id FROM item WHERE patient_id <> '' AND feed = $1"
        f" AND ($2 = '' OR source_org = $2){which} ORDER BY patient_id",
        args if older else args[:2],
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class _Again:
    """An item as today's mapping has it."""

    item_id: str
    item: Item
    outcome: Outcome
    container: str
    source_time: str
    delivery: DeliveryContext


async def refold(conn: Connection, vault: Vault, feed: Feed, patient_id: str) -> Refolded:
    """Map the record's items of the feed again, and fold them in place."""
    await source_records.lock(conn, [patient_id])
    keys = await vault.keys(conn, [patient_id])
    if patient_id not in keys.by_owner:
        return Refolded(keyless=1)
    again, refused = await _mapped(conn, keys, feed, patient_id)
    made = Refolded(items=len(again) + refused, refused=refused)
    if again:
        await _Refolding(conn, vault, again[-1].delivery).run(patient_id, again, feed, made)
    return made


async def _mapped(
    conn: Connection, keys: Keys, feed: Feed, patient_id: str
) -> tuple[list[_Again], int]:
    rows = await conn.fetch(_ITEMS, (patient_id, feed.name))
    again, refused = [], 0
    for item_id, kind, number, container, time, _hash, issues, sealed, is_load, *came in rows:
        facts = orjson.loads(keys.open(patient_id, bytes(sealed), item_aad(item_id)))
        item = Item(kind, number, facts)
        outcome = map_item(feed.kinds[kind], item) if kind in feed.kinds else None
        if outcome is None or _is_refused(outcome, issues_from(bytes(issues))):
            refused += 1
            continue
        delivery_id, received_at, org = came
        delivery = DeliveryContext(delivery_id, org, feed.name, received_at, patient_id)
        time = outcome.source_time if time else ""
        time = as_first_load(time) if is_load else time
        again.append(_Again(item_id, item, outcome, container, time, delivery))
    return again, refused


def _is_refused(outcome: Outcome, before: Sequence[Issue]) -> bool:
    return outcome.quarantined or (has_errors(outcome.issues) and not has_errors(before))


class _Refolding(Folding):
    """One source record in one transaction."""

    async def run(
        self, patient_id: str, again: Sequence[_Again], feed: Feed, made: Refolded
    ) -> None:
        """Fold what is said today; what became of it is noted in `made`."""
        self.keys = await self.vault.keys(self.conn, [patient_id])
        self._before = {patient_id}
        containers = await self._link(patient_id, again, feed)
        holders = {(patient_id, held) for held in containers.values() if held}
        self._current = await current_rows(self.conn, containers.keys() | holders)
        self._newest = await newest_wholes(self.conn, holders - self._current.keys())
        marked = await self._marked(patient_id)
        self._told.expect({resource_id for _, resource_id in containers.keys() - marked})
        for place in sorted(containers.keys() - marked):
            await self._place(place, containers[place])
        gone = [place for place in self._withdrawn if place in self._current]
        versions = await self.write()
        for (owner, reference), number in sorted(versions.items()):
            kind, _, resource_id = reference.partition("/")
            row = self._current.get((owner, resource_id))
            if row is None or row.version != number:
                made.new += row is None
                made.changed += row is not None
                made.versions.append((kind, resource_id, number))
        for place in gone:
            row = self._current[place]
            made.versions.append((row.type, place[1], row.version + 1))
        made.withdrawn = len(gone)

    async def _link(self, patient_id: str, again: Sequence[_Again], feed: Feed) -> dict[Place, str]:
        """Note which resources each item speaks of today; those it speaks, or spoke, of, each
        with what states it whole."""
        before = await self._spoken(patient_id, [one.item_id for one in again])
        containers: dict[Place, str] = {place: "" for _, place in before}
        links: dict[tuple[str, Place], bytes] = {}
        localiser = self.localisers.of(patient_id)
        for one in again:
            kind = feed.kinds[one.item.kind]
            whole = one.container.removeprefix(IN_PART)
            lists = {
                of: localiser.resource_id("List", key)
                for of, key in lists_of(kind, one.outcome).items()
            }
            for mapped in one.outcome.resources:
                place = (patient_id, localiser.resource_id(mapped.type, mapped.key))
                naming = sealed_naming(self.keys, place, one.item_id, mapped)
                links[one.item_id, place] = naming
                inside = whole if may_be_left_out(mapped.resource) else ""
                containers[place] = lists.get(mapped.type, inside)
        await self._note(again, feed, links, before)
        return containers

    async def _spoken(self, patient_id: str, item_ids: Sequence[str]) -> set[tuple[str, Place]]:
        rows = await self.conn.fetch(
            "SELECT item_id, resource_id FROM item_resource WHERE patient_id = $1"
            f" AND item_id IN ({placeholders(len(item_ids), 2)})",
            [patient_id, *item_ids],
        )
        return {(row[0], (patient_id, row[1])) for row in rows}

    async def _note(
        self,
        again: Sequence[_Again],
        feed: Feed,
        links: Mapping[tuple[str, Place], bytes],
        before: Collection[tuple[str, Place]],
    ) -> None:
        await self.conn.executemany(
            "DELETE FROM item_resource WHERE patient_id = $1 AND resource_id = $2 AND item_id = $3",
            [(*place, item_id) for item_id, place in sorted(set(before) - set(links))],
        )
        await self.conn.executemany(
            "INSERT INTO item_resource (patient_id, resource_id, item_id, sealed)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT (patient_id, resource_id, item_id)"
            " DO UPDATE SET sealed = excluded.sealed",
            [(*place, item_id, naming) for (item_id, place), naming in sorted(links.items())],
        )
        await self.conn.executemany(
            "UPDATE item SET mapping_version = $3, issues = $4, source_time = $5"
            " WHERE patient_id = $1 AND item_id = $2",
            [
                (
                    one.delivery.key_owner, one.item_id, version(feed.kinds[one.item.kind]),
                    issues_bytes(one.outcome.issues), one.source_time,
                )
                for one in again
            ],
        )  # fmt: skip

    async def _marked(self, patient_id: str) -> set[Place]:
        """What a later file ended, or says began: it stays as that file left it."""
        rows = await self.conn.fetch(
            "SELECT patient_id, resource_id FROM absence_mark WHERE patient_id = $1"
            " UNION SELECT l.patient_id, l.resource_id FROM item_resource l JOIN snapshot_item s"
            " ON s.patient_id = l.patient_id AND s.item_id = l.item_id WHERE l.patient_id = $1",
            (patient_id,),
        )
        return {(row[0], row[1]) for row in rows}

    async def _place(self, place: Place, container: str) -> None:
        row = self._current.get(place)
        if row is not None and row.deleted:
            return
        told = await self._told.of(place, self.keys)
        if not told:
            if row is not None:
                self._withdrawn[place] = (row.source_time, row.content_hash)
            return
        newest = max(order for order, _, _ in told)
        if row is None and container and self._newest_whole((place[0], container)) > newest:
            return
        state = folded(told, self.localisers.of(place[0]))
        for _, mapped, _ in told:
            raise_labels(state, mapped)
        self._set(place, state, row.container if row is not None else container)


def counted(found: Mapping[str, Sequence[Refolded]]) -> list[dict[str, int | str]]:
    """By feed: what became of all of them."""
    return [
        {
            "feed": feed,
            "records": len(records),
            "items": sum(one.items for one in records),
            "refused": sum(one.refused for one in records),
            "keyless": sum(one.keyless for one in records),
            "unreadable": sum(one.unreadable for one in records),
            "new": sum(one.new for one in records),
            "changed": sum(one.changed for one in records),
            "withdrawn": sum(one.withdrawn for one in records),
        }
        for feed, records in found.items()
    ]
