"""Pages of a search put together: rows that pass, what they include, what stays out of them.

In      The people a search is over, each under their Filter; the query.
Out     Pages of views; totals count every match the caller may see, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.flows.sight import MOST_PEOPLE, OF_PATIENTS, Sight, first_org, groups_of
from gateway.flows.site import Site
from gateway.flows.views import View, is_shown, patient_view, replaced_patient, targets, views
from gateway.store import reads
from gateway.store.engine import Connection
from gateway.store.reads import Criterion, Opened

_MOST_ROWS: Final = MOST_PEOPLE * 8
_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class Query:
    """A search, as the API understood it."""

    resource_type: str
    """Empty: every type of one person's record."""
    people: tuple[str, ...] | None = None
    """Ids given as patient; None searches the caller's caseload."""
    numbers: tuple[str, ...] = ()
    """Keyed hashes of NHS numbers; people are found by them."""
    criteria: tuple[Criterion, ...] = ()
    include_goals: bool = False
    count: int = 50
    after: str = ""
    only_total: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of matches and includes; `total` counts every match the caller may see."""

    matches: tuple[View, ...]
    included: tuple[View, ...]
    total: int
    last: str
    """Id after which the next page begins; empty on the last page."""
    people: tuple[str, ...] = ()
    """Everyone a search of Patient found: what its next page is asked by."""


async def page_of(conn: Connection, site: Site, seen: Sequence[Sight], query: Query) -> Page:
    """A page of one type, in the order of ids, with the goals of its plans where asked."""
    groups = groups_of(seen)
    criteria = list(query.criteria)
    if query.resource_type:
        criteria.append(Criterion("r.resource_type = ?", (query.resource_type,)))
    total = await reads.total(conn, groups, criteria)
    if query.only_total or not query.count:
        return Page((), (), total, "")
    vault = site.store.vault
    rows = await reads.search(conn, vault, groups, criteria, query.after, query.count + 1)
    more, rows = len(rows) > query.count, rows[: query.count]
    by_patient = {p: sight.subject for sight in seen for p in sight.held.sources}
    included: list[Opened] = []
    wanted = sorted(_goals(rows)) if query.include_goals else []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        criterion = Criterion(f"r.resource_id IN ({', '.join('?' * len(part))})", tuple(part))
        included += await reads.search(conn, vault, groups, [criterion], "", len(part))
    visible = await reads.visible(conn, groups, targets([*rows, *included]))

    last = rows[-1].resource_id if more else ""
    matches, extra = views(rows, by_patient, visible), views(included, by_patient, visible)
    return Page(tuple(matches), tuple(extra), total, last)


def _goals(rows: Sequence[Opened]) -> set[str]:
    return {ref.partition("/")[2] for row in rows for ref in row.refs if ref.startswith("Goal/")}


async def patients_page(conn: Connection, site: Site, seen: Sequence[Sight], query: Query) -> Page:
    """A search of Patient: one for each person the caller may see."""
    vault, groups = site.store.vault, groups_of(seen)
    owner = {p: sight for sight in seen for p in sight.held.sources}
    rows = await reads.search(conn, vault, groups, [OF_PATIENTS], "", _MOST_ROWS)
    by_person: dict[str, list[Opened]] = {}
    for row in rows:
        by_person.setdefault(owner[row.patient_id].subject.person_id, []).append(row)
    people = sorted(by_person)
    if query.criteria:
        ids = {row.resource_id for row in rows}
        wanted = [OF_PATIENTS, *query.criteria]
        matching = await reads.matching(conn, groups, wanted)
        named = {owner[patient_id].subject.person_id for patient_id in matching & ids}
        people = [one for one in people if one in named]
    page = [one for one in people if one > query.after][: query.count]
    shown = []
    for person_id in page if not query.only_total else ():
        rows_of = by_person[person_id]
        sight = owner[rows_of[0].patient_id]
        shown.append(patient_view(rows_of, sight.subject, first_org(sight)))
    last = page[-1] if shown and page[-1] != people[-1] else ""
    return Page(tuple(shown), (), len(people), last, tuple(people))


async def patient_of(conn: Connection, site: Site, sight: Sight, resource_id: str) -> View | None:
    """The one Patient of a person; under another source's id, where to look instead."""
    if resource_id not in sight.subject.patient_ids:
        return None
    rows = await reads.search(conn, site.store.vault, [sight.group], [OF_PATIENTS], "", 500)
    if not rows:
        return None
    merged = patient_view(rows, sight.subject, first_org(sight))
    return (
        merged if resource_id == sight.subject.person_id else replaced_patient(resource_id, merged)
    )


async def everything_page(
    conn: Connection, site: Site, sight: Sight, types: frozenset[str], count: int, after: str
) -> Page | None:
    """A page of the whole record, the Patient first; None where nothing of it may be seen."""
    vault, group = site.store.vault, [sight.group]
    rows = await reads.search(conn, vault, group, [], "", _MOST_ROWS)
    if not rows:
        return None
    seen = {row.resource_id for row in rows}
    people = [row for row in rows if row.resource_type == "Patient"]
    shown = [
        row
        for row in rows
        if row.resource_type != "Patient"
        and is_shown(row, seen)
        and (not types or row.resource_type in types)
    ]
    first: list[View] = []
    if people and (not types or "Patient" in types):
        first = [patient_view(people, sight.subject, first_org(sight))]
    rest = [row for row in shown if row.resource_id > after]
    page = rest[: count - (0 if after else len(first))]
    of_person = dict.fromkeys(sight.held.sources, sight.subject)
    made = views(page, of_person, seen)
    more = len(page) < len(rest)
    last = (page[-1].resource_id if page else _BEGINNING) if more else ""
    matches = made if after else [*first, *made]
    return Page(tuple(matches), (), len(shown) + len(first), last)


_BEGINNING: Final = "-"
"""Stands before every id: where the second page begins when the first holds the Patient alone."""
