"""What is said of persons as a whole, kept with the source records it was said of.

In      A connection; what items claim (PersonClaim) and what an operator states.
Out     What stands on each person (gateway.identity.person_facts).
Rule    The newest word of a source on one of its records stands, in source-time order; so does
        an operator's newest. What was before is in the log. A word that changes moves the
        person's epoch, in the database.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.identity.person_facts import NO, YES, Fact, Said, standing
from gateway.store.database.engine import Connection, placeholders
from mappings.core.model.outcome import PersonClaim

_COLUMNS: Final = "patient_id, fact, origin, value, claim, said_by, recorded_at"
_INSERT: Final = f"INSERT INTO person_fact ({_COLUMNS}) VALUES ({placeholders(7)})"
_UPDATE: Final = (
    "UPDATE person_fact SET value = $4, claim = $5, said_by = $6, recorded_at = $7"
    " WHERE patient_id = $1 AND fact = $2 AND origin = $3"
)
SOURCE: Final = "source"
OPERATOR: Final = "operator"
Key = tuple[str, Fact, str]
"""Source record, fact, origin."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word on a record with its place among the words of its origin."""

    said: Said
    claim: str
    """Source time and hash of the item; moment and id of a decision."""
    said_by: str
    """The operator; empty where an item says it."""
    recorded_at: int

    @property
    def key(self) -> Key:
        """What it replaces the earlier word on."""
        return self.said.patient_id, self.said.fact, OPERATOR if self.said.decided else SOURCE


def words_of(patient_id: str, claim: PersonClaim, order: str, recorded_at: int) -> Iterable[Word]:
    """What an item says of the person as a whole."""
    if claim.protection:
        yield Word(Said(patient_id, Fact.PDS, claim.protection), order, "", recorded_at)
    if claim.deceased is not None:
        died = Said(patient_id, Fact.DECEASED, YES if claim.deceased else NO)
        yield Word(died, order, "", recorded_at)
    if claim.review:
        yield Word(Said(patient_id, Fact.REVIEW, claim.review), order, "", recorded_at)


async def take(conn: Connection, words: Iterable[Word]) -> None:
    """Take words in, where nothing newer of the same origin stands. The caller holds the source
    records, and has written those that are new."""
    newest: dict[Key, Word] = {}
    for one in words:
        if one.key not in newest or one.claim >= newest[one.key].claim:
            newest[one.key] = one
    if not newest:
        return
    held = await _held(conn, {patient_id for patient_id, _, _ in newest})
    later = {key: one for key, one in newest.items() if one.claim > held.get(key, "")}
    await conn.executemany(_INSERT, [_row(o) for key, o in later.items() if key not in held])
    await conn.executemany(_UPDATE, [_row(o) for key, o in later.items() if key in held])


async def _held(conn: Connection, patient_ids: Collection[str]) -> dict[Key, str]:
    rows = await conn.fetch(
        "SELECT patient_id, fact, origin, claim FROM person_fact"
        f" WHERE patient_id IN ({placeholders(len(patient_ids))})",
        sorted(patient_ids),
    )
    return {(row[0], Fact(row[1]), row[2]): row[3] for row in rows}


async def of_people(conn: Connection, people: Sequence[str]) -> Mapping[str, Mapping[Fact, str]]:
    """What stands on each of these people, where anything was said."""
    said = await said_of(conn, people)
    return {person_id: standing(words) for person_id, words in said.items()}


async def said_of(conn: Connection, people: Sequence[str]) -> Mapping[str, Sequence[Said]]:
    """Every word that stands on a record of each of these people."""
    rows = await conn.fetch(
        "SELECT s.person_id, f.patient_id, f.fact, f.value, f.origin FROM source_record s"
        " JOIN person_fact f ON f.patient_id = s.patient_id"
        f" WHERE s.person_id IN ({placeholders(len(people))})",
        people,
    )
    said: dict[str, list[Said]] = defaultdict(list)
    for person_id, patient_id, fact, value, origin in rows:
        said[person_id].append(Said(patient_id, Fact(fact), value, decided=origin == OPERATOR))
    return said


async def of_records(conn: Connection, patient_ids: Collection[str]) -> list[Word]:
    """Every word that stands on these records, in one order."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM person_fact"
        f" WHERE patient_id IN ({placeholders(len(patient_ids))})"
        " ORDER BY patient_id, fact, origin",
        sorted(patient_ids),
    )
    return [
        Word(Said(row[0], Fact(row[1]), row[3], decided=row[2] == OPERATOR), *row[4:])
        for row in rows
    ]


def _row(one: Word) -> tuple[str | int, ...]:
    return (*one.key, one.said.value, one.claim, one.said_by, one.recorded_at)
