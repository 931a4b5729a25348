"""Source records and the people they belong to, kept in step with what sources claim.

In      What an item says of whom it is about (PersonClaim), with its place in the order.
Out     Source records; links recomputed from the whole set for every number that is touched.
Rule    A record's id never changes. Each part of a claim (number, birth date, practice) is the
        newest that was sent, in source-time order, so arrival order makes no difference.
        Whatever changes who may see what moves the person's epoch. Two writings that claim one
        number go one after the other: neither decides from half of the set.
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
_INSERT = (
    f"INSERT INTO source_record ({_COLUMNS}) VALUES ({placeholders(12)})"
    " ON CONFLICT (patient_id) DO NOTHING"
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


async def claim(
    conn: Connection,
    hasher: KeyedHasher,
    fresh: Mapping[str, Record],
    claims: Mapping[str, Sequence[tuple[PersonClaim, str]]],
) -> Collection[str]:
    """Take claims in, by source record; the ids of those that were there before.

    `fresh` holds each record as it is when nothing is known of it yet.
    """
    if not claims:
        return ()
    seen = await _records(conn, "patient_id", fresh)
    numbers = {record.nhs_hash for record in seen.values()}
    numbers |= {_number(one, hasher) for made in claims.values() for one, _ in made}
    await _one_at_a_time(conn, {number for number in numbers if _is_usable(number)})
    missing = sorted(fresh.keys() - seen.keys())
    await conn.executemany(_INSERT, [_values(fresh[patient_id]) for patient_id in missing])
    held = await _records(conn, "patient_id", fresh, locked=True)
    if not {record.nhs_hash for record in held.values() if record.nhs_hash} <= numbers:
        raise BusyError("a source record changed its number meanwhile")
    now = dict(held)
    for patient_id, made in claims.items():
        for one, order in made:
            now[patient_id] = claimed(now[patient_id], one, order, hasher)
    await save(conn, held, now.values())
    return {patient_id for patient_id, record in held.items() if record.link_state}


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


async def save(conn: Connection, before: Mapping[str, Record], after: Iterable[Record]) -> None:
    """Write changed source records, and relink every number they touch."""
    changed = [
        record for record in after if before[record.patient_id] != record or not record.link_state
    ]
    if not changed:
        return
    await conn.executemany(
        "UPDATE source_record SET nhs_hash = $2, nhs_claim = $3, birth_hash = $4,"
        " birth_claim = $5, practice = $6, practice_claim = $7 WHERE patient_id = $1",
        [
            (r.patient_id, r.nhs_hash, r.nhs_claim, r.birth_hash, r.birth_claim, r.practice,
             r.practice_claim)
            for r in changed
        ],
    )  # fmt: skip
    hashes = {record.nhs_hash for record in changed}
    hashes |= {before[record.patient_id].nhs_hash for record in changed}
    moved = [r for r in changed if not _same_to_others(before[r.patient_id], r)]
    if moved:
        await _relink(conn, moved, {h for h in hashes if _is_usable(h)})


def _same_to_others(before: Record, now: Record) -> bool:
    """Whether nothing changed that decides on links or on who may see what."""
    return bool(now.link_state) and (before.nhs_hash, before.birth_hash, before.practice) == (
        now.nhs_hash,
        now.birth_hash,
        now.practice,
    )


async def _relink(conn: Connection, changed: list[Record], hashes: Collection[str]) -> None:
    records = {record.patient_id: record for record in changed}
    if hashes:
        records |= await _records(conn, "nhs_hash", hashes, locked=True)
    linked: dict[str, tuple[str, str]] = {}
    for number in {record.nhs_hash for record in records.values()}:
        group = [_claim(r) for r in records.values() if r.nhs_hash == number]
        if number in hashes:
            made = links(group)
            linked |= {p: (link.person_id, str(link.state)) for p, link in made.items()}
        else:
            linked |= {c.patient_id: (c.patient_id, str(c.unlinkable)) for c in group}
    moved = [
        (patient_id, *link)
        for patient_id, link in sorted(linked.items())
        if (records[patient_id].person_id, records[patient_id].link_state) != link
    ]
    await conn.executemany(
        "UPDATE source_record SET person_id = $2, link_state = $3 WHERE patient_id = $1", moved
    )
    people = {record.person_id for record in records.values() if record.person_id}
    people |= {person_id for person_id, _ in linked.values()}
    await touch(conn, people)


async def touch(conn: Connection, person_ids: Collection[str]) -> None:
    """Move the epoch of these people: nothing decided about them before may be reused."""
    await conn.executemany(
        "INSERT INTO person (person_id, epoch, pds, opted_out, deceased, birth_date)"
        " VALUES ($1, 1, 'U', 0, 0, '')"
        " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1",
        [(person_id,) for person_id in sorted(person_ids)],
    )


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
    )


def _values(record: Record) -> tuple[str | int, ...]:
    return (
        record.patient_id,
        record.source_org,
        record.feed,
        record.person_id or record.patient_id,
        record.link_state,
        record.nhs_hash,
        record.nhs_claim,
        record.birth_hash,
        record.birth_claim,
        record.practice,
        record.practice_claim,
        record.created_at,
    )


def new_record(patient_id: str, source_org: str, feed: str, created_at: int) -> Record:
    """A source record that has claimed nothing yet."""
    return Record(patient_id, source_org, feed, "", "", "", "", "", "", "", "", created_at)


async def people_of(conn: Connection, patient_ids: Iterable[str]) -> dict[str, str]:
    """Source record -> person."""
    ids = sorted(set(patient_ids))
    rows = await conn.fetch(
        "SELECT patient_id, person_id FROM source_record"
        f" WHERE patient_id IN ({placeholders(len(ids))})",
        ids,
    )
    return {row[0]: row[1] for row in rows}
