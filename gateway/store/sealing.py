"""Seal what is stored about a person under that person's own data key.

In      plaintext bytes, the data key of a source record of a person, and the identity of the
        row as associated data.
Out     1 version byte, 4 bytes key number, 12 bytes nonce, AES-256-GCM ciphertext with its tag.
Rule    Sealed bytes open only with their key and only as the row they were sealed for. Labels
        have a tag of their own, so that relabelling does not reseal.
Errors  UnsealError, AlteredLabelsError, with no detail of what was sealed.
Source  NIST SP 800-38D (GCM), RFC 2104 (HMAC), RFC 7693 (keyed BLAKE2b).
"""

import hmac
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError
from gateway.store.keys import (
    KEY_BYTES,
    NONCE_BYTES,
    random_bytes,
)

FORMAT: Final = 1
_HEADER: Final = struct.Struct(">BI")
_CLEAR_BYTES: Final = _HEADER.size + NONCE_BYTES
_TAG_BYTES: Final = 16
_SHORTEST: Final = _CLEAR_BYTES + _TAG_BYTES
_LABEL_TAG_BYTES: Final = 32
_HIGHEST_NUMBER: Final = 2**31 - 1  # fits a signed INTEGER column
LONGEST_LIFETIME: Final = timedelta(minutes=5)


class UnsealError(GatewayError):
    """Sealed bytes do not open: altered, moved to another row, or of another key."""


class AlteredLabelsError(GatewayError):
    """The clear labels of a row are not those it was written with."""


@dataclass(frozen=True, slots=True, eq=False)
class DataKey:
    """An opened data key; its number tells the keys of one owner apart. Its repr is bare."""

    number: int
    header: bytes = field(repr=False)
    aead: AESGCM = field(repr=False)
    tagging: Any = field(repr=False)
    """Keyed BLAKE2b before its first byte: what every label tag begins from."""

    @classmethod
    def of(cls, key: bytes, number: int) -> "DataKey":
        """The working form of 32 key bytes."""
        if len(key) != KEY_BYTES or not 0 < number <= _HIGHEST_NUMBER:
            raise UnsealError("not a data key")
        tag_key = hmac.digest(key, b"label-tag", "sha256")
        tagging = blake2b(key=tag_key, digest_size=_LABEL_TAG_BYTES)
        return cls(number, _HEADER.pack(FORMAT, number), AESGCM(key), tagging)


def new_key() -> bytes:
    """The bytes of a fresh random data key."""
    return random_bytes(KEY_BYTES)


def version_aad(
    table: str, resource_type: str, resource_id: str, version: int, patient_id: str
) -> bytes:
    """The identity of one stored version, to seal its bytes with."""
    text = f"{table}|{resource_type}|{resource_id}|{version}|{patient_id}"
    if text.count("|") != 4:
        raise ValueError("the parts of a row's identity may not hold a bar")
    return text.encode()


def seal(key: DataKey, plaintext: bytes, aad: bytes) -> bytes:
    """The plaintext sealed for the row that aad names, under a fresh nonce."""
    nonce = random_bytes(NONCE_BYTES)
    return key.header + nonce + key.aead.encrypt(nonce, plaintext, key.header + aad)


def open_sealed(key: DataKey, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext again, for the same row and key only."""
    if not sealed.startswith(key.header) or len(sealed) < _SHORTEST:
        raise UnsealError("sealed bytes are not of this key")
    nonce = sealed[_HEADER.size : _CLEAR_BYTES]
    try:
        return key.aead.decrypt(nonce, sealed[_CLEAR_BYTES:], key.header + aad)
    except InvalidTag:
        raise UnsealError("sealed bytes do not open for this row") from None


def key_number(sealed: bytes) -> int:
    """The number of the owner's data key that these bytes were sealed with."""
    if len(sealed) < _SHORTEST or sealed[0] != FORMAT:
        raise UnsealError("not sealed bytes")
    number: int = _HEADER.unpack_from(sealed)[1]
    return number


def label_tag(key: DataKey, aad: bytes, labels_canonical: bytes) -> bytes:
    """32 bytes that bind a row's clear labels to the row; a relabelling writes a new tag."""
    state = key.tagging.copy()
    state.update(len(aad).to_bytes(4, "big") + aad + labels_canonical)
    tag: bytes = state.digest()
    return tag


def is_label_tag(key: DataKey, aad: bytes, labels_canonical: bytes, tag: bytes) -> bool:
    """Whether these labels were written for this row by a holder of its key."""
    return hmac.compare_digest(label_tag(key, aad, labels_canonical), tag)


def open_labelled(
    key: DataKey, sealed: bytes, aad: bytes, labels_canonical: bytes, tag: bytes
) -> bytes:
    """The plaintext again, for a row whose clear labels are those that it was written with.

    What `is_label_tag` and `open_sealed` do, in one call: it is made for every row of every read.
    Errors: AlteredLabelsError, UnsealError.
    """
    state = key.tagging.copy()
    state.update(len(aad).to_bytes(4, "big") + aad + labels_canonical)
    if not hmac.compare_digest(state.digest(), tag):
        raise AlteredLabelsError("the labels of a row were altered")
    return open_sealed(key, sealed, aad)


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
        """Keep an opened key from `at` on; the key kept longest gives way when full."""
        self._kept.pop((owner, key.number), None)
        while len(self._kept) >= self._capacity:
            del self._kept[next(iter(self._kept))]
        self._kept[owner, key.number] = (at, key)

    def clear(self) -> None:
        """Drop every key: somebody was shredded, here or by another process."""
        self._kept.clear()

    def forget(self, owner: str) -> None:
        """Drop every key of an owner at once, as shredding must."""
        for name in [name for name in self._kept if name[0] == owner]:
            del self._kept[name]
