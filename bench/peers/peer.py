"""HAPI's JPA server from its published parts, built here and run on a database of its own.

In      Java 17 or later and Maven on the search path; the address of an empty database.
Out     A running server: its port and its process.
Errors  PeerUnavailableError with a reason a person can act on.
"""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.serving import free_port

_PROJECT: Final = Path(__file__).parent / "hapi"
_BUILD: Final = _PROJECT / "build"
_BUILT: Final = _BUILD / "built"
_START_SECONDS: Final = 900
"""Making its tables and reading FHIR's own definitions takes it a minute on a quiet machine."""


class PeerUnavailableError(Exception):
    """The peer cannot be run here, and why."""


def build() -> None:
    """Have Maven fetch and compile, where that has not been done since the last change."""
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    if missing:
        raise PeerUnavailableError(f"{' and '.join(missing)} not found on this machine")
    sources = [_PROJECT / "pom.xml", *(_PROJECT / "src").rglob("*.*")]
    newest = max(one.stat().st_mtime for one in sources)
    if _BUILT.exists() and _BUILT.stat().st_mtime > newest:
        return
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(_PROJECT), "process-classes"]
    if subprocess.run(command, check=False).returncode:
        raise PeerUnavailableError("Maven could not build it; what it said stands above")
    _BUILT.touch()


@contextmanager
def running(database_url: str) -> Iterator[tuple[int, int]]:
    """Its port and process, until the block ends. Errors: PeerUnavailableError."""
    at, port = urlsplit(database_url), free_port()
    command = [
        "java", "-cp", f"{_BUILD / 'classes'}:{_BUILD / 'lib'}/*", f"-Dpeer.port={port}",
        f"-Dpeer.jdbc=jdbc:postgresql://{at.hostname}:{at.port}{at.path}",
        f"-Dpeer.user={at.username}", "bench.Server",
    ]  # fmt: skip
    secret = {"PEER_PASSWORD": at.password or ""}
    with Path(_BUILD, "server.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **secret}, stdout=log, stderr=log)  # noqa: TID251
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/fhir/Patient/none", timeout=60).close()
        except urllib.error.HTTPError:
            return  # it answers that there is no such person
        except OSError:
            time.sleep(0.5)
    raise PeerUnavailableError(f"it did not start; see {_BUILD / 'server.log'}")
