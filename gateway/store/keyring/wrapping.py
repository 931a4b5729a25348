"""Where data keys are wrapped: under the key file's own keys, or by a key service outside.

In      Data keys with their owners; wrapped ones from the database.
Out     Wrapped keys to store; data keys to use. Many at a time: a service is asked once.
Rule    A wrapped key opens for its owner alone. What the key file wrapped is opened by it for as
        long as it holds the key, so that a deployment can move to a service.
Errors  KeyUnavailableError where a key does not open; KeyServiceError where nobody answers.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.store.keyring.keys import FileKeyProvider, WrappedKey


class Wrapping(Protocol):
    """Wraps data keys and opens them; the keys that wrap never leave it."""

    async def current(self) -> str:
        """The id of the key that wraps now."""
        ...

    async def wrap(self, keys: Sequence[tuple[str, bytes]]) -> list[WrappedKey]:
        """These keys, each wrapped for its owner."""
        ...

    async def unwrap(self, keys: Sequence[tuple[str, WrappedKey]]) -> list[bytes]:
        """The keys again, for their owners alone."""
        ...

    async def rotate(self) -> str:
        """Another key wraps from now on; its id."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class FileWrapping:
    """By the keys of the key file, which is read again where it was given another key."""

    def __init__(self, provider: FileKeyProvider) -> None:
        self._provider = provider

    async def current(self) -> str:
        """The newest key of the file as it is now."""
        self._provider.refresh()
        return self._provider.current_kek_id()

    async def wrap(self, keys: Sequence[tuple[str, bytes]]) -> list[WrappedKey]:
        """Under the newest key of the file."""
        self._provider.notice()
        return [self._provider.wrap(key, owner) for owner, key in keys]

    async def unwrap(self, keys: Sequence[tuple[str, WrappedKey]]) -> list[bytes]:
        """By whichever key wrapped each."""
        if not all(self._provider.holds(wrapped.kek_id) for _, wrapped in keys):
            self._provider.refresh()
        return [self._provider.unwrap(wrapped, owner) for owner, wrapped in keys]

    async def rotate(self) -> str:
        """A new key of the file."""
        return self._provider.add_wrapping_key()

    async def close(self) -> None:
        """Nothing is open."""
