"""Load from a few kept connections: prepared request bytes out, whole answers in, times kept."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"
_UNTOLD: Final = 1 << 62
"""Left of an answer in chunks, which does not tell its size beforehand."""


@dataclass(slots=True)
class Load:
    """What one run measured."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    size: int = 0
    failures: int = 0
    cpu_seconds: float = 0.0
    """Processor time the service used meanwhile."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    @property
    def core_rate(self) -> float:
        """Answers for each second of the service's own processor time."""
        return len(self.times) / self.cpu_seconds if self.cpu_seconds else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


def request(method: str, url: str, token: str, body: bytes = b"", kind: str = "") -> bytes:
    """One HTTP/1.1 request as bytes."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class _Connection(asyncio.Protocol):
    """One kept connection: a request out, its answer counted, the next one out."""

    def __init__(self, load: Load, next_request: Callable[[], bytes | None], paced: bool) -> None:
        self.load = load
        self.next_request = next_request
        self.paced = paced
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle: asyncio.Future[None] | None = None
        self.left = 0
        self.tail = b""
        self.head = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if not self.paced:
            self.send()

    def send(self, due: float | None = None) -> None:
        sent = self.next_request()
        if sent is None:
            self.finish()
            return
        self.began = due or time.perf_counter()
        self.transport.write(sent)

    def data_received(self, data: bytes) -> None:
        if self.left:
            self.left -= len(data)
            self.tail = (self.tail + data)[-len(_LAST_CHUNK) :]
        else:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            status, size = _read_head(self.head[:end])
            self.left = size - (len(self.head) - end - 4)
            self.load.size = max(self.load.size, size if size < _UNTOLD else 0)
            self.load.failures += status >= 400
            self.tail = self.head[-len(_LAST_CHUNK) :]
            self.head = b""
        if self.left > _UNTOLD // 2 and self.tail == _LAST_CHUNK:
            self.left = 0
        if self.left <= 0:
            self.load.times.append(time.perf_counter() - self.began)
            self.left = 0
            if self.paced and self.idle and not self.idle.done():
                self.idle.set_result(None)
            elif not self.paced:
                self.send()

    def connection_lost(self, _reason: Exception | None) -> None:
        self.finish()

    def finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
            self.transport.close()


async def run(
    port: int, requests: Sequence[bytes], connections: int, seconds: float, rate: float = 0.0
) -> Load:
    """Send the requests round and round on so many connections; `rate` paces them in all."""
    load = Load()
    numbers = iter(range(10**9))
    start = time.perf_counter()
    stop = start + seconds

    def next_request() -> bytes | None:
        if time.perf_counter() >= stop:
            return None
        return requests[next(numbers) % len(requests)]

    loop = asyncio.get_running_loop()

    async def one(place: int) -> None:
        _, connection = await loop.create_connection(
            lambda: _Connection(load, next_request, bool(rate)), "127.0.0.1", port
        )
        turn = place
        while rate and not connection.done.done():
            due = start + turn / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            connection.idle = loop.create_future()
            connection.send(due)
            if not connection.done.done():
                await connection.idle
            turn += connections
        await connection.done

    await asyncio.gather(*(one(place) for place in range(connections)))
    load.seconds = time.perf_counter() - start
    return load


def _read_head(head: bytes) -> tuple[int, int]:
    lines = head.split(b"\r\n")
    size = 0
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
        elif name.lower() == b"transfer-encoding":
            size = _UNTOLD
    return int(lines[0].split(b" ")[1]), size
