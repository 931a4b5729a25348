"""Keyed hashes and ids: equal input gives equal output, and nobody without the keys has a way back.

In      The index keys of the deployment, oldest first; its one identity key.
Out     Hashes that somebody is found by (NHS numbers, birth dates, identifiers), and hashes and ids
        that stay for ever.
Rule    What can be guessed is hashed under the index keys, which are rotated. A newer index key
        hashes what the one before it gave, so that what is stored is made again without its
        plaintext, all of it, and the older key alone tests no guess any more. Which of them stored
        hashes stand under (the generation) the database says; a look-up asks for every generation
        whose key is known. What nobody looks up by a guess (bodies, items, states) is hashed under
        the identity key: the same for ever, so that what comes again is known again.
Source  RFC 2104 (HMAC), RFC 9562 (UUID version 8).
"""

import hmac
from collections.abc import Callable, Sequence
from typing import Final

WIDTH: Final = 64
"""Hex digits of a whole hash."""
BLOCK: Final = 16
_AGAIN: Final = "index"


class KeyedHasher:
    """Keyed hashes for look-ups, keyed hashes that last, and keyed ids."""

    __slots__ = ("_identity", "_index", "_notice", "generation")

    def __init__(
        self,
        index_keys: Sequence[bytes],
        identity_key: bytes,
        notice: Callable[[], None] = lambda: None,
    ) -> None:
        self._index: list[hmac.HMAC] = []
        self._identity = hmac.new(identity_key, digestmod="sha256")
        self._notice = notice
        self.learn(index_keys)
        self.generation = self.known
        """How many of the index keys what is stored stands under."""

    @property
    def known(self) -> int:
        """How many index keys there are."""
        return len(self._index)

    def learn(self, index_keys: Sequence[bytes]) -> None:
        """Know the index keys that were added since, as well."""
        for key in index_keys[len(self._index) :]:
            self._index.append(hmac.new(key, digestmod="sha256"))

    def keyed_hash(self, purpose: str, *parts: str, width: int = WIDTH) -> str:
        """Hex digits: what new rows store."""
        first = _digest(self._index[0], framed(purpose, *parts)).hex()[:width]
        return self.again(first, 1, self.generation)

    def keyed_hashes(self, purpose: str, *parts: str, width: int = WIDTH) -> tuple[str, ...]:
        """The same of every generation, the newest first: what a look-up asks for."""
        self._notice()
        made = [_digest(self._index[0], framed(purpose, *parts)).hex()[:width]]
        for generation in range(1, self.known):
            made.append(self.again(made[-1], generation, generation + 1))
        return tuple(reversed(made))

    def again(self, stored: str, before: int, after: int) -> str:
        """What a stored hash of one generation is in a later one: some digits at a time, so that
        the beginning of a hash is made again as well."""
        if before >= after:
            return stored
        parts = [stored[at : at + BLOCK] for at in range(0, len(stored), BLOCK)]
        for keyed in self._index[before:after]:
            parts = [_digest(keyed, framed(_AGAIN, one)).hex()[: len(one)] for one in parts]
        return "".join(parts)

    def lasting_hash(self, purpose: str, *parts: str) -> str:
        """64 hex digits that the same parts always give."""
        return _digest(self._identity, framed(purpose, *parts)).hex()

    def keyed_uuid(self, purpose: str, *parts: str) -> str:
        """An id of UUID shape (version 8, RFC 9562) that the same parts always give."""
        digest = bytearray(_digest(self._identity, framed(purpose, *parts))[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        text = digest.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def framed(*parts: str) -> bytes:
    """The parts as bytes, each after its length, so that no two lists give the same bytes."""
    made = b""
    for part in parts:
        encoded = part.encode()
        made += len(encoded).to_bytes(4, "big") + encoded
    return made


def _digest(keyed: hmac.HMAC, message: bytes) -> bytes:
    """The HMAC of a message, by a state that has taken in its key already."""
    made = keyed.copy()
    made.update(message)
    return made.digest()
