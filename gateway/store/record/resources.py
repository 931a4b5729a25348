"""Rows of resources and their versions: read for a fold, written as new versions.

Rule    A version's row, once written, never changes. What a version links to may: then it has
        another row, of the next linking. The current row repeats the newest linking of the newest
        version, with what a search reads; both are written in one transaction.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from gateway.store.clear import home_visits
from gateway.store.clear.code_marks import marks_of
from gateway.store.clear.columns import Columns
from gateway.store.clear.home_visits import Written
from gateway.store.database.engine import Connection, Insert, Row, placeholders
from gateway.store.record.search_writing import Found, forgotten, write_index
from gateway.store.record.spans import range_of
from gateway.store.sealed.lineage_seal import of_column
from gateway.store.sealed.row_seal import Bound, bound_columns

Moved = tuple[str, str, str, str, str]
"""(source time, content hash, container, source record, resource id)."""
_CHUNK = 300
_LABELLED = (
    "linking, resource_type, deleted, updated_at, category, confidentiality, sensitivities, holds,"
    " legal, source_org, feed, author, starts, ends, refs, label_rules, relabelled,"
    " sealed"
)
_SEARCHED = (
    "status, codes, code_marks, dated_from, dated_until, container, origin, source_time,"
    " content_hash, state_hash"
)
_CHANGED = f"version, {_LABELLED}, {_SEARCHED}".replace(" ", "").split(",")
_OWNER = Insert("resource_owner", "resource_id, patient_id")
_VERSION = Insert(
    "resource_version", f"patient_id, resource_id, version, {_LABELLED}, author_id, lineage"
)
_CURRENT = Insert(
    "resource",
    f"patient_id, resource_id, version, {_LABELLED}, {_SEARCHED}, since",
    "ON CONFLICT (patient_id, resource_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _CHANGED if name != "label_rules")
    # versions before this one were labelled by other rules: a worker looks at them all
    + ", label_rules = CASE WHEN resource.label_rules = excluded.label_rules"
    " THEN excluded.label_rules ELSE '' END"
    ", since = CASE WHEN resource.deleted = excluded.deleted THEN resource.since"
    " ELSE excluded.since END",
)


@dataclass(frozen=True, slots=True)
class Current:
    """The current version of a resource, sealed, as a fold needs it."""

    patient_id: str
    type: str
    version: int
    linking: int
    deleted: bool
    updated_at: int
    container: str
    source_time: str
    content_hash: str
    state_hash: str
    refs: str
    origin: str
    sealed: bytes
    lineage: bytes
    author_id: str
    bound: Bound
    """What its bytes are bound to, beside its identity."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """One version to be written."""

    patient_id: str
    resource_id: str
    type: str
    version: int
    deleted: bool
    updated_at: int
    source_org: str
    author: str
    columns: Columns
    sealed: bytes
    author_id: str
    lineage: bytes
    container: str
    origin: str
    source_time: str
    content_hash: str
    state_hash: str
    linking: int = 0
    feed: str = ""
    label_rules: str = ""
    relabelled: bool = False

    @property
    def is_first(self) -> bool:
        """Whether nothing was kept of the resource before."""
        return self.version == 1 and not self.linking

    def labelled(self) -> tuple[object, ...]:
        """The columns both tables share, in order."""
        labels = self.columns.labels
        return (
            self.patient_id,
            self.resource_id,
            self.version,
            self.linking,
            self.type,
            int(self.deleted),
            self.updated_at,
            labels.category,
            labels.confidentiality,
            labels.sensitivities,
            labels.holds,
            labels.legal,
            self.source_org,
            self.feed,
            self.author,
            self.columns.starts,
            self.columns.ends,
            self.columns.refs,
            self.label_rules,
            int(self.relabelled),
            self.sealed,
        )

    def searched(self) -> tuple[object, ...]:
        """The columns of the current row alone, in order."""
        return (
            self.columns.status,
            self.columns.found_by.codes,
            marks_of(self.columns.found_by.codes),
            *range_of(self.columns.found_by.dates),
            self.container,
            self.origin,
            self.source_time,
            self.content_hash,
            self.state_hash,
            self.updated_at,
        )


async def current_rows(
    conn: Connection, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Current]:
    """The current rows of these resources (source record, id), with their lineage."""
    found: dict[tuple[str, str], Current] = {}
    for owners, ids in _parts(places):
        rows = await conn.fetch(
            "SELECT r.resource_id, r.patient_id, r.resource_type, r.version, r.linking,"
            " r.deleted, r.updated_at, r.container, r.source_time, r.content_hash,"
            " r.state_hash, r.refs, r.origin, r.sealed, v.lineage, v.author_id,"
            f" {bound_columns('r')}"
            " FROM resource r LEFT JOIN resource_version v ON v.patient_id = r.patient_id"
            " AND v.resource_id = r.resource_id AND v.version = r.version"
            " AND v.linking = r.linking"  # altered, it has none: then it does not open
            f" WHERE r.patient_id IN ({placeholders(len(owners))})"
            f" AND r.resource_id IN ({placeholders(len(ids), len(owners) + 1)})",
            [*owners, *ids],
        )
        for row in rows:
            found[row[1], row[0]] = _current(row)
    return found


async def newest_wholes(
    conn: Connection, containers: Collection[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The place in the order of the newest item that stated each of these (source record,
    container) whole, by container."""
    found: dict[str, tuple[str, str]] = {}
    for owners, names in _parts(containers):
        rows = await conn.fetch(
            "SELECT container, source_time, content_hash FROM (SELECT container, source_time,"
            " content_hash, ROW_NUMBER() OVER (PARTITION BY patient_id, container"
            " ORDER BY source_time DESC, content_hash DESC) AS nth FROM item"
            f" WHERE patient_id IN ({placeholders(len(owners))})"
            f" AND container IN ({placeholders(len(names), len(owners) + 1)})) AS stated"
            " WHERE nth = 1",
            [*owners, *names],
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


async def in_containers(
    conn: Connection, containers: Collection[tuple[str, str]]
) -> dict[str, set[tuple[str, str]]]:
    """What stands in each of these (source record, container), by container."""
    found: dict[str, set[tuple[str, str]]] = {}
    for owners, names in _parts(containers):
        rows = await conn.fetch(
            "SELECT container, patient_id, resource_id FROM resource"
            f" WHERE patient_id IN ({placeholders(len(owners))})"
            f" AND container IN ({placeholders(len(names), len(owners) + 1)}) AND deleted = 0",
            [*owners, *names],
        )
        for container, *place in rows:
            found.setdefault(container, set()).add((place[0], place[1]))
    return found


def _parts(several: Iterable[tuple[str, str]]) -> Iterator[tuple[list[str], list[str]]]:
    """The source records of some, and what is asked for of them: so many in one statement."""
    wanted = sorted(several)
    for start in range(0, len(wanted), _CHUNK):
        owners, names = zip(*wanted[start : start + _CHUNK], strict=True)
        yield sorted(set(owners)), sorted(set(names))


def _current(row: Row) -> Current:
    _, patient_id, kind, version, linking, deleted, updated_at, *said = row
    container, source_time, content_hash, state_hash, refs, origin, sealed, *made = said
    lineage, author_id, *labels = made
    return Current(
        patient_id, kind, version, linking, bool(deleted), updated_at, container, source_time,
        content_hash, state_hash, refs, origin, bytes(sealed), of_column(lineage),
        author_id or "", tuple(labels),
    )  # fmt: skip


async def write_versions(conn: Connection, versions: Iterable[NewVersion]) -> None:
    """Write versions and make them the current ones. The database itself refuses an id that
    another source record's resource has."""
    rows = list(versions)
    if not rows:
        return
    visits = [_visit(row) for row in rows if row.type == "Encounter"]
    again = {(row.patient_id, row.resource_id) for row in rows if not row.is_first}
    await conn.remove({**forgotten(again), **home_visits.forgotten(visits)})
    await conn.add(_OWNER, [(row.resource_id, row.patient_id) for row in rows if row.is_first])
    await conn.add(_VERSION, [(*row.labelled(), row.author_id, row.lineage) for row in rows])
    await conn.add(_CURRENT, [(*row.labelled(), *row.searched()) for row in rows])
    await write_index(
        conn, [Found(row.patient_id, row.resource_id, row.columns.found_by) for row in rows]
    )
    await home_visits.write(conn, visits)


def _visit(row: NewVersion) -> Written:
    return Written(
        row.patient_id, row.resource_id, row.columns.visited_by or row.source_org,
        row.columns.starts, row.columns.ends, row.updated_at,
        comes=row.columns.visited_by is not None, first=row.is_first,
    )  # fmt: skip


async def move_order(conn: Connection, moved: Iterable[Moved]) -> None:
    """Note newer items that changed nothing else."""
    await conn.executemany(
        "UPDATE resource SET source_time = $1, content_hash = $2, container = $3"
        " WHERE patient_id = $4 AND resource_id = $5",
        moved,
    )
