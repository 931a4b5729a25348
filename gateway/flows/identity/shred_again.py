"""What was shredded stays shredded: looked at as a process starts, and by the worker each day.

    confirmed and not carried out -> carry out; where a hold came between, it waits
    in the register, not so in the database (an older copy was put back) -> shred again, recorded
    of a shredded record there is something all the same (a writing was under way) -> the same
    in the database, and not in the register (another machine's, or lost) -> note it there

Errors  ConfigurationError for a register that cannot be read. One that cannot be written is logged.
"""

from collections.abc import Mapping
from pathlib import Path

import structlog

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import ConfigurationError, FaultyRequestError
from gateway.flows.asking.deciding import Decider, linked
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.shred import carry_out
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import people, source_records
from gateway.store.sealed import shred_register
from gateway.store.upkeep import shred_requests, shredding

AGENT = Agent("gateway", "system", "worker", client_id="start")
_log = structlog.get_logger()


async def shred_again(store: Store, register: Path) -> int:
    """How many records something was done about."""
    async with store.engine.reading() as conn:
        agreed = await shred_requests.in_states(conn, ["confirmed"])
    done, waiting = 0, set[str]()
    for one in agreed:
        who = Operator(one.confirmed_by, store.vault.now())
        if await _carried_out(store, who, one, register):
            done += len(one.records.split())
        else:  # though the register may name them: what wrote it there was cut short
            waiting |= set(one.records.split())
    known = shred_register.read(register)
    async with store.engine.reading() as conn:
        stored = await shredding.all_shredded(conn)
        left = await shredding.left(conn)
    back = {
        name: at for name, at in known.items() if stored.get(name, -1) < at and name not in waiting
    }
    wanted = left | back
    if wanted:
        await store.write(lambda conn: _again(conn, store, wanted))
        _log.warning("shredded-again", records=len(wanted))
    if not stored.items() <= known.items():
        _noted(register, stored)
    return done + len(wanted)


async def _again(conn: Connection, store: Store, wanted: Mapping[str, int]) -> None:
    await source_records.lock(conn, wanted)
    found = await source_records.records(conn, "patient_id", wanted)
    everybody = await linked(conn, found)
    for name, until in wanted.items():
        gone = await shredding.erase(conn, {name: until})
        person = found[name].person_id if name in found else ""
        detail = (
            ("act", "again"), ("records", name), ("keys", str(gone.keys)), ("rows", str(gone.rows)),
        )  # fmt: skip
        entry = AuditEntry(
            store.vault.now(), Event.SHRED, Outcome.STORED, AGENT, person_id=person, detail=detail
        )
        await append(conn, store.vault, [entry])
    if others := everybody.keys() - wanted.keys():
        await people.relink(conn, others)


async def _carried_out(
    store: Store, who: Decider, one: shred_requests.Request, register: Path
) -> bool:
    """Whether what was agreed on was carried out: nothing but a hold stands in its way."""
    try:
        await carry_out(store, who, one, register)
    except FaultyRequestError:
        _log.warning("shredding-waits", asked=to_micros(who.at) - one.asked_at)
        return False
    return True


def _noted(register: Path, stored: Mapping[str, int]) -> None:
    try:
        shred_register.add(register, stored)
    except ConfigurationError:
        _log.warning("shred-register-not-written")
