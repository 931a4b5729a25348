"""Sixteen writers in four processes append to one log at once: no number is lost, given twice or
left out, each is told the number under which its entry stands, and what was told stands before
whatever was asked for afterwards.

They write in rounds that all begin together, so that each process meets the others however the
machine shares its cores among them.
"""

import asyncio
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

from gateway.audit.entry import Agent, AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.store.audit import audit_reads
from gateway.store.commit.log import append
from tests.integration.taking import opened, provider, run, upgraded, verified

PROCESSES, WRITERS, ENTRIES = 4, 4, 40
Told = list[tuple[str, int]]
_TOGETHER: list[Barrier] = []
AT_ONCE: Final = 3
"""Of each unit that writes something: its entries follow each other."""
ROUNDS: Final = ENTRIES // (AT_ONCE + 1)
STUCK: Final = 120
"""Seconds after which a process that waits for the others gives up."""


def _meet_at(together: Barrier) -> None:
    _TOGETHER.append(together)


def _process(given: tuple[str, Path, int]) -> Told:
    """What one process wrote, as it was told: request and number."""
    return asyncio.run(_written(*given))


async def _written(url: str, folder: Path, process: int) -> Told:
    told: Told = []
    async with opened(url, provider(folder)) as store:
        for number in range(ROUNDS):
            await asyncio.to_thread(_TOGETHER[0].wait, STUCK)
            names = (f"{number}-{process}-{place}" for place in range(WRITERS))
            for each in await asyncio.gather(*(_writer(store, name) for name in names)):
                told += each
    return told


async def _writer(store, name: str) -> Told:
    """One read, then a unit that writes: each way of getting into the log."""
    one, *others = (_entry(store, f"{name}-{place}") for place in range(AT_ONCE + 1))
    alone = await store.log.append(one)

    async def unit(conn):
        return await append(conn, store.vault, others)

    noted = await store.write(unit)
    return [(one.request_id, alone), *((each.entry.request_id, each.number) for each in noted)]


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
    together = (context.Barrier(PROCESSES),)
    with ProcessPoolExecutor(PROCESSES, context, _meet_at, together) as pool:
        told = [one for each in pool.map(_process, given) for one in each]
    log = run(database_url, tmp_path, _log)
    assert sorted(told) == sorted(log)
    assert [number for _, number in log] == list(range(PROCESSES * WRITERS * ENTRIES))
    assert set(Counter(name for name, _ in log).values()) == {1}
    rounds = [int(name.partition("-")[0]) for name, _ in log]
    assert rounds == sorted(rounds)
