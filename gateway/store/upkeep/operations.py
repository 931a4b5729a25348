"""What an operator asks of the database: counts, records to review, the log's rows, wrapped keys.

Out     Ids, codes and counts. Nothing here opens what is sealed.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.audit.entry import WORDS
from gateway.store.database.engine import Connection, Engine, gone_for_good, placeholders
from gateway.store.keyring.keys import KeyUnavailableError, WrappedKey
from gateway.store.keyring.wrapping import Wrapping

DELIVERY_KEYS: Final = "deliveries:"
"""How the owners of delivery keys begin; gateway.store.intake.deliveries.key_owner adds the day."""
_VERSIONS: Final = "resource_version"
_GUARDED: Final = ("audit_entry", "log_subtree", "log_checkpoint", _VERSIONS)
"""Tables whose rows are added and never changed, whoever asks."""
_WALK: Final = 2_000
_REWRAPPED_AT_ONCE: Final = 200


class Count(NamedTuple):
    """How many of a feed's deliveries, items or source records are in one state."""

    feed: str
    state: str
    number: int
    latest: int
    """When the latest came, in microseconds."""


class ReviewItem(NamedTuple):
    """A source's record of a person that could not be linked, and why."""

    feed: str
    source_org: str
    patient_id: str
    link_state: str
    created_at: int


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry of the log with the columns that searches read beside the record."""

    seq: int
    record: bytes
    leaf_hash: bytes
    root_after: bytes
    columns: tuple[object, ...]
    """As gateway.store.commit.log.columns_of gives them."""


async def delivery_counts(conn: Connection) -> list[Count]:
    """Deliveries by feed and state."""
    rows = await conn.fetch(
        "SELECT feed, state, COUNT(*), MAX(received_at) FROM delivery GROUP BY feed, state"
        " ORDER BY feed, state"
    )
    return [Count(*row) for row in rows]


async def item_counts(conn: Connection) -> list[Count]:
    """Items by feed and state."""
    rows = await conn.fetch(
        "SELECT feed, state, COUNT(*), MAX(received_at) FROM item GROUP BY feed, state"
        " ORDER BY feed, state"
    )
    return [Count(*row) for row in rows]


async def record_counts(conn: Connection) -> list[Count]:
    """Source records of people by feed and state of their link."""
    rows = await conn.fetch(
        "SELECT feed, link_state, COUNT(*), MAX(created_at) FROM source_record"
        " GROUP BY feed, link_state ORDER BY feed, link_state"
    )
    return [Count(*row) for row in rows]


async def reviews(
    conn: Connection, feeds: Collection[str], org: str, states: Collection[str], limit: int
) -> list[ReviewItem]:
    """Source records in those states, the latest first; of one organisation, where it is named."""
    rows = await conn.fetch(
        "SELECT feed, source_org, patient_id, link_state, created_at FROM source_record"
        f" WHERE ($2 = '' OR source_org = $2) AND feed IN ({placeholders(len(feeds), 3)})"
        f" AND link_state IN ({placeholders(len(states), 3 + len(feeds))})"
        " ORDER BY created_at DESC, patient_id LIMIT $1",
        [limit, org, *feeds, *states],
    )
    return [ReviewItem(*row) for row in rows]


async def log_end(conn: Connection) -> tuple[int, bytes, int]:
    """The head's size and frontier, and the number after the last entry: of one moment."""
    rows = await conn.fetch(
        "SELECT size, frontier, (SELECT COALESCE(MAX(seq), -1) + 1 FROM audit_entry)"
        " FROM audit_head WHERE id = 1"
    )
    if not rows:
        return 0, b"", 0
    return int(rows[0][0]), _as_bytes(rows[0][1]), int(rows[0][2])


def _as_bytes(value: object) -> bytes:
    """A column that should hold bytes; whatever else someone put there, as bytes to be checked."""
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


async def log_rows(
    engine: Engine, end: int | None = None, first: int = 0
) -> AsyncIterator[list[LogRow]]:
    """Every entry in order, from `first` on, some thousands at a time; `end` is excluded."""
    last, bound = first - 1, "" if end is None else f" AND seq < {end:d}"
    while True:
        async with engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT seq, record, leaf_hash, root_after, recorded_at, event, outcome, org,"
                " user_id, person_id, owner_orgs, purpose, break_glass FROM audit_entry"
                f" WHERE seq > $1{bound} ORDER BY seq LIMIT {_WALK}",
                (last,),
            )
        if not rows:
            return
        yield [
            LogRow(row[0], _as_bytes(row[1]), _as_bytes(row[2]), _as_bytes(row[3]), row[4:])
            for row in rows
        ]
        last = rows[-1][0]


