"""Sixteen writers in four processes append to one log at once: no number is lost, given twice or
left out, and each is told the number under which its entry stands."""

import asyncio
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

from gateway.audit.entry import Agent, AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.store import audit_reads
from gateway.store.log import append
from tests.integration.taking import opened, provider, run, upgraded, verified

PROCESSES, WRITERS, ENTRIES = 4, 4, 40
Told = list[tuple[str, int]]
_OPENED: list[Barrier] = []
AT_ONCE: Final = 3
"""Of each unit that writes something: its entries follow each other."""


def _wait_for(opened_all: Barrier) -> None:
    _OPENED.append(opened_all)


def _process(given: tuple[str, Path, int]) -> Told:
    """What one process wrote, as it was told: request and number."""
    return asyncio.run(_written(*given))


async def _written(url: str, folder: Path, process: int) -> Told:
    async with opened(url, provider(folder)) as store:
        await asyncio.to_thread(_OPENED[0].wait)
        told = await asyncio.gather(
            *(_writer(store, f"{process}-{place}") for place in range(WRITERS))
        )
    return [one for each in told for one in each]


async def _writer(store, name: str) -> Told:
    """Reads, and what writes, by turns: each way of getting into the log."""
    told = []
    for number in range(0, ENTRIES, AT_ONCE + 1):
        one, *others = (_entry(store, f"{name}-{number + place}") for place in range(AT_ONCE + 1))
        told.append((one.request_id, await store.log.append(one)))

        async def unit(conn, others=others):
            return await append(conn, store.vault, others)

        noted = await store.write(unit)
        told += [(each.entry.request_id, each.number) for each in noted]
    return told


def _entry(store, name: str) -> AuditEntry:
    agent = Agent(f"user-{name}", "staff", "gp", "H85001")
    return AuditEntry(store.vault.now(), Event.READ, Outcome.SERVED, agent, request_id=name)


async def _log(store) -> Told:
    assert await verified(store)
    found = audit_reads.entries(store.engine)
    return [(decode(record).entry.request_id, seq) async for seq, record, _, _ in found]


def test_s60_sixteen_writers_of_four_processes_leave_one_log_without_a_gap(database_url, tmp_path):
    provider(tmp_path)
    given = [(upgraded(database_url), tmp_path, number) for number in range(PROCESSES)]
    context = get_context("spawn")
    began = (context.Barrier(PROCESSES),)
    with ProcessPoolExecutor(PROCESSES, context, _wait_for, began) as pool:
        told = [one for each in pool.map(_process, given) for one in each]
    log = run(database_url, tmp_path, _log)
    assert sorted(told) == sorted(log)
    assert [number for _, number in log] == list(range(PROCESSES * WRITERS * ENTRIES))
    assert set(Counter(name for name, _ in log).values()) == {1}
    turns = [name.partition("-")[0] for name, _ in log]
    assert sum(one != other for one, other in pairwise(turns)) >= PROCESSES
