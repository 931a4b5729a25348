"""Pages of a search put together: rows that pass, what they include, what stays out of them.

In      The people a search is over, each under their Filter; the query.
Out     Pages of views; totals count every match the caller may see, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.flows.sight import MOST_PEOPLE, Sight, first_org, groups_of
from gateway.flows.site import Site
from gateway.flows.views import View, patient_view, replaced_patient, targets, view
from gateway.store import reads
from gateway.store.engine import Connection
from gateway.store.reads import Criterion, Opened


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
    by_patient = {p: sight for sight in seen for p in sight.held.sources}
    included: list[Opened] = []
    if query.include_goals:
        wanted = sorted(t for t in _goals(rows))
        criterion = Criterion(f"r.resource_id IN ({', '.join('?' * len(wanted))})", tuple(wanted))
        if wanted:
            included = await reads.search(conn, vault, groups, [criterion], "", len(wanted))
    visible = await reads.visible(conn, groups, targets([*rows, *included]))

    def shown(row: Opened) -> View:
        sight = by_patient[row.patient_id]
        return view(row, sight.person_id, visible, sight.allowed.masks)

    last = rows[-1].resource_id if more else ""
    return Page(tuple(map(shown, rows)), tuple(map(shown, included)), total, last)


def _goals(rows: Sequence[Opened]) -> set[str]:
    return {ref.partition("/")[2] for row in rows for ref in row.refs if ref.startswith("Goal/")}


async def patients_page(conn: Connection, site: Site, seen: Sequence[Sight], query: Query) -> Page:
    """A search of Patient: one for each person the caller may see."""
    of_type = Criterion("r.resource_type = ?", ("Patient",))
    groups = groups_of(seen)
    rows = await reads.search(
        conn, site.store.vault, groups, [of_type, *query.criteria], "", MOST_PEOPLE * 8
    )
    by_person: dict[str, list[Opened]] = {}
    owner = {p: sight for sight in seen for p in sight.held.sources}
    for row in rows:
        by_person.setdefault(owner[row.patient_id].person_id, []).append(row)
    people = sorted(by_person)
    page = [one for one in people if one > query.after][: query.count]
    views = []
    for person_id in page if not query.only_total else ():
        sight = owner[by_person[person_id][0].patient_id]
        rows_of = by_person[person_id]
        views.append(patient_view(rows_of, person_id, first_org(sight), sight.allowed.masks))
    last = page[-1] if page and page[-1] != people[-1] else ""
    return Page(tuple(views), (), len(people), last)


async def patient_of(conn: Connection, site: Site, sight: Sight, resource_id: str) -> View | None:
    """The one Patient of a person; under another source's id, where to look instead."""
    criterion = Criterion("r.resource_type = ?", ("Patient",))
    rows = await reads.search(conn, site.store.vault, [sight.group], [criterion], "", 500)
    if not rows:
        return None
    merged = patient_view(rows, sight.person_id, first_org(sight), sight.allowed.masks)
    if resource_id == sight.person_id:
        return merged
    body = replaced_patient(resource_id, sight.person_id)
    return View("Patient", resource_id, merged.version, merged.updated_at, body, True)


async def everything_page(
    conn: Connection, site: Site, sight: Sight, types: frozenset[str], count: int, after: str
) -> Page:
    """A page of the whole record; the Patient comes first, on the first page."""
    vault, group = site.store.vault, [sight.group]
    rows = await reads.search(conn, vault, group, [], "", MOST_PEOPLE * 8)
    seen = {row.resource_id for row in rows}
    people = [row for row in rows if row.resource_type == "Patient"]
    masks = sight.allowed.masks
    shown = [
        row
        for row in rows
        if row.resource_type != "Patient"
        and (row.resource_type != "Provenance" or targets([row]) <= seen)
        and (not types or row.resource_type in types)
    ]
    first: list[View] = []
    if people and (not types or "Patient" in types):
        first = [patient_view(people, sight.person_id, first_org(sight), masks)]
    rest = [row for row in shown if row.resource_id > after]
    page = rest[: count - (0 if after else len(first))]
    views = [view(row, sight.person_id, seen, masks) for row in page]
    last = page[-1].resource_id if len(page) < len(rest) and page else ""
    matches = views if after else [*first, *views]
    return Page(tuple(matches), (), len(shown) + len(first), last)
