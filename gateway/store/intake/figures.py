"""What one organisation sent to one feed since a moment, in figures.

In      A connection; the feed, the organisation, the moment.
Out     Counts, times, issues by path. Of that organisation alone; nothing of any person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.identity.linking import LinkState
from gateway.identity.sayings import OF_MANY
from gateway.store.database.engine import Connection
from gateway.store.identity.source_records import MARK_LENGTH, NUMBERLESS
from gateway.store.intake.apply import issues_from
from gateway.store.site.feed_standing import by_its_clock
from mappings.core.model.outcome import Issue
from mappings.core.shaping.identifiers import DOES_NOT_FIT, VERIFIED

MOST_TIMES: Final = 5_000
WEEK: Final = 7 * 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Sent:
    """Whose figures, of which feed, since when."""

    org: str
    feed: str
    since: int

    @property
    def args(self) -> Sequence[str | int]:
        """For `_SENT`."""
        return (self.org, self.feed, self.since)


_SENT: Final = "d.source_org = $1 AND d.feed = $2 AND d.received_at >= $3"
_ITEMS: Final = f"FROM delivery d JOIN item i ON i.delivery_id = d.delivery_id WHERE {_SENT}"


@dataclass(frozen=True, slots=True)
class Alike:
    """Items that were told the same issues; the latest delivery of them, and one item in it."""

    state: str
    issues: tuple[Issue, ...]
    number: int
    delivery_id: str
    item: int


async def alike(conn: Connection, sent: Sent) -> list[Alike]:
    """Items by the issues they were told."""
    rows = await conn.fetch(
        "SELECT i.state, i.issues, COUNT(*),"
        f" MAX(i.delivery_id || ' ' || CAST(i.number AS TEXT)) {_ITEMS}"
        " GROUP BY i.state, i.issues",
        sent.args,
    )
    found = []
    for state, issues, number, example in rows:
        delivery_id, _, item = example.partition(" ")
        found.append(Alike(state, issues_from(bytes(issues)), number, delivery_id, int(item)))
    return found


async def deliveries_by_state(conn: Connection, sent: Sent) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = await conn.fetch(
        f"SELECT d.state, COUNT(*) FROM delivery d WHERE {_SENT} GROUP BY d.state ORDER BY d.state",
        sent.args,
    )
    return {row[0]: row[1] for row in rows}


async def items_by_week(conn: Connection, sent: Sent) -> dict[int, dict[str, int]]:
    """Week since the moment (from 0) -> state -> items."""
    rows = await conn.fetch(
        f"SELECT (d.received_at - $3) / {WEEK}, i.state, COUNT(*) {_ITEMS} GROUP BY 1, 2",
        sent.args,
    )
    found: dict[int, dict[str, int]] = {}
    for week, state, number in rows:
        found.setdefault(int(week), {})[state] = number
    return found


async def times(conn: Connection, sent: Sent) -> list[tuple[str, int]]:
    """When the latest items were said by their source's own clock (empty: unstated), and came."""
    rows = await conn.fetch(
        f"SELECT i.source_time, i.received_at {_ITEMS} AND i.state = 'taken'"
        f" ORDER BY d.received_at DESC LIMIT {MOST_TIMES}",
        sent.args,
    )
    return [(by_its_clock(row[0]), row[1]) for row in rows]


async def last_received(conn: Connection, org: str, feed: str) -> int | None:
    """When the organisation's last delivery came, whenever that was."""
    rows = await conn.fetch(
        "SELECT MAX(received_at) FROM delivery WHERE source_org = $1 AND feed = $2", (org, feed)
    )
    return None if rows[0][0] is None else int(rows[0][0])


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many records of people are so; the latest item of one."""

    number: int
    delivery_id: str
    item: int


_MARK: Final = f"SUBSTR(s.nhs_hash, 1, {MARK_LENGTH})"
_WRONG: Final = ", ".join(f"{_MARK} || ':{status}'" for status in sorted(DOES_NOT_FIT))
_LACKS: Final = (
    "CASE s.nhs_hash "
    + " ".join(f"WHEN '{mark}' THEN '{state}'" for mark, state in NUMBERLESS.items())
    + f" ELSE CASE WHEN s.trace IN ({_WRONG}) THEN '{LinkState.UNTRACED_NUMBER}'"
    f" WHEN s.birth_hash = '' THEN '{LinkState.NO_BIRTH_DATE}'"
    f" WHEN s.called_hash LIKE {_MARK} || ':%' THEN ''"
    f" WHEN s.nameless = 1 AND s.trace IN ('', {_MARK} || ':{VERIFIED}') THEN ''"
    f" ELSE '{LinkState.NAMELESS}' END END"
)


async def records_lacking(conn: Connection, org: str, feed: str) -> dict[str, Lacking]:
    """The organisation's records of people by what they lack themselves: how they stand to those
    of others would tell what is held elsewhere."""
    rows = await conn.fetch(
        f"SELECT {_LACKS} AS lacks, COUNT(DISTINCT s.patient_id),"
        " MAX(i.delivery_id || ' ' || CAST(i.number AS TEXT))"
        " FROM source_record s LEFT JOIN item i ON i.patient_id = s.patient_id"
        " AND i.feed = s.feed"
        " WHERE s.source_org = $1 AND s.feed = $2 GROUP BY 1",
        (org, feed),
    )
    found: dict[str, Lacking] = {}
    for state, number, example in rows:
        delivery_id, _, item = (example or " 0").partition(" ")
        found[state] = Lacking(number, delivery_id, int(item))
    return found


async def said_of_several(conn: Connection, org: str, feed: str) -> list[tuple[str, str, int]]:
    """What was said of whom each of the organisation's records is about, where more than one thing
    was; the delivery and the number of the latest item of each."""
    rows = await conn.fetch(
        "SELECT s.said_hash, MAX(i.delivery_id || ' ' || CAST(i.number AS TEXT))"
        " FROM source_record s LEFT JOIN item i ON i.patient_id = s.patient_id"
        " AND i.feed = s.feed"
        " WHERE s.source_org = $1 AND s.feed = $2"
        f" AND (s.said_hash LIKE '%;%' OR s.said_hash = '{OF_MANY}')"
        " GROUP BY s.patient_id, s.said_hash",
        (org, feed),
    )
    parts = [(said, (example or " 0").partition(" ")) for said, example in rows]
    return [(said, delivery_id, int(item)) for said, (delivery_id, _, item) in parts]


async def senders(conn: Connection, feed: str) -> list[str]:
    """The organisations that ever sent to a feed."""
    rows = await conn.fetch(
        "SELECT DISTINCT source_org FROM delivery WHERE feed = $1 ORDER BY source_org", (feed,)
    )
    return [row[0] for row in rows]
