"""A worker says of what is over that it is, on the day it is over.

    what was due by now -> say so, version by version -> record

Rule    A version of its own, so that who reads, polls and searches are told alike. Saying it
        again changes nothing; two workers at once say it once.
Source  docs/adr/0028-what-lapses.md.
"""

from collections import defaultdict
from datetime import datetime
from typing import Final

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.asking.search_log import Operator
from gateway.store.absences.lapse_folding import say_lapsed
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.intake import lapsing

MOST: Final = 200


async def lapse_due(store: Store, at: datetime) -> int:
    """How many Flags were looked at, of those that were due."""
    now = to_micros(at)
    async with store.engine.reading() as conn:
        if not await lapsing.due(conn, now, 1):
            return 0

    async def unit(conn: Connection) -> int:
        places = await lapsing.due(conn, now, MOST)
        written, left = await say_lapsed(conn, store.vault, places)
        await lapsing.done(conn, set(places) - left, now)
        await lapsing.put_off(conn, left, now)
        by_owner: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        for (owner, reference), number in sorted(written.items()):
            kind, _, resource_id = reference.partition("/")
            by_owner[owner].append((kind, resource_id, number))
        people = await source_records.people_of(conn, sorted(by_owner))
        agent = Operator("worker", at).agent
        entries = [
            AuditEntry(
                at, Event.SYSTEM, Outcome.STORED, agent, query="lapse",
                person_id=people[owner], patient_ids=(owner,), resources=tuple(stored),
            )
            for owner, stored in by_owner.items()
        ]  # fmt: skip
        await append(conn, store.vault, entries)
        return len(places)

    return await store.write(unit)
