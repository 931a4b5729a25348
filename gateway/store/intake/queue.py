"""The error queue: what was refused, quarantined, or taken in part, and what becomes of it.

In      The store, or a connection of it; which feeds, whose.
Out     What waits, with its issues: ids, codes, paths, our own words. Nothing here opens what is
        sealed.
Rule    An item stands in the queue once, under the delivery that brought it first or that it was
        last replayed from. Taking an item out of the store for a replay, and its being applied
        again, are one transaction.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.store.database.engine import Connection, Engine, Row, placeholders
from gateway.store.identity import people
from gateway.store.intake.apply import issues_bytes, issues_from
from mappings.core.model.outcome import Issue, Severity, has_errors

QUARANTINED: Final = "quarantined"
IN_PART: Final = "taken in part"
REFUSED: Final = "refused"
DISCARDED: Final = "discarded"
"""The code of the issue that says so, and the state of the item."""

_CHUNK: Final = 300
_POSITION: Final = re.compile(r"(?<=\[)[^\]]*(?=\])|(?<=^file) \d+$")
_AT_ONCE: Final = 5_000
"""So many are held at a time: the rows of one long file may all wait."""
_OF_FEEDS: Final = "{a}.feed IN ({feeds}) AND ($1 = '' OR {a}.source_org = $1)"
_NOBODYS: Final = "i.patient_id = ''"
"""Of items that are not taken, and of no others: found by the first column of their key."""
_ITEM: Final = (
    "SELECT i.feed, i.kind, i.source_org, i.delivery_id, i.number, i.item_id, i.patient_id,"
    " i.received_at, i.mapping_version, i.issues, d.key_owner, '{state}' AS waits"
    " FROM item i JOIN delivery d ON d.delivery_id = i.delivery_id WHERE "
)
_DELIVERY: Final = (
    "SELECT d.feed, '', d.source_org, d.delivery_id, 0, '', '', d.received_at, '', d.answer,"
    f" d.key_owner, '{REFUSED}' FROM delivery d WHERE d.state = 'refused'"
)
_PLACE: Final = "-received_at, delivery_id, number, item_id"
_Place = tuple[int, str, int, str]
_BEFORE_ALL: Final[_Place] = (-(2**62), "", -1, "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A refused delivery, a quarantined item, or a taken item of which a part was refused."""

    feed: str
    kind: str
    source_org: str
    delivery_id: str
    number: int
    """0 where the whole delivery was refused."""
    item_id: str
    patient_id: str
    received_at: int
    mapping_version: str
    issues: tuple[Issue, ...]
    kept: bool
    """Whether the body can still be opened; its day's key dies with its retention."""
    state: str

    def rules(self) -> frozenset[str]:
        """The rules it broke."""
        return frozenset(rule_of(one) for one in self.issues if one.severity is Severity.ERROR)


def rule_of(issue: Issue) -> str:
    """`code:path`, with the path's positions taken out: one rule for every place in a list."""
    place = _POSITION.sub("", issue.path)
    return f"{issue.code}:{place}" if place else issue.code


async def waiting(
    engine: Engine, feeds: Collection[str], org: str, in_part: Collection[str]
) -> AsyncIterator[Waiting]:
    """Everything that waits, the latest first, read page by page; `in_part` are the kinds that can
    be taken so. What comes to wait meanwhile is not told."""
    place = _BEFORE_ALL
    while True:
        async with engine.reading() as conn:
            rows = await _page(conn, feeds, org, in_part, place)
        for row in rows:
            one = _waiting(row)
            if one.state != IN_PART or (has_errors(one.issues) and not is_discarded(one.issues)):
                yield one
        if len(rows) < _AT_ONCE:
            return
        place = -rows[-1][7], rows[-1][3], rows[-1][4], rows[-1][5]


async def _page(
    conn: Connection,
    feeds: Collection[str],
    org: str,
    in_part: Collection[str],
    place: _Place,
) -> Sequence[Row]:
    """What follows that place, in the order of places."""
    values = [org, *feeds, *in_part, *place]
    listed = placeholders(len(feeds), 2)
    of_item, of_delivery = (_OF_FEEDS.format(a=one, feeds=listed) for one in "id")
    parts = [
        f"{_ITEM.format(state=QUARANTINED)} {_NOBODYS} AND i.state = 'quarantined' AND {of_item}",
        f"{_DELIVERY} AND {of_delivery}",
    ]
    if in_part:
        kinds = placeholders(len(in_part), 2 + len(feeds))
        parts.append(
            f"{_ITEM.format(state=IN_PART)} d.state = 'partly-taken' AND i.state = 'taken'"
            f" AND {of_item} AND i.kind IN ({kinds})"
        )
    after = placeholders(len(place), len(values) - len(place) + 1)
    return await conn.fetch(
        "SELECT w.*, (SELECT COUNT(*) FROM data_key k WHERE k.owner = w.key_owner)"
        f" FROM (SELECT * FROM ({' UNION ALL '.join(parts)}) q WHERE ({_PLACE}) > ({after})"
        f" ORDER BY {_PLACE} LIMIT {_AT_ONCE}) w ORDER BY {_PLACE}",
        values,
    )


def is_discarded(issues: Iterable[Issue]) -> bool:
    """Whether an operator decided that what is wrong here is not to be mended."""
    return any(one.code == DISCARDED for one in issues)


def _waiting(row: Row) -> Waiting:
    told = told_in if row[11] == REFUSED else issues_from
    return Waiting(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8],
        told(bytes(row[9])), bool(row[12]), row[11],
    )  # fmt: skip


