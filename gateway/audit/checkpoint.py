"""Checkpoints: the size and root of the log, signed, to be kept by somebody outside.

In      origin (the log's name), size, root; an Ed25519 key and the name it signs under.
Out     a signed note: three lines of text, an empty line, one line per signature.
Rule    A note with a good signature of the named key is good; signatures of others, such as
        witnesses, are passed over. Text that differs in one byte does not verify.
Errors  CheckpointError, whatever is wrong with a note.
Source  C2SP tlog-checkpoint and signed-note, https://c2sp.org/signed-note
Pure    Ed25519 signatures are deterministic; the key is an argument.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.audit.merkle import HASH_BYTES
from gateway.errors import GatewayError

_ED25519: Final = b"\x01"
_SIGNATURE_BYTES: Final = 64
_ID_BYTES: Final = 4
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_NAME: Final = re.compile(r"[^\s+]+")


class CheckpointError(GatewayError):
    """A note that is not a checkpoint of this log, signed by the key it should be."""


class RetiredKeyError(CheckpointError):
    """A checkpoint that a key signed which signs other sizes of the log: before, or after it."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a checkpoint of {size} entries, signed by a key of other sizes")
        self.size = size


@dataclass(frozen=True, slots=True)
class LogKey:
    """A public key, and the sizes of the log that it signs: from `since` on, below `until`."""

    public: Ed25519PublicKey
    since: int = 0
    until: int | None = None

    def verifier(self, name: str) -> "Verifier":
        """What it verifies of a log of that name."""
        return Verifier(name, self.public, self.since, self.until)

    def signed(self, note: str) -> bool:
        """Whether it signed the note, whatever the size."""
        try:
            self.verifier(note.partition("\n")[0]).open_note(note)
        except CheckpointError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log was at one moment: `size` entries, whose tree has this root."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_to_base64(self.root)}\n"

    @classmethod
    def from_note(cls, note: str) -> Self:
        """The checkpoint that a note holds, whoever signed it."""
        return cls.from_text(note.rpartition("\n\n")[0] + "\n")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The checkpoint of a signed text; lines after the third are extensions."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not lines[0] or not _SIZE.fullmatch(lines[1]) or "" in lines:
            raise CheckpointError("not the text of a checkpoint")
        root = _from_base64(lines[2])
        if len(root) != HASH_BYTES:
            raise CheckpointError("not the root of a checkpoint")
        return cls(lines[0], int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name, the public key it signs with, and of which sizes of the log: what an outsider must
    know beforehand."""

    name: str
    key: Ed25519PublicKey
    since: int = 0
    until: int | None = None

    def to_text(self) -> str:
        """The verifier key: name, key id and key, as signed-note tools read it."""
        id_ = _key_id(self.name, self.key).hex()
        return f"{self.name}+{id_}+{_to_base64(_ED25519 + self.key.public_bytes_raw())}"

    def to_line(self) -> str:
        """The same, and its sizes behind it where it does not sign all of them."""
        sizes = [self.since] if self.until is None else [self.since, self.until]
        return " ".join([self.to_text(), *map(str, sizes if any(sizes) else [])])

    @classmethod
    def from_line(cls, line: str) -> Self:
        """The verifier that to_line wrote; a key alone signs every size."""
        text, *sizes = line.split() or [""]
        if len(sizes) > 2 or not all(map(_SIZE.fullmatch, sizes)):
            raise CheckpointError("a verifier key whose sizes cannot be read")
        found = cls.from_text(text)
        return cls(found.name, found.key, *map(int, sizes))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The verifier that to_text wrote."""
        name, _, rest = text.partition("+")
        id_, _, encoded = rest.partition("+")
        material = _from_base64(encoded)
        if len(material) != 1 + HASH_BYTES or material[:1] != _ED25519:
            raise CheckpointError("not an Ed25519 verifier key")
        found = cls(name, Ed25519PublicKey.from_public_bytes(material[1:]))
        if not _NAME.fullmatch(name) or found.to_text() != text or not id_:
            raise CheckpointError("a verifier key whose id does not fit")
        return found

    def open_note(self, note: str) -> str:
        """The text of a note that this key signed."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        wanted = _key_id(self.name, self.key)
        for line in signatures.removesuffix("\n").split("\n"):
            dash, name, encoded = _signature_parts(line)
            signed = _from_base64(encoded)
            if dash == "\N{EM DASH}" and name == self.name and signed[:_ID_BYTES] == wanted:
                return self._checked(text, signed[_ID_BYTES:])
        raise CheckpointError("a note without a signature of this key")

    def verify(self, note: str, origin: str) -> Checkpoint:
        """The checkpoint of that log in a note that this key signed."""
        checkpoint = Checkpoint.from_text(self.open_note(note))
        if checkpoint.origin != origin:
            raise CheckpointError("a checkpoint of another log")
        if checkpoint.size < self.since or self._is_over(checkpoint.size):
            raise RetiredKeyError(checkpoint.size)
        return checkpoint

    def _is_over(self, size: int) -> bool:
        return self.until is not None and size >= self.until

    def _checked(self, text: str, signature: bytes) -> str:
        if len(signature) != _SIGNATURE_BYTES:
            raise CheckpointError("a signature of another length")
        try:
            self.key.verify(signature, text.encode())
        except InvalidSignature:
            raise CheckpointError("a note that was changed after it was signed") from None
        return text


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey, name: str) -> str:
    """The checkpoint as a note signed by that key under that name."""
    text = checkpoint.to_text()
    if not _NAME.fullmatch(name) or Checkpoint.from_text(text) != checkpoint:
        raise CheckpointError("a name or origin that a note cannot hold")
    signature = _key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n\N{EM DASH} {name} {_to_base64(signature)}\n"


def verify_by(verifiers: Iterable[Verifier], note: str) -> Checkpoint:
    """The checkpoint of a note that one of them signed, of the log of that one's name. Errors:
    RetiredKeyError; CheckpointError where none did."""
    for verifier in verifiers:
        try:
            return verifier.verify(note, verifier.name)
        except RetiredKeyError:
            raise
        except CheckpointError:
            continue
    raise CheckpointError("a note that no known key signed as a checkpoint of this log")


def check_alone(note: str) -> None:
    """Errors: CheckpointError for a note that is not as `sign` wrote it: one signature, and nothing
    beside it."""
    signatures = note.rpartition("\n\n")[2]
    if signatures.count("\n") != 1 or not signatures.endswith("\n"):
        raise CheckpointError("a note with more or less than one signature")


def _signature_parts(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3:
        raise CheckpointError("a signature line that cannot be read")
    return parts[0], parts[1], parts[2]


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    material = name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()
    return hashlib.sha256(material).digest()[:_ID_BYTES]


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _from_base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointError("a line that is not base64") from None
    if _to_base64(content) != text:
        raise CheckpointError("a line whose base64 is not canonical")
    return content
