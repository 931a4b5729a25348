"""An operator settles whose it is what was written of people whose records are parted since.

    it waits -> it is of the record that it stands on, and of nobody else -> record

Rule    What is another's is recorded anew for them first: nothing is moved from one person to
        another. From the next request it counts for the person of its own record as any other
        does, and binds nobody else. The reason is needed, and stands sealed in the log. The log
        names every record of each person it concerned.
Errors  NotFoundError where nothing of that name waits; FaultyRequestError without a reason.
"""

from dataclasses import asdict
from typing import Any

from gateway.audit.events import Event
from gateway.clock import to_micros
from gateway.errors import NotFoundError
from gateway.flows.asking.deciding import Decider, check_reason, linked, told
from gateway.flows.identity.tell_parted import tell_parted
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records, together


async def settle(store: Store, operator: Decider, name: str, reason: str) -> dict[str, Any]:
    """What was settled."""
    check_reason(reason)

    async def unit(conn: Connection) -> dict[str, Any]:
        waits = await together.waiting_of(conn, "name", [name])
        if not waits:
            raise NotFoundError("nothing of that name waits to be settled")
        await together.settle(conn, waits, to_micros(operator.at))
        named = {record for one in waits for record in one.records}
        of = await linked(conn, await source_records.records(conn, "patient_id", named))
        detail = ((waits[0].kind, name), *(("version", str(one.version)) for one in waits))
        entries = told(operator, Event.IDENTITY_CHANGE, of.values(), detail, reason)
        await append(conn, store.vault, entries)
        return {"settled": [asdict(one) for one in waits]}

    settled = await store.write(unit)
    await tell_parted(store, operator.at)
    return settled
