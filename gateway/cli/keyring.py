"""What an operator does with the key file and the data keys it wraps.

Rule    A change of keys is in the log before it is made.
"""

import json
from functools import partial
from typing import Any, Final

from gateway.audit.events import Event
from gateway.cli.checkpoints import verifier_keys
from gateway.cli.opening import operator
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import origin, record
from gateway.flows.audit.publish_log import hand_over
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.keyring.keys import PURPOSES as ALL_PURPOSES
from gateway.store.keyring.keys import add_key, drop_keys
from gateway.store.keyring.vault_transit import PREFIX
from gateway.store.keyring.wrapping import FileWrapping
from gateway.store.sealed import key_state
from gateway.store.upkeep import operations, rehashing

PURPOSES: Final = tuple(one for one in ALL_PURPOSES if one != "identity")
"""What can be rotated. A new identity key would change every id."""
_WRAPPING: Final = "key-encryption"


async def listed(settings: Settings, store: Store) -> list[dict[str, Any]]:
    """Every key of the file by purpose, oldest first. Ids and public keys only."""
    async with store.engine.reading() as conn:
        wrapped = await operations.key_counts(conn)
        generation = (await key_state.read(conn)).generation
    content = json.loads(settings.key_file.read_text(encoding="utf-8"))["keys"]
    current = await store.vault.wrapping.current()
    public = verifier_keys()
    rows = []
    for purpose in ALL_PURPOSES:
        held = content[purpose]
        for place, key in enumerate(held):
            row = {"purpose": purpose, "id": key["id"], "current": key is held[-1]}
            row["data_keys"] = None
            if purpose == "index":
                row["current"] = place == generation - 1
            if purpose == _WRAPPING:
                row |= {"current": key["id"] == current, "data_keys": wrapped.pop(key["id"], 0)}
            row |= {"verifier_key": public[place]} if purpose == "log-signing" else {}
            rows.append(row)
    elsewhere = sorted(wrapped.keys() | ({current} - {row["id"] for row in rows}))
    return rows + [
        {
            "purpose": _WRAPPING,
            "id": name,
            "current": name == current,
            "data_keys": wrapped.get(name, 0),
        }
        for name in elsewhere
    ]


async def rotated(settings: Settings, store: Store, purpose: str) -> str:
    """Add a key of that purpose to the file, or have the key service make one; its id."""
    if purpose == _WRAPPING:
        await _check_newest(store)
    who = operator()
    added = await record(store, who, Event.KEY, ("act", "add"), ("purpose", purpose))
    if purpose == _WRAPPING:
        return await store.vault.wrapping.rotate()
    if purpose == "log-signing":
        add = partial(add_key, settings.key_file, purpose)
        return await hand_over(store, origin(settings.base_url), added + 1, who.at, add)
    return add_key(settings.key_file, purpose)


async def rewrapped(_settings: Settings, store: Store, *, to_file: bool = False) -> int:
    """Wrap every data key under the current key-encryption key, or under the key file's where a
    key service is left; how many there were."""
    wrapping = store.vault.wrapping
    into = FileWrapping(store.vault.provider) if to_file else wrapping
    await record(store, operator(), Event.KEY, ("act", "rewrap"), ("key", await into.current()))

    async def some(conn: Connection) -> int:
        return await operations.rewrap_some(conn, wrapping, into, await into.current())

    total = 0
    while number := await store.write(some):
        total += number
    return total


async def rehashed(_settings: Settings, store: Store) -> tuple[int, int]:
    """Make what is hashed under older index keys again under the newest, while the service runs;
    how many people's records and how many resources that were. Doing it again does the rest."""
    vault = store.vault
    vault.provider.refresh()
    to = vault.hasher.known
    await record(store, operator(), Event.KEY, ("act", "rehash"), ("generation", str(to)))
    people = await store.write(lambda conn: rehashing.raise_generation(conn, vault.hasher, to))
    async with store.engine.reading() as conn:
        vault.go_by(await key_state.read(conn))
    place, resources = rehashing.START, 0
    while True:
        place, changed = await store.write(partial(rehashing.rehash_some, vault.hasher, place))
        resources += changed
        if place == rehashing.START:
            return people, resources


async def retired(settings: Settings, store: Store) -> list[str]:
    """Take the key-encryption keys that wrap nothing out of the file for good; which they were. One
    that came to wrap something meanwhile stays."""
    await _check_newest(store)
    rows = await listed(settings, store)
    held = [row for row in rows if row["purpose"] == _WRAPPING and not row["id"].startswith(PREFIX)]
    idle = [row["id"] for row in held[:-1] if not row["data_keys"] and not row["current"]]
    if idle:
        await record(store, operator(), Event.KEY, ("act", "retire"), ("keys", " ".join(idle)))
        idle = await store.write(partial(_dropped, settings, idle))
    return idle


async def _check_newest(store: Store) -> None:
    """Errors: ConfigurationError where the key file lacks a key that wraps something: one that is
    not the newest is given none, and loses none."""
    async with store.engine.reading() as conn:
        wrapped = await operations.key_counts(conn)
    provider = store.vault.provider
    provider.notice()
    if not all(name.startswith(PREFIX) or provider.holds(name) for name in wrapped):
        raise ConfigurationError(
            "the key file lacks a key that wraps data keys: use the newest file"
        )


async def _dropped(settings: Settings, names: list[str], conn: Connection) -> list[str]:
    """Those of the keys that wrap nothing, once every writing that is under way has ended."""
    await operations.wait_for_keys(conn)
    wrapped = await operations.key_counts(conn)
    idle = [name for name in names if not wrapped.get(name)]
    drop_keys(settings.key_file, _WRAPPING, idle)
    return idle
