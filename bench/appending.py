"""How many entries a second the log takes from several processes, each on disk before it is told.

    python -m bench.appending [--processes N] [--entries N] [--tasks N] [--store sqlite|postgres]

Each process appends as the service does, through its own appender, from many tasks that wait for
theirs to be on disk. The log is verified at the end. PostgreSQL is found on this machine and
started privately, with its usual durability.
"""

import argparse
import asyncio
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from bench.__main__ import database
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import now
from gateway.flows.audit.verify_log import verify_log
from gateway.store.commit.units import Store
from gateway.store.database import schema
from gateway.store.keyring.keys import FileKeyProvider, create_key_file

WANTED: Final = 4_000
"""Entries a second, of four processes on PostgreSQL."""


def main() -> None:
    """Append, verify, print."""
    parser = argparse.ArgumentParser(prog="bench.appending", description="Append to the log.")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--entries", type=int, default=10_000, help="of each process")
    parser.add_argument("--tasks", type=int, default=64, help="that wait at a time, in each")
    parser.add_argument("--store", action="append", choices=("sqlite", "postgres"))
    given = parser.parse_args()
    for store in given.store or ("sqlite", "postgres"):
        with database(store) as (url, folder):
            if url is None:
                sys.stdout.write(f"{store}: not found on this machine" + "\n")
                continue
            _measure(store, url, folder, given)


def _measure(store: str, url: str, folder: Path, given: argparse.Namespace) -> None:
    schema.upgrade(url)
    create_key_file(folder / "keys.json", development=True)
    begin = time.time() + 3 * given.processes
    one = (url, folder, given.entries, given.tasks, begin)
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        ends = list(pool.map(_process, [one] * given.processes))
    seconds = max(end for end, _ in ends) - begin
    processor = sum(used for _, used in ends)
    total = given.processes * given.entries
    ok = asyncio.run(_verified(url, folder, total))
    sys.stdout.write(
        f"{store}: {total / seconds:,.0f} entries a second, {given.processes} processes,"
        f" {total:,} entries in {seconds:.1f} s, {processor:.1f} s of processor time in them;"
        f" wanted {WANTED:,}; the log is {'whole' if ok else 'NOT WHOLE'}\n"
    )


def _process(given: tuple[str, Path, int, int, float]) -> tuple[float, float]:
    """When the last entry was on disk, and the processor time it took."""
    return asyncio.run(_append(*given))


async def _append(
    url: str, folder: Path, entries: int, tasks: int, begin: float
) -> tuple[float, float]:
    store = await Store.open(url, _keys(folder), now)
    try:
        waiting = iter(range(entries))

        async def task() -> None:
            for number in waiting:
                await store.log.append(_entry(number))

        await asyncio.sleep(max(0.0, begin - time.time()))
        used = time.process_time()
        await asyncio.gather(*(task() for _ in range(tasks)))
        return time.time(), time.process_time() - used
    finally:
        await store.close()


def _entry(number: int) -> AuditEntry:
    agent = Agent(user_id=f"user-{number % 500}", kind="staff", role="gp", org="H85001")
    return AuditEntry(
        now(), Event.READ, Outcome.SERVED, agent, request_id=f"r-{number}",
        person_id=f"person-{number % 5000}", resources=(("Goal", f"goal-{number % 20000}", 1),),
        query="Goal", filter_hash="0" * 64, policy_version="1@0",
    )  # fmt: skip


async def _verified(url: str, folder: Path, count: int) -> bool:
    store = await Store.open(url, _keys(folder), now)
    try:
        verdict = await verify_log(store.engine, store.vault.provider.log_public_keys)
    finally:
        await store.close()
    return verdict.ok and verdict.size == count


def _keys(folder: Path) -> FileKeyProvider:
    return FileKeyProvider.read(folder / "keys.json")


if __name__ == "__main__":
    main()
