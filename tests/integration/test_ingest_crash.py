"""kill -9 in a stream: what was acknowledged is there; the rest is whole or absent."""

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.served import Served
from tests.integration.taking import opened, provider, upgraded, verified

_LARGE, _STREAM, _PUSHERS = 120, 80, 4


def _message(number: int) -> bytes:
    return (
        f"MSH|^~\\&|EPR|RAX|GW|SWL|20261001{number % 24:02}0000||PPR^PC1|M-{number}|P|2.4\r"
        f"PID|1||{number}^^^RAX^MR||MARSH^Edwin||19510622|1\r"
        f"PRB|AD|20261001090000|195967001^Asthma^SCT|P-{number}^RAX|||20261001|||||||Active"
    ).encode()


def _bodies(turn: int) -> list[bytes]:
    """A stream of single messages with two long files in it."""
    first = turn * 10_000
    bodies = [_message(first + number) for number in range(_STREAM)]
    for place in (5, 30):
        start = first + 1000 * (place + 1)
        bodies.insert(place, b"\r".join(_message(start + n) for n in range(_LARGE)))
    return bodies


async def _pushed(
    served: Served, bodies: list[bytes], kill_after: int | None
) -> dict[int, dict[str, Any]]:
    """Push until the service is killed; the answers it gave."""
    answers: dict[int, dict[str, Any]] = {}
    waiting = list(range(len(bodies)))[::-1]
    headers = served.provider("RAX") | {"content-type": "x-application/hl7-v2+er7"}

    async def pusher(client: httpx.AsyncClient) -> None:
        while waiting:
            number = waiting.pop()
            try:
                answer = await client.post(
                    f"{served.base_url}/feeds/hospital", content=bodies[number], headers=headers
                )
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            answers[number] = answer.json()
            if kill_after is not None and len(answers) == kill_after:
                served.process.kill()

    async with httpx.AsyncClient(timeout=120) as client:
        await asyncio.gather(*(pusher(client) for _ in range(_PUSHERS)))
    return answers


async def _found(url: str, folder: Path) -> tuple[dict[str, tuple[str, int]], bool]:
    """Delivery -> (state, items); whether the log is as it was written."""
    async with opened(url, provider(folder)) as store, store.engine.reading() as conn:
        rows = await conn.fetch(
            "SELECT d.delivery_id, d.state, COUNT(i.item_id) FROM delivery d"
            " LEFT JOIN item i ON i.delivery_id = d.delivery_id GROUP BY 1, 2"
        )
        orphans = await conn.fetch(
            "SELECT COUNT(*) FROM item WHERE delivery_id NOT IN (SELECT delivery_id FROM delivery)"
        )
        assert orphans[0][0] == 0
        ok = await verified(store)
    return {row[0]: (row[1], row[2]) for row in rows}, ok


def _items(body: bytes) -> int:
    return body.count(b"MSH|")


@pytest.mark.parametrize("seed", [1])
def test_a_killed_service_has_what_it_acknowledged(seed, database_url, tmp_path, whole):
    upgraded(database_url)
    provider(tmp_path)
    served = Served(database_url, tmp_path / "keys.json", tmp_path)
    dice = random.Random(seed)
    try:
        for turn in range(2 if whole else 1):
            bodies = _bodies(turn)
            answers = asyncio.run(_pushed(served, bodies, dice.randrange(4, 40)))
            served.kill()
            assert 0 < len(answers) < len(bodies)
            found, ok = asyncio.run(_found(database_url, tmp_path))
            assert ok
            for number, answer in answers.items():
                assert found[answer["delivery"]] == ("taken", _items(bodies[number]))
            for state, items in found.values():
                assert state == "taken" or (state == "accepted" and items % 50 == 0), state
            served.restart()
            again = asyncio.run(_pushed(served, bodies, None))
            assert len(again) == len(bodies)
            for number, answer in again.items():
                assert answer["items"]["taken"] == _items(bodies[number])
                if number in answers:
                    assert answer == answers[number] | {"duplicate": True}
            found, ok = asyncio.run(_found(database_url, tmp_path))
            assert ok
            assert sorted(found[answer["delivery"]] for answer in again.values()) == sorted(
                ("taken", _items(body)) for body in bodies
            )
        assert "Traceback" not in served.log.read_text()
    finally:
        served.kill()


def test_the_command_line_verifies_the_log_after_a_kill(database_url, tmp_path):
    upgraded(database_url)
    provider(tmp_path)
    served = Served(database_url, tmp_path / "keys.json", tmp_path)
    try:
        assert asyncio.run(_pushed(served, [_message(n) for n in range(_STREAM)], 20))
    finally:
        served.kill()
    command = Path(sys.executable).with_name("care-gateway")
    done = subprocess.run(
        [str(command), "audit", "verify", "--json"],
        env={
            "GATEWAY_DATABASE_URL": database_url,
            "GATEWAY_KEY_FILE": str(tmp_path / "keys.json"),
        },
        capture_output=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True
