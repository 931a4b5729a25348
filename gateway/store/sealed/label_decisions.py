"""What governance leads decided of labels: kept sealed, read by whatever labels a row anew.

Rule    The newest decision on a resource stands; who made it, when and why is in the log. It is
        sealed under the person's key, so that who writes to the database alone can lower no label.
"""

from collections.abc import Collection
from dataclasses import astuple
from typing import Final

import orjson

from consent.label_rules import Decision, Marks
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, placeholders
from gateway.store.labels.labelling import Marking
from gateway.store.sealed import key_state
from gateway.store.sealed.vault import UNREADABLE, Keys, Vault

_CHUNK: Final = 300


async def of_places(
    conn: Connection, keys: Keys, places: Collection[Place]
) -> dict[Place, Decision]:
    """What is decided of these resources."""
    return {place: opened(keys, place, sealed) for place, sealed in await kept(conn, places)}


async def unreadable(conn: Connection, keys: Keys, places: Collection[Place]) -> set[Place]:
    """Those of these resources of which a decision was altered in the database."""
    found: set[Place] = set()
    for place, sealed in await kept(conn, places):
        try:
            opened(keys, place, sealed)
        except UNREADABLE:
            found.add(place)
    return found


def opened(keys: Keys, place: Place, sealed: bytes) -> Decision:
    """The decision on a resource. Errors: UnsealError where it was altered."""
    seen, chosen = orjson.loads(keys.open(place[0], sealed, _aad(place)))
    return Decision(Marks(*seen), Marks(*chosen))


async def kept(conn: Connection, places: Collection[Place]) -> list[tuple[Place, bytes]]:
    """The decisions on these resources, sealed."""
    found: list[tuple[Place, bytes]] = []
    wanted = sorted(places)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        owners = sorted({owner for owner, _ in part})
        ids = sorted({resource_id for _, resource_id in part})
        rows = await conn.fetch(
            "SELECT patient_id, resource_id, sealed FROM label_decision"
            f" WHERE patient_id IN ({placeholders(len(owners))})"
            f" AND resource_id IN ({placeholders(len(ids), len(owners) + 1)})",
            [*owners, *ids],
        )
        found += [((row[0], row[1]), bytes(row[2])) for row in rows]
    return found


async def marking_of(
    conn: Connection, vault: Vault, keys: Keys, feed: str, places: Collection[Place]
) -> Marking:
    """How what is written now is labelled; `places` are resources that were there before."""
    labelling = await vault.labels.current(conn, (await key_state.noted(conn)).sets)
    return Marking(labelling, feed, await of_places(conn, keys, places) if places else {})


async def keep(conn: Connection, keys: Keys, place: Place, made: Decision) -> None:
    """Keep a decision, in place of an earlier one on the same resource."""
    owner, resource_id = place
    plain = orjson.dumps([astuple(made.seen), astuple(made.chosen)])
    await conn.execute(
        "INSERT INTO label_decision (patient_id, resource_id, sealed) VALUES ($1, $2, $3)"
        " ON CONFLICT (patient_id, resource_id) DO UPDATE SET sealed = excluded.sealed",
        (owner, resource_id, keys.seal(owner, plain, _aad(place))),
    )


def _aad(place: Place) -> bytes:
    owner, resource_id = place
    return f"label-decision|{resource_id}|{owner}".encode()