async def log_guards(conn: Connection) -> int:
    """How many of the triggers that refuse changes of the log, and of versions, are not in place:
    each on its own table, and not switched off."""
    if conn.lock_rows:
        wanted = {(table, f"{table}_append_only") for table in _GUARDED}
        wanted.add((_VERSIONS, f"{_VERSIONS}_no_delete"))
        asked = (
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
        )
    else:
        changes = ("update", "delete")
        wanted = {(table, f"{table}_no_{change}") for table in _GUARDED for change in changes}
        asked = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    return len(wanted - {(str(table), str(name)) for table, name in await conn.fetch(asked)})


async def latest_recorded(conn: Connection) -> int:
    """When the latest entry of the log was made, in microseconds; 0 for an empty log."""
    rows = await conn.fetch("SELECT COALESCE(MAX(recorded_at), 0) FROM audit_entry")
    return int(rows[0][0])


async def postgres_clock(conn: Connection) -> int:
    """What the database server's clock says, in microseconds. PostgreSQL only."""
    rows = await conn.fetch("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT")
    return int(rows[0][0])


async def is_true_of(
    conn: Connection, condition: str, args: Sequence[str | int], row: dict[str, str | int]
) -> bool:
    """Whether the engine itself finds the condition (alias `r`) true of one made-up row.

    The row's values are bound after the condition's own parameters.
    """
    first = len(args) + 1
    columns = ", ".join(
        f"CAST(${first + place} AS {'BIGINT' if isinstance(value, int) else 'TEXT'}) AS {name}"
        for place, (name, value) in enumerate(row.items())
    )
    found = await conn.fetch(
        f"SELECT 1 FROM (SELECT {columns}) r WHERE {condition}", [*args, *row.values()]
    )
    return bool(found)


async def key_counts(conn: Connection) -> dict[str, int]:
    """How many data keys are wrapped under each key-encryption key."""
    rows = await conn.fetch("SELECT kek_id, COUNT(*) FROM data_key GROUP BY kek_id")
    return {str(row[0]): int(row[1]) for row in rows}


async def rewrap_some(conn: Connection, wrapping: Wrapping, into: Wrapping, current: str) -> int:
    """Wrap some data keys again, under the current key of that place; how many there were."""
    rows = await conn.fetch(
        "SELECT owner, number, kek_id, wrapped FROM data_key WHERE kek_id <> $1"
        f" ORDER BY owner, number LIMIT {_REWRAPPED_AT_ONCE}{conn.lock_rows}",
        (current,),
    )
    held = [(owner, WrappedKey(kek_id, bytes(wrapped))) for owner, _, kek_id, wrapped in rows]
    keys = await wrapping.unwrap(held)
    owners = [owner for owner, _ in held]
    again = await into.wrap(list(zip(owners, keys, strict=True)))
    for (owner, number, _, _), now in zip(rows, again, strict=True):
        await conn.execute(
            "UPDATE data_key SET kek_id = $3, wrapped = $4 WHERE owner = $1 AND number = $2",
            (owner, number, now.kek_id, now.wrapped),
        )
    return len(rows)


async def wait_for_keys(conn: Connection) -> None:
    """Wait for every writing that made a data key; nobody makes one before this one ends."""
    if conn.lock_rows:
        await conn.execute("LOCK TABLE data_key IN SHARE MODE")


async def keys_that_do_not_open(conn: Connection, wrapping: Wrapping) -> int:
    """How many stored data keys cannot be opened."""
    closed = 0
    for owner, kek_id, wrapped in await conn.fetch("SELECT owner, kek_id, wrapped FROM data_key"):
        try:
            await wrapping.unwrap([(owner, WrappedKey(kek_id, bytes(wrapped)))])
        except KeyUnavailableError:
            closed += 1
    return closed


async def expired_owners(conn: Connection, earliest: str) -> list[str]:
    """Owners of the keys of deliveries before that owner, all of them finished."""
    rows = await conn.fetch(
        "SELECT DISTINCT k.owner FROM data_key k WHERE k.owner >= $1 AND k.owner < $2"
        " AND NOT EXISTS (SELECT 1 FROM delivery d"
        " WHERE d.key_owner = k.owner AND d.state = 'accepted') ORDER BY k.owner",
        (DELIVERY_KEYS, earliest),
    )
    return [str(row[0]) for row in rows]


async def expired_words(conn: Connection, earliest: str) -> list[str]:
    """Owners of the keys of what the log seals about nobody, of the months before that owner's."""
    rows = await conn.fetch(
        "SELECT DISTINCT owner FROM data_key WHERE owner LIKE $1", (f"{WORDS}%",)
    )
    return sorted(owner for (owner,) in rows if owner < earliest)


async def shred(conn: Connection, owner: str) -> None:
    """Take away an owner's data keys: what they sealed opens no more."""
    await conn.execute("DELETE FROM data_key WHERE owner = $1", (owner,))
    gone_for_good(conn)
