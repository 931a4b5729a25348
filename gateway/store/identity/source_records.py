"""Source records as stored: each source's record of a person, and whom it belongs to.

Out     Records by id, number or person; what a record claims, for the links.
Rule    A record's id never changes. A number that cannot link stands as a mark, not as a hash.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.identity import sayings
from gateway.identity.linking import Claim, LinkState
from gateway.identity.names import Fit, from_marks
from gateway.store.database.engine import Connection, placeholders
from mappings.core.shaping.identifiers import DOES_NOT_FIT, VERIFIED

_COLUMNS: Final = (
    "patient_id, source_org, feed, person_id, link_state, nhs_hash, nhs_claim, birth_hash,"
    " birth_claim, practice, practice_claim, practices, trace, trace_claim, number_counts,"
    " called_hash, called_claim, own_hash, since_hash, since_claim,"
    " sex, sex_claim, nameless, said_hash, created_at"
)
_INSERT: Final = f"INSERT INTO source_record ({_COLUMNS}) VALUES ({placeholders(25)})"
_UPDATE: Final = (
    "UPDATE source_record SET person_id = $2, link_state = $3, nhs_hash = $4, nhs_claim = $5,"
    " birth_hash = $6, birth_claim = $7, practice = $8, practice_claim = $9,"
    " practices = $10, trace = $11, trace_claim = $12, number_counts = $13, called_hash = $14,"
    " called_claim = $15, own_hash = $16, since_hash = $17, since_claim = $18, sex = $19,"
    " sex_claim = $20, nameless = $21, said_hash = $22"
    " WHERE patient_id = $1"
)
_CHUNK: Final = 400
MARK_LENGTH: Final = 16
_SEEN: Final = 12
UNUSABLE: Final = "!unusable"
CONFLICT: Final = "!conflict"
NUMBERLESS: Final[Mapping[str, LinkState]] = {
    "": LinkState.NO_NUMBER,
    UNUSABLE: LinkState.UNUSABLE_NUMBER,
    CONFLICT: LinkState.NUMBER_CONFLICT,
}
"""What stands where a record has no number that links it, and how the record stands by that."""


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
    practices: str
    """Every practice that was ever named, blank-separated."""
    trace: str
    """How far its source says that a number was traced: for which number (`number_mark`), and 01
    to 08 (`trace_of`)."""
    trace_claim: str
    number_counts: int
    """0: nobody is found by its number (`linking.Link.number_counts`)."""
    called_hash: str
    """Marks of the first names: for which number (`number_mark`), and `names.marks_of`."""
    called_claim: str
    own_hash: str
    """Marks of the same names, made for this record."""
    since_hash: str
    """Marks, made for this record, of the first names that came without a number that can link."""
    since_claim: str
    sex: str
    sex_claim: str
    nameless: int
    """1: nothing was sent of it yet but in kinds of items that bear no names of people."""
    said_hash: str
    """All that was ever said of whom it is about (`identity.sayings`)."""
    created_at: int


def new_record(patient_id: str, source_org: str, feed: str, created_at: int) -> Record:
    """A source record that has claimed nothing yet."""
    nothing, unsaid = ("",) * 10, ("",) * 7
    return Record(patient_id, source_org, feed, patient_id, *nothing, 1, *unsaid, 1, "", created_at)


def number_mark(nhs_hash: str) -> str:
    """What says for which number a name or a trace was sent: of another they say nothing."""
    return nhs_hash[:MARK_LENGTH]


def is_usable(number: str) -> bool:
    """Whether what stands for a record's number is one."""
    return bool(number) and not number.startswith("!")


