"""Versions somebody is told the origin of: a Provenance for each of them, kept nowhere.

In      A connection; people in groups, each with their Filter; what is asked of Provenance.
Out     Versions, opened, with who wrote them, in the order of a search; exact totals.
Rule    Every statement holds `provenance_sql.passing`. What wrote a version's own words counts
        alone: a new linking may be of what is hidden.
Source  docs/adr/0050-provenance-is-made-of-what-is-kept.md.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from consent.periods import MIN_MICROS
from gateway.store.database.engine import Connection, Row
from gateway.store.record.conditions import ID, UPDATED, Condition, Ids, Order
from gateway.store.record.finding import SECONDS, Asked, Place, beyond
from gateway.store.record.lineage import as_written
from gateway.store.record.provenance_sql import TYPE, joined, meets, name_of, passing, version_named
from gateway.store.record.reads import Group, Opened, columns, open_rows
from gateway.store.record.statement import Statement
from gateway.store.sealed.lineage_seal import Told, of_column
from gateway.store.sealed.vault import Keys, Vault
from gateway.store.team.team_lineage import NOTHING

_WIDTH: Final = len(columns("v").split(", "))
_MORE: Final = "v.deleted, v.author_id, v.lineage"
_AT_ONCE: Final = 400
_UNDATED: Final = str(MIN_MICROS)
"""None of them says when something happened, beside when it was written."""


class Written(NamedTuple):
    """A stored version, and how it came to be."""

    row: Opened
    deleted: bool
    author_id: str
    """`delivery:` and its id, or `user:` with organisation and user; empty where this, or the
    lineage, was altered."""
    lineage: bytes
    place: Place


async def page(
    conn: Connection,
    vault: Vault,
    groups: Sequence[Group],
    asked: Asked,
    after: Place | None,
    count: int,
) -> list[Written]:
    """Versions in order, from after a place; today's labels are checked with the version's own."""
    to = Statement(groups, asked.people)
    rows = await conn.fetch(_selected(to, asked, after, count), to.args, SECONDS)
    today = {row[_WIDTH + 1]: row[_WIDTH : 2 * _WIDTH] for row in rows}
    await open_rows(conn, vault, list(today.values()))
    opened = await open_rows(conn, vault, [row[:_WIDTH] for row in rows])
    keys = await vault.keys(conn, {one.patient_id for one in opened})
    return [_written(keys, one, row[2 * _WIDTH :]) for one, row in zip(opened, rows, strict=True)]


def _selected(to: Statement, asked: Asked, after: Place | None, count: int) -> str:
    condition = _condition(to, asked.conditions)
    falling = any(one.column == ID and one.falling for one in asked.order)
    sorted_by = [one for one in asked.order if one.column != ID]
    keys = ["v.updated_at" if one.column == UPDATED else _UNDATED for one in sorted_by]
    order = [*sorted_by, Order(ID, falling), Order("version", falling)]
    names = [*keys, "v.resource_id", "v.version"]
    if after is not None:
        at = version_named(after.resource_id) or (after.resource_id, 0)
        values = (*after.values[: len(keys)], *at)
        condition += f" AND ({beyond(to, order, names, Place(values, ''))})"
    sorting = ", ".join(
        f"{name} DESC" if one.falling else name
        for one, name in zip(order, names, strict=True)
        if name != _UNDATED
    )
    added = "".join(f", {key}" for key in keys)
    return (
        f"{to.people_named}SELECT {columns('v')}, {columns('r')}, {_MORE}{added}"
        f" FROM {joined('r', 'v', 'p')} WHERE {condition}"
        f" ORDER BY {sorting} LIMIT {to.bind(count)}"
    )


async def total(conn: Connection, groups: Sequence[Group], asked: Asked) -> int:
    """How many there are, exactly."""
    to = Statement(groups, asked.people)
    condition = _condition(to, asked.conditions)
    rows = await conn.fetch(
        f"{to.people_named}SELECT COUNT(*) FROM {joined('r', 'v', 'p')} WHERE {condition}",
        to.args,
        SECONDS,
    )
    return int(rows[0][0])


async def owners(conn: Connection, groups: Sequence[Group], asked: Asked) -> set[str]:
    """The source records that such versions are of."""
    to = Statement(groups, asked.people)
    condition = _condition(to, asked.conditions)
    rows = await conn.fetch(
        f"{to.people_named}SELECT DISTINCT v.patient_id FROM {joined('r', 'v', 'p')}"
        f" WHERE {condition}",
        to.args,
        SECONDS,
    )
    return {row[0] for row in rows}


async def of_rows(
    conn: Connection, vault: Vault, groups: Sequence[Group], rows: Collection[Opened]
) -> list[Written]:
    """Those of the very versions that are shown."""
    names = sorted(name_of(row.resource_id, row.version) for row in rows)
    found: list[Written] = []
    for start in range(0, len(names), _AT_ONCE):
        asked = Asked((TYPE,), (Ids(tuple(names[start : start + _AT_ONCE])),))
        found += await page(conn, vault, groups, asked, None, _AT_ONCE)
    return found


def _condition(to: Statement, conditions: Sequence[Condition]) -> str:
    parts = [passing(to, "r", "v", "p"), *(meets(to, one, "r", "v") for one in conditions)]
    return " AND ".join(parts)


def _written(keys: Keys, one: Opened, rest: Row) -> Written:
    deleted, author_id, stored, *values = rest
    place = Place(tuple(values), name_of(one.resource_id, one.version))
    of = Told(
        one.patient_id, one.resource_type, one.resource_id, one.version, one.linking, author_id
    )  # fmt: skip
    lineage = as_written(keys, of, of_column(stored))
    if lineage is None:
        return Written(one, bool(deleted), "", NOTHING, place)
    return Written(one, bool(deleted), author_id, lineage, place)
