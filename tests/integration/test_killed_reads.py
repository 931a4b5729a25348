"""kill -9 around the commit of an access: nothing was served that is not in the log, nothing is in
the log that was not asked, what may not have arrived is said to be unknown, and the log is as it
was written."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.clock import now
from gateway.custody import keys_of
from gateway.flows.upkeep.serving import settle_lost
from gateway.main import development_issuer
from gateway.settings import Settings
from gateway.store.audit import audit_reads
from tests.api.messages import HYPERTENSION, gp_record
from tests.api.world import NORMA, PRACTICE
from tests.integration.taking import opened, provider, upgraded, verified
from tests.ports import free_port

ALL, SOME = 1_000, 3
_CLIENTS = 4
_WITHIN = 0.05
"""Seconds after the first answer within which the process is ended."""


@dataclass
class Seen:
    """By user, each a client of one trial: how often it asked, and how often it was given bytes;
    and the requests of which every byte arrived."""

    asked: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    arrived: set[str] = field(default_factory=set)


class Forked:
    """Processes that serve one database, one after the other."""

    def __init__(self, url: str, key_file: Path, folder: Path) -> None:
        self.settings = Settings(
            database_url=url, key_file=key_file, port=free_port(), permission_to_view="implied"
        )
        env = {
            "GATEWAY_DATABASE_URL": url,
            "GATEWAY_KEY_FILE": str(key_file),
            "GATEWAY_PORT": str(self.settings.port),
        }
        self._log = (folder / "served.log").open("ab")
        root = Path(__file__).parents[2]
        self._forking = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.forked"],
            env=env, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def token(self, role: str, user: str, **more) -> dict[str, str]:
        issuer = development_issuer(self.settings, keys_of(self.settings))
        return {"Authorization": f"Bearer {issuer.issue(role, at=now(), user=user, **more)}"}

    def start(self) -> int:
        """A process that answers; its number."""
        assert self._forking.stdin
        assert self._forking.stdout
        self._forking.stdin.write(b"fork\n")
        self._forking.stdin.flush()
        child = int(self._forking.stdout.readline())
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.base_url}/livez", timeout=5)
                return child
            time.sleep(0.01)
        raise AssertionError("the service did not start in time")

    def close(self) -> None:
        self._forking.kill()
        self._forking.wait(timeout=120)
        for stream in (self._forking.stdin, self._forking.stdout, self._log):
            if stream:
                stream.close()


@pytest.fixture
def forked(database_url, tmp_path):
    upgraded(database_url)
    provider(tmp_path)
    made = Forked(database_url, tmp_path / "keys.json", tmp_path)
    yield made
    made.close()


def _filled(forked: Forked) -> list[str]:
    """One person's record; what is read of it."""
    child = forked.start()
    sender = forked.token("provider", "sys", org=PRACTICE, feeds=["gp"])
    headers = sender | {"Content-Type": "application/fhir+json"}
    body = gp_record(PRACTICE, NORMA, [HYPERTENSION])
    answer = httpx.post(f"{forked.base_url}/feeds/gp", content=body, headers=headers, timeout=120)
    os.kill(child, signal.SIGKILL)
    assert answer.status_code == 200, answer.text
    return [one["reference"] for one in answer.json()["resources"]]


async def _trial(forked: Forked, number: int, paths: list[str], seen: Seen, pause: float) -> None:
    child = forked.start()
    first = asyncio.Event()

    async def client(name: str) -> None:
        headers = forked.token("gp", name, org=PRACTICE)
        async with httpx.AsyncClient(timeout=120, headers=headers) as asking:
            with suppress(httpx.TransportError):
                for path in paths * 200:
                    seen.asked[name] += 1
                    named = {"X-Request-Id": f"{name}-{seen.asked[name]}"}
                    address = f"{forked.base_url}/fhir/R4/{path}"
                    async with asking.stream("GET", address, headers=named) as answer:
                        assert answer.status_code == 200
                        parts = answer.aiter_raw()
                        seen.given[name] += bool(await anext(parts, b""))
                        async for _ in parts:
                            pass
                    seen.arrived.add(named["X-Request-Id"])
                    first.set()

    async def end() -> None:
        await first.wait()
        await asyncio.sleep(pause)
        os.kill(child, signal.SIGKILL)

    names = [f"k-{number}-{place}" for place in range(_CLIENTS)]
    await asyncio.gather(end(), *(client(name) for name in names))


async def _told(forked: Forked, folder: Path, seen: Seen) -> None:
    """The log against what was asked and given."""
    served: Counter[str] = Counter()
    entries: list[AuditEntry] = []
    async with opened(forked.settings.database_url, provider(folder)) as store:
        await settle_lost(store, now(), timedelta(0))
        async for _, record, _, _ in audit_reads.entries(store.engine):
            entries.append(decode(record).entry)
            if entries[-1].outcome is Outcome.SERVED:
                served[entries[-1].agent.user_id] += 1
        assert await verified(store)
    _told_of_ends(entries, seen)
    for name, asked in seen.asked.items():
        assert seen.given[name] <= served[name] <= asked, name
    assert {name for name in served if name.startswith("k-")} <= set(seen.asked)


def _told_of_ends(entries: list[AuditEntry], seen: Seen) -> None:
    """Each process that was killed is named once; what did not arrive whole is unknown."""
    told = Counter((one.event, one.outcome) for one in entries)
    assert told[Event.SYSTEM, Outcome.UNKNOWN] == told[Event.START, Outcome.STORED]
    assert told[Event.STOP, Outcome.STORED] == 0
    served = {one.request_id for one in entries if one.outcome is Outcome.SERVED}
    unknown = {one.request_id for one in entries if one.event is Event.COMPLETION}
    assert served <= seen.arrived | unknown
    assert seen.arrived <= served


def run(forked: Forked, folder: Path, count: int) -> Seen:
    """So many trials; what was asked and given in all of them."""
    paths, seen, dice = _filled(forked), Seen(), random.Random(count)
    for number in range(count):
        asyncio.run(_trial(forked, number, paths, seen, dice.random() * _WITHIN))
    asyncio.run(_told(forked, folder, seen))
    return seen


def test_s59_nothing_was_served_that_is_not_in_the_log(forked, tmp_path, whole):
    count = ALL if whole else SOME
    seen = run(forked, tmp_path, count)
    assert seen.given.total() >= count
    assert seen.asked.total() > seen.given.total(), "some were cut off"
