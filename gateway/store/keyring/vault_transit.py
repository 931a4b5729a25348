"""Data keys wrapped by the transit engine of HashiCorp Vault (or OpenBao), which keeps its keys.

In      Data keys and their owners.
Out     Wrapped keys as Vault writes them; their id names Vault's key and its version.
Rule    The owner is bound as associated data, so that a wrapped key opens for no other; the key is
        of a kind that binds it (aes256-gcm96 or chacha20-poly1305). Vault's answers are read for
        what is needed and repeated nowhere. The token is read from its file each time: whoever
        renews it writes it there.
Errors  KeyUnavailableError where a key does not open; KeyServiceError where Vault cannot be asked,
        is sealed or refuses the token.
Source  https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

import base64
import binascii
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.store.keyring.keys import KeyServiceError, KeyUnavailableError, WrappedKey
from gateway.store.keyring.wrapping import Wrapping

PREFIX: Final = "vault:"
_SECONDS: Final = 5.0
_AT_ONCE: Final = 200
_BINDING: Final = ("aes128-gcm96", "aes256-gcm96", "chacha20-poly1305")
_NO_KEY: Final = "the key service does not open a data key"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the engine is, and which of its keys wraps."""

    url: str
    key: str
    token_file: Path
    mount: str = "transit"
    namespace: str = ""
    authority_file: Path | None = None


class VaultTransit:
    """Wraps with one named key of a transit engine; opens what the key file wrapped before."""

    def __init__(self, place: Place, before: Wrapping) -> None:
        self._place = place
        self._before = before
        self._open: httpx.AsyncClient | None = None

    async def current(self) -> str:
        """Vault's newest version of the key."""
        data = await self._ask("GET", f"keys/{self._place.key}")
        version, kind = data.get("latest_version"), data.get("type")
        if type(version) is not int or kind not in _BINDING:
            raise KeyServiceError("the key service's key is not one that wraps data keys here")
        return self._id_of(version)

    async def wrap(self, keys: Sequence[tuple[str, bytes]]) -> list[WrappedKey]:
        """Under Vault's newest version."""
        asked = [
            {"plaintext": _to_text(key), "associated_data": self._bound(owner)}
            for owner, key in keys
        ]
        return [self._wrapped(one) for one in await self._batch("encrypt", asked)]

    async def unwrap(self, keys: Sequence[tuple[str, WrappedKey]]) -> list[bytes]:
        """By Vault, or by the key file where that wrapped it."""
        mine = [(owner, one) for owner, one in keys if one.kek_id.startswith(PREFIX)]
        others = [(owner, one) for owner, one in keys if not one.kek_id.startswith(PREFIX)]
        asked = [
            {"ciphertext": _text_of(one.wrapped), "associated_data": self._bound(owner)}
            for owner, one in mine
        ]
        opened = iter([_key(one) for one in await self._batch("decrypt", asked)])
        earlier = iter(await self._before.unwrap(others) if others else ())
        return [next(opened if one.kek_id.startswith(PREFIX) else earlier) for _, one in keys]

    async def rotate(self) -> str:
        """Vault makes a new version of the key, where the token may ask for it."""
        await self._ask("POST", f"keys/{self._place.key}/rotate", {})
        return await self.current()

    async def close(self) -> None:
        """End the connections to Vault."""
        if self._open is not None:
            await self._open.aclose()
            self._open = None

    async def _batch(self, what: str, asked: Sequence[Mapping[str, str]]) -> list[Any]:
        """What is answered to each, in order."""
        answers: list[Any] = []
        for start in range(0, len(asked), _AT_ONCE):
            part = asked[start : start + _AT_ONCE]
            data = await self._ask("POST", f"{what}/{self._place.key}", {"batch_input": part})
            results = data.get("batch_results")
            if not isinstance(results, list) or len(results) != len(part):
                raise KeyServiceError("the key service answered something else")
            answers += results
        return answers

    async def _ask(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        url = f"{self._place.url.rstrip('/')}/v1/{self._place.mount}/{path}"
        try:
            token = self._place.token_file.read_text(encoding="utf-8").strip()
            headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
            if self._place.namespace:
                headers["X-Vault-Namespace"] = self._place.namespace
            answer = await self._client().request(method, url, json=body, headers=headers)
            said = answer.json() if answer.content else {}
        except (OSError, ValueError, httpx.HTTPError):
            raise KeyServiceError("the key service cannot be asked") from None
        data = said.get("data") if isinstance(said, dict) else None
        # One that does not open makes the whole batch a 400, which still tells of each.
        partial = answer.status_code == 400 and isinstance(data, dict) and "batch_results" in data
        if not answer.is_success and not partial:
            raise KeyServiceError("the key service refuses")
        return data if isinstance(data, dict) else {}

    def _client(self) -> httpx.AsyncClient:
        if self._open is None:
            file = self._place.authority_file
            trusted = ssl.create_default_context(cafile=str(file) if file else None)
            self._open = httpx.AsyncClient(
                verify=trusted, timeout=_SECONDS, follow_redirects=False, trust_env=False
            )
        return self._open

    def _id_of(self, version: int) -> str:
        return f"{PREFIX}{self._place.key}:v{version}"

    def _bound(self, owner: str) -> str:
        return _to_text(f"dek|{owner}|{self._place.key}".encode())

    def _wrapped(self, one: Any) -> WrappedKey:
        """As Vault writes it: `vault:v3:...`."""
        text = one.get("ciphertext") if isinstance(one, dict) else None
        parts = text.split(":") if isinstance(text, str) else []
        if len(parts) != 3 or parts[0] != "vault" or not parts[1].removeprefix("v").isdigit():
            raise KeyServiceError("the key service answered something else")
        return WrappedKey(self._id_of(int(parts[1].removeprefix("v"))), ":".join(parts).encode())


def _key(one: Any) -> bytes:
    text = one.get("plaintext") if isinstance(one, dict) and not one.get("error") else None
    if not isinstance(text, str):
        raise KeyUnavailableError(_NO_KEY)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise KeyUnavailableError(_NO_KEY) from None


def _text_of(wrapped: bytes) -> str:
    try:
        return wrapped.decode("ascii")
    except UnicodeDecodeError:
        raise KeyUnavailableError(_NO_KEY) from None


def _to_text(plain: bytes) -> str:
    return base64.b64encode(plain).decode("ascii")
