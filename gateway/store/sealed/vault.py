"""The data keys of source records, deliveries and the deployment: made, kept wrapped, opened.

In      A connection; owners (a patient_id, `deliveries:<date>`, `deployment`).
Out     Opened data keys, cached for minutes; sealing and opening under them.
Rule    A row is sealed as the row it is (sealed.row_seal); it opens as no other. Which keys
        an owner has is looked up again when the cache's minutes are over, and at once when anybody
        was shredded (sealed.key_state).
Errors  KeyUnavailableError, UnsealError. A shredded owner has no key: its rows are gone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.clock import Clock, to_micros
from gateway.store.database.engine import BusyError, Connection, placeholders
from gateway.store.keyring.keys import FileKeyProvider, KeyedHasher, KeyUnavailableError, WrappedKey
from gateway.store.keyring.wrapping import FileWrapping, Wrapping
from gateway.store.labels.labelling import LabelBook
from gateway.store.sealed import key_state
from gateway.store.sealed.key_state import KeyState
from gateway.store.sealed.sealing import (
    DataKey,
    DataKeyCache,
    UnsealError,
    key_number,
    new_key,
    open_sealed,
    seal,
)
from gateway.store.sealed.staff_book import StaffBook

_CHUNK = 400
_MOST_OWNERS = 20_000
_OWN = "key of "
UNREADABLE: Final = (UnsealError, KeyUnavailableError)
"""Why a row does not open whose owner's keys were found: it, or its key, was altered or is gone."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The opened data keys of some owners; each owner's highest number is its current one."""

    by_owner: Mapping[str, Mapping[int, DataKey]]
    hasher: KeyedHasher
    """Of the deployment: what is looked for and may not stand clear."""

    def current(self, owner: str) -> DataKey:
        """The key to seal with."""
        held = self.by_owner.get(owner)
        if not held:
            raise KeyUnavailableError("no data key is held for an owner")
        return held[max(held)]

    def of(self, owner: str, sealed: bytes) -> DataKey:
        """The key that this was sealed with."""
        key = self.by_owner.get(owner, {}).get(key_number(sealed))
        if key is None:
            raise KeyUnavailableError("no data key is held for an owner")
        return key

    def open(self, owner: str, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed for the owner's row."""
        try:
            return open_sealed(self.of(owner, sealed), sealed, aad)
        except UNREADABLE as fault:
            fault.owner = owner
            raise

    def seal(self, owner: str, plain: bytes, aad: bytes) -> bytes:
        """Seal for the owner's row under its current key."""
        return seal(self.current(owner), plain, aad)


