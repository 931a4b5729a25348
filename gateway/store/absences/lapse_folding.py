"""What is over written as over: a new version of the state that stands.

In      A connection in a writing; places.
Out     What was written; what is left because it was altered in the database.
Rule    What was withdrawn, told a later end meanwhile, or altered is left as it is.
"""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.clock import to_micros
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, placeholders
from gateway.store.identity import source_records
from gateway.store.intake.as_written import as_written
from gateway.store.intake.folding import Folding
from gateway.store.intake.lapsing import lapsed
from gateway.store.record.resources import current_rows
from gateway.store.record.versions import DeliveryContext, left_alone
from gateway.store.sealed.vault import Vault


class Said(NamedTuple):
    """What became of places that were due."""

    written: dict[tuple[str, str], int]
    """(source record, `Type/id`) -> version."""
    left: set[Place]
    """Altered: to be looked at again, when somebody has put them right."""


async def say_lapsed(conn: Connection, vault: Vault, places: Sequence[Place]) -> Said:
    """Write those of the places that are over now."""
    await source_records.lock(conn, {owner for owner, _ in places})
    by_delivery: dict[DeliveryContext, list[Place]] = {}
    said = Said({}, set())
    for place, (resource_type, context) in (await _contexts(conn, places)).items():
        if context is not None:
            by_delivery.setdefault(context, []).append(place)
        else:  # what it says it was made from is not there
            left_alone(resource_type)
            said.left.add(place)
    for context, mine in by_delivery.items():
        folding = _Lapsing(conn, vault, context)
        said.written.update(await folding.say(mine))
        said.left.update(folding.left)
    return said


async def _contexts(
    conn: Connection, places: Sequence[Place]
) -> dict[Place, tuple[str, DeliveryContext | None]]:
    """Of each that stands its type, and the delivery whose newest word it is."""
    if not places:  # another worker was quicker
        return {}
    owners, ids = (sorted(set(each)) for each in zip(*places, strict=True))
    rows = await conn.fetch(
        "SELECT r.patient_id, r.resource_id, r.resource_type,"
        " d.delivery_id, d.source_org, d.feed, d.received_at, d.key_owner FROM resource r"
        " LEFT JOIN item i ON i.patient_id = r.patient_id AND i.content_hash = r.content_hash"
        " LEFT JOIN delivery d ON d.delivery_id = i.delivery_id"
        f" WHERE r.patient_id IN ({placeholders(len(owners))})"
        f" AND r.resource_id IN ({placeholders(len(ids), len(owners) + 1)}) AND r.deleted = 0"
        " ORDER BY d.delivery_id",
        [*owners, *ids],
    )
    found: dict[Place, tuple[str, DeliveryContext | None]] = {}
    for owner, resource_id, resource_type, *said in rows:
        if said[0] is not None or (owner, resource_id) not in found:
            context = DeliveryContext(*said) if said[0] is not None else None
            found[owner, resource_id] = (resource_type, context)
    due = set(places)
    return {place: one for place, one in found.items() if place in due}


class _Lapsing(Folding):
    """Places of one delivery."""

    left: frozenset[Place] = frozenset()

    async def say(self, places: Sequence[Place]) -> dict[tuple[str, str], int]:
        self.keys = await self.vault.keys(self.conn, {owner for owner, _ in places})
        places = [place for place in places if place[0] in self.keys.by_owner]
        self._before = set(self.keys.by_owner)
        held = await current_rows(self.conn, places)
        self._current = await as_written(self.conn, self.keys, held)
        self.left = frozenset(held.keys() - self._current.keys())
        at = to_micros(self.vault.now())
        for place in places:
            state = self._state(place)
            if state is not None and lapsed(state, at):
                self._changed.add(place)
            elif state is not None:
                del self._states[place]
        return await self.write()