def told_in(answer: bytes) -> tuple[Issue, ...]:
    """The issues of a delivery's stored answer."""
    told = orjson.loads(answer)["issues"] if answer else ()
    return tuple(
        Issue(Severity(one["severity"]), one["path"], one["code"], one["text"]) for one in told
    )


async def unsettled(conn: Connection, feeds: Collection[str], org: str) -> list[str]:
    """Deliveries whose answer counts items as quarantined, in whichever delivery these stand."""
    of = _OF_FEEDS.format(a="d", feeds=placeholders(len(feeds), 2))
    rows = await conn.fetch(
        f"SELECT d.delivery_id FROM delivery d WHERE d.quarantined > 0 AND {of}", [org, *feeds]
    )
    return [row[0] for row in rows]


async def waiting_under(conn: Connection, key_owner: str) -> int:
    """How many items in quarantine are sealed under this key."""
    rows = await conn.fetch(
        "SELECT COUNT(*) FROM item WHERE patient_id = '' AND state = 'quarantined'"
        " AND key_owner = $1",
        (key_owner,),
    )
    return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item of the store as a replay finds it."""

    item_hash: str
    item_id: str
    patient_id: str
    number: int
    state: str
    issues: tuple[Issue, ...]


_HELD: Final = "i.content_hash, i.item_id, i.patient_id, i.number, i.state, i.issues"


async def held_by_hash(conn: Connection, org: str, hashes: Sequence[str]) -> dict[str, HeldItem]:
    """Items of an organisation by the hash they are known by."""
    rows = await conn.fetch(
        f"SELECT {_HELD} FROM item_seen s JOIN item i ON i.patient_id = s.patient_id"
        " AND i.item_id = s.item_id"
        f" WHERE s.source_org = $1 AND s.item_hash IN ({placeholders(len(hashes), 2)})"
        f" ORDER BY i.item_id{conn.lock_rows}",  # a discard waits, or was seen
        [org, *hashes],
    )
    return {one.item_hash: one for one in map(_held, rows)}


async def held_by_delivery(conn: Connection, delivery_id: str) -> list[HeldItem]:
    """The items of a delivery that are in quarantine."""
    rows = await conn.fetch(
        f"SELECT {_HELD} FROM item i WHERE i.delivery_id = $1 AND i.state = 'quarantined'"
        f" ORDER BY i.item_id{conn.lock_rows}",
        (delivery_id,),
    )
    return [_held(row) for row in rows]


def _held(row: Row) -> HeldItem:
    return HeldItem(row[0], row[1], row[2], row[3], row[4], issues_from(bytes(row[5])))


async def take_out(conn: Connection, org: str, items: Iterable[HeldItem]) -> None:
    """Forget that these items came, so that they are applied as if they came now. What they
    said of pairs of records goes; what they said of resources stays until it is said again."""
    gone = list(items)
    await people.take_back(conn, [one.item_id for one in gone])
    await conn.executemany(
        "DELETE FROM item_seen WHERE source_org = $1 AND item_hash = $2",
        [(org, one.item_hash) for one in gone],
    )
    await conn.executemany(
        "DELETE FROM item WHERE patient_id = $1 AND item_id = $2",
        [(one.patient_id, one.item_id) for one in gone],
    )


async def delivery_of(conn: Connection, message: str) -> str:
    """The delivery of that id, or of the untaken item of that id; empty where there is none."""
    rows = await conn.fetch(
        "SELECT delivery_id FROM delivery WHERE delivery_id = $1"
        " UNION ALL SELECT delivery_id FROM item WHERE patient_id = '' AND item_id = $1",
        (message,),
    )
    return rows[0][0] if rows else ""


async def discard(conn: Connection, items: Sequence[Waiting], told: Issue) -> list[Waiting]:
    """Note that these are not to be taken; those that still waited as they did. What is sealed
    stays sealed for as long as its key lives."""
    refused = [one for one in items if one.state == REFUSED]
    done = [one for one in refused if await _closed(conn, one.delivery_id)]
    waited = [one for one in items if one.state != REFUSED]
    for start in range(0, len(waited), _CHUNK):
        done += await _waits_still(conn, waited[start : start + _CHUNK])
    await conn.executemany(
        "UPDATE item SET state = $3, issues = $4 WHERE patient_id = $1 AND item_id = $2",
        [
            (
                one.patient_id, one.item_id, "taken" if one.state == IN_PART else "discarded",
                issues_bytes([*one.issues, told]),
            )
            for one in done
            if one.state != REFUSED
        ],
    )  # fmt: skip
    return done


async def _closed(conn: Connection, delivery_id: str) -> bool:
    return bool(
        await conn.execute(
            "UPDATE delivery SET state = 'discarded' WHERE delivery_id = $1 AND state = 'refused'",
            (delivery_id,),
        )
    )


async def _waits_still(conn: Connection, items: Sequence[Waiting]) -> list[Waiting]:
    """Those of these items that stand as they were found; they stand so until the end."""
    owners = sorted({one.patient_id for one in items})
    rows = await conn.fetch(
        "SELECT patient_id, item_id, state, issues FROM item"
        f" WHERE patient_id IN ({placeholders(len(owners))})"
        f" AND item_id IN ({placeholders(len(items), len(owners) + 1)})"
        f" ORDER BY item_id{conn.lock_rows}",
        [*owners, *(one.item_id for one in items)],
    )
    held = {(row[0], row[1]): (row[2], bytes(row[3])) for row in rows}
    return [
        one
        for one in items
        if held.get((one.patient_id, one.item_id))
        == ("taken" if one.state == IN_PART else "quarantined", issues_bytes(one.issues))
    ]
