"""Malformed bodies over HTTP: refused or quarantined, never a failure, never an echo, no growth."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterable
from itertools import islice

import httpx
import pytest

from gateway.auth.development import LONGEST
from mappings.registry import FEEDS
from tests.integration.malformed import CANARY, Malformed, malformed
from tests.integration.served import Served
from tests.integration.taking import ORGS, authored, provider, upgraded
from tests.memory import resident_bytes

_SAMPLE, _ALL = 40, 100_000
_AT_A_TIME = 4
_MOST_GROWTH = 150 * 1024 * 1024
_FINE = {200, 202, 400, 413, 415, 422}
_SECRETS = (
    "QUILLFEATHER", "47119900268", "ASHDOWN", "Ashdown", "MARSH", "9990000077", "999 000 0077",
    "Elm Crescent", "KT3 5ZZ", "020 7946", "perching stool", "1943-03-04", "19430304",
)  # fmt: skip
_DEBUGGED = (
    "import logging, uvicorn\n"
    "from gateway.main import create_app\n"
    "from gateway.settings import Settings\n"
    "logging.basicConfig(level=logging.DEBUG)\n"
    "logging.getLogger('probe').debug('written at DEBUG')\n"
    "chosen = Settings()\n"
    "uvicorn.run(create_app(chosen), host=chosen.host, port=chosen.port, log_level='debug')\n"
)


def _silent(text: str) -> None:
    for secret in _SECRETS:
        assert secret not in text, secret


def _headers(given: dict[str, str], media_type: str) -> dict[bytes, bytes]:
    """As bytes: a sender's header may be anything."""
    headers = {name.encode(): value.encode() for name, value in given.items()}
    return headers | {b"content-type": media_type.encode()}


async def _sent(served: Served, bodies: Iterable[Malformed]) -> None:
    headers = {feed: served.provider(ORGS[feed], lifetime=LONGEST) for feed in FEEDS}
    left = iter(bodies)

    async def some(client: httpx.AsyncClient) -> None:
        for one in left:
            answer = await client.post(
                f"{served.base_url}/feeds/{one.feed}",
                content=one.body,
                headers=_headers(headers[one.feed], one.media_type),
            )
            assert answer.status_code in _FINE, (one, answer.status_code, answer.text[:300])
            _silent(answer.text)
            _silent(str(answer.headers))

    async with httpx.AsyncClient(timeout=120) as client:
        await asyncio.gather(*(some(client) for _ in range(_AT_A_TIME)))


async def _oversized(served: Served) -> None:
    """70 MB declared, and more than the limit in chunks of unknown number."""
    headers = served.provider("XK1") | {"content-type": "application/json"}
    url = f"{served.base_url}/feeds/social-care"
    part = CANARY.encode() * 50_000

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70 * 1024 * 1024 // len(part)):
            yield part

    async with httpx.AsyncClient(timeout=120) as client:
        for body in (b" " * (70 * 1024 * 1024), chunks()):
            answer = await client.post(url, content=body, headers=headers)
            assert answer.status_code == 413, answer.text
            _silent(answer.text)


async def _healthy(served: Served) -> None:
    """An ordinary delivery is still taken, and the process is the same one."""
    async with httpx.AsyncClient(timeout=120) as client:
        for feed in FEEDS:
            delivery = next(d for d in authored(feed) if d.name == "minimal")
            answer = await client.post(
                f"{served.base_url}/feeds/{feed}",
                content=delivery.body,
                headers=served.provider(ORGS[feed]),
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["status"] in ("taken", "partly-taken")
    assert served.process.poll() is None


def _run(url: str, folder, count: int, seed: int) -> None:
    upgraded(url)
    provider(folder)
    served = Served(url, folder / "keys.json", folder, command=(sys.executable, "-c", _DEBUGGED))
    bodies = malformed(count, seed)
    try:
        asyncio.run(_sent(served, islice(bodies, count // 10)))
        before = resident_bytes(served.process.pid)
        asyncio.run(_sent(served, bodies))
        assert resident_bytes(served.process.pid) < before + _MOST_GROWTH
        asyncio.run(_oversized(served))
        asyncio.run(_healthy(served))
    finally:
        served.kill()
    log = served.log.read_text(errors="replace")
    assert "written at DEBUG" in log
    _silent(log)
    assert not re.search(r"Traceback|mapping-failed|unexpected", log), log[-3000:]


def test_malformed_bodies_are_refused_and_never_echoed(database_url, tmp_path):
    _run(database_url, tmp_path, _SAMPLE, seed=1)


@pytest.mark.soak
def test_a_hundred_thousand_malformed_bodies(database_url, tmp_path):
    _run(database_url, tmp_path, _ALL, seed=2)
