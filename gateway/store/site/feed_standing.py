"""How far each organisation's feed has joined: noted as it first sends, changed by operators.

Rule    A feed begins as the standing of everybody says (`*`, or `*` and the feed), and open where
        there is none. The database moves the site's epoch with every change, so that it holds from
        the next request.
"""

from typing import Final, NamedTuple

from consent.feeds import BEHIND, CLOSED, ClosedFeed, FeedState
from gateway.store.database.engine import Connection, placeholders

ANY: Final = "*"
"""Stands for every organisation, or every feed, that has no standing of its own."""
_FIRST_LOAD: Final = "-"
"""Before the source time of what a back-fill says: in the order of texts before every year."""
_LATEST: Final = 5
"""Deliveries whose items are asked for the newest source time."""


class Standing(NamedTuple):
    """One feed of one organisation."""

    org: str
    feed: str
    state: FeedState
    changed_at: int
    changed_by: str
    joined_at: int


class Freshness(NamedTuple):
    """When a feed was last heard of: by its sender's clock (empty: unstated), and by ours."""

    last_source: str
    last_received: int


_COLUMNS: Final = "org, feed, state, changed_at, changed_by, joined_at"


async def closed(conn: Connection) -> tuple[ClosedFeed, ...]:
    """The feeds of which the teams are shown nothing."""
    states = sorted(CLOSED)
    rows = await conn.fetch(
        f"SELECT org, feed, state FROM feed_standing WHERE org <> '{ANY}'"
        f" AND state IN ({placeholders(len(states))}) ORDER BY org, feed",
        states,
    )
    return tuple(ClosedFeed(r[0], r[1], r[2] == FeedState.SAFETY_ACCESS) for r in rows)


async def note(
    conn: Connection, org: str, feed: str, at: int, *, back_fill: bool = False
) -> Standing:
    """How a feed stands that sends now. The first time it sends what is no back-fill, it joins."""
    found = await find(conn, org, feed)
    if found is None:
        await conn.execute(
            f"INSERT INTO feed_standing ({_COLUMNS}) VALUES ($1, $2, $3, $4, '', 0)"
            " ON CONFLICT DO NOTHING",
            (org, feed, str(await _beginning(conn, feed)), at),
        )
        found = await find(conn, org, feed)
    if found is None:
        raise LookupError("a standing that was just noted")
    if not found.joined_at and not back_fill:
        await conn.execute(
            "UPDATE feed_standing SET joined_at = $3"
            " WHERE org = $1 AND feed = $2 AND joined_at = 0",
            (org, feed, at),
        )
    return found


async def _beginning(conn: Connection, feed: str) -> FeedState:
    """How a feed begins that has no standing of its own."""
    of_all = await find(conn, ANY, feed) or await find(conn, ANY, ANY)
    return of_all.state if of_all else FeedState.OPEN


async def find(conn: Connection, org: str, feed: str) -> Standing | None:
    """How a feed stands; None for one that never sent and was never put in a state."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM feed_standing WHERE org = $1 AND feed = $2", (org, feed)
    )
    return _standing(rows[0]) if rows else None


async def standings(conn: Connection) -> list[Standing]:
    """How every feed stands, in order."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM feed_standing ORDER BY feed, org")
    return [_standing(row) for row in rows]


async def behind(conn: Connection) -> list[Standing]:
    """The feeds of which what is shown may be older than it should be, in order."""
    states = sorted(BEHIND)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM feed_standing WHERE org <> '{ANY}'"
        f" AND state IN ({placeholders(len(states))}) ORDER BY feed, org",
        states,
    )
    return [_standing(row) for row in rows]


async def change(conn: Connection, org: str, feed: str, state: FeedState, at: int, by: str) -> None:
    """Put a feed in a state."""
    await conn.execute(
        f"INSERT INTO feed_standing ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, 0)"
        " ON CONFLICT (org, feed) DO UPDATE SET state = excluded.state,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        (org, feed, str(state), at, by),
    )


async def freshness(conn: Connection, org: str, feed: str) -> Freshness:
    """When a feed was last heard of; of each delivery one entry of an index is read, however many
    items it has."""
    rows = await conn.fetch(
        "SELECT d.received_at, COALESCE((SELECT MAX(i.source_time) FROM item i"
        " WHERE i.delivery_id = d.delivery_id AND i.state = 'taken'), '')"
        " FROM delivery d WHERE d.source_org = $1 AND d.feed = $2"
        " ORDER BY d.received_at DESC LIMIT $3",
        (org, feed, _LATEST),
    )
    said = max((by_its_clock(row[1]) for row in rows), default="")
    return Freshness(said, int(rows[0][0]) if rows else 0)


def as_first_load(source_time: str) -> str:
    """The source time of what a back-fill says, as it is kept: before all that is said live."""
    return f"{_FIRST_LOAD}{source_time}" if source_time else ""


def by_its_clock(kept: str) -> str:
    """The source time as its source said it."""
    return kept.removeprefix(_FIRST_LOAD)[: len("2026-11-24T00:00:00.000000Z")]


def _standing(row: tuple[str, str, str, int, str, int]) -> Standing:
    return Standing(row[0], row[1], FeedState(row[2]), *row[3:])