async def records(
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


async def sent_by(conn: Connection, org: str, patient_ids: Sequence[str]) -> set[str]:
    """Those of these source records that the organisation sent."""
    if not patient_ids:
        return set()
    rows = await conn.fetch(
        "SELECT patient_id FROM source_record WHERE source_org = $1"
        f" AND patient_id IN ({placeholders(len(patient_ids), 2)})",
        [org, *patient_ids],
    )
    return {row[0] for row in rows}


async def after(conn: Connection, patient_id: str, most: int) -> list[Record]:
    """The next source records in the order of ids, to be changed."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM source_record WHERE patient_id > $1"
        f" ORDER BY patient_id LIMIT {most:d}{conn.lock_rows}",
        (patient_id,),
    )
    return [Record(*row) for row in rows]


async def lock(conn: Connection, patient_ids: Collection[str]) -> None:
    """Wait for writings of these records; keep others waiting. Only what is read after this is as
    they left it."""
    wanted = sorted(set(patient_ids)) if conn.lock_rows else []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        await conn.fetch(
            f"SELECT patient_id FROM source_record WHERE patient_id IN ({placeholders(len(part))})"
            f" ORDER BY patient_id{conn.lock_rows}",
            part,
        )


async def insert(conn: Connection, new: Iterable[Record]) -> None:
    """Write records that were not there. One that another writer put there first is BusyError
    (PostgreSQL)."""
    await conn.executemany(_INSERT, [_values(record) for record in new])


async def update(conn: Connection, changed: Iterable[Record]) -> None:
    """Write what may change of a record."""
    await conn.executemany(_UPDATE, [_changeable(record) for record in changed])


def claim_of(record: Record) -> Claim:
    """What the record says of whom it is about."""
    state = None if is_usable(record.nhs_hash) else NUMBERLESS[record.nhs_hash]
    trace = trace_of(record)
    if state is None and trace in DOES_NOT_FIT:
        state = LinkState.UNTRACED_NUMBER
    if state is None and is_renamed(record):
        state = LinkState.NAME_CONFLICT
    return Claim(
        record.patient_id,
        record.created_at,
        record.nhs_hash if state is None else "",
        record.birth_hash,
        state,
        serves=record.person_id == record.patient_id and bool(record.link_state),
        called=_of_its_number(record, record.called_hash),
        sex=record.sex,
        vouched=bool(record.nameless) and (trace == VERIFIED or not record.trace),
        sayings=sayings.from_text(record.said_hash),
        org=record.source_org,
    )


def is_renamed(record: Record) -> bool:
    """Whether its source calls somebody otherwise since, and says no number: the local id may be
    another person's by now."""
    if record.since_claim <= record.called_claim:
        return False
    then, now = from_marks(record.own_hash), from_marks(record.since_hash)
    return then.fit(now) is Fit.DIFFERS


def said_of_both(one: Record, other: Record) -> str:
    """A short name of what was said of both by now, whichever way round: another, once more is."""
    said = sorted(f"{record.patient_id} {record.said_hash}" for record in (one, other))
    return sha256("\n".join(said).encode()).hexdigest()[:_SEEN]


def trace_of(record: Record) -> str:
    """How far the record's number was traced, 01 to 08; empty where nothing says it of that one."""
    return _of_its_number(record, record.trace)


def _of_its_number(record: Record, said: str) -> str:
    mark, _, value = said.partition(":")
    return value if mark == number_mark(record.nhs_hash) else ""


def _values(record: Record) -> tuple[str | int, ...]:
    patient_id, *rest = _changeable(record)
    return (patient_id, record.source_org, record.feed, *rest, record.created_at)


def _changeable(record: Record) -> tuple[str | int, ...]:
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
        record.practices,
        record.trace,
        record.trace_claim,
        record.number_counts,
        record.called_hash,
        record.called_claim,
        record.own_hash,
        record.since_hash,
        record.since_claim,
        record.sex,
        record.sex_claim,
        record.nameless,
        record.said_hash,
    )


async def people_of(conn: Connection, patient_ids: Collection[str]) -> dict[str, str]:
    """Whose source records these are, of those that are here."""
    found: dict[str, str] = {}
    wanted = sorted(set(patient_ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = await conn.fetch(
            "SELECT patient_id, person_id FROM source_record"
            f" WHERE patient_id IN ({placeholders(len(part))})",
            part,
        )
        found |= {row[0]: row[1] for row in rows}
    return found
