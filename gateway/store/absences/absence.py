"""Rows of files that state a period whole: noted as they are applied, judged when they are whole.

In      A connection in a writing; the files of a delivery and the items in them.
Out     The files of a scope as they stand; which items count; what waits for a decision.
Rule    The files of one scope are judged one after the other: a writing that has begun with one
        keeps others of its scope waiting until it is done.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.store.absences.absence_judging import Filed, Guard, Judged
from gateway.store.database.engine import Connection, placeholders

_FILE: Final = (
    "snapshot_id, delivery_id, source_org, feed, title, scope, starts, ends, made, received_at,"
    " digest, refused, state, decided"
)


@dataclass(frozen=True, slots=True)
class File:
    """One file, as stored."""

    snapshot_id: str
    delivery_id: str
    source_org: str
    feed: str
    title: str
    scope: str
    starts: str
    ends: str
    made: str
    received_at: int
    digest: str
    refused: int
    state: str
    decided: str


@dataclass(frozen=True, slots=True)
class Member:
    """One item of a file."""

    patient_id: str
    snapshot_id: str
    item_id: str
    name: str
    refused: bool
    falls: str
    lasts: bool
    begins: str
    thread: str


async def one_at_a_time(conn: Connection, scopes: Collection[str]) -> None:
    """Wait for writings of these scopes; keep others waiting."""
    if conn.lock_rows and scopes:
        keys = sorted(int(scope[:15], 16) for scope in scopes)
        await conn.fetch(
            "SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS keys (k)", (keys,)
        )


async def note(conn: Connection, files: Iterable[File], members: Iterable[Member]) -> None:
    """Note items of files; what is noted already is brought up to date."""
    await conn.executemany(
        f"INSERT INTO snapshot ({_FILE}) VALUES ({placeholders(14)}) ON CONFLICT DO NOTHING",
        [
            (
                one.snapshot_id, one.delivery_id, one.source_org, one.feed, one.title, one.scope,
                one.starts, one.ends, one.made, one.received_at, one.digest, one.refused,
                one.state, one.decided,
            )
            for one in files
        ],
    )  # fmt: skip
    await conn.executemany(
        "INSERT INTO snapshot_item (patient_id, snapshot_id, item_id, name, refused, falls, lasts,"
        f" begins, thread) VALUES ({placeholders(9)}) ON CONFLICT (patient_id, snapshot_id,"
        " item_id) DO UPDATE SET refused = excluded.refused",
        [
            (
                one.patient_id, one.snapshot_id, one.item_id, one.name, int(one.refused),
                one.falls, int(one.lasts), one.begins, one.thread,
            )
            for one in members
        ],
    )  # fmt: skip


async def files_of(conn: Connection, delivery_id: str) -> list[File]:
    """The files of a delivery."""
    return await _files(conn, "delivery_id = $1", (delivery_id,))


async def find(conn: Connection, snapshot_id: str) -> File | None:
    """A file by its id."""
    found = await _files(conn, "snapshot_id = $1", (snapshot_id,))
    return found[0] if found else None


async def waiting(conn: Connection, feeds: Collection[str]) -> list[File]:
    """Files whose absences are not applied, and nobody has decided; the latest first."""
    names = sorted(feeds)
    where = f"state IN ('in-part', 'held', 'several') AND feed IN ({placeholders(len(names))})"
    found = await _files(conn, where, names)
    return sorted(found, key=lambda one: (-one.received_at, one.snapshot_id))


async def _files(conn: Connection, where: str, args: Collection[str]) -> list[File]:
    rows = await conn.fetch(
        f"SELECT {_FILE} FROM snapshot WHERE {where} ORDER BY snapshot_id",
        list(args),
    )
    return [File(*row) for row in rows]


async def close(conn: Connection, one: File, names: Collection[str], refused: int) -> None:
    """All of a file has been noted: how many rows each of its tables has."""
    rows = await conn.fetch(
        "SELECT name, item_id FROM snapshot_item WHERE snapshot_id = $1 AND patient_id <> ''",
        (one.snapshot_id,),
    )
    counted = dict.fromkeys(names, 0)
    for name, _ in rows:
        counted[name] = counted.get(name, 0) + 1
    digest = hashlib.sha256("".join(sorted(row[1] for row in rows)).encode()).hexdigest()
    await conn.execute(
        "UPDATE snapshot SET digest = $2, refused = $3 WHERE snapshot_id = $1",
        (one.snapshot_id, digest, refused),
    )
    await conn.executemany(
        "INSERT INTO snapshot_table (snapshot_id, name, items, counts) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (snapshot_id, name) DO UPDATE SET items = excluded.items",
        [(one.snapshot_id, name, number) for name, number in sorted(counted.items())],
    )


async def refused_rows(conn: Connection, snapshot_ids: Collection[str]) -> int:
    """How many rows of files were refused, whole or in part, and still are."""
    rows = await conn.fetch(
        "SELECT COUNT(DISTINCT s.item_id) FROM snapshot_item s JOIN item i"
        " ON i.patient_id = s.patient_id AND i.item_id = s.item_id"
        f" WHERE s.snapshot_id IN ({placeholders(len(snapshot_ids))})"
        " AND (s.refused = 1 OR i.state <> 'taken')",
        sorted(snapshot_ids),
    )
    return int(rows[0][0])


async def scope_of(conn: Connection, scope: str) -> list[tuple[Filed, str, Mapping[str, bool]]]:
    """Every whole file of a scope: as it is judged, its state so far, which tables count."""
    tables: dict[str, dict[str, tuple[int, bool]]] = {}
    for snapshot_id, name, items, counts in await conn.fetch(
        "SELECT t.snapshot_id, t.name, t.items, t.counts FROM snapshot f JOIN snapshot_table t"
        " ON t.snapshot_id = f.snapshot_id WHERE f.scope = $1",
        (scope,),
    ):
        tables.setdefault(snapshot_id, {})[name] = (items, bool(counts))
    found: list[tuple[Filed, str, Mapping[str, bool]]] = []
    for one in await _files(conn, "scope = $1", (scope,)):
        if one.snapshot_id not in tables:
            continue
        held = tables[one.snapshot_id]
        filed = Filed(
            one.snapshot_id, one.starts, one.ends, one.made, one.received_at, one.digest,
            one.refused, one.decided, {name: items for name, (items, _) in held.items()},
        )  # fmt: skip
        found.append((filed, one.state, {name: counts for name, (_, counts) in held.items()}))
    return found


async def save(conn: Connection, made: Mapping[str, Judged]) -> None:
    """Store what was made of files."""
    await conn.executemany(
        "UPDATE snapshot SET state = $2 WHERE snapshot_id = $1",
        [(snapshot_id, one.state) for snapshot_id, one in sorted(made.items())],
    )
    await conn.executemany(
        "UPDATE snapshot_table SET counts = $3 WHERE snapshot_id = $1 AND name = $2",
        [
            (snapshot_id, name, int(counts))
            for snapshot_id, one in sorted(made.items())
            for name, counts in sorted(one.counts.items())
        ],
    )


async def decide(conn: Connection, snapshot_id: str, decided: str) -> None:
    """An operator's word on a file."""
    await conn.execute(
        "UPDATE snapshot SET decided = $2 WHERE snapshot_id = $1", (snapshot_id, decided)
    )


async def guard_of(conn: Connection, feed: str) -> Guard:
    """The guard of a feed."""
    rows = await conn.fetch("SELECT share, least FROM absence_guard WHERE feed = $1", (feed,))
    return Guard(*rows[0]) if rows else Guard()


async def set_guard(conn: Connection, feed: str, guard: Guard) -> None:
    """Give a feed a guard of its own."""
    await conn.execute(
        "INSERT INTO absence_guard (feed, share, least) VALUES ($1, $2, $3)"
        " ON CONFLICT (feed) DO UPDATE SET share = excluded.share, least = excluded.least",
        (feed, guard.share, guard.least),
    )
