"""HL7 v2 over MLLP on one connection: each message applied, durable and recorded before its ACK."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import data
from bench.load import Load
from bench.serving import cpu_seconds
from gateway.mllp.connection import MOST_IN_HAND
from gateway.mllp.framing import Framer, framed
from gateway.settings import Settings

PACE = 300
_START_SECONDS = 30
_FIRST = 1_000_000
"""Messages from this number on are the ones nobody else of the bench sends."""


async def measure(settings: Settings, seconds: float) -> dict[str, Load]:
    """One message at a time; as many as are taken at once; at a steady pace."""
    with _listening(settings) as (port, pid):
        alone = await _run(port, seconds, _FIRST, at_once=1)
        before = cpu_seconds(pid)
        many = await _run(port, seconds, 2 * _FIRST, at_once=MOST_IN_HAND)
        many.cpu_seconds = cpu_seconds(pid) - before
        paced = await _run(port, seconds, 3 * _FIRST, at_once=10_000, rate=PACE)
    return {
        "HL7 v2 problems over MLLP, one at a time": alone,
        f"HL7 v2 problems over MLLP, {MOST_IN_HAND} at once": many,
        f"HL7 v2 problems over MLLP at {PACE} a second": paced,
    }


async def _run(port: int, seconds: float, first: int, at_once: int, rate: float = 0.0) -> Load:
    """Send until the time is up, wait for the last answer; time runs from when one was due."""
    load = Load()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent: deque[float] = deque()
    room = asyncio.Semaphore(at_once)
    start = time.perf_counter()

    async def send() -> None:
        number = first
        while (now := time.perf_counter()) < start + seconds:
            due = start + (number - first) / rate if rate else now
            await asyncio.sleep(due - now)
            await room.acquire()
            sent.append(due if rate else time.perf_counter())
            writer.write(framed(data.problems(number)))
            await writer.drain()
            number += 1
        writer.write_eof()

    async def receive() -> None:
        framer = Framer(1 << 20)
        while read := await reader.read(1 << 16):
            for frame in framer.feed(read):
                load.times.append(time.perf_counter() - sent.popleft())
                load.failures += b"\rMSA|AA|" not in frame.content
                room.release()

    await asyncio.gather(send(), receive())
    load.seconds = time.perf_counter() - start
    writer.close()
    return load


@contextmanager
def _listening(settings: Settings) -> Iterator[tuple[int, int]]:
    """`care-gateway mllp` over the same database: its port and its process."""
    source = {"system": "bench", "org": "RAX"}
    values = {
        "GATEWAY_DATABASE_URL": settings.database_url,
        "GATEWAY_KEY_FILE": str(settings.key_file),
        "GATEWAY_MLLP__LISTENERS": json.dumps(
            [{"host": "127.0.0.1", "port": 0, "sources": [source]}]
        ),
    }
    program = Path(sys.executable).with_name("care-gateway")
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [program, "mllp"],
            env={**os.environ, **values},  # noqa: TID251 - not the product
            stderr=log,
        )
        try:
            yield _port(process, log.fileno()), process.pid
        finally:
            process.terminate()
            process.wait(timeout=_START_SECONDS)


def _port(process: subprocess.Popen[bytes], log: int) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(rb"listening on 127\.0\.0\.1:(\d+)", os.pread(log, 10_000, 0))
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise SystemExit("the MLLP listener did not start")
