"""The keys of a deployment: where they come from and what each one is for.

In      a JSON key file, readable by its owner only (data keys may be wrapped elsewhere).
Out     wrapped and unwrapped data keys; keyed hashes and ids; signing keys of log and tokens.
Rule    Each purpose has its own keys; the last of a purpose is the current one, earlier ones
        still open what they closed. The identity key is single: a new one would change every
        id. Keys and nonces come from random_bytes and nowhere else. What is found by is hashed
        under the index keys (gateway.store.keyring.hashing).
Errors  ConfigurationError for a key file that cannot be used, KeyUnavailableError for a data
        key that does not open. Their texts hold names of keys, never a key.
Source  NIST SP 800-38D (GCM), RFC 2104 (HMAC), RFC 9562 (UUID version 8).
"""

import base64
import binascii
import fcntl
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.checkpoint import LogKey
from gateway.errors import ConfigurationError, GatewayError
from gateway.store.keyring.hashing import KeyedHasher as KeyedHasher
from gateway.store.keyring.hashing import framed as framed
from gateway.store.keyring.log_keys import LogKeys

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
PURPOSES: Final = ("key-encryption", "index", "identity", "log-signing", "token-signing")
_SINGLE: Final = "identity"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class KeyUnavailableError(GatewayError):
    """A data key does not open: its wrapping key is not here, or the wrapping was altered."""

    owner = ""  # whose it is, where that is known


class KeyServiceError(GatewayError):
    """A key service gives no answer that can be used; data keys in memory go on opening."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key closed under the key-encryption key of that id: safe to store."""

    kek_id: str
    wrapped: bytes


