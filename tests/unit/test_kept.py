"""An answer that is kept for a moment, asked for by many at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.api.answers.kept import KEPT, Kept

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class _Source:
    """Counts how often it was asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.at = NOON
        self.asked = 0
        self.fails = False
        self.may_answer = asyncio.Event()
        self.kept = Kept(self._make, lambda: self.at)

    async def _make(self) -> int:
        self.asked += 1
        await self.may_answer.wait()
        if self.fails:
            raise OSError("the database went away")
        return self.asked


async def _asked_at_once(source: _Source, number: int) -> list[asyncio.Task[int]]:
    asking = [asyncio.create_task(source.kept.value()) for _ in range(number)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return asking


@pytest.mark.parametrize("fails", [False, True])
def test_many_who_ask_at_once_cost_and_wait_what_one_does(fails):
    async def run():
        source = _Source()
        source.fails = fails
        asking = await _asked_at_once(source, 5)
        source.may_answer.set()
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert source.asked == 1
        assert {type(one) for one in found} == {OSError if fails else int}
        source.fails = False
        assert await source.kept.value() == (2 if fails else 1)

    asyncio.run(run())


def test_who_asked_first_may_go_and_the_others_are_answered():
    async def run():
        source = _Source()
        first, *others = await _asked_at_once(source, 3)
        first.cancel()
        source.may_answer.set()
        assert await asyncio.gather(*others) == [1, 1]
        assert source.asked == 1

    asyncio.run(run())


def test_it_is_made_anew_when_it_is_old_and_when_the_clock_went_back():
    async def run():
        source = _Source()
        source.may_answer.set()
        seen = []
        for at in (NOON, NOON + KEPT - timedelta(seconds=1), NOON + KEPT, NOON):
            source.at = at
            seen.append(await source.kept.value())
        assert seen == [1, 1, 2, 3]

    asyncio.run(run())
