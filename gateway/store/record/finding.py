"""Rows that a search finds: in order, in pages, counted; and what they are linked to.

In      A connection; people in groups, each with their Filter; what is asked.
Out     Opened rows with where they stand in the order; exact totals; ids of what is linked.
Rule    Every statement is over what passes, in every row that it joins (record.statement).
        A page begins after a place in an order that does not move: what was written since the
        first page stands where it stood then. So none is lost, and none is shown twice.
Errors  TooCostlyError where a statement takes longer than a search may.
Source  docs/adr/0042-a-search-is-over-what-is-shown.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.store.clear.search_table import Parameter
from gateway.store.database.engine import Connection
from gateway.store.record.conditions import ID, Condition, Ids, Order
from gateway.store.record.reads import COLUMNS, WIDTH, Group, Opened, open_rows
from gateway.store.record.statement import Statement
from gateway.store.sealed.vault import Vault

_CHUNK: Final = 400
SECONDS: Final = 5.0
"""Longest that one statement of a search may take: SQLite answers nobody else meanwhile."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an order: the values of its columns, then the id."""

    values: tuple[int | str, ...]
    resource_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows, and in which order."""

    types: tuple[str, ...]
    """Empty: every type."""
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    """Then by id, always."""
    since: int = 0
    """When the first page was asked for: in microseconds."""
    people: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By the number of a question about people: the source records of those it found."""


class Found(NamedTuple):
    """A row, and where it stands."""

    row: Opened
    place: Place


class Slice(NamedTuple):
    """A page, and how many there are on all pages where that was asked for."""

    found: list[Found]
    total: int | None = None


async def page(
    conn: Connection,
    vault: Vault,
    groups: Sequence[Group],
    asked: Asked,
    after: Place | None,
    count: int,
    *,
    counted: bool = False,
) -> Slice:
    """Rows in order, from after a place; what has to be looked for is counted as it is read."""
    to = Statement(groups, asked.people)
    at_once = counted and bool(asked.conditions or asked.order)
    rows = await conn.fetch(_selected(to, asked, after, count, counted=at_once), to.args, SECONDS)
    width = 1 + WIDTH
    opened = await open_rows(conn, vault, [row[1:width] for row in rows])
    found = [
        Found(one, Place(tuple(row[width:]), one.resource_id))
        for one, row in zip(opened, rows, strict=True)
    ]
    if not counted:
        return Slice(found)
    if after is None and len(rows) < count:
        return Slice(found, len(rows))
    counts = at_once and rows
    return Slice(found, rows[0][0] if counts else await total(conn, groups, asked))


def _selected(
    to: Statement, asked: Asked, after: Place | None, count: int, *, counted: bool
) -> str:
    """Which they are is found in narrow rows, by an index alone where it holds what is asked; those
    of the page are then read whole. Every row of `found` passes: they are counted once for all."""
    names = [f"k{number}" for number in range(len(asked.order))]
    keys = [_key(to, one, asked.since) for one in asked.order]
    added = "".join(f", {key} AS {name}" for key, name in zip(keys, names, strict=True))
    narrow = f"SELECT r.patient_id, r.resource_id{added} FROM resource r"
    narrow += f" WHERE {_condition(to, asked)}"
    order = [*asked.order, *(() if _by_id(asked) else (Order(ID),))]
    columns = [*names, *(() if _by_id(asked) else (ID,))]
    sorting = [
        f"{name} DESC" if one.falling else name for one, name in zip(order, columns, strict=True)
    ]
    later = f" WHERE {beyond(to, order, columns, after)}" if after else ""
    source, head, number = f"({narrow}) found", to.people_named, "0"
    if counted:
        source, number = "found", "(SELECT COUNT(*) FROM found)"
        head = f"{head.rstrip()}, " if head else "WITH "
        head += f"found AS MATERIALIZED ({narrow}) "
    return (
        f"{head}SELECT {number}, {COLUMNS}{''.join(f', picked.{name}' for name in names)}"
        f" FROM (SELECT * FROM {source}{later} ORDER BY {', '.join(sorting)}"
        f" LIMIT {to.bind(count)}) picked"
        " JOIN resource r ON r.patient_id = picked.patient_id"
        " AND r.resource_id = picked.resource_id"
        f" ORDER BY {', '.join(f'picked.{one}' for one in sorting)}"
    )


def _by_id(asked: Asked) -> bool:
    return bool(asked.order) and asked.order[-1].column == ID


