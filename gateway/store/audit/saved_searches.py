"""Searches of the log that somebody keeps: of one owner, each under a name of its own.

In      A connection; an owner's id and a search's, both keyed.
Out     What was kept, opened.
Rule    A search is found by its owner and by nobody else. It is sealed whole, bound to both ids.
Errors  UnsealError, KeyUnavailableError.
"""

from dataclasses import asdict, dataclass

import orjson

from gateway.audit.entry import DEPLOYMENT
from gateway.store.database.engine import Connection
from gateway.store.sealed.vault import Vault


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked, and what whoever keeps it calls it."""

    name: str
    query: str
    """Names and values of parameters, as a URL has them."""
    days: int = 0
    """Of the last so many days, whenever it is run; 0: as the parameters say."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One that is kept."""

    search_id: str
    saved_at: int
    search: Search


async def of_owner(conn: Connection, vault: Vault, owner: str) -> list[Saved]:
    """All that the owner keeps, the oldest first."""
    rows = await conn.fetch(
        "SELECT search_id, saved_at, sealed FROM saved_search WHERE owner = $1"
        " ORDER BY saved_at, search_id",
        (owner,),
    )
    keys = await vault.keys(conn, [DEPLOYMENT] if rows else [])
    return [
        Saved(name, at, Search(**orjson.loads(keys.open(DEPLOYMENT, bytes(sealed), aad))))
        for name, at, sealed in rows
        for aad in [_aad(name, owner)]
    ]


async def keep(conn: Connection, vault: Vault, owner: str, saved: Saved) -> None:
    """Keep it, in place of what stood under its id."""
    keys = await vault.ensure(conn, [DEPLOYMENT])
    plain, aad = orjson.dumps(asdict(saved.search)), _aad(saved.search_id, owner)
    await conn.execute(
        "INSERT INTO saved_search (search_id, owner, saved_at, sealed) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (search_id) DO UPDATE SET saved_at = excluded.saved_at,"
        " sealed = excluded.sealed",
        (saved.search_id, owner, saved.saved_at, keys.seal(DEPLOYMENT, plain, aad)),
    )


async def remove(conn: Connection, owner: str, search_id: str) -> bool:
    """Whether it was there, and is there no more."""
    return bool(
        await conn.execute(
            "DELETE FROM saved_search WHERE search_id = $1 AND owner = $2", (search_id, owner)
        )
    )


async def remove_all(conn: Connection, owner: str) -> int:
    """How many the owner kept; none is kept any more."""
    return await conn.execute("DELETE FROM saved_search WHERE owner = $1", (owner,))


def _aad(search_id: str, owner: str) -> bytes:
    return f"saved-search|{search_id}|{owner}".encode()
