"""Resources stated anew by the items that count, once a file has replaced another or a later one
leaves something out.

In      Places; the format's rules; the files of the scope that are applied.
Out     New versions, withdrawals, and marks of what was worked out; what was touched.
Rule    A state is the fold of the items that count: of no file, or of one that no later file of
        its period has replaced. It stands unless a newer one of these that states the same thing
        whole no longer names it, or a later window leaves it out. Its labels stay those of every
        item that ever named it. Nothing here looks at the order of arrival. What was altered in
        the database is left as it is: nobody is shown it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.store.absences.absence_judging import Filed
from gateway.store.absences.absence_threads import Service, begun_on, goes_on
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.identity import source_records
from gateway.store.intake.as_written import as_written
from gateway.store.intake.containers import IN_PART
from gateway.store.intake.folding import Folding
from gateway.store.record.fold import Order, Origin, State, raise_labels
from gateway.store.record.resources import Current, NewVersion, current_rows
from gateway.store.record.versions import DeliveryContext, Writing, left_alone, tombstone_of
from gateway.store.sealed.vault import UNREADABLE, Vault
from mappings.core.model.snapshots import Change, Snapshot

_CHUNK: Final = 200
ENDED: Final = "ended"
BEGUN: Final = "begun"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a place has to stand: gone, or as its newest item says with what was worked out."""

    stands: bool
    order: Order = ("", "")
    container: str = ""
    mark: str = ""
    why: tuple[str, str] = ("absence.not-in-file", "")
    """Rule, and words of its own, where it is gone."""


@dataclass(slots=True)
class _Told:
    """What is stored of the items of some source records."""

    items: dict[Place, list[tuple[str, Order, str]]] = field(default_factory=dict)
    """Place -> item, its order, its container."""
    replaced: set[tuple[str, str]] = field(default_factory=set)
    """(source record, item) that no longer counts."""
    services: dict[str, dict[str, Service]] = field(default_factory=dict)
    """Source record -> item -> where it stands in the newest file that holds it and counts."""
    wholes: dict[tuple[str, str], Order] = field(default_factory=dict)
    """(source record, container) -> its newest whole statement that counts."""


