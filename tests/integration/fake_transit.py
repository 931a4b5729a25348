"""A transit engine on this machine that answers as Vault's HTTP API does: one named key with its
versions, tokens, batches, associated data, the errors of its documentation."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.invented"
KEY = "care-gateway"


class Transit:
    """`sealed`, `kind` and `tokens` are what a test changes; `asked` is every path in order."""

    def __init__(self, folder: Path) -> None:
        self.versions = [AESGCM(os.urandom(32))]
        self.oldest = 1
        self.sealed, self.kind, self.tokens = False, "aes256-gcm96", {TOKEN}
        self.asked: list[str] = []
        self.namespaces: set[str | None] = set()
        self.token_file = folder / "vault-token"
        self.token_file.write_text(f"{TOKEN}\n")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self._answer(json.loads(self.rfile.read(length) or b"{}"))

            def _answer(self, body: dict[str, Any]) -> None:
                outer.asked.append(self.path)
                outer.namespaces.add(self.headers.get("X-Vault-Namespace"))
                status, made = outer.answer(
                    self.command, self.path, self.headers.get("X-Vault-Token", ""), body
                )
                sent = json.dumps(made).encode() if made else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def setting(self) -> dict[str, Any]:
        """How a deployment names it."""
        return {"url": self.url, "key": KEY, "token_file": self.token_file}

    def answer(
        self, method: str, path: str, token: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if token not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        ways = {
            ("GET", f"/v1/transit/keys/{KEY}"): self._key,
            ("POST", f"/v1/transit/keys/{KEY}/rotate"): self._rotate,
            ("POST", f"/v1/transit/encrypt/{KEY}"): self._encrypt,
            ("POST", f"/v1/transit/decrypt/{KEY}"): self._decrypt,
        }
        way = ways.get((method, path))
        return way(body) if way else (404, {"errors": []})

    def _key(self, _body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        versions = {str(number): 1 for number in range(1, len(self.versions) + 1)}
        told = {"name": KEY, "type": self.kind, "latest_version": len(self.versions)}
        return 200, {"data": told | {"keys": versions, "min_decryption_version": self.oldest}}

    def _rotate(self, _body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.versions.append(AESGCM(os.urandom(32)))
        return 204, {}

    def _encrypt(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        number = len(self.versions)
        results = []
        for one in body["batch_input"]:
            nonce, plain = os.urandom(12), base64.b64decode(one["plaintext"], validate=True)
            bound = base64.b64decode(one.get("associated_data", ""), validate=True)
            closed = nonce + self.versions[-1].encrypt(nonce, plain, bound)
            text = f"vault:v{number}:{base64.b64encode(closed).decode()}"
            results.append({"ciphertext": text, "key_version": number})
        return 200, {"data": {"batch_results": results}}

    def _decrypt(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        results = [self._opened(one) for one in body["batch_input"]]
        status = 400 if any("error" in one for one in results) else 200
        return status, {"data": {"batch_results": results}}

    def _opened(self, one: dict[str, Any]) -> dict[str, str]:
        prefix, version, closed = one["ciphertext"].split(":")
        number = int(version[1:])
        if prefix != "vault" or not self.oldest <= number <= len(self.versions):
            return {"error": "ciphertext or signature version is disallowed by policy (too old)"}
        sealed = base64.b64decode(closed)
        bound = base64.b64decode(one.get("associated_data", ""))
        try:
            plain = self.versions[number - 1].decrypt(sealed[:12], sealed[12:], bound)
        except InvalidTag:
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(plain).decode()}

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def transit(tmp_path) -> Iterator[Transit]:
    """The engine, for as long as the test lasts."""
    engine = Transit(tmp_path)
    yield engine
    engine.stop()
