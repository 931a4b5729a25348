"""Pages of a search put together: rows that pass, what goes with them, what stays out of them.

In      The people a search is over, each under their Filter; the query.
Out     Pages of views; totals count every match the caller may see, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from consent.terms import Caller
from gateway.errors import TooCostlyError
from gateway.flows.asking.sight import MOST_PEOPLE, OF_PATIENTS, Sight, first_org, groups_of
from gateway.flows.asking.views import (
    View,
    is_shown,
    patient_view,
    replaced_patient,
    targets,
    views,
)
from gateway.flows.reading import provenance_found
from gateway.flows.reading.including import Included
from gateway.flows.reading.people_found import People, is_of_person, is_told_of_staff
from gateway.flows.reading.query import Query
from gateway.flows.site.site import Site
from gateway.store.clear.columns import period_of
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.record.conditions import ID, OfPeople
from gateway.store.record.finding import Asked, Place
from gateway.store.record.reads import Criterion, Opened, Outline

_MOST_ROWS: Final = MOST_PEOPLE * 8
MOST_NAMED: Final = 200
"""So many people a link may name in place of what they were found by."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of matches and includes; `total` counts every match the caller may see."""

    matches: tuple[View, ...]
    included: tuple[View, ...]
    total: int | None
    last: str
    """Where the next page begins; empty on the last page."""
    people: tuple[str, ...] = ()
    """Whom a private search found: what its links name."""
    withheld: bool = False
    """Whether the caller is to be told that more is held of the person."""


async def page_of(
    conn: Connection, site: Site, caller: Caller, seen: Sequence[Sight], query: Query
) -> Page:
    """A page of a search, with what goes with it."""
    people = People(conn, site, seen, names_staff=is_told_of_staff(site, caller))
    await people.ask(query)
    named = people.named(query)
    kept = set(named)
    asked_of = [one for one in seen if one.subject.person_id in kept]
    of_type = _patients_page if is_of_person(query.types) else _rows_page
    page = await of_type(people, asked_of, query)
    if query.private and page.last and len(named) > MOST_NAMED:
        raise TooCostlyError
    return replace(page, people=named) if query.private else page


async def _rows_page(people: People, asked_of: Sequence[Sight], query: Query) -> Page:
    """A page of one type, or of several."""
    conn, groups = people.conn, groups_of(asked_of)
    asked, after = _asked(query, people)
    if query.only_total or not query.count:
        return Page((), (), await provenance_found.total(conn, groups, asked), "")
    found, total = await provenance_found.page(
        people, asked_of, asked, after, query.count + 1, counted=query.counted
    )
    more, found = len(found) > query.count, found[: query.count]
    rows = [one.row for one in found]
    last = _said(found[-1].place, asked.since) if more else ""
    return await _with_included(people, rows, (), query, Page((), (), total, last))


def _asked(query: Query, people: People) -> tuple[Asked, Place | None]:
    since, after = query.since, None
    if query.after:
        since, values, name = orjson.loads(query.after)
        after = Place(tuple(values), name)
    conditions = tuple(one for one in query.conditions if not isinstance(one, OfPeople))
    return Asked(query.types, conditions, query.order, since, people.found), after


def _said(place: Place, since: int) -> str:
    return orjson.dumps([since, place.values, place.resource_id]).decode()


async def _with_included(
    people: People,
    rows: Sequence[Opened],
    matched: Sequence[Sight],
    query: Query,
    page: Page,
) -> Page:
    """The page with its matches, and with what goes with them, as the caller may see them."""
    conn = people.conn
    beside = Included(people)
    if query.includes:
        await beside.follow(rows, matched, query.includes)
    more = list(beside.rows.values())
    visible = await reads.visible(conn, groups_of(people.seen), targets([*rows, *more]))
    subjects = {p: sight.subject for p, sight in people.owner.items()}
    shown = await people.views(list(beside.persons.values())) if beside.persons else {}
    included = views([row for row in more if is_shown(row, visible)], subjects, visible)
    matches = (*page.matches, *views(rows, subjects, visible))
    return replace(page, matches=matches, included=(*included, *shown.values()))


