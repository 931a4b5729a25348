"""Resources stated anew by the items that count, once a file has replaced another or a later one
leaves something out.

In      Places; the format's rules; the files of the scope that are applied.
Out     New versions, withdrawals, and marks of what was worked out; what was touched.
Rule    A state is the fold of the items that count: of no file, or of one that no later file of
        its period has replaced. It stands unless a newer one of these that states the same thing
        whole no longer names it, or a later window leaves it out. Its labels stay those of every
        item that ever named it. Nothing here looks at the order of arrival. What was altered in
        the database is left as it is: nobody is shown it, and it is looked at again (absence_left).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.store.absences import absence_told
from gateway.store.absences.absence_judging import Filed
from gateway.store.absences.absence_threads import Service, begun_on, goes_on
from gateway.store.absences.absence_told import Told
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity import source_records
from gateway.store.intake.as_written import as_written
from gateway.store.intake.containers import IN_PART
from gateway.store.intake.folding import Folding
from gateway.store.record.fold import Order, Origin, State, folded, raise_labels
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
        self.left: set[Place] = set()
        """Altered: to be looked at again, when somebody has put them right."""
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
        versions = await self.write()
        gone = {p: self._current[p] for p in self._withdrawn.keys() - self.left}
        await self._mark({place: mark for place, mark in marks.items() if place not in self.left})
        self.withdrawn = len(gone)
        touched: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (owner, reference), number in sorted(versions.items()):
            touched[owner].append((reference, number))
        for (owner, resource_id), row in sorted(gone.items()):
            touched[owner].append((f"{row.type}/{resource_id}", row.version + 1))
        return touched

    async def _chunk(self, owners: Sequence[str], places: set[Place]) -> dict[Place, str]:
        told = await absence_told.read(self.conn, owners, places)
        rows = await current_rows(self.conn, places)
        self._current |= rows
        before = await self._marks(owners)
        wanted = {place: self._wanted(place, told) for place in sorted(places)}
        others = {
            place: one
            for place, one in wanted.items()
            if not (one.stands and _is_as(rows.get(place), one, before.get(place, ("", ""))))
        }
        self.left |= await self._unsound(rows, others)
        self._told.expect({resource_id for _, resource_id in others})
        marks: dict[Place, str] = {}
        for place, one in others.items():
            if place in self.left or (one.stands and not await self._is_restated(place, told, one)):
                continue
            marks[place] = one.mark
            row = rows.get(place)
            if not one.stands and row is not None and not row.deleted:
                self._withdrawn[place] = (row.source_time, row.content_hash)
                self._why[place] = one.why
        return {p: mark for p, mark in marks.items() if mark or p in before}

    async def _unsound(
        self, rows: Mapping[Place, Current], others: Mapping[Place, Wanted]
    ) -> set[Place]:
        """Altered ones among those that something is laid over. What goes is opened as it goes."""
        goes = {p for p, one in others.items() if not one.stands and p in rows}
        laid = {p: rows[p] for p in others if p in rows and not (p in goes and rows[p].deleted)}
        return laid.keys() - await as_written(self.conn, self.keys, laid, goes)

    def _wanted(self, place: Place, told: Told) -> Wanted:
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

    def _tombstone(self, place: Place, row: Current, at: Order, by: Writing) -> list[NewVersion]:
        """With why it went, for whoever asks where it has gone; none over what was altered."""
        rule, text = self._why.get(place, Wanted(stands=False).why)
        delivery = self.delivery
        origin = Origin("", delivery.delivery_id, 0, self.rules.title, "", delivery.received_at)
        lineage = orjson.dumps([[origin.as_json()], [[row.type, text or self.words, rule, 0]]])
        try:
            return [tombstone_of(place[1], row, at, by, lineage)]
        except UNREADABLE:
            self._leave(place)
            return []

    def _leave(self, place: Place) -> None:
        left_alone(self._current[place].type if place in self._current else "")
        self.left.add(place)

    async def _is_restated(self, place: Place, told: Told, wanted: Wanted) -> bool:
        """State a place anew, unless what an item said of it was altered in the database."""
        try:
            await self._restate(place, told, wanted)
        except UNREADABLE:
            self._leave(place)
            return False
        return True

    async def _restate(self, place: Place, told: Told, wanted: Wanted) -> None:
        tellings = await self._told.of(place, self.keys)
        counting = [one for one in tellings if (place[0], one[2].item_id) not in told.replaced]
        state = folded(counting, self.localisers.of(place[0]))
        for _, mapped, _ in tellings:
            raise_labels(state, mapped)
        if wanted.mark:
            kind, _, on = wanted.mark.partition(" ")
            changes = self.rules.ended if kind == ENDED else self.rules.begun
            changed(state, changes(state.body, on) if changes else ())
            self.ended += kind == ENDED
        self._set(place, state, wanted.container)

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
