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
from gateway.store.reads import Criterion, Opened, Outline

_MOST_ROWS: Final = MOST_PEOPLE * 8


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
    if query.only_total or not query.count:
        return Page((), (), await reads.total(conn, groups, criteria), "")
    vault = site.store.vault
    rows = await reads.search(conn, vault, groups, criteria, query.after, query.count + 1)
    more, rows = len(rows) > query.count, rows[: query.count]
    whole = not more and not query.after
    total = len(rows) if whole else await reads.total(conn, groups, criteria)
    by_patient = {p: sight.subject for sight in seen for p in sight.held.sources}
    wanted = _goals(rows) if query.include_goals else set()
    included = await reads.some(conn, vault, groups, wanted)
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
    vault, group, subject = site.store.vault, [sight.group], sight.subject
    held = None if after else await reads.whole(conn, vault, group, count)
    rows: Sequence[Opened | Outline] = held or await reads.outlines(conn, group, [], _MOST_ROWS)
    if not rows:
        return None
    seen = {row.resource_id for row in rows}
    shown = [
        row.resource_id
        for row in rows
        if row.resource_type != "Patient"
        and is_shown(row, seen)
        and (not types or row.resource_type in types)
    ]
    named = {row.resource_id for row in rows if row.resource_type == "Patient"}
    named = named if not types or "Patient" in types else set()
    rest = [one for one in shown if one > after]
    page = rest[: count - (1 if named and not after else 0)]
    wanted = {*page, *(() if after else named)}
    if held is None:
        opened = await reads.some(conn, vault, group, wanted)
    else:
        opened = [row for row in held if row.resource_id in wanted]
    people = [row for row in opened if row.resource_type == "Patient"]
    others = [row for row in opened if row.resource_type != "Patient"]
    made = views(others, dict.fromkeys(sight.held.sources, subject), seen)
    first = [patient_view(people, subject, first_org(sight))] if people else []
    last = (page[-1] if page else _BEGINNING) if len(page) < len(rest) else ""
    return Page((*first, *made), (), len(shown) + (1 if named else 0), last)


_BEGINNING: Final = "-"
"""Stands before every id: where the second page begins when the first holds the Patient alone."""