async def _patients_page(people: People, asked_of: Sequence[Sight], query: Query) -> Page:
    """A search of Patient: one for each person the caller may see."""
    wanted = {one.subject.person_id for one in asked_of}
    listed = {name: one for name, one in (await people.listed()).items() if name in wanted}
    falling = any(one.column == ID and one.falling for one in query.order)
    names = sorted(listed, reverse=falling)
    after = query.after
    rest = [one for one in names if not after or (one < after if falling else one > after)]
    page = rest[: query.count] if not query.only_total else []
    shown = await people.views([listed[name] for name in page]) if page else {}
    matches = tuple(shown[name] for name in page if name in shown)
    last = page[-1] if page and len(page) < len(rest) else ""
    total = len(names) if query.counted or query.only_total else None
    matched = [listed[name] for name in page]
    return await _with_included(people, (), matched, query, Page(matches, (), total, last))


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


@dataclass(frozen=True, slots=True)
class Part:
    """Which of a whole record: of these types (none: of all), stored since then, about care
    between two moments; what bears no date is about any."""

    types: frozenset[str] = frozenset()
    since: int | None = None
    care: tuple[int, int] | None = None


_ALL: Final = Part()


async def everything_page(
    conn: Connection, site: Site, sight: Sight, part: Part, count: int, after: str
) -> Page | None:
    """A page of the whole record, the Patient first; None where nothing of it may be seen."""
    vault, group, subject = site.store.vault, [sight.group], sight.subject
    held = None if after else await reads.whole(conn, vault, group, count)
    rows: Sequence[Opened | Outline] = held or await reads.outlines(conn, group, [], _MOST_ROWS)
    if not rows:
        return None
    seen = {row.resource_id for row in rows}
    wished = await _wished(conn, site, sight, rows, part) if part != _ALL else seen
    people = [row for row in rows if row.resource_type == "Patient"]
    people = people if any(row.resource_id in wished for row in people) else []
    shown = [
        row
        for row in rows
        if row.resource_type != "Patient" and row.resource_id in wished and is_shown(row, seen)
    ]
    total = len(shown) + (1 if people else 0)
    rest = [row for row in shown if row.resource_id > after] if after else shown
    people = [] if after else people
    page = rest[: count - (1 if people else 0)]
    last = (page[-1].resource_id if page else _BEGINNING) if len(page) < len(rest) else ""
    wanted = [*people, *page]
    opened = [row for row in wanted if isinstance(row, Opened)]
    if held is None:
        opened = await reads.some(conn, vault, group, {row.resource_id for row in wanted})
    patients = [row for row in opened if row.resource_type == "Patient"]
    others = [row for row in opened if row.resource_type != "Patient"]
    made = views(others, dict.fromkeys(sight.held.sources, subject), seen)
    first = [patient_view(patients, subject, first_org(sight))] if patients else []
    return Page((*first, *made), (), total, last)


async def _wished(
    conn: Connection, site: Site, sight: Sight, rows: Sequence[Opened | Outline], part: Part
) -> set[str]:
    """The ids of those rows that are wished for."""
    found = {row.resource_id for row in rows if not part.types or row.resource_type in part.types}
    if part.since is not None:
        stored = Criterion("r.updated_at >= ?", (part.since,))
        found &= await reads.matching(conn, [sight.group], [stored])
    if part.care is not None:
        found -= await _of_other_days(conn, site, sight, rows, part.care)
    return found


async def _of_other_days(
    conn: Connection,
    site: Site,
    sight: Sight,
    rows: Sequence[Opened | Outline],
    care: tuple[int, int],
) -> set[str]:
    """What was all before those days or all after them, by the dates that the caller is shown: a
    column would tell of those that are not. A Provenance is of the days of what it speaks of."""
    first, after = care
    seen = {row.resource_id for row in rows}
    dated = {row.resource_id for row in rows if row.resource_type not in _UNDATED}
    opened = [row for row in rows if isinstance(row, Opened) and row.resource_id in dated]
    opened = opened or await reads.some(conn, site.store.vault, [sight.group], dated)
    apart = set()
    for one in views(opened, dict.fromkeys(sight.held.sources, sight.subject), seen):
        starts, ends = period_of(orjson.loads(one.body))
        if ends <= first or starts >= after:
            apart.add(one.resource_id)
    told = {row.resource_id: targets([row]) for row in rows if row.resource_type == "Provenance"}
    return apart | {name for name, of in told.items() if of and of <= apart}


_UNDATED: Final = ("Patient", "Provenance")
_BEGINNING: Final = "-"
"""Stands before every id: where the second page begins when the first holds the Patient alone."""
