"""A log of before the columns that searches read: they are filled, and it stays append-only."""

import asyncio
from dataclasses import replace

import pytest
from alembic import command

from gateway.audit.entry import encode
from gateway.audit.events import Event
from gateway.audit.merkle import Frontier, leaf_hash
from gateway.flows.audit.verify_log import verify_log
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.commit.log import columns_of
from gateway.store.database import schema
from gateway.store.database.engine import open_engine
from tests.unit.audit.entries import NONCE, READ, toy_seal

ENTRIES = (READ, replace(READ, event=Event.BREAK_GLASS_OPEN), replace(READ, reasons=("no-such",)))


def _stop_before(url):
    schema._run(url, lambda conn: command.upgrade(schema._config(conn), "0013"))


async def _append(url):
    engine = await open_engine(url)
    frontier = Frontier()
    async with engine.writing() as conn:
        for number, entry in enumerate(ENTRIES):
            record = encode(entry, NONCE, toy_seal, "owner")
            frontier, root = frontier.append(leaf_hash(record))
            await conn.execute(
                "INSERT INTO audit_entry (seq, record, leaf_hash, root_after, recorded_at, event,"
                " outcome, org, user_id, person_id, owner_orgs)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                (number, record, leaf_hash(record), root, *columns_of(entry)[:7]),
            )
        await conn.execute(
            "UPDATE audit_head SET size = $1, frontier = $2", (len(ENTRIES), frontier.to_bytes())
        )
    await engine.close()


async def _look(url):
    engine = await open_engine(url)
    async with engine.reading() as conn:
        totals = [
            await audit_reads.total(conn, wanted)
            for wanted in (Wanted(purposes=("TREAT",)), Wanted(break_glass=True), Wanted())
        ]
    verdict = await verify_log(engine, ())
    with pytest.raises(Exception, match="append-only"):
        async with engine.writing() as conn:
            await conn.execute("UPDATE audit_entry SET purpose = ''")
    await engine.close()
    return totals, verdict


def test_entries_of_before_are_found_and_nothing_of_them_changed(empty_database_url):
    _stop_before(empty_database_url)
    asyncio.run(_append(empty_database_url))
    schema.upgrade(empty_database_url)
    totals, verdict = asyncio.run(_look(empty_database_url))
    assert totals == [3, 1, 3]
    assert verdict.ok, verdict.reason
    assert verdict.size == len(ENTRIES)
    assert schema.differences(empty_database_url) == []
