"""Rows of access that users opened for themselves, or that is suspended, and the facts they are.

In      A connection.
Out     GrantRow values; for people, the emergencies, self-claims and suspensions that a decision
        reads.
Rule    A user's grants of a day are numbered: two at once cannot be the same, and the second is
        tried again. Nothing is removed: a grant that ended says when. A suspension is a row on
        each record that was the person's as it was ordered, all of one name: it stays on them all
        when they are parted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

from consent.periods import MAX_MICROS
from consent.terms import BreakGlass, PersonFacts, Relationship, RelationshipKind, Suspension
from gateway.store.access.held import Held
from gateway.store.clear.ties import span
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.identity import together

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
_UNCERTAIN_THEN: Final = together.uncertain_then(together.GRANT, "g")
_COLUMNS_OF: Final = ", ".join(f"g.{one}" for one in _COLUMNS.split(", "))


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
    """Let a grant end at that moment, on every record that it is on."""
    await conn.execute(
        "UPDATE access_grant SET ends = $2, closed_by = $3 WHERE grant_id = $1",
        (row.grant_id, at, who),
    )


async def of_people(conn: Connection, people: Sequence[str]) -> dict[str, list[Row]]:
    """Every grant on these people, by person; none that may be on another."""
    rows = await conn.fetch(
        "SELECT s.person_id, g.kind, g.org, g.user_id, g.role, g.purpose, g.reason, g.text_length,"
        " g.starts, g.ends, g.grant_id FROM source_record s"
        " JOIN access_grant g ON g.patient_id = s.patient_id"
        f" WHERE s.person_id IN ({placeholders(len(people))})"
        f" AND NOT {together.uncertain(together.GRANT, 'g')} ORDER BY g.grant_id",
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


async def suspend(conn: Connection, rows: Sequence[GrantRow]) -> None:
    """Keep one suspension, as a row on each of the person's records. Errors: BusyError where
    another of the same user took a number."""
    number = await last_number(conn, SUSPENSION, rows[0].user_id, rows[0].day)
    for place, row in enumerate(rows, 1):
        await insert(conn, replace(row, number=number + place))


@dataclass(frozen=True, slots=True)
class Suspended:
    """One suspension, and whose the records that it is on are now: of several where records were
    parted since."""

    grant: GrantRow
    people: tuple[str, ...]


async def suspensions(conn: Connection, names: Sequence[str]) -> dict[str, Suspended]:
    """The suspensions of these names."""
    if not names:
        return {}
    rows = await conn.fetch(
        f"SELECT s.person_id, {_COLUMNS_OF} FROM access_grant g"
        " JOIN source_record s ON s.patient_id = g.patient_id"
        f" WHERE g.grant_id IN ({placeholders(len(names))}) ORDER BY g.grant_id, s.person_id",
        names,
    )
    found: dict[str, Suspended] = {}
    for person_id, *columns in rows:
        grant = GrantRow(*columns)
        before = found.get(grant.grant_id, Suspended(grant, ()))
        people = tuple(dict.fromkeys([*before.people, person_id]))
        found[grant.grant_id] = Suspended(grant, people)
    return found


_ON_OTHERS: Final = (
    f"SELECT o.patient_id, {_COLUMNS_OF.removeprefix('g.patient_id, ')} FROM access_grant g"
    " JOIN source_record s ON s.patient_id = g.patient_id"
    " JOIN source_record o ON o.person_id = s.person_id"
    f" WHERE g.patient_id = $1 AND g.kind = '{SUSPENSION}' AND g.ends = {MAX_MICROS}"
    " AND NOT EXISTS (SELECT 1 FROM access_grant h"
    " WHERE h.patient_id = o.patient_id AND h.grant_id = g.grant_id)"
)
_ALERT_WITH_OTHERS: Final = (
    "UPDATE access_alert SET patient_id = (SELECT MIN(g.patient_id) FROM access_grant g"
    " WHERE g.grant_id = alert_id AND g.patient_id <> $1) WHERE patient_id = $1"
    f" AND kind = '{SUSPENSION}' AND EXISTS (SELECT 1 FROM access_grant g"
    " WHERE g.grant_id = alert_id AND g.patient_id <> $1)"
)


async def leave_to_others(conn: Connection, patient_id: str) -> None:
    """Before a record goes: whoever is suspended from sight of its person is so by the records
    that the person keeps, and it is due at the desk with one of these."""
    for row in await conn.fetch(_ON_OTHERS, (patient_id,)):
        await suspend(conn, [GrantRow(*row)])
    await conn.execute(_ALERT_WITH_OTHERS, (patient_id,))


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
    moment, among = f"${len(owners) + 1}", placeholders(len(owners))
    rows = await conn.fetch(
        "SELECT '', g.kind, g.org, g.user_id, g.role, g.purpose, g.reason, g.text_length, g.starts,"
        f" g.ends, g.grant_id FROM access_grant g WHERE g.patient_id IN ({among})"
        f" AND g.starts <= {moment} AND NOT {_UNCERTAIN_THEN.format(owners=among, at=moment)}"
        " ORDER BY g.grant_id",
        [*owners, at],
    )
    rows = [(held.facts.person_id, *row[1:]) for row in rows]
    return replace(held, facts=_opened(held.facts, rows))
