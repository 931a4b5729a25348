"""A writing that is called off, as when the process ends, leaves nobody waiting: neither who was
in it, nor who was to be tried again after them."""

import asyncio
from typing import Any

from gateway.store.commit.writer import Writer
from tests.integration.taking import opened, provider, upgraded


def test_whoever_waits_for_a_writing_that_is_called_off_is_told(database_url, tmp_path):
    upgraded(database_url)
    tried: list[int] = []

    async def running() -> int:
        again = asyncio.Event()

        async def stays(_conn: Any) -> None:
            tried.append(1)
            if len(tried) > 1:  # beside one that failed it is run once more
                again.set()
                await asyncio.Event().wait()

        async def fails(_conn: Any) -> None:
            raise ValueError

        async def follows(_conn: Any) -> None: ...

        async with opened(database_url, provider(tmp_path)) as store:
            writer, before = Writer(store.engine), asyncio.all_tasks()
            waiting = [asyncio.create_task(writer.run(one)) for one in (stays, fails, follows)]
            await again.wait()
            for task in asyncio.all_tasks() - before - set(waiting):
                task.cancel()
            told, left = await asyncio.wait(waiting, timeout=5)
            for task in left:
                task.cancel()
            assert all(task.cancelled() for task in told)
            return len(left)

    assert asyncio.run(running()) == 0
