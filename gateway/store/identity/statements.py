"""What is said of pairs of source records, as stored.

In      A connection in a writing; new statements.
Out     Statements about a record, newest last; all those about some records; those by which links
        are made, where a record that its source merged with very many tells of itself alone.
Rule    A row is added, never changed: a decision is taken back by another; what an item says goes
        with the item, where that is taken out to be read anew. A statement may name records that
        were not heard of yet: it holds from the moment that they are.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.identity.sayings import Sayings, from_text, to_text
from gateway.identity.statements import MOST_MERGED, Statement, Verdict
from gateway.store.database.engine import Connection, Row, placeholders

_COLUMNS: Final = (
    "patient_id, statement_id, other_id, verdict, source_time, content_hash, decided_by, kind,"
    " recorded_at, seen_hash, other_seen_hash"
)
_INSERT: Final = (
    f"INSERT INTO identity_statement ({_COLUMNS}) VALUES ({placeholders(11)})"
    " ON CONFLICT DO NOTHING"
)
_NAMED: Final = "patient_id IN ({0}) OR other_id IN ({1})"
_IN_ORDER: Final = "ORDER BY recorded_at, source_time, content_hash, patient_id, other_id"
_MERGED_WITH: Final = (
    "SELECT COUNT(*) FROM ("
    "SELECT other_id FROM identity_statement"
    " WHERE patient_id = $1 AND verdict = 'same' AND decided_by = ''"
    " UNION SELECT patient_id FROM identity_statement"
    " WHERE other_id = $1 AND verdict = 'same' AND decided_by = ''"
    " LIMIT $2) AS merged"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement with what it is from."""

    statement_id: str
    statement: Statement
    decided_by: str
    """The operator; empty where an item says it."""
    kind: str
    """The item's; empty for a decision."""
    recorded_at: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other."""
        return self.statement.patient_id, self.statement_id, self.statement.other_id


async def add(conn: Connection, stated: Iterable[Stated]) -> None:
    """Write statements; one that is there already stays as it is."""
    await conn.executemany(_INSERT, [_values(one) for one in stated])


async def said_by(conn: Connection, item_ids: Collection[str]) -> list[Stated]:
    """What these items say."""
    wanted = sorted(item_ids)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM identity_statement"
        f" WHERE statement_id IN ({placeholders(len(wanted))})",
        wanted,
    )
    return [_stated(row) for row in rows]


async def remove(conn: Connection, stated: Iterable[Stated]) -> None:
    """Take out what items said; a decision is never taken out."""
    await conn.executemany(
        "DELETE FROM identity_statement WHERE patient_id = $1 AND statement_id = $2"
        " AND other_id = $3 AND decided_by = ''",
        [one.key for one in stated],
    )


async def about(conn: Connection, patient_ids: Collection[str]) -> list[Stated]:
    """Every statement that names one of these records, in the order in which they were made."""
    return await _naming(conn, patient_ids)


async def linking(
    conn: Connection, patient_ids: Collection[str], fresh: Mapping[str, Collection[str]]
) -> tuple[list[Stated], set[str]]:
    """The statements by which these records are linked, and which of the records their source
    merged with more than MOST_MERGED others: no merge of these is followed.

    Where that was so before what this writing adds (record -> those it is `fresh`ly merged with),
    the others are linked so by now: of them no more than decisions are told.
    """
    few = await _naming(conn, patient_ids, MOST_MERGED)
    if len(few) <= MOST_MERGED:
        return few, set()
    merged = {one: await _merged(conn, one, len(fresh.get(one, ()))) for one in patient_ids}
    crowded = {one for one, count in merged.items() if count > MOST_MERGED}
    known = {one for one in crowded if merged[one] - len(fresh.get(one, ())) > MOST_MERGED}
    stated = await _naming(conn, set(patient_ids) - known)
    decisions = await _naming(conn, known, only="AND decided_by <> ''")
    return [*stated, *decisions], crowded


async def _merged(conn: Connection, patient_id: str, more: int) -> int:
    """With how many others its source ever merged it; so many beyond MOST_MERGED are counted."""
    [(count,)] = await conn.fetch(_MERGED_WITH, (patient_id, MOST_MERGED + more + 1))
    return int(count)


async def _naming(
    conn: Connection, patient_ids: Collection[str], most: int = 0, only: str = ""
) -> list[Stated]:
    """What names these records; one more than `most` at the most, where that is given."""
    if not patient_ids:
        return []
    wanted = sorted(patient_ids)
    count = len(wanted)
    named = _NAMED.format(placeholders(count), placeholders(count, count + 1))
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM identity_statement WHERE ({named}) {only} {_IN_ORDER}"
        f"{f' LIMIT {most + 1}' if most else ''}",
        [*wanted, *wanted],
    )
    return [_stated(row) for row in rows]


async def see_again(conn: Connection, again: Callable[[Sayings], Sayings]) -> None:
    """Keep what was said when operators decided under another key."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM identity_statement WHERE decided_by <> '' ORDER BY patient_id"
    )
    held = [_stated(row) for row in rows]
    await conn.executemany(
        "UPDATE identity_statement SET seen_hash = $4, other_seen_hash = $5"
        " WHERE patient_id = $1 AND statement_id = $2 AND other_id = $3",
        [(*one.key, *(to_text(again(seen)) for seen in one.statement.seen)) for one in held],
    )


def _stated(row: Row) -> Stated:
    patient_id, statement_id, other_id, verdict, time, content, by, kind, at, *seen = row
    before = (from_text(seen[0]), from_text(seen[1]))
    order = (time, content)
    said = Statement(patient_id, other_id, Verdict(verdict), order, bool(by), before)
    return Stated(statement_id, said, by, kind, at)


def _values(one: Stated) -> tuple[str | int, ...]:
    said = one.statement
    return (
        said.patient_id, one.statement_id, said.other_id, str(said.verdict), *said.order,
        one.decided_by, one.kind, one.recorded_at, *map(to_text, said.seen),
    )  # fmt: skip
