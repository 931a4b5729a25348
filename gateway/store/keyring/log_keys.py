"""The keys that sign the log's checkpoints, each for sizes of its own.

In      The log-signing keys of a key file in their order, and from which size of the log on each
        signs.
Rule    A key signs from its size on, up to where a later one begins. One of which the file says
        no size shares those of the key before it. The first signs from the beginning.
Pure    Keys in, keys out.
"""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import LogKey


class LogKeys:
    """The signing keys of one key file. A repr shows nothing of them."""

    def __init__(self, seeds: Mapping[str, bytes], since: Mapping[str, int]) -> None:
        self._keys = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds.values()]
        self._since: list[int] = []
        for name in seeds:
            self._since.append(since.get(name, self._since[-1] if self._since else 0))

    def at(self, size: int) -> Ed25519PrivateKey:
        """The key that signs a log of that size."""
        held = zip(self._keys, self._since, strict=True)
        return [key for key, since in held if since <= size][-1]

    def public(self) -> tuple[LogKey, ...]:
        """What verifies checkpoints, of every key that ever signed them; the current one last."""
        found = []
        for place, (key, since) in enumerate(zip(self._keys, self._since, strict=True)):
            later = {one for one in self._since[place:] if one != since}
            found.append(LogKey(key.public_key(), since, min(later, default=None)))
        return tuple(found)
