"""Read resources, already filtered: the Filter is in the WHERE of every query here.

In      A connection, a person's source records, a Filter, criteria as columns.
Out     Opened rows (`Opened`: JSON bytes as stored, its references, its version); exact totals.
Rule    This module and `facts` are the only ones that open sealed resources, and every query
        here carries a Filter. Hidden and missing look alike: a row that does not pass is not there.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consent.filter import Filter
from gateway.store.engine import Connection, Row, placeholders
from gateway.store.filter_sql import where
from gateway.store.sealing import version_aad
from gateway.store.vault import Keys, Vault

_COLUMNS: Final = (
    "r.patient_id, r.resource_id, r.resource_type, r.version, r.updated_at, r.source_org,"
    " r.refs, r.sealed"
)
_CHUNK: Final = 400
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opened:
    """One version the caller may see, as stored."""

    patient_id: str
    resource_id: str
    resource_type: str
    version: int
    updated_at: int
    source_org: str
    refs: tuple[str, ...]
    body: bytes


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


async def find(
    conn: Connection, vault: Vault, patient_id: str, resource_id: str, allowed: Filter
) -> Opened | None:
    """The current version of one resource, if it passes."""
    text, args = where(allowed, "r", 3)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM resource r"
        f" WHERE r.patient_id = $1 AND r.resource_id = $2 AND r.deleted = 0 AND {text}",
        [patient_id, resource_id, *args],
    )
    opened = await _open(conn, vault, rows)
    return opened[0] if opened else None


async def search(
    conn: Connection,
    vault: Vault,
    groups: Sequence[Group],
    criteria: Sequence[Criterion],
    after: str,
    count: int,
) -> list[Opened]:
    """A page in the order of resource ids, from after the one named."""
    condition, args = _condition(groups, criteria)
    position = len(args)
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM resource r WHERE {condition}"
        f" AND r.resource_id > ${position + 1} ORDER BY r.resource_id LIMIT ${position + 2}",
        [*args, after, count],
    )
    return await _open(conn, vault, rows)


async def total(conn: Connection, groups: Sequence[Group], criteria: Sequence[Criterion]) -> int:
    """How many resources pass, exactly."""
    condition, args = _condition(groups, criteria)
    rows = await conn.fetch(f"SELECT COUNT(*) FROM resource r WHERE {condition}", args)
    return int(rows[0][0])


async def matching(
    conn: Connection, groups: Sequence[Group], criteria: Sequence[Criterion]
) -> set[str]:
    """The ids of everything that passes and matches, unopened."""
    condition, args = _condition(groups, criteria)
    rows = await conn.fetch(f"SELECT r.resource_id FROM resource r WHERE {condition}", args)
    return {row[0] for row in rows}


async def visible(
    conn: Connection, groups: Sequence[Group], resource_ids: Collection[str]
) -> set[str]:
    """Those of these resources that pass and are there."""
    found: set[str] = set()
    wanted = sorted(set(resource_ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        criterion = Criterion(f"r.resource_id IN ({', '.join('?' * len(part))})", tuple(part))
        condition, args = _condition(groups, [criterion])
        rows = await conn.fetch(f"SELECT r.resource_id FROM resource r WHERE {condition}", args)
        found |= {row[0] for row in rows}
    return found


async def versions(
    conn: Connection, vault: Vault, patient_id: str, resource_id: str, allowed: Filter
) -> list[tuple[Opened, bool]]:
    """Every version, newest first, that passes by its own labels and by today's.

    With each, whether it is a deletion. An old version that was less restricted than the
    current one is judged by the current labels too: the stricter wins.
    """
    now_text, now_args = where(allowed, "r", 3)
    then_text, then_args = where(allowed, "v", 3 + len(now_args))
    columns = _COLUMNS.replace("r.", "v.")
    rows = await conn.fetch(
        f"SELECT {columns}, v.deleted FROM resource r JOIN resource_version v"
        " ON v.patient_id = r.patient_id AND v.resource_id = r.resource_id"
        f" WHERE r.patient_id = $1 AND r.resource_id = $2 AND {now_text} AND {then_text}"
        " ORDER BY v.version DESC",
        [patient_id, resource_id, *now_args, *then_args],
    )
    opened = await _open(conn, vault, [row[:-1] for row in rows])
    return [(one, bool(row[-1])) for one, row in zip(opened, rows, strict=True)]


async def lineage(conn: Connection, patient_id: str, resource_id: str, version: int) -> bytes:
    """Where each element of a version came from, as stored."""
    rows = await conn.fetch(
        "SELECT lineage FROM resource_version"
        " WHERE patient_id = $1 AND resource_id = $2 AND version = $3",
        (patient_id, resource_id, version),
    )
    return bytes(rows[0][0]) if rows else b"[[],[]]"


async def owner_of(conn: Connection, resource_id: str) -> str | None:
    """The source record a resource belongs to; None too for what is no FHIR id."""
    if not is_id(resource_id):
        return None
    rows = await conn.fetch(
        "SELECT patient_id FROM resource_owner WHERE resource_id = $1", (resource_id,)
    )
    return str(rows[0][0]) if rows else None


def _condition(groups: Sequence[Group], criteria: Sequence[Criterion]) -> tuple[str, list[Any]]:
    """Whose rows, each under their own Filter, and which of them."""
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
    parts = [f"({' OR '.join(ways)})" if ways else "1 = 0", "r.deleted = 0"]
    for criterion in criteria:
        pieces = criterion.sql.split("?")
        written = pieces[0]
        for piece, value in zip(pieces[1:], criterion.values, strict=True):
            args.append(value)
            written += f"${len(args)}{piece}"
        parts.append(f"({written})")
    return " AND ".join(parts), args


async def _open(conn: Connection, vault: Vault, rows: Sequence[Row]) -> list[Opened]:
    keys = await vault.keys(conn, {row[0] for row in rows}) if rows else Keys({})
    return [_opened(keys, row) for row in rows]


def _opened(keys: Keys, row: Row) -> Opened:
    patient_id, resource_id, resource_type, version, updated, org, refs, sealed = row
    aad = version_aad("resource", resource_type, resource_id, version, patient_id)
    body = keys.open(patient_id, sealed, aad)
    return Opened(
        patient_id, resource_id, resource_type, version, updated, org, tuple(refs.split()), body
    )
