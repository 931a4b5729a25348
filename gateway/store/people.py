"""Source records and the people they belong to, kept in step with what sources claim.

In      What an item says of whom it is about (PersonClaim), with its place in the order.
Out     Source records; links recomputed from the whole set for every number that is touched.
Rule    A record's id never changes. Each part of a claim (number, birth date, practice) is the
        newest that was sent, in source-time order, so arrival order makes no difference.
        Whatever changes who may see what moves the person's epoch.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.identity.linking import Claim, LinkState, links
from gateway.store.engine import Connection, placeholders
from gateway.store.keys import KeyedHasher
from mappings.core.identifiers import is_usable_nhs_number, normalised
from mappings.core.outcome import PersonClaim

_COLUMNS = (
    "patient_id, source_org, feed, person_id, link_state, nhs_hash, nhs_claim, birth_hash,"
    " birth_claim, practice, practice_claim, created_at"
)
_UNUSABLE = "!unusable"
_CONFLICT = "!conflict"


@dataclass(frozen=True, slots=True)
class Record:
    """A source record as stored. A claim is `source time|item hash` of the item it is from."""

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


async def lock(conn: Connection, patient_ids: Collection[str]) -> dict[str, Record]:
    """The source records of those ids that are there, locked in one order."""
    if not patient_ids:
        return {}
    ids = sorted(patient_ids)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM source_record WHERE patient_id IN ({placeholders(len(ids))})"
        f" ORDER BY patient_id{conn.lock_rows}",
        ids,
    )
    return {row[0]: Record(*row) for row in rows}


async def save(conn: Connection, before: Mapping[str, Record], after: Iterable[Record]) -> None:
    """Write new and changed source records, and relink every number they touch."""
    changed = [record for record in after if before.get(record.patient_id) != record]
    if not changed:
        return
    await conn.executemany(
        f"INSERT INTO source_record ({_COLUMNS})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (patient_id) DO UPDATE SET nhs_hash = excluded.nhs_hash,"
        " nhs_claim = excluded.nhs_claim, birth_hash = excluded.birth_hash,"
        " birth_claim = excluded.birth_claim, practice = excluded.practice,"
        " practice_claim = excluded.practice_claim",
        [_values(record) for record in changed],
    )
    hashes = {record.nhs_hash for record in changed}
    hashes |= {before[r.patient_id].nhs_hash for r in changed if r.patient_id in before}
    await _relink(conn, changed, {h for h in hashes if h and not h.startswith("!")})


async def _relink(conn: Connection, changed: list[Record], hashes: Collection[str]) -> None:
    records = {record.patient_id: record for record in changed}
    if hashes:
        wanted = sorted(hashes)
        rows = await conn.fetch(
            f"SELECT {_COLUMNS} FROM source_record"
            f" WHERE nhs_hash IN ({placeholders(len(wanted))})"
            f" ORDER BY patient_id{conn.lock_rows}",
            wanted,
        )
        records |= {row[0]: Record(*row) for row in rows}
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
    usable = record.nhs_hash and not record.nhs_hash.startswith("!")
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
