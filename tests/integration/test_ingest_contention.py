"""Many pushers at once, of the same people and the same bodies: as if one after the other."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.contention import contended
from tests.integration.pusher import push_all
from tests.integration.taking import (
    ROOT,
    State,
    all_taken,
    opened,
    provider,
    state_of,
    upgraded,
    verified,
    wiped,
)

_PUSHERS, _PUSHERS_SOAKING = 8, 16
_SECONDS = 240


async def _serial(url: str, keys: Any) -> State:
    async with opened(url, keys) as store:
        await all_taken(store, contended())
        made = await state_of(store)
        await wiped(store)
    return made


async def _checked(url: str, keys: Any, serial: State, answers: list) -> None:
    """No delivery stands twice, the log has no gap, and the state is the serial one."""
    count = len(contended())
    by_number: dict[int, list[dict[str, Any]]] = {}
    for number, answer in answers:
        by_number.setdefault(number, []).append(answer)
    assert len(by_number) == count
    for given in by_number.values():
        assert len({answer["delivery"] for answer in given}) == 1
        assert {answer["status"] for answer in given} <= {"taken", "partly-taken"}
    async with opened(url, keys) as store:
        assert await state_of(store) == serial
        assert await verified(store)
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT COUNT(*), MIN(seq), MAX(seq) FROM audit_entry")
            bodies = await conn.fetch("SELECT COUNT(*), COUNT(DISTINCT body_hash) FROM delivery")
            items = await conn.fetch("SELECT COUNT(*), COUNT(DISTINCT item_id) FROM item")
        assert rows[0][2] - rows[0][1] + 1 == rows[0][0]
        assert bodies[0][0] == bodies[0][1] == count
        assert items[0][0] == items[0][1]


def test_pushers_of_one_process(database_url, tmp_path, whole):
    upgraded(database_url)
    keys = provider(tmp_path)

    async def scenario() -> None:
        serial = await _serial(database_url, keys)
        async with opened(database_url, keys) as store:
            answers = await push_all(store, 1, _PUSHERS_SOAKING if whole else _PUSHERS)
        await _checked(database_url, keys, serial, answers)

    asyncio.run(scenario())


@pytest.mark.parametrize("seed", [1])
def test_pushers_of_two_processes(seed, database_url, tmp_path, whole):
    pushers = _PUSHERS_SOAKING if whole else _PUSHERS
    upgraded(database_url)
    keys = provider(tmp_path)
    serial = asyncio.run(_serial(database_url, keys))
    command = [sys.executable, "-m", "tests.integration.pusher", database_url]
    started = [
        subprocess.Popen(
            [
                *command,
                str(tmp_path / "keys.json"),
                str(seed * 10 + number),
                str(pushers // 4),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in (1, 2)
    ]
    answers = []
    for process in started:
        output, errors = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0, errors
        answers += json.loads(output)
    asyncio.run(_checked(database_url, keys, serial, answers))
