"""The service as a process of its own, started by its command, and killed without warning."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from gateway.clock import now
from gateway.custody import keys_of
from gateway.main import development_issuer
from gateway.settings import Settings
from mappings.registry import FEEDS
from tests.ports import free_port

_SECONDS = 120


class Served:
    """`care-gateway serve`, or another command, on a free port of this machine."""

    def __init__(
        self, url: str, key_file: Path, folder: Path, command: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port()
        self.log = folder / f"served-{self.port}.log"
        self._settings = Settings(
            database_url=url, key_file=key_file, port=self.port, permission_to_view="implied"
        )
        self._url, self._key_file, self._folder = url, key_file, folder
        gateway = str(Path(sys.executable).with_name("care-gateway"))
        self._command = command or (gateway, "serve")
        self.process = self._started()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, role: str, **more: Any) -> dict[str, str]:
        issuer = development_issuer(self._settings, keys_of(self._settings))
        return {"Authorization": f"Bearer {issuer.issue(role, at=now(), **more)}"}

    def provider(self, org: str, **more: Any) -> dict[str, str]:
        return self.token("provider", user="sys", org=org, feeds=sorted(FEEDS), **more)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=_SECONDS)

    def restart(self) -> None:
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        env = {
            "GATEWAY_DATABASE_URL": self._url,
            "GATEWAY_KEY_FILE": str(self._key_file),
            "GATEWAY_PORT": str(self.port),
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self._command, env=env, cwd=self._folder, stdout=log, stderr=log
            )
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                raise AssertionError(self.log.read_text()[-2000:])
            try:
                httpx.get(f"{self.base_url}/fhir/R4/metadata", timeout=5)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return process
        process.kill()
        raise AssertionError("the service did not start in time")