class Restating(Folding):
    """Some places of one scope, in one transaction."""

    def __init__(
        self,
        conn: Connection,
        vault: Vault,
        delivery: DeliveryContext,
        rules: Snapshot,
        applied: Sequence[Filed],
        words: str,
    ) -> None:
        super().__init__(conn, vault, delivery)
        self.rules = rules
        self.applied = applied
        self.words = words
        """What is said of whatever the file that holds does not name."""
        self.ended = 0
        self.withdrawn = 0
        self._why: dict[Place, tuple[str, str]] = {}

    async def restate(self, places: Collection[Place]) -> dict[str, list[tuple[str, int]]]:
        """Source record -> `Type/id` and version of everything that stands otherwise now."""
        await source_records.lock(self.conn, {owner for owner, _ in places})
        self.keys = await self.vault.keys(self.conn, {owner for owner, _ in places})
        owners = sorted(self.keys.by_owner)  # whose key was destroyed has nothing left to state
        self._before = set(owners)
        marks: dict[Place, str] = {}
        held: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            held[place[0]].append(place)
        for start in range(0, len(owners), _CHUNK):
            part = owners[start : start + _CHUNK]
            chosen = {place for owner in part for place in held[owner]}
            marks |= await self._chunk(part, chosen)
        gone = {p: self._current[p] for p in self._withdrawn if not self._current[p].deleted}
        versions = await self.write()
        await self._mark(marks)
        self.withdrawn = len(gone)
        touched: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (owner, reference), number in sorted(versions.items()):
            touched[owner].append((reference, number))
        for (owner, resource_id), row in sorted(gone.items()):
            touched[owner].append((f"{row.type}/{resource_id}", row.version + 1))
        return touched

    async def _chunk(self, owners: Sequence[str], places: set[Place]) -> dict[Place, str]:
        told = await self._read(owners, places)
        rows = await current_rows(self.conn, places)
        self._current |= rows
        before = await self._marks(owners)
        wanted = {place: self._wanted(place, told) for place in sorted(places)}
        others = {
            place: one
            for place, one in wanted.items()
            if not (one.stands and _is_as(rows.get(place), one, before.get(place, ("", ""))))
        }
        sound = await as_written(self.conn, self.keys, {p: rows[p] for p in others if p in rows})
        marks: dict[Place, str] = {}
        for place, one in others.items():
            row = rows.get(place)
            if row is not None and place not in sound:
                continue
            if one.stands and not await self._is_restated(place, told, one):
                continue
            marks[place] = one.mark
            if not one.stands and row is not None and not row.deleted:
                self._withdrawn[place] = (row.source_time, row.content_hash)
                self._why[place] = one.why
        return {p: mark for p, mark in marks.items() if mark or p in before}

    def _wanted(self, place: Place, told: _Told) -> Wanted:
        counting = [
            one for one in told.items.get(place, ()) if (place[0], one[0]) not in told.replaced
        ]
        if not counting:
            return Wanted(stands=False)
        _, order, container = max(counting, key=lambda one: one[1])
        whole = container.removeprefix(IN_PART)
        if whole and told.wholes.get((place[0], whole), order) > order:
            return Wanted(stands=False)
        services = told.services.get(place[0], {})
        named = [services[item_id] for item_id, _, _ in counting if item_id in services]
        if not named or not self.rules.rolling:
            return Wanted(True, order, whole)
        last = max(named, key=lambda one: one.ends)
        return self._by_window(last, services.values(), order, whole)

    def _by_window(
        self, service: Service, services: Collection[Service], order: Order, whole: str
    ) -> Wanted:
        later = [one for one in self.applied if one.ends > service.ends]
        inside = [one for one in later if one.starts <= service.falls <= one.ends]
        if inside:
            text = f"no longer in the return to {min(one.ends for one in inside)}"
            return Wanted(stands=False, why=("absence.not-in-window", text))
        if later and service.lasts:
            if goes_on(service, services):
                text = "goes on under a first day that was set anew with the financial year"
                return Wanted(stands=False, why=("absence.new-year", text))
            return Wanted(True, order, whole, f"{ENDED} {service.ends}")
        since = begun_on(service, services)
        return Wanted(True, order, whole, f"{BEGUN} {since}" if since else "")

    def _tombstone(self, place: Place, row: Current, order: Order, writing: Writing) -> NewVersion:
        """With why it went, for whoever asks where it has gone."""
        rule, text = self._why.get(place, Wanted(stands=False).why)
        delivery = self.delivery
        origin = Origin("", delivery.delivery_id, 0, self.rules.title, "", delivery.received_at)
        lineage = orjson.dumps([[origin.as_json()], [[row.type, text or self.words, rule, 0]]])
        return tombstone_of(place[1], row, order, writing, lineage)

    async def _is_restated(self, place: Place, told: _Told, wanted: Wanted) -> bool:
        """State a place anew, unless what an item said of it was altered in the database."""
        try:
            await self._restate(place, told, wanted)
        except UNREADABLE:
            left_alone(self._current[place].type if place in self._current else "")
            return False
        return True

    async def _restate(self, place: Place, told: _Told, wanted: Wanted) -> None:
        tellings = await self._told.of(place, self.keys)
        counting = [one for one in tellings if (place[0], one[2].item_id) not in told.replaced]
        state = self._folded(place, counting)
        for _, mapped, _ in tellings:
            raise_labels(state, mapped)
        if wanted.mark:
            kind, _, on = wanted.mark.partition(" ")
            changes = self.rules.ended if kind == ENDED else self.rules.begun
            changed(state, changes(state.body, on) if changes else ())
            self.ended += kind == ENDED
        self._set(place, state, wanted.container)

    async def _read(self, owners: Sequence[str], places: Collection[Place]) -> _Told:
        told = _Told()
        rows = await self.conn.fetch(
            "SELECT t.patient_id, t.resource_id, i.item_id, i.source_time, i.content_hash,"
            " i.container FROM item_resource t JOIN item i ON i.patient_id = t.patient_id"
            " AND i.item_id = t.item_id"
            f" WHERE t.patient_id IN ({placeholders(len(owners))}) AND i.state = 'taken'",
            owners,
        )
        for owner, resource_id, item_id, time, content_hash, container in rows:
            if (owner, resource_id) in places:
                one = (item_id, (time, content_hash), container)
                told.items.setdefault((owner, resource_id), []).append(one)
        await self._read_files(owners, told)
        rows = await self.conn.fetch(
            "SELECT patient_id, item_id, container, source_time, content_hash FROM item"
            f" WHERE patient_id IN ({placeholders(len(owners))}) AND container <> ''"
            " AND state = 'taken'",
            owners,
        )
        for owner, item_id, container, time, content_hash in rows:
            if (owner, item_id) not in told.replaced:
                newest = told.wholes.get((owner, container), ("", ""))
                told.wholes[owner, container] = max(newest, (time, content_hash))
        return told

    async def _read_files(self, owners: Sequence[str], told: _Told) -> None:
        rows: list[Row] = await self.conn.fetch(
            "SELECT s.patient_id, s.item_id, f.ends, s.falls, s.lasts, s.begins, s.thread,"
            " COALESCE(t.counts, 1) FROM snapshot_item s"
            " JOIN snapshot f ON f.snapshot_id = s.snapshot_id"
            " LEFT JOIN snapshot_table t ON t.snapshot_id = s.snapshot_id AND t.name = s.name"
            f" WHERE s.patient_id IN ({placeholders(len(owners))})",
            owners,
        )
        counting: set[tuple[str, str]] = set()
        for owner, item_id, ends, falls, lasts, begins, thread, counts in rows:
            if not counts:
                told.replaced.add((owner, item_id))
                continue
            counting.add((owner, item_id))
            services = told.services.setdefault(owner, {})
            if item_id not in services or services[item_id].ends < ends:
                services[item_id] = Service(ends, falls, bool(lasts), begins, thread)
        told.replaced -= counting

    async def _marks(self, owners: Sequence[str]) -> dict[Place, tuple[str, str]]:
        rows = await self.conn.fetch(
            "SELECT patient_id, resource_id, mark, content_hash FROM absence_mark"
            f" WHERE patient_id IN ({placeholders(len(owners))})",
            owners,
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    async def _mark(self, marks: Mapping[Place, str]) -> None:
        await self.conn.executemany(
            "DELETE FROM absence_mark WHERE patient_id = $1 AND resource_id = $2",
            [place for place, mark in sorted(marks.items()) if not mark],
        )
        await self.conn.executemany(
            "INSERT INTO absence_mark (patient_id, resource_id, mark, content_hash)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT (patient_id, resource_id)"
            " DO UPDATE SET mark = excluded.mark, content_hash = excluded.content_hash",
            [
                (*place, mark, self._states[place].order[1])
                for place, mark in sorted(marks.items())
                if mark
            ],
        )


def _is_as(row: Current | None, wanted: Wanted, mark: tuple[str, str]) -> bool:
    """Whether a row stands as it has to."""
    if row is None or row.deleted or (row.source_time, row.content_hash) != wanted.order:
        return False
    return (mark[0] if mark[1] == row.content_hash else "") == wanted.mark


def changed(state: State, changes: Sequence[Change]) -> None:
    """Lay elements over a state: `element`, `element.part` or `element[+]`, with their lines."""
    for one in changes:
        path, adds = one.element.removesuffix("[+]"), one.element.endswith("[+]")
        *around, name = path.split(".")
        node = state.body
        for step in around:
            node = node.setdefault(step, {})
        if adds:
            path = f"{path}[{len(node.setdefault(name, []))}]"
            node[name].append(one.value)
        else:
            node[name] = one.value
        state.lineage[path] = ("", one.rule, len(state.origins) - 1)
