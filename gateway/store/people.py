"""Source records and the people they belong to, kept in step with what sources claim.

In      What an item says of whom it is about (PersonClaim), with its place in the order.
Out     Source records; links recomputed from the whole set for every number that is touched.
Rule    A record's id never changes. Each part of a claim (number, birth date, practice) is the
        newest that was sent, in source-time order, so arrival order makes no difference.
        Two writings that claim one number go one after the other: neither decides from half of
        the set.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.identity.linking import Claim, LinkState, links
from gateway.store.engine import BusyError, Connection, placeholders
from gateway.store.keys import KeyedHasher
from mappings.core.identifiers import is_usable_nhs_number, normalised
from mappings.core.outcome import PersonClaim

_COLUMNS = (
    "patient_id, source_org, feed, person_id, link_state, nhs_hash, nhs_claim, birth_hash,"
    " birth_claim, practice, practice_claim, created_at"
)
_INSERT = f"INSERT INTO source_record ({_COLUMNS}) VALUES ({placeholders(12)})"
_UPDATE = (
    "UPDATE source_record SET person_id = $2, link_state = $3, nhs_hash = $4, nhs_claim = $5,"
    " birth_hash = $6, birth_claim = $7, practice = $8, practice_claim = $9"
    " WHERE patient_id = $1"
)
_UNUSABLE = "!unusable"
_CONFLICT = "!conflict"


@dataclass(frozen=True, slots=True)
class Record:
    """A source record as stored. A claim is `source time hash` of the item it is from."""

    patient_id: str
    source_org: str
    feed: str
    person_id: str
    link_state: str
    nhs_hash: str
    nhs_claim: str
    birth_hash: str
    birth_claim: str
    practice: str
    practice_claim: str
    created_at: int


def number_hash(hasher: KeyedHasher, number: str) -> str:
    """The keyed hash an NHS number is found by."""
    return hasher.keyed_hash("nhs-number", normalised(number))


def claimed(record: Record, claim: PersonClaim, order: str, hasher: KeyedHasher) -> Record:
    """The record with whatever this claim says that is newer than what it held."""
    made = record
    number = _number(claim, hasher)
    if number and order >= record.nhs_claim:
        made = replace(made, nhs_hash=number, nhs_claim=order)
    if claim.birth_date and order >= record.birth_claim:
        born = hasher.keyed_hash("birth-date", claim.birth_date)
        made = replace(made, birth_hash=born, birth_claim=order)
    if claim.registered_practice and order >= record.practice_claim:
        practice = claim.registered_practice.strip().upper()
        made = replace(made, practice=practice, practice_claim=order)
    return made


def _number(claim: PersonClaim, hasher: KeyedHasher) -> str:
    if not claim.nhs_numbers:
        return ""
    usable = {normalised(n) for n in claim.nhs_numbers if is_usable_nhs_number(n)}
    if len(usable) > 1:
        return _CONFLICT
    return number_hash(hasher, usable.pop()) if usable else _UNUSABLE


def claim_order(source_time: str, item_hash: str) -> str:
    """A claim's place among claims as one text: without a time it is the oldest."""
    return f"{source_time} {item_hash}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """Source records after their claims were taken in."""

    before: Collection[str]
    """Those that were there before."""
    people: Mapping[str, str]
    """Source record -> person."""


async def claim(
    conn: Connection,
    hasher: KeyedHasher,
    fresh: Mapping[str, Record],
    claims: Mapping[str, Sequence[tuple[PersonClaim, str]]],
) -> Claimed:
    """Take claims in, by source record.

    `fresh` holds each record as it is when nothing is known of it yet.
    """
    if not claims:
        return Claimed((), {})
    seen = await _records(conn, "patient_id", fresh)
    numbers = {record.nhs_hash for record in seen.values()}
    numbers |= {_number(one, hasher) for made in claims.values() for one, _ in made}
    await _one_at_a_time(conn, {number for number in numbers if _is_usable(number)})
    held = seen
    if seen and conn.lock_rows:
        held = await _records(conn, "patient_id", seen, locked=True)
    if not {record.nhs_hash for record in held.values() if record.nhs_hash} <= numbers:
        raise BusyError("a source record changed its number meanwhile")
    now = {patient_id: held.get(patient_id, record) for patient_id, record in fresh.items()}
    for patient_id, made in claims.items():
        for one, order in made:
            now[patient_id] = claimed(now[patient_id], one, order, hasher)
    return Claimed(held.keys(), await save(conn, held, now))


def _is_usable(number: str) -> bool:
    return bool(number) and not number.startswith("!")


async def _one_at_a_time(conn: Connection, numbers: Collection[str]) -> None:
    """Wait for writings that claim these numbers, and keep others waiting."""
    if conn.lock_rows and numbers:
        keys = sorted(int(number[:15], 16) for number in numbers)
        await conn.fetch(
            "SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS keys (k)", (keys,)
        )


async def _records(
    conn: Connection, column: str, values: Iterable[str], *, locked: bool = False
) -> dict[str, Record]:
    """Source records by id or by number, where there are any, in one order."""
    wanted = sorted(values)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM source_record WHERE {column} IN ({placeholders(len(wanted))})"
        f" ORDER BY patient_id{conn.lock_rows if locked else ''}",
        wanted,
    )
    return {row[0]: Record(*row) for row in rows}


async def save(
    conn: Connection, held: Mapping[str, Record], now: Mapping[str, Record]
) -> dict[str, str]:
    """Write new and changed source records, and relink every number they touch; the person of
    each. A record another writer put there first is BusyError (PostgreSQL)."""
    moved = {p: record for p, record in now.items() if not _same_to_others(held.get(p), record)}
    hashes = {record.nhs_hash for record in moved.values()}
    hashes |= {held[patient_id].nhs_hash for patient_id in moved.keys() & held.keys()}
    hashes = {number for number in hashes if _is_usable(number)}
    others = await _records(conn, "nhs_hash", hashes, locked=True) if hashes else {}
    linked = _linked({**others, **moved}, hashes)
    made = {**others, **now}
    for patient_id, (person_id, state) in linked.items():
        made[patient_id] = replace(made[patient_id], person_id=person_id, link_state=state)
    stored = {**others, **held}
    await conn.executemany(_INSERT, [_values(r) for p, r in made.items() if p not in stored])
    changed = [r for p, r in sorted(made.items()) if p in stored and stored[p] != r]
    await conn.executemany(_UPDATE, [_changeable(record) for record in changed])
    return {patient_id: made[patient_id].person_id for patient_id in now}


def _same_to_others(before: Record | None, now: Record) -> bool:
    """Whether nothing changed that decides on links or on who may see what."""
    return before is not None and (before.nhs_hash, before.birth_hash, before.practice) == (
        now.nhs_hash,
        now.birth_hash,
        now.practice,
    )


def _linked(records: Mapping[str, Record], hashes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Source record -> (person, link state), of all that share these numbers or have none."""
    linked: dict[str, tuple[str, str]] = {}
    for number in {record.nhs_hash for record in records.values()}:
        group = [_claim(r) for r in records.values() if r.nhs_hash == number]
        if number in hashes:
            made = links(group)
            linked |= {p: (link.person_id, str(link.state)) for p, link in made.items()}
        else:
            linked |= {c.patient_id: (c.patient_id, str(c.unlinkable)) for c in group}
    return linked


def _claim(record: Record) -> Claim:
    usable = _is_usable(record.nhs_hash)
    state = None
    if not usable:
        state = {
            "": LinkState.NO_NUMBER,
            _UNUSABLE: LinkState.UNUSABLE_NUMBER,
            _CONFLICT: LinkState.NUMBER_CONFLICT,
        }[record.nhs_hash]
    return Claim(
        record.patient_id,
        record.created_at,
        record.nhs_hash if usable else "",
        record.birth_hash,
        state,
        serves=record.person_id == record.patient_id and bool(record.link_state),
    )


def _values(record: Record) -> tuple[str | int, ...]:
    patient_id, *rest = _changeable(record)
    return (patient_id, record.source_org, record.feed, *rest, record.created_at)


def _changeable(record: Record) -> tuple[str, ...]:
    return (
        record.patient_id,
        record.person_id,
        record.link_state,
        record.nhs_hash,
        record.nhs_claim,
        record.birth_hash,
        record.birth_claim,
        record.practice,
        record.practice_claim,
    )


def new_record(patient_id: str, source_org: str, feed: str, created_at: int) -> Record:
    """A source record that has claimed nothing yet."""
    return Record(patient_id, source_org, feed, patient_id, "", "", "", "", "", "", "", created_at)
