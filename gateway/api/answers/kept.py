"""An answer that is kept for a moment: whoever asks again within it is given the same.

Rule    It is made once while all wait who ask, so that many who ask cost what one does and nobody
        waits longer than one does. A failure is all of theirs too, and is not kept: the next who
        asks tries again.
Errors  Those of what makes it; TimeoutError where it takes too long.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from gateway.clock import Clock

KEPT: Final = timedelta(seconds=15)
_LONGEST_SECONDS: Final = 5
_Made = TypeVar("_Made")


class Kept(Generic[_Made]):
    """What `make` gives, made anew when it is older than `KEPT`."""

    def __init__(self, make: Callable[[], Awaitable[_Made]], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._held: tuple[datetime, _Made] | None = None
        self._making: asyncio.Task[_Made] | None = None

    async def value(self) -> _Made:
        """The answer, at most that old."""
        at = self._clock()
        if self._held is not None and self._held[0] <= at < self._held[0] + KEPT:
            return self._held[1]
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._made(at))
            self._making.add_done_callback(_seen)
        return await asyncio.shield(self._making)

    async def _made(self, at: datetime) -> _Made:
        async with asyncio.timeout(_LONGEST_SECONDS):
            made = await self._make()
        self._held = at, made
        return made


def _seen(task: asyncio.Task[_Made]) -> None:
    """A failure that nobody waits for any more is not logged by the loop, whose words may be those
    of a database."""
    if not task.cancelled():
        task.exception()
