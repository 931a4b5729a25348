"""Read resources, already filtered: the Filter is in the WHERE of every query here.

In      A connection, a person's source records, a Filter, criteria as columns.
Out     Opened rows (`Opened`: JSON bytes as stored, its references, its version).
Rule    This module and `facts` alone open sealed resources, each query under a Filter. What does
        not pass is not there. A row opens only with the labels it was written with: they decided.
Errors  UnsealError: a row is not as it was written. Nothing is served then.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from consent.filter import Filter
from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.labels.labelling import with_labels
from gateway.store.sealed.row_seal import BOUND, LABELS, row_aad
from gateway.store.sealed.sealing import open_sealed
from gateway.store.sealed.vault import Vault

_ROW: Final = ("patient_id", "resource_id", "resource_type", "version", "sealed")
_MORE: Final = ("updated_at", "relabelled")
_CHUNK: Final = 400
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)


def columns(alias: str) -> str:
    """What `open_rows` takes, over an alias."""
    return ", ".join(f"{alias}.{name}" for name in (*_ROW, *BOUND, *_MORE))


COLUMNS: Final = columns("r")
WIDTH: Final = len(_ROW) + len(BOUND) + len(_MORE)


class Opened(NamedTuple):
    """One version the caller may see, as stored."""

    patient_id: str
    resource_id: str
    resource_type: str
    version: int
    linking: int
    updated_at: int
    source_org: str
    refs: tuple[str, ...]
    body: bytes
    category: str = ""
    apart: bytes = b""  # where a team edited it: the source's own words, and the edits
    sensitivities: int = 0


class Outline(NamedTuple):
    """A row that passes, unopened."""

    patient_id: str
    resource_id: str
    resource_type: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """A resource that something links to, and that passes."""

    stands: bool  # it is there, and not withdrawn
    since: int  # when it last came or was withdrawn


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition on a real column: text with `?` for its values, over alias `r`."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """People whose Filter is the same: their source records are searched together."""

    patient_ids: tuple[str, ...]
    allowed: Filter


def is_id(text: str) -> bool:
    """Whether this can be an id at all: 1 to 64 letters, digits, dots and hyphens."""
    return _ID.fullmatch(text) is not None


async def find(conn: Connection, vault: Vault, group: Group, resource_id: str) -> Opened | None:
    """The current version of one resource, if it passes."""
    found = await search(conn, vault, [group], [Criterion("r.resource_id = ?", (resource_id,))])
    return found[0] if found else None


async def search(
    conn: Connection,
    vault: Vault,
    groups: Sequence[Group],
    criteria: Sequence[Criterion],
    after: str = "",
    count: int = _CHUNK,
) -> list[Opened]:
    """A page in the order of resource ids, from after the one named."""
    condition, args = _condition(groups, criteria)
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM resource r WHERE {condition}"
        f" AND r.resource_id > ${len(args) + 1} ORDER BY r.resource_id LIMIT ${len(args) + 2}",
        [*args, after, count],
    )
    return await open_rows(conn, vault, rows)


async def whole(
    conn: Connection, vault: Vault, groups: Sequence[Group], most: int
) -> list[Opened] | None:
    """Everything that passes, in the order of ids; None, unopened, where it is more than `most`."""
    condition, args = _condition(groups, [])
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM resource r WHERE {condition}"
        f" ORDER BY r.resource_id LIMIT ${len(args) + 1}",
        [*args, most + 1],
    )
    return None if len(rows) > most else await open_rows(conn, vault, rows)


async def some(
    conn: Connection, vault: Vault, groups: Sequence[Group], resource_ids: Collection[str]
) -> list[Opened]:
    """Those of these resources that pass, in the order of their ids."""
    found: list[Opened] = []
    for among in _among(resource_ids):
        found += await search(conn, vault, groups, [among])
    return found


async def outlines(
    conn: Connection, groups: Sequence[Group], criteria: Sequence[Criterion], count: int
) -> list[Outline]:
    """Rows that pass and match, unopened, in the order of their ids."""
    condition, args = _condition(groups, criteria)
    rows = await conn.fetch(
        "SELECT r.patient_id, r.resource_id, r.resource_type, r.refs FROM resource r"
        f" WHERE {condition} ORDER BY r.resource_id LIMIT ${len(args) + 1}",
        [*args, count],
    )
    return [Outline(owner, name, kind, tuple(refs.split())) for owner, name, kind, refs in rows]


async def is_any(conn: Connection, groups: Sequence[Group], criteria: Sequence[Criterion]) -> bool:
    """Whether anything passes and matches: the first one found answers."""
    condition, args = _condition(groups, criteria)
    return bool(await conn.fetch(f"SELECT 1 FROM resource r WHERE {condition} LIMIT 1", args))


async def matching(
    conn: Connection, groups: Sequence[Group], criteria: Sequence[Criterion]
) -> set[str]:
    """The ids of everything that passes and matches, unopened."""
    condition, args = _condition(groups, criteria)
    sql = f"SELECT r.resource_id FROM resource r WHERE {condition}"
    return {row[0] for row in await conn.fetch(sql, args)}


async def visible(
    conn: Connection, groups: Sequence[Group], resource_ids: Collection[str]
) -> set[str]:
    """Those of these resources that pass and are there."""
    found: set[str] = set()
    for among in _among(resource_ids):
        found |= await matching(conn, groups, [among])
    return found


async def met(conn: Connection, group: Group, resource_ids: Collection[str]) -> dict[str, Met]:
    """Those of these resources that pass, also where they are withdrawn by now."""
    found: dict[str, Met] = {}
    for among in _among(resource_ids):
        condition, args = _condition([group], [among], standing=False)
        rows = await conn.fetch(
            f"SELECT r.resource_id, r.deleted, r.since FROM resource r WHERE {condition}", args
        )
        found |= {row[0]: Met(not row[1], row[2]) for row in rows}
    return found


async def versions(
    conn: Connection, vault: Vault, group: Group, resource_id: str
) -> list[tuple[Opened, bool]]:
    """Every version, newest first, that passes by its own labels and by today's.

    With each, whether it is a deletion. An old version that was less restricted is judged by the
    current labels too: the stricter wins. Of one that was linked anew the newest linking counts.
    """
    latest = Criterion(f"r.resource_id = ? AND {_LAST_LINKED}", (resource_id,))
    return await _kept(conn, vault, group, latest)


async def last_two(
    conn: Connection, vault: Vault, group: Group, resource_ids: Collection[str]
) -> list[tuple[Opened, bool]]:
    """As `versions`, of each of these resources the current one and the one before."""
    found: list[tuple[Opened, bool]] = []
    for one in _among(resource_ids):
        newest = f"{one.sql} AND v.version >= r.version - 1 AND {_LAST_LINKED}"
        found += await _kept(conn, vault, group, Criterion(newest, one.values))
    return found


_LAST_LINKED: Final = (
    "v.linking = (SELECT MAX(w.linking) FROM resource_version w WHERE w.patient_id = v.patient_id"
    " AND w.resource_id = v.resource_id AND w.version = v.version)"
)


async def earlier_linkings(
    conn: Connection, vault: Vault, group: Group, current: Opened
) -> list[Opened]:
    """The current version as it was linked before."""
    earlier = Criterion(
        "r.resource_id = ? AND v.version = ? AND v.linking < ?",
        (current.resource_id, current.version, current.linking),
    )
    return [one for one, _ in await _kept(conn, vault, group, earlier)]


async def _kept(
    conn: Connection, vault: Vault, group: Group, criterion: Criterion
) -> list[tuple[Opened, bool]]:
    """Versions that pass by their own labels and by today's; today's are checked too."""
    condition, args = _condition([group], [criterion], standing=False)
    then, more = where(group.allowed, "v", len(args) + 1)
    rows = await conn.fetch(
        f"SELECT {columns('v')}, v.deleted, {COLUMNS} FROM resource r JOIN resource_version v"
        " ON v.patient_id = r.patient_id AND v.resource_id = r.resource_id"
        f" WHERE {condition} AND {then} ORDER BY v.version DESC",
        [*args, *more],
    )
    today = {row[1]: row[WIDTH + 1 :] for row in rows}
    await open_rows(conn, vault, list(today.values()))
    opened = await open_rows(conn, vault, [row[:WIDTH] for row in rows])
    return [(one, bool(row[WIDTH])) for one, row in zip(opened, rows, strict=True)]


def _among(resource_ids: Collection[str]) -> Iterator[Criterion]:
    wanted = sorted(set(resource_ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        yield Criterion(f"r.resource_id IN ({', '.join('?' * len(part))})", tuple(part))


def _condition(
    groups: Sequence[Group], criteria: Sequence[Criterion], *, standing: bool = True
) -> tuple[str, list[Any]]:
    """Whose rows, each under their own Filter, and which of them; the withdrawn only if asked."""
    args: list[Any] = []
    ways = []
    for group in groups:
        if group.allowed.is_nothing or not group.patient_ids:
            continue
        inside = placeholders(len(group.patient_ids), len(args) + 1)
        args += group.patient_ids
        text, more = where(group.allowed, "r", len(args) + 1)
        args += more
        ways.append(f"(r.patient_id IN ({inside}) AND {text})")
    parts = [f"({' OR '.join(ways)})" if ways else "1 = 0"]
    if standing:
        parts.append("r.deleted = 0")
    for criterion in criteria:
        pieces = criterion.sql.split("?")
        written = pieces[0]
        for piece, value in zip(pieces[1:], criterion.values, strict=True):
            args.append(value)
            written += f"${len(args)}{piece}"
        parts.append(f"({written})")
    return " AND ".join(parts), args


async def open_rows(conn: Connection, vault: Vault, rows: Sequence[Row]) -> list[Opened]:
    """Rows of COLUMNS, unsealed."""
    keys = await vault.keys(conn, {row[0] for row in rows})
    opened, owner, key, links = [], "", None, dict[str, tuple[str, ...]]()
    for row in rows:  # of every read: in as few steps as can be
        patient_id, resource_id, kind, version, sealed, *labels, updated, anew = row
        if key is None or patient_id != owner or not sealed.startswith(key.header):
            key, owner = keys.of(patient_id, sealed), patient_id
        plain = open_sealed(key, sealed, row_aad(kind, resource_id, version, patient_id, labels))
        body, _, apart = plain.partition(b"\n")
        refs = links.get(named := labels[_REFS]) or links.setdefault(named, tuple(named.split()))
        opened.append(Opened._make((
            patient_id, resource_id, kind, version, labels[-1], updated, labels[_ORG], refs,
            with_labels(body, labels) if anew else body, labels[0], apart, labels[_MARKS],
        )))  # fmt: skip
    return opened


_ORG, _REFS, _MARKS = map(LABELS.index, ("source_org", "refs", "sensitivities"))
