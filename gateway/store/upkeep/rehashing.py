"""What is hashed under the index keys, made again under the newest: without any plaintext.

In      A hasher that knows the newest index key.
Out     Source records, and what was said of them when somebody decided, all in one transaction:
        whoever shares a number shares it at every moment.
        Then the identifiers that resources are found by, some thousands at a time.
Rule    What is hashed again tells its generation: it is made again once, however often this runs.
        Look-ups ask for every generation, so that both are found meanwhile.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from gateway.identity.names import marks_again
from gateway.identity.sayings import MANY, Saying, Sayings, from_text, to_text
from gateway.store.clear.code_marks import marks_of
from gateway.store.clear.search_index import codes_again
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records, statements
from gateway.store.identity.source_records import Record, is_usable
from gateway.store.keyring.keys import KeyedHasher
from gateway.store.sealed import key_state

_AT_ONCE: Final = 2_000
Place = tuple[str, str]
"""Source record and resource id."""
START: Final[Place] = ("", "")


async def raise_generation(conn: Connection, hasher: KeyedHasher, to: int) -> int:
    """Make every source record's hashes again, and have new ones be of that generation; how many
    there were. None where they are that far."""
    await key_state.take(conn)
    before = (await key_state.read(conn)).generation
    if before >= to:
        return 0
    last, number = "", 0
    while found := await source_records.after(conn, last, _AT_ONCE):
        await source_records.update(conn, [_again(one, hasher, before, to) for one in found])
        last, number = found[-1].patient_id, number + len(found)
    again = partial(hasher.again, before=before, after=to)
    await statements.see_again(conn, partial(_sayings_again, again=again))
    await key_state.raise_to(conn, to)
    return number


def _again(record: Record, hasher: KeyedHasher, before: int, to: int) -> Record:
    """The record with all that it is linked by of that generation."""
    again = partial(hasher.again, before=before, after=to)
    number = again(record.nhs_hash) if is_usable(record.nhs_hash) else record.nhs_hash
    called_of, _, called = record.called_hash.partition(":")
    trace_of, _, trace = record.trace.partition(":")
    return replace(
        record,
        nhs_hash=number,
        birth_hash=again(record.birth_hash),
        called_hash=_marked(again(called_of), marks_again(called, again)),
        own_hash=marks_again(record.own_hash, again),
        since_hash=marks_again(record.since_hash, again),
        said_hash=to_text(_sayings_again(from_text(record.said_hash), again)),
        trace=_marked(_again_mark(trace_of, again), trace),
    )


def _sayings_again(sayings: Sayings, again: Callable[[str], str]) -> Sayings:
    if MANY in sayings:
        return sayings
    return frozenset(
        Saying(_again_mark(one.number, again), again(one.born), marks_again(one.called, again))
        for one in sayings
    )


def _again_mark(mark: str, again: Callable[[str], str]) -> str:
    """What says of which number something was said; a number may be none."""
    return again(mark) if is_usable(mark) else mark


def _marked(mark: str, said: str) -> str:
    return f"{mark}:{said}" if said else ""


async def rehash_some(hasher: KeyedHasher, after: Place, conn: Connection) -> tuple[Place, int]:
    """Make the identifiers of the next resources again: the last place looked at, `START` at the
    end, and how many changed. What somebody else writes meanwhile is theirs."""
    rows = await conn.fetch(
        "SELECT patient_id, resource_id, resource_type, codes FROM resource"
        " WHERE (patient_id, resource_id) > ($1, $2)"
        f" ORDER BY patient_id, resource_id LIMIT {_AT_ONCE}",
        after,
    )
    changed = 0
    for patient_id, resource_id, kind, codes in rows:
        now = codes_again(kind, codes, hasher)
        if now != codes:
            changed += await conn.execute(
                "UPDATE resource SET codes = $3, code_marks = $5"
                " WHERE patient_id = $1 AND resource_id = $2 AND codes = $4",
                (patient_id, resource_id, now, codes, marks_of(now)),
            )
    return ((rows[-1][0], rows[-1][1]) if rows else START), changed
