"""Rows of access that users opened for themselves, or that is suspended, and the facts they are.

In      A connection.
Out     GrantRow values; for people, the emergencies, self-claims and suspensions that a decision
        reads.
Rule    A user's grants of a day are numbered: two at once cannot be the same, and the second is
        tried again. Nothing is removed: a grant that ended says when.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

from consent.terms import BreakGlass, PersonFacts, Relationship, RelationshipKind, Suspension
from gateway.store.engine import Connection, Row, placeholders
from gateway.store.held import Held
from gateway.store.ties import span

BREAK_GLASS, SELF_CLAIM, SUSPENSION = "break-glass", "self-claim", "suspension"


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One user, one person, from when to when. Microseconds UTC, end excluded."""

    patient_id: str
    grant_id: str
    kind: str
    org: str
    user_id: str
    role: str
    purpose: str
    reason: str
    text_length: int
    day: str
    number: int
    starts: int
    ends: int
    closed_by: str = ""


_COLUMNS: Final = (
    "patient_id, grant_id, kind, org, user_id, role, purpose, reason, text_length, day, number,"
    " starts, ends, closed_by"
)


async def insert(conn: Connection, row: GrantRow) -> None:
    """Keep a grant. Errors: BusyError where the user's other request took its number."""
    await conn.execute(
        f"INSERT INTO access_grant ({_COLUMNS}) VALUES ({placeholders(14)})", astuple(row)
    )


async def last_number(conn: Connection, kind: str, user_id: str, day: str) -> int:
    """The number of the user's latest grant of that day; 0 where there is none."""
    rows = await conn.fetch(
        "SELECT COALESCE(MAX(number), 0) FROM access_grant"
        " WHERE kind = $1 AND user_id = $2 AND day = $3",
        (kind, user_id, day),
    )
    return int(rows[0][0])


async def find(conn: Connection, grant_id: str) -> GrantRow | None:
    """The grant of that id; held until the end of a writing."""
    lock = conn.lock_rows if conn.writes else ""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM access_grant WHERE grant_id = $1{lock}", (grant_id,)
    )
    return GrantRow(*rows[0]) if rows else None


async def close(conn: Connection, row: GrantRow, at: int, who: str) -> None:
    """Let a grant end at that moment."""
    await conn.execute(
        "UPDATE access_grant SET ends = $3, closed_by = $4 WHERE patient_id = $1 AND grant_id = $2",
        (row.patient_id, row.grant_id, at, who),
    )


async def of_people(conn: Connection, people: Sequence[str]) -> dict[str, list[Row]]:
    """Every grant on these people, by person."""
    rows = await conn.fetch(
        "SELECT s.person_id, g.kind, g.org, g.user_id, g.role, g.purpose, g.reason, g.text_length,"
        " g.starts, g.ends, g.grant_id FROM source_record s"
        " JOIN access_grant g ON g.patient_id = s.patient_id"
        f" WHERE s.person_id IN ({placeholders(len(people))}) ORDER BY g.grant_id",
        people,
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _emergencies(rows: Iterable[Row]) -> Iterator[BreakGlass]:
    """Those that are emergency accesses."""
    for person_id, kind, org, user_id, role, purpose, reason, length, starts, ends, name in rows:
        if kind == BREAK_GLASS:
            yield BreakGlass(
                user_id, person_id, org, role, purpose, reason, length, *span(starts, ends),
                evidence_of(name),
            )  # fmt: skip


def _self_claims(rows: Iterable[Row]) -> Iterator[Relationship]:
    """Those that are relationships somebody claimed for themselves."""
    for _, kind, org, user_id, _, _, _, _, starts, ends, name in rows:
        if kind == SELF_CLAIM:
            claimed = RelationshipKind.SELF_CLAIM
            yield Relationship(claimed, org, user_id, *span(starts, ends), evidence_of(name))


def _suspensions(rows: Iterable[Row]) -> Iterator[Suspension]:
    """Those by which somebody sees nothing of the person for now."""
    for _, kind, org, user_id, _, _, _, _, starts, ends, name in rows:
        if kind == SUSPENSION:
            yield Suspension(user_id, org, *span(starts, ends), evidence_of(name))


async def suspended_from(conn: Connection, user_id: str, org: str, at: int) -> set[str]:
    """Every source record of the people from whose sight this user is suspended there."""
    rows = await conn.fetch(
        "SELECT o.patient_id FROM access_grant g"
        " JOIN source_record s ON s.patient_id = g.patient_id"
        " JOIN source_record o ON o.person_id = s.person_id"
        f" WHERE g.user_id = $1 AND g.org IN ('', $2) AND g.kind = '{SUSPENSION}'"
        " AND g.starts <= $3 AND g.ends > $3",
        (user_id, org, at),
    )
    return {row[0] for row in rows}


def added(held: Held, row: GrantRow) -> Held:
    """The person as they stand with this grant too."""
    fact = (
        held.facts.person_id, row.kind, row.org, row.user_id, row.role, row.purpose, row.reason,
        row.text_length, row.starts, row.ends, row.grant_id,
    )  # fmt: skip
    return replace(held, facts=_opened(held.facts, [fact]), decided={})


def _opened(facts: PersonFacts, rows: Sequence[Row]) -> PersonFacts:
    """The facts with what these rows, as `of_people` gives them, opened."""
    return replace(
        facts,
        relationships=(*facts.relationships, *_self_claims(rows)),
        emergencies=(*facts.emergencies, *_emergencies(rows)),
        suspensions=(*facts.suspensions, *_suspensions(rows)),
    )


def evidence_of(grant_id: str) -> str:
    """How an entry of the log names the grant."""
    return f"access-grant/{grant_id}"


async def with_grants(conn: Connection, facts: Mapping[str, PersonFacts]) -> dict[str, PersonFacts]:
    """These people's facts with what users opened for themselves."""
    opened = await of_people(conn, list(facts))
    return {person_id: _opened(facts[person_id], rows) for person_id, rows in opened.items()}


async def of_records(conn: Connection, held: Held, owners: Sequence[str], at: int) -> Held:
    """The person with what users had opened on these source records by that moment."""
    rows = await conn.fetch(
        f"SELECT '', kind, org, user_id, role, purpose, reason, text_length, starts, ends, grant_id"
        f" FROM access_grant WHERE patient_id IN ({placeholders(len(owners))})"
        f" AND starts <= ${len(owners) + 1} ORDER BY grant_id",
        [*owners, at],
    )
    rows = [(held.facts.person_id, *row[1:]) for row in rows]
    return replace(held, facts=_opened(held.facts, rows))
