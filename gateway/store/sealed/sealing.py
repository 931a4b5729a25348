"""Seal what is stored about a person under that person's own data key.

In      plaintext bytes, the data key of a source record of a person, and the identity of the
        row as associated data.
Out     1 version byte, 4 bytes key number, 12 bytes nonce, AES-256-GCM ciphertext with its tag.
Rule    Sealed bytes open only with their key and only as the row they were sealed for.
Errors  UnsealError, with no detail of what was sealed.
Source  NIST SP 800-38D (GCM).
"""

import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError
from gateway.store.keyring.keys import (
    KEY_BYTES,
    NONCE_BYTES,
    random_bytes,
)

FORMAT: Final = 1
_HEADER: Final = struct.Struct(">BI")
_CLEAR_BYTES: Final = _HEADER.size + NONCE_BYTES
_TAG_BYTES: Final = 16
SHORTEST: Final = _CLEAR_BYTES + _TAG_BYTES
"""What sealing nothing comes to: bytes that only bind what they were sealed with."""
_HIGHEST_NUMBER: Final = 2**31 - 1  # fits a signed INTEGER column
LONGEST_LIFETIME: Final = timedelta(minutes=5)


class UnsealError(GatewayError):
    """Sealed bytes do not open: altered, moved to another row, or of another key."""

    owner = ""
    """Whose they are, where that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class DataKey:
    """An opened data key; its number tells the keys of one owner apart. Its repr is bare."""

    number: int
    header: bytes = field(repr=False)
    aead: AESGCM = field(repr=False)

    @classmethod
    def of(cls, key: bytes, number: int) -> "DataKey":
        """The working form of 32 key bytes."""
        if len(key) != KEY_BYTES or not 0 < number <= _HIGHEST_NUMBER:
            raise UnsealError("not a data key")
        return cls(number, _HEADER.pack(FORMAT, number), AESGCM(key))


def new_key() -> bytes:
    """The bytes of a fresh random data key."""
    return random_bytes(KEY_BYTES)


def seal(key: DataKey, plaintext: bytes, aad: bytes) -> bytes:
    """The plaintext sealed for the row that aad names, under a fresh nonce."""
    nonce = random_bytes(NONCE_BYTES)
    return key.header + nonce + key.aead.encrypt(nonce, plaintext, key.header + aad)


def open_sealed(key: DataKey, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext again, for the same row and key only."""
    if not sealed.startswith(key.header) or len(sealed) < SHORTEST:
        raise UnsealError("sealed bytes are not of this key")
    nonce = sealed[_HEADER.size : _CLEAR_BYTES]
    try:
        return key.aead.decrypt(nonce, sealed[_CLEAR_BYTES:], key.header + aad)
    except InvalidTag:
        raise UnsealError("sealed bytes do not open for this row") from None


def key_number(sealed: bytes) -> int:
    """The number of the owner's data key that these bytes were sealed with."""
    if len(sealed) < SHORTEST or sealed[0] != FORMAT:
        raise UnsealError("not sealed bytes")
    number: int = _HEADER.unpack_from(sealed)[1]
    return number


class DataKeyCache:
    """Opened data keys for a short while: bounded, and none longer than its lifetime."""

    def __init__(self, capacity: int = 20_000, lifetime: timedelta = LONGEST_LIFETIME) -> None:
        if capacity < 1 or not timedelta(0) < lifetime <= LONGEST_LIFETIME:
            raise ValueError("a data-key cache holds one key or more, five minutes at most")
        self._capacity = capacity
        self._lifetime = lifetime
        self._kept: dict[tuple[str, int], tuple[datetime, DataKey]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, owner: str, number: int, at: datetime) -> DataKey | None:
        """The owner's key of that number if it was kept less than a lifetime before `at`."""
        found = self._kept.get((owner, number))
        if found is None:
            return None
        if found[0] <= at < found[0] + self._lifetime:
            return found[1]
        self._kept.pop((owner, number), None)
        return None

    def keep(self, owner: str, key: DataKey, at: datetime) -> None:
        """Keep an opened key from `at` on. Those whose time is over go, asked for again or not; the
        key kept longest gives way when full."""
        self._kept.pop((owner, key.number), None)
        while self._kept:
            longest = next(iter(self._kept))
            if len(self._kept) < self._capacity and at < self._kept[longest][0] + self._lifetime:
                break
            del self._kept[longest]
        self._kept[owner, key.number] = (at, key)

    def clear(self) -> None:
        """Drop every key: somebody was shredded, here or by another process."""
        self._kept.clear()

    def forget(self, owner: str) -> None:
        """Drop every key of an owner at once, as shredding must."""
        for name in [name for name in self._kept if name[0] == owner]:
            del self._kept[name]
