"""The site's entries as they are loaded, and what is switched off for whom.

Rule    The site is replaced whole; only what differs is written. The database moves the site's
        epoch with every change, so that a switch holds from the next request.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from consent.feeds import Feature, SwitchedOff
from gateway.store.database.engine import Connection, placeholders

FEED: Final = "feed"
FEATURE: Final = "feature"
PRACTICE: Final = "practice"


class Entry(NamedTuple):
    """One entry: its kind, its id, the locality of a practice, and what the files say of it."""

    kind: str
    entry_id: str
    part_of: str
    body: str


class Switch(NamedTuple):
    """A feed or feature that is off in a locality."""

    locality: str
    kind: str
    name: str


async def entries(conn: Connection, kinds: Collection[str] = ()) -> list[Entry]:
    """Every entry, or those of some kinds, in order."""
    only = f" WHERE kind IN ({placeholders(len(kinds))})" if kinds else ""
    rows = await conn.fetch(
        f"SELECT kind, entry_id, part_of, body FROM site_entry{only} ORDER BY kind, entry_id",
        list(kinds),
    )
    return [Entry(*row) for row in rows]


async def epoch(conn: Connection) -> int:
    """How often what holds for the whole deployment has changed, entries and switches too."""
    rows = await conn.fetch("SELECT epoch FROM site_epoch WHERE id = 1")
    return int(rows[0][0])


async def lock(conn: Connection) -> None:
    """Wait for another loading of the site, and let no other begin."""
    await conn.execute("UPDATE site_epoch SET epoch = epoch + 1 WHERE id = 1")


async def replace(
    conn: Connection, wanted: Collection[Entry], switches: Collection[Switch]
) -> None:
    """The site is these entries and switches, and no others."""
    before, now = set(await entries(conn)), set(wanted)
    names = {one[:2] for one in now}
    await conn.executemany(
        "DELETE FROM site_entry WHERE kind = $1 AND entry_id = $2",
        sorted(one[:2] for one in before if one[:2] not in names),
    )
    await conn.executemany(
        "INSERT INTO site_entry (kind, entry_id, part_of, body) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (kind, entry_id) DO UPDATE SET part_of = excluded.part_of,"
        " body = excluded.body",
        sorted(now - before),
    )
    rows = await conn.fetch("SELECT locality, kind, name FROM site_switch")
    off, off_now = {Switch(*row) for row in rows}, set(switches)
    await conn.executemany(
        "DELETE FROM site_switch WHERE locality = $1 AND kind = $2 AND name = $3",
        sorted(off - off_now),
    )
    await conn.executemany(
        "INSERT INTO site_switch (locality, kind, name) VALUES ($1, $2, $3)",
        sorted(off_now - off),
    )


async def switched_off(conn: Connection) -> Mapping[str, SwitchedOff]:
    """For each practice of a locality that has switched something off, what that is."""
    rows = await conn.fetch(
        "SELECT e.entry_id, s.kind, s.name FROM site_entry e"
        f" JOIN site_switch s ON s.locality = e.part_of WHERE e.kind = '{PRACTICE}'"
    )
    if not rows:
        return {}
    sent = await conn.fetch(
        "SELECT DISTINCT t.feed, t.org FROM feed_standing t"
        f" JOIN site_switch s ON s.kind = '{FEED}' AND s.name = t.feed"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for practice, kind, name in rows:
        found.setdefault(practice, []).append((kind, name))
    return {practice: _off(named, sent) for practice, named in found.items()}


def joined(parts: Collection[SwitchedOff]) -> SwitchedOff:
    """All that several localities have switched off."""
    return SwitchedOff(
        frozenset().union(*(one.feeds for one in parts)),
        frozenset().union(*(one.senders for one in parts)),
        frozenset().union(*(one.features for one in parts)),
    )


def _off(named: Collection[tuple[str, str]], sent: Collection[tuple[str, ...]]) -> SwitchedOff:
    feeds = frozenset(name for kind, name in named if kind == FEED)
    senders = frozenset(row[1] for row in sent if row[0] in feeds)
    features = frozenset(Feature(name) for kind, name in named if kind == FEATURE)
    return SwitchedOff(feeds, senders, features)