class Vault:
    """Opens and makes data keys by the deployment's keys, wrapped where it says."""

    def __init__(
        self, provider: FileKeyProvider, clock: Clock, wrapping: Wrapping | None = None
    ) -> None:
        self.provider = provider
        self.wrapping = wrapping or FileWrapping(provider)
        self.hasher = provider.hasher
        self.labels = LabelBook()
        self.staff = StaffBook(provider.hasher)
        self._clock = clock
        self._cache = DataKeyCache()
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._epoch = 0

    def now(self) -> datetime:
        """The time of the clock that this store goes by."""
        return self._clock()

    def go_by(self, stands: KeyState) -> None:
        """Take up what the database says of keys: what was kept of them before a shredding is
        forgotten; new hashes are of its generation.
        Errors: KeyUnavailableError where the key file lacks the index key that it names."""
        if stands.epoch != self._epoch:
            self._cache.clear()
            self._numbers.clear()
            self._epoch = stands.epoch
        if stands.generation > self.hasher.generation:
            if stands.generation > self.hasher.known:
                self.provider.refresh()
            if stands.generation > self.hasher.known:
                raise KeyUnavailableError("the key file does not hold the index key of the rows")
            self.hasher.generation = stands.generation

    async def refused(
        self, conn: Connection, records: Collection[str], generation: int
    ) -> set[str]:
        """Which of these records were shredded and may not come again, for a writing that holds the
        generation and hashed by this one. Errors: BusyError where that was raised meanwhile."""
        stands, gone = await key_state.with_refused(conn, records)
        self.go_by(stands)
        if stands.generation != generation:
            raise BusyError("the index key was rotated meanwhile")
        return gone

    async def keys(self, conn: Connection, owners: Collection[str]) -> Keys:
        """The keys of those owners that have any."""
        if not owners:
            return Keys({}, self.hasher)
        stands = await key_state.noted(conn)
        self.go_by(stands)
        at = self._clock()
        held: dict[str, Mapping[int, DataKey]] = {}
        wanted: list[str] = []
        for owner in dict.fromkeys(owners):
            found = conn.own.get(_OWN + owner) or self._cached(owner, at)
            if found:
                held[owner] = found
            else:
                wanted.append(owner)
        for owner, keys in (await self._stored(conn, wanted)).items():
            held[owner] = keys
            if stands.epoch == self._epoch:  # nobody was shredded while this was looked up
                self._remember(owner, keys, at)
        return Keys(held, self.hasher)

    async def ensure(
        self, conn: Connection, owners: Collection[str], new: Collection[str] = ()
    ) -> Keys:
        """The keys of these owners, made in this transaction where there is none; those that
        are `new` are not looked up first."""
        held = await self.keys(conn, [owner for owner in owners if owner not in new])
        missing = sorted({owner for owner in owners if owner not in held.by_owner})
        if not missing:
            return held
        made = await self._made(conn, missing)
        made |= await self._stored(conn, [owner for owner in missing if owner not in made])
        # Not remembered: this transaction may yet be undone, and the keys with it.
        conn.own.update({_OWN + owner: keys for owner, keys in made.items()})
        return Keys({**held.by_owner, **made}, self.hasher)

    async def _made(
        self, conn: Connection, owners: Sequence[str]
    ) -> dict[str, Mapping[int, DataKey]]:
        """First keys for these owners; none for one that has its first by now."""
        at = to_micros(self._clock())
        made: dict[str, Mapping[int, DataKey]] = {}
        for start in range(0, len(owners), _CHUNK):
            part = owners[start : start + _CHUNK]
            fresh = {owner: new_key() for owner in part}
            wrapped = await self.wrapping.wrap(list(fresh.items()))
            values = ", ".join(f"({placeholders(5, 1 + 5 * n)})" for n in range(len(part)))
            rows = await conn.fetch(
                "INSERT INTO data_key (owner, number, kek_id, wrapped, created_at)"
                f" VALUES {values} ON CONFLICT DO NOTHING RETURNING owner",
                [
                    value
                    for owner, one in zip(fresh, wrapped, strict=True)
                    for value in (owner, 1, one.kek_id, one.wrapped, at)
                ],
            )
            made |= {owner: {1: DataKey.of(fresh[owner], 1)} for (owner,) in rows}
        return made

    def _cached(self, owner: str, at: datetime) -> Mapping[int, DataKey]:
        """An owner's keys if all of them are still in memory."""
        numbers = self._numbers.get(owner, ())
        found = {n: key for n in numbers if (key := self._cache.find(owner, n, at)) is not None}
        return found if len(found) == len(numbers) else {}

    def _remember(self, owner: str, keys: Mapping[int, DataKey], at: datetime) -> None:
        if len(self._numbers) >= _MOST_OWNERS:
            self._numbers.clear()
        self._numbers[owner] = tuple(keys)
        for key in keys.values():
            self._cache.keep(owner, key, at)

    async def _stored(
        self, conn: Connection, owners: Sequence[str]
    ) -> dict[str, dict[int, DataKey]]:
        found: dict[str, dict[int, DataKey]] = {}
        for start in range(0, len(owners), _CHUNK):
            part = owners[start : start + _CHUNK]
            rows = await conn.fetch(
                "SELECT owner, number, kek_id, wrapped FROM data_key"
                f" WHERE owner IN ({placeholders(len(part))})",
                part,
            )
            opened = await self.wrapping.unwrap(
                [(owner, WrappedKey(kek_id, bytes(sealed))) for owner, _, kek_id, sealed in rows]
            )
            for (owner, number, _, _), key in zip(rows, opened, strict=True):
                found.setdefault(owner, {})[number] = DataKey.of(key, number)
        return found

    def forget(self, owner: str) -> None:
        """Drop an owner's keys from memory, as shredding must."""
        self._cache.forget(owner)
        self._numbers.pop(owner, None)
