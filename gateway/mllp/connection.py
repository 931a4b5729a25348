"""One connection: frames in, several in hand at a time, answers out in the order of the frames.

Rule    Reading stops while enough is in hand, or while the peer does not read its answers. What
        has come whole is taken to its end, also when the peer has gone: it is wholly there or,
        if its last byte never came, absent. A frame that takes too long to come is answered as
        cut, and the connection closed; one that stands idle is closed.
Source  docs/adr/0017-mllp.md.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog

from gateway.mllp.framing import Frame, Framer
from gateway.setting_parts import Mllp

MOST_IN_HAND: Final = 16
"""Messages of one connection that are taken at the same time: they share a transaction."""
_CHUNK: Final = 64 * 1024
_SETTLE_SECONDS: Final = 0.05
"""So long is waited for what may follow an end block, before it ends the frame."""
_CLOSE_SECONDS: Final = 5
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back for a frame, and what is done once that is handed over, or nobody
    takes it."""

    content: bytes
    over: Callable[[], object]


class Connection:
    """Reads, takes and answers until the peer, or a limit, ends it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Mllp,
        answered: Callable[[Frame], Coroutine[Any, Any, Answer]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._answered = answered
        self._in_hand: deque[tuple[asyncio.Task[Answer], int]] = deque()
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._over = False

    async def run(self) -> None:
        """Serve the connection to its end."""
        self._reading = asyncio.create_task(self._read())
        answering = asyncio.create_task(self._answer())
        await asyncio.wait([self._reading])
        fault = None if self._reading.cancelled() else self._reading.exception()
        if fault is not None:
            _log.error("mllp-failed", fault=type(fault).__name__)
        self._over = True
        self._changed.set()
        await answering
        self._writer.close()
        with suppress(OSError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._writer.wait_closed()

    def stop(self) -> None:
        """Read no more; what is in hand is finished and answered."""
        if self._reading is not None:
            self._reading.cancel()

    def abort(self) -> None:
        """Close at once; what is in hand is finished, and not answered."""
        self.stop()
        self._writer.transport.abort()

    async def _read(self) -> None:
        framer = Framer(self._limits.message_bytes)
        loop = asyncio.get_running_loop()
        began = 0.0
        while True:
            now = loop.time()
            limit = began + self._limits.message_seconds - now if framer.is_inside else None
            data = await self._more(framer, limit)
            if data is None:
                break
            was_inside = framer.is_inside
            frames = framer.feed(data) if data else [framer.settled()]
            for frame in frames:
                await self._take(frame)
            if frames or not was_inside:
                began = loop.time()
        rest = framer.end()
        if rest is not None:
            await self._take(rest)

    async def _more(self, framer: Framer, limit: float | None) -> bytes | None:
        """What came; empty where nothing follows an end block; None where nothing more comes."""
        settling = framer.may_have_ended
        seconds = self._limits.idle_seconds if limit is None else limit
        try:
            async with asyncio.timeout(_SETTLE_SECONDS if settling else seconds):
                return await self._reader.read(_CHUNK) or None
        except TimeoutError:
            return b"" if settling else None
        except OSError:
            return None

    async def _take(self, frame: Frame) -> None:
        size = len(frame.content)
        while self._in_hand and (
            len(self._in_hand) >= MOST_IN_HAND
            or size + sum(held for _, held in self._in_hand) > self._limits.message_bytes
        ):
            self._changed.clear()
            await self._changed.wait()
        self._in_hand.append((asyncio.create_task(self._answered(frame)), size))
        self._changed.set()

    async def _answer(self) -> None:
        """Send answers in the order of their frames, until reading is over and all are sent."""
        while True:
            while not self._in_hand:
                if self._over:
                    return
                self._changed.clear()
                await self._changed.wait()
            answer = await self._in_hand[0][0]
            await self._send(answer.content)
            answer.over()
            self._in_hand.popleft()
            self._changed.set()

    async def _send(self, answer: bytes) -> None:
        if not answer or self._writer.is_closing():
            return
        try:
            self._writer.write(answer)
            async with asyncio.timeout(self._limits.message_seconds):
                await self._writer.drain()
        except (OSError, TimeoutError):
            self.abort()