def _key(to: Statement, order: Order, since: int) -> str:
    """What a row stands in the order by: what it said when the first page was asked for; of one
    that is newer, what it said first. An earlier version that does not pass says nothing."""
    column = order.column
    if column == ID:
        return "r.resource_id"
    version = to.alias("v")
    of_row = (
        f"SELECT {version}.{column} FROM resource_version {version}"
        f" WHERE {version}.patient_id = r.patient_id AND {version}.resource_id = r.resource_id"
    )
    then = f"{version}.updated_at <= {to.bind(since)} AND {to.allowed(version)}"
    return (
        f"CASE WHEN r.updated_at <= {to.bind(since)} THEN r.{column} ELSE COALESCE("
        f"({of_row} AND {then} ORDER BY {version}.version DESC, {version}.linking DESC LIMIT 1),"
        f" ({of_row} AND {to.allowed(version)} ORDER BY {version}.version, {version}.linking"
        f" LIMIT 1), r.{column}) END"
    )


def beyond(to: Statement, order: Sequence[Order], columns: Sequence[str], after: Place) -> str:
    """After the place: the first columns as there, and the next beyond it."""
    values = [*after.values, *(() if len(after.values) == len(order) else (after.resource_id,))]
    ways = []
    for number, one in enumerate(order):
        same = [f"{columns[n]} = {to.bind(values[n])}" for n in range(number)]
        sign = "<" if one.falling else ">"
        ways.append(" AND ".join([*same, f"{columns[number]} {sign} {to.bind(values[number])}"]))
    return " OR ".join(f"({way})" for way in ways)


def _condition(to: Statement, asked: Asked) -> str:
    only = asked.types[0] if len(asked.types) == 1 else ""
    parts = [to.visible("r", only)]
    if asked.types:
        parts.append(f"r.resource_type IN ({to.bound(asked.types)})")
    parts += [f"({one.sql(to, 'r')})" for one in asked.conditions]
    return " AND ".join(parts)


async def total(conn: Connection, groups: Sequence[Group], asked: Asked) -> int:
    """How many there are, exactly."""
    to = Statement(groups, asked.people)
    condition = _condition(to, asked)
    rows = await conn.fetch(
        f"{to.people_named}SELECT COUNT(*) FROM resource r WHERE {condition}", to.args, SECONDS
    )
    return int(rows[0][0])


async def owners(conn: Connection, groups: Sequence[Group], asked: Asked) -> set[str]:
    """The source records that such rows are of."""
    to = Statement(groups, asked.people)
    condition = _condition(to, asked)
    rows = await conn.fetch(
        f"{to.people_named}SELECT DISTINCT r.patient_id FROM resource r WHERE {condition}",
        to.args,
        SECONDS,
    )
    return {row[0] for row in rows}


async def linked(
    conn: Connection, groups: Sequence[Group], ids: Collection[str], parameter: Parameter
) -> set[tuple[str, str]]:
    """Type and id of what these rows, as far as they are shown, refer to by the parameter; what
    the caller may see of it is another question."""
    found: set[tuple[str, str]] = set()
    for part in _parts(ids):
        to = Statement(groups)
        asked = Asked((parameter.owner,), (Ids(part),))
        condition = f"{_condition(to, asked)} AND {to.shown(parameter, 'r', '1 = 1')}"
        rows = await conn.fetch(
            f"{to.people_named}SELECT DISTINCT l.kind, l.target FROM resource r JOIN search_link l"
            " ON l.patient_id = r.patient_id AND l.resource_id = r.resource_id"
            f" AND l.name = {to.bind(parameter.name)} WHERE {condition} AND l.kind <> ''",
            to.args,
            SECONDS,
        )
        found |= {(row[0], row[1]) for row in rows}
    return found


async def linking(
    conn: Connection, groups: Sequence[Group], ids: Collection[str], parameter: Parameter, most: int
) -> set[str]:
    """The ids of what is shown, and refers by the parameter to some of these; at most so many."""
    found: set[str] = set()
    for part in _parts(ids):
        to = Statement(groups)
        condition = _condition(to, Asked((parameter.owner,)))
        condition += f" AND {to.shown(parameter, 'r', '1 = 1')}"
        rows = await conn.fetch(
            f"{to.people_named}SELECT DISTINCT r.resource_id FROM search_link l JOIN resource r"
            " ON r.patient_id = l.patient_id AND r.resource_id = l.resource_id"
            f" WHERE l.target IN ({to.bound(part)}) AND l.name = {to.bind(parameter.name)}"
            f" AND {condition} ORDER BY 1 LIMIT {to.bind(most)}",
            to.args,
            SECONDS,
        )
        found |= {row[0] for row in rows}
    return found


def _parts(ids: Collection[str]) -> Iterator[tuple[str, ...]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield tuple(wanted[start : start + _CHUNK])
