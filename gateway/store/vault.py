"""The data keys of source records, deliveries and the deployment: made, kept wrapped, opened.

In      A connection; owners (a patient_id, `deliveries:<date>`, `deployment`).
Out     Opened data keys, cached for minutes; sealing and opening under them.
Rule    A row is sealed as the row it is (`version_aad`); it opens as no other. Which keys an
        owner has is looked up again when the cache's minutes are over.
Errors  KeyUnavailableError, UnsealError. A shredded owner has no key: its rows are gone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.clock import Clock, to_micros
from gateway.store.engine import Connection, placeholders
from gateway.store.keys import FileKeyProvider, KeyUnavailableError, WrappedKey
from gateway.store.sealing import (
    DataKey,
    DataKeyCache,
    key_number,
    new_data_key,
    open_data_key,
    open_sealed,
    seal,
)

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Keys:
    """The opened data keys of some owners; each owner's highest number is its current one."""

    by_owner: Mapping[str, Mapping[int, DataKey]]

    def current(self, owner: str) -> DataKey:
        """The key to seal with."""
        held = self.by_owner.get(owner)
        if not held:
            raise KeyUnavailableError("no data key is held for an owner")
        return held[max(held)]

    def open(self, owner: str, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed for the owner's row."""
        key = self.by_owner.get(owner, {}).get(key_number(sealed))
        if key is None:
            raise KeyUnavailableError("no data key is held for an owner")
        return open_sealed(key, sealed, aad)

    def seal(self, owner: str, plain: bytes, aad: bytes) -> bytes:
        """Seal for the owner's row under its current key."""
        return seal(self.current(owner), plain, aad)


class Vault:
    """Opens and makes data keys by the deployment's key provider."""

    def __init__(self, provider: FileKeyProvider, clock: Clock) -> None:
        self.provider = provider
        self.hasher = provider.hasher
        self._clock = clock
        self._cache = DataKeyCache()
        self._numbers: dict[str, tuple[int, ...]] = {}

    async def keys(self, conn: Connection, owners: Collection[str]) -> Keys:
        """The keys of those owners that have any."""
        at = self._clock()
        held: dict[str, dict[int, DataKey]] = {}
        wanted: list[str] = []
        for owner in dict.fromkeys(owners):
            found = {
                number: key
                for number in self._numbers.get(owner, ())
                if (key := self._cache.find(owner, number, at)) is not None
            }
            if found and len(found) == len(self._numbers[owner]):
                held[owner] = found
            else:
                wanted.append(owner)
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            rows = await conn.fetch(
                "SELECT owner, number, kek_id, wrapped FROM data_key"
                f" WHERE owner IN ({placeholders(len(part))})",
                part,
            )
            for owner, number, kek_id, wrapped in rows:
                key = open_data_key(
                    self.provider, owner, WrappedKey(kek_id, bytes(wrapped)), number
                )
                held.setdefault(owner, {})[number] = key
                self._cache.keep(owner, key, at)
        self._numbers.update({owner: tuple(held[owner]) for owner in wanted if owner in held})
        return Keys(held)

    async def ensure(self, conn: Connection, owners: Collection[str]) -> Keys:
        """The keys of these owners, made in this transaction where there is none."""
        held = await self.keys(conn, owners)
        missing = [owner for owner in dict.fromkeys(owners) if owner not in held.by_owner]
        if not missing:
            return held
        at = to_micros(self._clock())
        rows = []
        for owner in sorted(missing):
            _, wrapped = new_data_key(self.provider, owner)
            rows.append((owner, 1, wrapped.kek_id, wrapped.wrapped, at))
        await conn.executemany(
            "INSERT INTO data_key (owner, number, kek_id, wrapped, created_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            rows,
        )
        return await self._uncached(conn, held, missing)

    async def _uncached(self, conn: Connection, held: Keys, owners: list[str]) -> Keys:
        """Keys written in this transaction: not cached, as it may yet be undone."""
        found = dict(held.by_owner)
        for owner in owners:
            rows = await conn.fetch(
                "SELECT number, kek_id, wrapped FROM data_key WHERE owner = $1", (owner,)
            )
            found[owner] = {
                number: open_data_key(
                    self.provider, owner, WrappedKey(kek_id, bytes(wrapped)), number
                )
                for number, kek_id, wrapped in rows
            }
        return Keys(found)

    def forget(self, owner: str) -> None:
        """Drop an owner's keys from memory, as shredding must."""
        self._cache.forget(owner)
        self._numbers.pop(owner, None)