class FileKeyProvider:
    """The keys of one key file. A repr shows nothing of them."""

    def __init__(
        self,
        keys: Mapping[str, Mapping[str, bytes]],
        *,
        development: bool,
        path: Path | None = None,
        since: Mapping[str, int] | None = None,
    ) -> None:
        self.development = development
        self._path = path
        self._aeads = {name: AESGCM(key) for name, key in keys["key-encryption"].items()}
        (identity,) = keys["identity"].values()
        self.hasher = KeyedHasher(tuple(keys["index"].values()), identity, self.notice)
        self.hasher.generation = 1  # until the database says more
        self._stamp = self._stamped()
        self.log_keys = LogKeys(keys["log-signing"], since or {})
        self.token_signing_keys = {
            name: _p256_key(seed) for name, seed in keys["token-signing"].items()
        }

    @classmethod
    def read(cls, path: Path) -> "FileKeyProvider":
        """The provider over a key file; ConfigurationError says what is wrong with it."""
        content = _read_content(path)
        development = content["environment"] == "development"
        keys, since = _keys_of(content), _since_of(content)
        return cls(keys, development=development, path=path, since=since)

    def refresh(self) -> None:
        """Know the keys that wrap, that hash and that sign the log that were added to the file
        since; those known stay."""
        if self._path is not None:
            stamp, content = self._stamped(), _read_content(self._path)
            keys = _keys_of(content)
            self.log_keys = LogKeys(keys["log-signing"], _since_of(content))
            for name, key in keys["key-encryption"].items():
                if name not in self._aeads:
                    self._aeads[name] = AESGCM(key)
            self.hasher.learn(tuple(keys["index"].values()))
            self._stamp = stamp

    def notice(self) -> None:
        """Read the file again if it is another one than was read; what cannot be read waits."""
        if self._stamped() != self._stamp:
            with suppress(ConfigurationError):
                self.refresh()

    def _stamped(self) -> tuple[int, int]:
        """What tells the file from the one that takes its place."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            found = None
        return (found.st_ino, found.st_mtime_ns) if found else (0, 0)

    def holds(self, kek_id: str) -> bool:
        """Whether it has the wrapping key of that id."""
        return kek_id in self._aeads

    def add_wrapping_key(self) -> str:
        """Add a key-encryption key to the file, which is the current one from then on; its id."""
        if self._path is None:
            raise ConfigurationError("these keys are of no file")
        made = add_key(self._path, "key-encryption")
        self.refresh()
        return made

    def current_kek_id(self) -> str:
        """The id of the newest key-encryption key."""
        return next(reversed(self._aeads))

    @property
    def log_public_keys(self) -> tuple[LogKey, ...]:
        """What verifies checkpoints, of every key that ever signed them; the current one last."""
        return self.log_keys.public()

    @property
    def token_signing_key(self) -> tuple[str, ec.EllipticCurvePrivateKey]:
        """The id and key that sign tokens now (ES256)."""
        return next(reversed(self.token_signing_keys.items()))

    def wrap(self, key: bytes, owner: str) -> WrappedKey:
        """The key closed for that owner under the current key-encryption key."""
        kek_id = self.current_kek_id()
        nonce = random_bytes(NONCE_BYTES)
        closed = self._aeads[kek_id].encrypt(nonce, key, _wrap_aad(owner, kek_id))
        return WrappedKey(kek_id, nonce + closed)

    def unwrap(self, wrapped: WrappedKey, owner: str) -> bytes:
        """The key again; KeyUnavailableError for another owner, key or altered bytes."""
        aead = self._aeads.get(wrapped.kek_id)
        if aead is None:
            raise KeyUnavailableError("the key file does not hold the data key's wrapping key")
        nonce, closed = wrapped.wrapped[:NONCE_BYTES], wrapped.wrapped[NONCE_BYTES:]
        try:
            return aead.decrypt(nonce, closed, _wrap_aad(owner, wrapped.kek_id))
        except (InvalidTag, ValueError):
            raise KeyUnavailableError("a wrapped data key does not open") from None


def create_key_file(path: Path, *, development: bool = False) -> None:
    """Write a new file of random keys, mode 0600; never over an existing one."""
    content: dict[str, Any] = {
        "format": 1,
        "environment": "development" if development else "production",
        "keys": {purpose: [_new_key(purpose)] for purpose in PURPOSES},
    }
    try:
        _write(path, content)
    except FileExistsError:
        raise ConfigurationError(f"a key file is already there: {path}") from None


def add_key(path: Path, purpose: str, since: int = 0) -> str:
    """Add a new current key of that purpose to the file, and give its id; old keys stay. One that
    signs the log does so from that size on."""
    if purpose not in PURPOSES or purpose == _SINGLE:
        raise ConfigurationError(f"keys of this purpose cannot be rotated: {purpose}")
    added: dict[str, Any] = _new_key(purpose) | ({"since": since} if since else {})
    with _alone(path):
        content = _read_content(path)
        content["keys"][purpose].append(added)
        _replace(path, content)
    return str(added["id"])


def drop_keys(path: Path, purpose: str, names: Collection[str]) -> None:
    """Take these keys of a purpose out of the file for good; never its newest."""
    with _alone(path):
        content = _read_content(path)
        rows = content["keys"][purpose]
        content["keys"][purpose] = [row for row in rows[:-1] if row["id"] not in names] + rows[-1:]
        _replace(path, content)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile: a key that another adds is not lost."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError:
        raise ConfigurationError(f"the key file cannot be read: {path}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def random_bytes(size: int) -> bytes:
    """Unpredictable bytes from the operating system: the one source of keys and nonces."""
    return os.urandom(size)


def _wrap_aad(owner: str, kek_id: str) -> bytes:
    return f"dek|{owner}|{kek_id}".encode()


def _p256_key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    scalar = int.from_bytes(hashlib.sha512(b"token-signing" + seed).digest(), "big")
    return ec.derive_private_key(scalar % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def _new_key(purpose: str) -> dict[str, str]:
    key = random_bytes(KEY_BYTES)
    name = f"{purpose}-{hashlib.sha256(framed('key-id', purpose) + key).hexdigest()[:8]}"
    return {"id": name, "key": base64.b64encode(key).decode()}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """The content in a new file of mode 0600, on disk before this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, content: Mapping[str, Any]) -> None:
    """The content in place of the file's."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    _write(beside, content)
    beside.replace(path)


def _read_content(path: Path) -> dict[str, Any]:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"the key file cannot be read: {path}") from None
    if mode & 0o077:
        raise ConfigurationError(f"the key file may be open to its owner only (0600): {path}")
    try:
        content = json.loads(text)
    except ValueError:
        raise ConfigurationError(f"the key file is not JSON: {path}") from None
    if not isinstance(content, dict) or content.get("format") != 1:
        raise ConfigurationError(f"the key file is not of format 1: {path}")
    if content.get("environment") not in ("development", "production"):
        raise ConfigurationError(f"the key file names no environment: {path}")
    if not isinstance(content.get("keys"), dict):
        raise ConfigurationError(f"the key file holds no keys: {path}")
    return content


def _keys_of(content: Mapping[str, Any]) -> dict[str, dict[str, bytes]]:
    keys = {purpose: _keys_for(purpose, content["keys"].get(purpose)) for purpose in PURPOSES}
    if len(keys[_SINGLE]) != 1:
        raise ConfigurationError("the key file must hold exactly one identity key")
    return keys


def _since_of(content: Mapping[str, Any]) -> dict[str, int]:
    """From which size of the log on each key signs it, where the file says so."""
    rows = content["keys"]["log-signing"]
    found = {str(row["id"]): row["since"] for row in rows if "since" in row}
    if any(type(size) is not int or size < 0 for size in found.values()):
        raise ConfigurationError("a log-signing key of the key file begins at no size of the log")
    stated = [found[str(row["id"])] for row in rows if str(row["id"]) in found]
    if stated != sorted(stated) or found.get(str(rows[0]["id"]), 0):
        raise ConfigurationError("log-signing keys of the key file begin at 0, and never go back")
    return found


def _keys_for(purpose: str, rows: Any) -> dict[str, bytes]:
    if not isinstance(rows, list) or not rows:
        raise ConfigurationError(f"the key file holds no {purpose} key")
    try:
        found = {str(row["id"]): base64.b64decode(row["key"], validate=True) for row in rows}
    except (TypeError, KeyError, binascii.Error, ValueError):
        raise ConfigurationError(f"a {purpose} key of the key file is not base64") from None
    if len(found) != len(rows) or any(len(key) != KEY_BYTES for key in found.values()):
        raise ConfigurationError(f"the {purpose} keys must be {KEY_BYTES} bytes, ids unique")
    return found
