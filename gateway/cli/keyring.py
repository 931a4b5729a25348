"""What an operator does with the key file and the data keys it wraps.

Rule    A change of keys is in the log before it is made.
"""

import json
from typing import Any, Final

from gateway.audit.events import Event
from gateway.cli.checkpoints import verifier_keys
from gateway.cli.opening import operator
from gateway.flows.search_log import record
from gateway.settings import Settings
from gateway.store import operations
from gateway.store.engine import Connection
from gateway.store.keys import PURPOSES as ALL_PURPOSES
from gateway.store.keys import add_key
from gateway.store.units import Store

PURPOSES: Final = tuple(one for one in ALL_PURPOSES if one not in ("identity", "index"))
"""What can be rotated. A new identity key would change every id; a new index key would lose every
person, item and body that was stored under the old one, until their hashes are made again."""


async def listed(settings: Settings, store: Store) -> list[dict[str, Any]]:
    """Every key of the file by purpose, oldest first. Ids and public keys only."""
    async with store.engine.reading() as conn:
        wrapped = await operations.key_counts(conn)
    content = json.loads(settings.key_file.read_text(encoding="utf-8"))["keys"]
    current = await store.vault.wrapping.current()
    public = verifier_keys()
    rows = []
    for purpose in ALL_PURPOSES:
        held = content[purpose]
        for place, key in enumerate(held):
            row = {"purpose": purpose, "id": key["id"], "current": key is held[-1]}
            row["data_keys"] = None
            if purpose == "key-encryption":
                row |= {"current": key["id"] == current, "data_keys": wrapped.pop(key["id"], 0)}
            row |= {"verifier_key": public[place]} if purpose == "log-signing" else {}
            rows.append(row)
    elsewhere = sorted(wrapped.keys() | ({current} - {row["id"] for row in rows}))
    return rows + [
        {
            "purpose": "key-encryption",
            "id": name,
            "current": name == current,
            "data_keys": wrapped.get(name, 0),
        }
        for name in elsewhere
    ]


async def rotated(settings: Settings, store: Store, purpose: str) -> str:
    """Add a key of that purpose to the file, or have the key service make one; its id."""
    await record(store, operator(), Event.KEY, ("act", "add"), ("purpose", purpose))
    if purpose == "key-encryption":
        return await store.vault.wrapping.rotate()
    return add_key(settings.key_file, purpose)


async def rewrapped(_settings: Settings, store: Store) -> int:
    """Wrap every data key under the current key-encryption key; how many there were."""
    wrapping = store.vault.wrapping
    current = await wrapping.current()
    await record(store, operator(), Event.KEY, ("act", "rewrap"), ("key", current))

    async def some(conn: Connection) -> int:
        return await operations.rewrap_some(conn, wrapping, await wrapping.current())

    total = 0
    while number := await store.write(some):
        total += number
    return total
