"""Holds that keep a person from being shredded; what is sent again; what is open.

Rule    A hold has a day by which somebody looks at it again, and holds beyond it, until it is
        lifted: by somebody else than who set it. Both are recorded with their reasons.
Errors  NotFoundError; FaultyRequestError for a day that is no day to come, and for who set it.
"""

from typing import Any

from uuid_utils import uuid7

from gateway.clock import from_micros, to_micros
from gateway.errors import NotFoundError
from gateway.flows.asking.deciding import Decider, check_reason
from gateway.flows.identity.shred_told import OPEN, entry, is_one, refuse, shown, told
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.upkeep import shred_requests, shredding


async def hold(
    store: Store, decider: Decider, record: str, review_on: str, reason: str
) -> dict[str, Any]:
    """Nothing of the record's person is shredded until the hold is lifted."""
    check_reason(reason)
    made = shred_requests.Hold(record, str(uuid7()), decider.name, to_micros(decider.at), review_on)
    if review_on <= decider.at.date().isoformat():
        refuse("review", "name a day to come, by which somebody looks at it again")

    async def unit(conn: Connection) -> dict[str, Any]:
        records = await source_records.records(conn, "patient_id", [record])
        if not records:
            raise NotFoundError("there is no such source record")
        await source_records.lock(conn, records)
        await shred_requests.hold(conn, made)
        detail = (("act", "hold"), ("hold", made.hold_id), ("review", review_on))
        await append(conn, store.vault, told(decider, records, detail, reason))
        return _held(made, decider)

    return await store.write(unit)


async def lift(store: Store, decider: Decider, hold_id: str, reason: str) -> dict[str, Any]:
    """The hold is no longer in the way. Errors: FaultyRequestError for who set it."""
    check_reason(reason)

    async def unit(conn: Connection) -> dict[str, Any]:
        found = await shred_requests.lift(conn, hold_id)
        if found is None:
            raise NotFoundError("there is no such hold")
        if is_one(store, found.set_by, decider):
            refuse("hold", "whoever set it cannot lift it: somebody else has to")
        records = await source_records.records(conn, "patient_id", [found.patient_id])
        detail = (("act", "lift"), ("hold", hold_id))
        await append(conn, store.vault, told(decider, records, detail, reason))
        return _held(found, decider)

    return await store.write(unit)


async def allow(store: Store, decider: Decider, record: str, reason: str) -> dict[str, Any]:
    """What a source sends of a shredded record is taken again, as of somebody unknown."""
    check_reason(reason)

    async def unit(conn: Connection) -> dict[str, Any]:
        if not await shredding.allow(conn, record):
            raise NotFoundError("there is no such shredded record")
        detail = (("act", "allow"), ("records", record))
        await append(conn, store.vault, [entry(decider, "", detail, reason)])
        return {"record": record, "state": "allowed"}

    return await store.write(unit)


async def listed(store: Store, decider: Decider) -> dict[str, Any]:
    """Requests and holds that are open, and how many records were shredded."""
    async with store.engine.reading() as conn:
        requests = await shred_requests.in_states(conn, OPEN)
        holds = await shred_requests.holds(conn)
        gone = await shredding.all_shredded(conn)
    return {
        "requests": [shown(one) for one in requests],
        "holds": [_held(one, decider) for one in holds],
        "shredded": len(gone),
    }


def _held(one: shred_requests.Hold, decider: Decider) -> dict[str, Any]:
    return {
        "hold": one.hold_id,
        "record": one.patient_id,
        "set_by": one.set_by,
        "set": from_micros(one.set_at).isoformat(),
        "review": one.review_on,
        "due": one.review_on <= decider.at.date().isoformat(),
    }
