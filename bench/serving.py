"""Start the service in a process of its own on a fresh store, ready to be measured."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.custody import keys_of
from gateway.main import development_issuer
from gateway.settings import Settings
from gateway.store.database import schema

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A running service."""

    port: int
    settings: Settings
    pid: int = 0

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Processor time the service has used so far; 0 where the system does not tell."""
        return cpu_seconds(self.pid)

    def token(self, role: str, org: str, feeds: tuple[str, ...] = ()) -> str:
        """A development token."""
        issuer = development_issuer(self.settings, keys_of(self.settings))
        return issuer.issue(role, user=f"bench-{role}", org=org, feeds=feeds, at=datetime.now(UTC))  # noqa: TID251


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(database_url: str, folder: Path, without: str = "") -> Iterator[Served]:
    """The service on this database, in one process, until the block ends."""
    port = free_port()
    values = {
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_KEY_FILE": str(folder / "keys.json"),
        "GATEWAY_PORT": str(port),
        "GATEWAY_RATES__MATCH": "0",
        "GATEWAY_RATES__PEOPLE": "0",
        "BENCH_WITHOUT": without,
    }
    settings = Settings(database_url=database_url, key_file=folder / "keys.json", port=port)
    keys_of(settings)
    with ThreadPoolExecutor(1) as outside:  # the caller's own event loop is running
        outside.submit(schema.upgrade, database_url).result()
    command = [
        sys.executable, "-m", "uvicorn", "bench.app:make", "--factory", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, **values})  # noqa: TID251
    try:
        _wait(port, process)
        yield Served(port, settings, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the service did not start")
