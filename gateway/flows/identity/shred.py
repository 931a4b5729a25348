"""A person's records, or one source's record, are shredded: one operator asks, another confirms.

    ask: record -> the request
    confirm: both there, no hold, still the same records -> record
      -> register, keys, rows and what is left of links, in one transaction, recorded -> done

Rule    Whoever asked cannot confirm, by whichever of their user ids, over HTTP or at the command
        line; and a request that nobody confirmed for a week is over. A hold
        on any record of the person stands in the way of all of them. What was confirmed is carried
        out to its end, however often that is begun: by `confirm` again, or as the next process
        starts; on the records that were named, whoever is linked with them by then. What is sent
        of a shredded record later is refused until somebody allows it.
Errors  NotFoundError; FaultyRequestError, which says what stands in the way; ConfigurationError
        where the register cannot be written: then nothing is shredded.
Source  docs/adr/0053-what-shredding-leaves.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from uuid_utils import uuid7

from gateway.clock import from_micros, to_micros
from gateway.errors import NotFoundError
from gateway.flows.asking.deciding import Decider, check_reason, linked
from gateway.flows.identity.shred_told import OPEN, is_one, refuse, shown, told
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import people, source_records
from gateway.store.identity.source_records import Record
from gateway.store.sealed import shred_register
from gateway.store.upkeep import shred_requests, shredding
from gateway.store.upkeep.shred_requests import Request

LONGEST_WAIT: Final = timedelta(days=7)
"""A request that is not confirmed by then has to be made again."""


class Basis(StrEnum):
    """Why the law lets, or makes, somebody's data go (UK GDPR, articles 17 and 5)."""

    REQUEST = "request"
    UNLAWFUL = "unlawful"
    RETENTION = "retention"
    COURT = "court"
    MISTAKE = "mistake"


async def ask(
    store: Store, decider: Decider, record: str, basis: Basis, reason: str, *, whole: bool
) -> dict[str, Any]:
    """The request, for somebody else to confirm. Errors: NotFoundError."""
    check_reason(reason)
    request_id = str(uuid7())

    async def unit(conn: Connection) -> dict[str, Any]:
        everybody = await _of_person(conn, record)
        chosen = everybody if whole else {record: everybody[record]}
        await _check_free(conn, everybody)
        made = Request(
            record, request_id, int(whole), " ".join(sorted(chosen)), str(basis), "asked",
            decider.name, to_micros(decider.at),
        )  # fmt: skip
        await shred_requests.add(conn, made)
        detail = (("act", "ask"), ("request", request_id), ("basis", str(basis)))
        await append(conn, store.vault, told(decider, chosen, detail, reason))
        readers = await shredding.readers(conn, chosen)
        return shown(made) | {"has_copies": readers}

    return await store.write(unit)


async def withdraw(
    store: Store, decider: Decider, request_id: str, reason: str, register: Path
) -> dict[str, Any]:
    """The request is over: nothing was shredded. One that was confirmed and could not be carried
    out, too: it would be as soon as what is in its way is gone."""
    check_reason(reason)

    async def unit(conn: Connection) -> dict[str, Any]:
        found = await _open(conn, request_id, OPEN)
        begun = found.state == "confirmed" and shred_register.read(register)
        if begun and set(found.records.split()) & begun.keys():
            refuse("request", "it is being carried out")
        done = replace(found, state="withdrawn", ended_at=to_micros(decider.at))
        await shred_requests.change(conn, done)
        records = await source_records.records(conn, "patient_id", found.records.split())
        detail = (("act", "withdraw"), ("request", request_id))
        await append(conn, store.vault, told(decider, records, detail, reason))
        return shown(done)

    return await store.write(unit)


async def confirm(
    store: Store, decider: Decider, request_id: str, register: Path
) -> dict[str, Any]:
    """What went. One that was confirmed before is carried out to its end."""

    async def agree(conn: Connection) -> Request:
        found = await _open(conn, request_id, OPEN)
        if found.state == "confirmed":
            return found
        if is_one(store, found.asked_by, decider):
            refuse("request", "whoever asked cannot confirm: somebody else has to")
        if from_micros(found.asked_at) + LONGEST_WAIT < decider.at:
            refuse("request", "it was asked over a week ago: ask again")
        records = await _still_the_same(conn, found)
        agreed = replace(found, state="confirmed", confirmed_by=decider.name)
        await shred_requests.change(conn, agreed)
        detail = (("act", "confirm"), ("request", request_id), ("basis", found.basis))
        await append(conn, store.vault, told(decider, records, detail))
        return agreed

    shred_register.read(register)
    agreed = await store.write(agree)
    return await carry_out(store, decider, agreed, register)


async def carry_out(
    store: Store, decider: Decider, agreed: Request, register: Path
) -> dict[str, Any]:
    """Shred what two operators agreed on; what went."""
    at = to_micros(decider.at)

    async def unit(conn: Connection) -> dict[str, Any]:
        found = await _open(conn, agreed.request_id, ("confirmed",))
        chosen = found.records.split()
        await source_records.lock(conn, chosen)
        records = await source_records.records(conn, "patient_id", chosen)
        everybody = await linked(conn, records)
        await _check_free(conn, everybody)
        others = everybody.keys() - records.keys()
        orgs = {one.source_org for one in records.values()}
        readers = await shredding.readers(conn, records)
        going = await shredding.keys_until(conn, records) if records else {}
        shred_register.add(register, going)
        gone = await shredding.erase(conn, going)
        if others:
            await people.relink(conn, others)
        done = replace(found, state="done", ended_at=at)
        await shred_requests.change(conn, done)
        detail = (
            ("act", "done"), ("request", found.request_id), ("keys", str(gone.keys)),
            ("rows", str(gone.rows)), ("bodies", str(gone.bodies)),
        )  # fmt: skip
        await append(conn, store.vault, told(decider, records, detail))
        last = await shredding.last_body(conn, orgs)
        return shown(done) | {
            "shredded": gone._asdict(),
            "has_copies": readers,
            "other_records": sorted(others),
            "last_body": from_micros(last).date().isoformat() if last else None,
        }

    return await store.write(unit)


async def _of_person(conn: Connection, record: str) -> dict[str, Record]:
    found = await source_records.records(conn, "patient_id", [record])
    if not found:
        raise NotFoundError("there is no such source record")
    return await linked(conn, found)


async def _check_free(conn: Connection, records: Mapping[str, Record]) -> None:
    if await shred_requests.holds(conn, records.keys()):
        refuse("record", "a hold is set on a record of this person: it has to be lifted first")


async def _still_the_same(conn: Connection, asked: Request) -> dict[str, Record]:
    """The records, if they are those that it was asked for. Errors: FaultyRequestError."""
    chosen = set(asked.records.split())
    everybody = await linked(conn, await source_records.records(conn, "patient_id", chosen))
    await _check_free(conn, everybody)
    if not chosen <= everybody.keys() or (asked.whole and everybody.keys() != chosen):
        refuse("request", "the person has other records than when it was asked: ask again")
    return {name: everybody[name] for name in chosen}


async def _open(conn: Connection, request_id: str, states: Iterable[str]) -> Request:
    found = await shred_requests.find(conn, request_id)
    if found is None:
        raise NotFoundError("there is no such request")
    if found.state not in states:
        refuse("request", f"it is {found.state}")
    return found
