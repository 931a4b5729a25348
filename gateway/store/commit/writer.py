"""Many units, one commit: whoever waits to write at the same moment shares a transaction.

In      Units: what is done with a connection inside a writing.
Out     What each returns, once its transaction is durable; never before.
Rule    A unit that fails undoes itself alone; then the others are run again, so that a unit may be
        run more than once. What several units of a group would each do alike is done once for all
        of them, before they run (Ahead); where that fails, each does it for itself. The audit
        entries of a group are written together, last. Where the engine has one writer, everything
        queues for it. Where it has many, a few transactions go on beside one another, so that a
        long one does not keep all others waiting, and entries of reads have one of their own.
Errors  What the unit raised; BusyError, where the whole may be tried again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final, TypeVar

from gateway.audit.canonical import EntryFormatError
from gateway.store.commit.log import begin_entries, told_of, write_entries
from gateway.store.database.engine import Connection, Engine

MOST_UNITS: Final = 20
MOST: Final = 200
"""Units, and units and notes together, that share a transaction: none waits long for others."""
BESIDE: Final = 2
"""Transactions of units that go on at the same time where the engine has many writers: while one
waits for the database another is worked on; more would only make each group smaller."""
MOST_AHEAD: Final = 8
"""Parts that are done at once: nobody else is served meanwhile."""
_Result = TypeVar("_Result")
Unit = Callable[[Connection], Awaitable[_Result]]
_AHEAD: Final = -1
"""Stands for the place of a unit, where what was done ahead failed."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What can be done for several units at once, before they run."""

    work: Callable[[Connection, Sequence[Any]], Awaitable[Collection[int]]]
    """Given the parts, does what it can; the places of those for which it did, whose units then
    read nothing that others write."""
    of: tuple[str, ...]
    """Parts of which this is the same go together."""
    part: Any


@dataclass(frozen=True, slots=True)
class _Job:
    """A unit, and who waits for it."""

    unit: Unit[Any]
    done: asyncio.Future[Any]
    notes_only: bool
    ahead: Ahead | None = None

    def answer(self, outcome: Any) -> None:
        """Tell whoever waits, if they still do."""
        if self.done.done():
            return
        if isinstance(outcome, Exception):
            self.done.set_exception(outcome)
        else:
            self.done.set_result(outcome)


class Writer:
    """Runs units."""

    def __init__(self, engine: Engine) -> None:
        self._units = _Queue(engine, 1 if engine.one_writer else BESIDE)
        self._notes = self._units if engine.one_writer else _Queue(engine, 1)

    def serve_as(self, process_id: str) -> None:
        """Name the process in every entry from now on."""
        self._units.process_id = self._notes.process_id = process_id

    async def run(self, unit: Unit[_Result], ahead: Ahead | None = None) -> _Result:
        """What the unit returns, once it is durable."""
        done: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._units.put(_Job(told_of(unit), done, notes_only=False, ahead=ahead))
        return await done

    async def note(self, unit: Unit[_Result]) -> _Result:
        """The same for a unit that only notes audit entries: many share one transaction."""
        done: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._notes.put(_Job(told_of(unit), done, notes_only=True))
        return await done

    async def close(self) -> None:
        """Wait for what is being written."""
        await self._units.close()
        await self._notes.close()


class _Queue:
    """Jobs in the order they came, and the few tasks that work them off."""

    def __init__(self, engine: Engine, beside: int) -> None:
        self._engine = engine
        self._beside = beside
        self.process_id = ""
        self._waiting: list[_Job] = []
        self._numbers = count()
        self._running: dict[int, asyncio.Task[None]] = {}

    def put(self, job: _Job) -> None:
        """Have a job done."""
        self._waiting.append(job)
        if len(self._running) < self._beside:
            number = next(self._numbers)
            self._running[number] = asyncio.create_task(self._drain(number))

    async def _drain(self, number: int) -> None:
        group: list[_Job] = []
        try:
            while self._waiting:
                group = self._next_group()
                await self._commit(group)
        except BaseException:  # called off: nobody may wait for ever
            for job in (*group, *self._waiting):
                job.done.cancel()
            self._waiting.clear()
            raise
        finally:  # at once: what is put from now on needs another task
            del self._running[number]

    def _next_group(self) -> list[_Job]:
        """Who has waited longest, without those who went away meanwhile."""
        units = 0
        group: list[_Job] = []
        for place, job in enumerate(self._waiting):
            units += not job.notes_only
            if units > MOST_UNITS or place == MOST:
                break
            group.append(job)
        del self._waiting[: len(group)]
        return [job for job in group if not job.done.done()]

    async def _commit(self, jobs: list[_Job]) -> None:
        """Each of them is done, durable and answered, in as few transactions as can be."""
        outcomes, failed = await self._together(jobs)
        if failed is None or len(jobs) == 1:
            for job, outcome in zip(jobs, outcomes, strict=True):
                job.answer(outcome)
            return
        parts = [jobs[:failed], jobs[failed : failed + 1], jobs[failed + 1 :]]
        if failed == _AHEAD:
            parts = [[replace(job, ahead=None) for job in jobs]]
        for part in filter(None, parts):
            await self._commit(part)

    async def _together(self, jobs: list[_Job]) -> tuple[list[Any], int | None]:
        """What became of them in one transaction; the place of the one that failed, if it was one
        of them: then nothing of any stands."""
        outcomes: list[Any] = [None] * len(jobs)
        failed: int | None = None
        try:
            async with self._engine.writing() as conn:
                begin_entries(conn, self.process_id)
                failed = _AHEAD
                together = await _ahead(conn, jobs)
                for place in together:
                    outcomes[place] = await _outcome(conn, jobs[place])
                await conn.settle()
                for place, job in enumerate(jobs):
                    if place in together:
                        continue
                    failed = place
                    outcomes[place] = await _outcome(conn, job)
                    await conn.settle()
                    if not job.notes_only:
                        await asyncio.sleep(0)  # let others on while this one writes
                failed = None
                await write_entries(conn)
        except Exception as fault:  # noqa: BLE001 - each waiter is told, and raises it
            outcomes = [fault] * len(jobs)
        return outcomes, failed

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._running:
            await asyncio.wait(self._running.values())


async def _ahead(conn: Connection, jobs: Sequence[_Job]) -> list[int]:
    """Do what can be done for several jobs at once; the places of those for which it was."""
    alike: defaultdict[Any, list[tuple[int, Any]]] = defaultdict(list)
    for place, job in enumerate(jobs):
        if job.ahead is not None:
            alike[job.ahead.work, job.ahead.of].append((place, job.ahead.part))
    together: list[int] = []
    for (work, _), parts in alike.items():
        for start in range(0, len(parts), MOST_AHEAD):
            some = parts[start : start + MOST_AHEAD]
            done = await work(conn, [part for _, part in some]) if len(some) > 1 else ()
            together += [some[one][0] for one in done]
            await conn.settle()
            await asyncio.sleep(0)  # let others on while this one writes
    return together


async def _outcome(conn: Connection, job: _Job) -> Any:
    """What the unit returned. Errors: what it raised, but for an entry that nobody could write."""
    try:
        return await job.unit(conn)
    except EntryFormatError as fault:
        if not job.notes_only:
            raise
        return fault  # raised before anything of it was noted
