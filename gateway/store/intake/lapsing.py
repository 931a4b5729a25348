"""Flags of monthly sets that are over once their last day is past, although no file says so.

In      A state and the time; a connection in a writing.
Out     The state as it is at that time; the places whose state has to be written anew.
Rule    Of a resource that says as at which day it holds, `active` means up to the end of its
        period, stated or worked out: after that it is `inactive`, and says that this was worked
        out here. The day alone decides, not what came when; a newer file states its own period.
Source  docs/adr/0028-what-lapses.md.
"""

from collections.abc import Collection, Mapping
from typing import Final

from consent.periods import MAX_MICROS
from gateway.store.clear.columns import Place, columns_of
from gateway.store.database.engine import Connection, Insert
from gateway.store.record.fold import State, dated
from mappings.core.sets.national import DERIVED_STATUS

RULE: Final = "lapse.after-end"
_ENDED: Final = "inactive"
_DAY: Final = 24 * 3_600_000_000
"""Microseconds."""
_DUE: Final = Insert(
    "lapse",
    "patient_id, resource_id, due_at",
    "ON CONFLICT (patient_id, resource_id) DO UPDATE SET due_at = excluded.due_at",
)


def lapsed(state: State, at: int) -> bool:
    """Say of a Flag that it is over, where it is; whether it was."""
    body = state.body
    if state.type != "Flag" or body.get("status") != "active" or not dated(body):
        return False
    if columns_of(body).ends > at:
        return False
    tags = body["meta"].setdefault("tag", [])
    place = len(state.origins) - 1
    state.lineage[f"meta.tag[{len(tags)}]"] = ("", RULE, place)
    tags.append(DERIVED_STATUS)
    body["status"] = _ENDED
    state.lineage["status"] = ("", RULE, place)
    return True


def to_come(state: State) -> int | None:
    """When a Flag will be over; None for one that never will, or is."""
    ends = columns_of(state.body).ends if state.type == "Flag" and dated(state.body) else MAX_MICROS
    return ends if ends < MAX_MICROS and state.body.get("status") == "active" else None


async def note(conn: Connection, states: Mapping[Place, State]) -> None:
    """Note when these will be over."""
    found = ((place, to_come(state)) for place, state in states.items())
    await conn.add(_DUE, [(*place, at) for place, at in sorted(found) if at is not None])


async def due(conn: Connection, at: int, most: int) -> list[Place]:
    """What was to be over by now, the longest over first."""
    rows = await conn.fetch(
        "SELECT patient_id, resource_id FROM lapse WHERE due_at <= $1"
        " ORDER BY due_at, resource_id LIMIT $2",
        (at, most),
    )
    return [(row[0], row[1]) for row in rows]


async def put_off(conn: Connection, places: Collection[Place], at: int) -> None:
    """These are looked at again the next day."""
    await conn.executemany(
        "UPDATE lapse SET due_at = $4 WHERE patient_id = $1 AND resource_id = $2 AND due_at <= $3",
        [(*place, at, at + _DAY) for place in sorted(places)],
    )


async def done(conn: Connection, places: Collection[Place], at: int) -> None:
    """These were looked at; what was told a later day meanwhile stays noted."""
    await conn.executemany(
        "DELETE FROM lapse WHERE patient_id = $1 AND resource_id = $2 AND due_at <= $3",
        [(*place, at) for place in sorted(places)],
    )
