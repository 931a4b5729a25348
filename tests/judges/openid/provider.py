"""Install and run the provider; a browser's way through its pages, over HTTP.

Errors  JudgeUnavailableError, with a reason, where node, npm or the packages cannot be had.
"""

import json
import re
import shutil
import subprocess
import time
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import httpx
from joserfc.jwk import RSAKey

from tests.ports import free_port

HERE: Final = Path(__file__).resolve().parent
_FILES: Final = ("package.json", "package-lock.json", "server.mjs")
_NODE: Final = 20
_SECONDS: Final = 120


class JudgeUnavailableError(Exception):
    """The judge cannot be had on this machine."""


def install(folder: Path, judge: Path = HERE, files: tuple[str, ...] = _FILES) -> None:
    """The packages, exactly as the lock has them, with no script of theirs run."""
    npm = shutil.which("npm")
    if npm is None or _node_release() < _NODE:
        raise JudgeUnavailableError(f"npm and node {_NODE} or newer are not on this machine")
    for name in files:
        shutil.copy(judge / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
    if done.returncode:
        raise JudgeUnavailableError(f"the packages of {judge.name} cannot be had with npm")


def _node_release() -> int:
    """The main number of node's version; 0 where there is no node."""
    if shutil.which("node") is None:
        return 0
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return int(done.stdout.strip().removeprefix("v").split(".")[0])


class OpenIdProvider:
    """One running provider with some accounts."""

    def __init__(self, installed: Path, folder: Path, name: str, algorithm: str) -> None:
        self.name, self.algorithm, self._installed = name, algorithm, installed
        self.folder, self.port = folder, free_port()
        self.key = RSAKey.generate_key(2048, {"kid": f"{name}-1"})
        self.jwks_file = folder / f"{name}-jwks.json"
        self.jwks_file.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, gateway: str, accounts: dict[str, dict[str, Any]]) -> None:
        """Serve, with the gateway at that address as the one client."""
        chosen = self.folder / f"{self.name}.json"
        client = {
            "client_id": "care-gateway",
            "redirect_uris": [f"{gateway}/sign-in/callback/{self.name}"],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "id_token_signed_response_alg": self.algorithm,
            "jwks": httpx.get(f"{gateway}/oauth/jwks").json(),
            "backchannel_logout_uri": f"{gateway}/sign-in/back-channel-logout",
            "backchannel_logout_session_required": True,
        }
        keys = {"keys": [self.key.as_dict(private=True)]}
        chosen.write_text(
            json.dumps(
                {
                    "issuer": self.issuer, "port": self.port, "client": client, "jwks": keys,
                    "accounts": accounts,
                }
            )
        )  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["node", "server.mjs", str(chosen)], cwd=self._installed, stdout=log, stderr=log
            )
        until = time.monotonic() + _SECONDS
        while "listening" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=_SECONDS)


class Browser:
    """Follows redirects and fills in forms; keeps cookies by host and port."""

    def __init__(self) -> None:
        self._jars: dict[str, httpx.Client] = {}

    def close(self) -> None:
        for client in self._jars.values():
            client.close()

    def ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        """One request, with the cookies of whom it is for."""
        origin = address.split("/", 3)[2]
        client = self._jars.setdefault(origin, httpx.Client(trust_env=False))
        return client.request(method, address, **more)

    def sign_in(self, gateway: str, provider: str, account: str, **query: str) -> httpx.Response:
        """All the way: the gateway's answer to what the provider sends back."""
        asked = {"provider": provider, **query}
        answer = self.ask("GET", f"{gateway}/sign-in", params=asked)
        for _ in range(12):
            if str(answer.url).startswith(f"{gateway}/sign-in/callback"):
                return answer
            answer = self._next(answer, account)
        raise AssertionError("no way back from the provider")

    def sign_out_there(self, issuer: str) -> None:
        """Sign out at the provider, as its own page asks."""
        answer = self.ask("GET", f"{issuer}/session/end")
        action, fields = _form(answer)
        self.ask("POST", action, data=fields | {"logout": "yes"})

    def _next(self, answer: httpx.Response, account: str) -> httpx.Response:
        if answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            return self.ask("GET", address)
        assert answer.status_code == 200, answer.text
        action, fields = _form(answer)
        if fields.get("prompt") == "login":
            fields |= {"login": account, "password": "anything"}
        return self.ask("POST", action, data=fields)


def _form(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and what stands hidden in it."""
    (action, *_) = re.findall(r'<form[^>]* action="([^"]+)"', answer.text)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return urljoin(str(answer.url), unescape(action)), {n: unescape(v) for n, v in hidden}
