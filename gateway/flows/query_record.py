"""A member of the team, or the person, looks at a record: read, history, search, everything.

    person -> facts -> Filter -> rows that pass -> redact -> record the access -> answer

The rows come back filtered: totals, pages and includes count only what the caller may see. The
audit entry is durable before anything is returned, for refusals as for answers. A person who does
not exist and one the caller may not see give the same answer; the log tells them apart.

Errors  NotFoundError; GoneError for a deletion to whoever saw the last version; TooCostlyError;
        AuditUnavailableError: then nothing is answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from consent.decision import compile_filter
from consent.filter import Filter
from consent.terms import Action, RelationshipKind, Request
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import GoneError, NotFoundError, TooCostlyError
from gateway.flows.site import Asking, Site
from gateway.flows.views import View, patient_view, replaced_patient, targets, view
from gateway.store import facts, reads
from gateway.store.engine import Connection
from gateway.store.facts import Held
from gateway.store.reads import Criterion, Group, Opened

MOST_PEOPLE: Final = 5_000
MOST_FILTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see of one person."""

    held: Held
    allowed: Filter

    @property
    def person_id(self) -> str:
        """The person."""
        return self.held.facts.person_id

    @property
    def group(self) -> Group:
        """Their source records, under the Filter."""
        return Group(tuple(self.held.sources), self.allowed)


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
    filter_hash: str = field(default="", repr=False)


async def sights(
    conn: Connection, site: Site, asking: Asking, people: Sequence[str], action: Action
) -> list[Sight]:
    """What the caller may see of each of these people."""
    found = await facts.facts_about(conn, site.store.vault, site.consents, people)
    request = Request(action, asking.caller.purpose, asking.at)
    return [
        Sight(held, compile_filter(asking.caller, held.facts, request, site.policy))
        for held in found.values()
    ]


async def read(site: Site, asking: Asking, resource_type: str, resource_id: str) -> View:
    """The current version of one resource."""
    async with site.store.engine.reading() as conn:
        sight = await _sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await _view_of(conn, site, sight, resource_type, resource_id) if sight else None
        gone = sight and not found and await _is_gone(conn, site, sight, resource_id)
    await _record(site, asking, Event.READ, sight, [found] if found else [], resource_type)
    if gone:
        raise GoneError
    if not found:
        raise NotFoundError
    return found


async def history(
    site: Site, asking: Asking, resource_type: str, resource_id: str, version: int | None = None
) -> list[tuple[View, bool]]:
    """The versions of one resource, newest first, each with whether it is a deletion.

    With `version`, that one alone (vread).
    """
    event = Event.HISTORY if version is None else Event.VREAD
    async with site.store.engine.reading() as conn:
        sight = await _sight_of(conn, site, asking, resource_type, resource_id, Action.HISTORY)
        found = await _versions(conn, site, sight, resource_type, resource_id) if sight else []
    kept = [one for one in found if version in (None, one[0].version)]
    served = [one for one, deleted in kept if not deleted]
    await _record(site, asking, event, sight, served, resource_type)
    if not kept:
        raise NotFoundError
    return kept


async def search(site: Site, asking: Asking, query: Query) -> Page:
    """One page of a search."""
    async with site.store.engine.reading() as conn:
        seen = await _searched(conn, site, asking, query)
        groups = _groups(seen)
        if query.resource_type == "Patient":
            page = await _patients(conn, site, seen, query)
        else:
            page = await _page(conn, site, seen, groups, query)
    served = [*page.matches, *page.included]
    if len(seen) == 1:
        await _record(site, asking, Event.SEARCH, seen[0], served, query.resource_type)
    else:
        await _record_many(site, asking, seen, served, query.resource_type)
    return page


async def everything(
    site: Site,
    asking: Asking,
    patient_id: str,
    types: frozenset[str],
    count: int,
    after: str,
) -> Page:
    """A page of all of one person's record the caller may see; the Patient comes first.

    A Provenance is there only where all it speaks of is.
    """
    async with site.store.engine.reading() as conn:
        sight = await _sight_of(conn, site, asking, "Patient", patient_id, Action.SEARCH)
        page = await _everything(conn, site, sight, types, count, after) if sight else None
    served = page.matches if page else ()
    await _record(site, asking, Event.OPERATION, sight, served, "$everything")
    if not page or not page.total:
        raise NotFoundError
    return page


async def _everything(
    conn: Connection, site: Site, sight: Sight, types: frozenset[str], count: int, after: str
) -> Page:
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
        first = [patient_view(people, sight.person_id, _first_org(sight), masks)]
    rest = [row for row in shown if row.resource_id > after]
    page = rest[: count - (0 if after else len(first))]
    views = [view(row, sight.person_id, seen, masks) for row in page]
    last = page[-1].resource_id if len(page) < len(rest) and page else ""
    matches = views if after else [*first, *views]
    return Page(tuple(matches), (), len(shown) + len(first), last)


async def lineage(
    site: Site, asking: Asking, resource_type: str, resource_id: str
) -> tuple[View, bytes]:
    """A resource the caller may see, and where each of its elements came from."""
    async with site.store.engine.reading() as conn:
        sight = await _sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await _view_of(conn, site, sight, resource_type, resource_id) if sight else None
        stored = b""
        owner = await reads.owner_of(conn, resource_id)
        if found and owner:
            part = found.parts[0]
            stored = await reads.lineage(conn, owner, part[1], part[2])
    await _record(site, asking, Event.OPERATION, sight, [found] if found else [], "$lineage")
    if not found:
        raise NotFoundError
    return found, stored


async def _sight_of(
    conn: Connection,
    site: Site,
    asking: Asking,
    resource_type: str,
    resource_id: str,
    action: Action,
) -> Sight | None:
    """What the caller may see of the person a resource is about."""
    patient_id: str | None = resource_id
    if resource_type != "Patient":
        patient_id = await reads.owner_of(conn, resource_id)
    person_id = await facts.person_of(conn, patient_id) if patient_id else None
    if person_id is None:
        return None
    return next(iter(await sights(conn, site, asking, [person_id], action)), None)


async def _view_of(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> View | None:
    if resource_type == "Patient":
        return await _patient(conn, site, sight, resource_id)
    owner = await reads.owner_of(conn, resource_id)
    row = await reads.find(conn, site.store.vault, owner or "", resource_id, sight.allowed)
    if row is None or row.resource_type != resource_type:
        return None
    seen = await reads.visible(conn, [sight.group], targets([row]))
    return view(row, sight.person_id, seen, sight.allowed.masks)


async def _patient(conn: Connection, site: Site, sight: Sight, resource_id: str) -> View | None:
    criterion = Criterion("r.resource_type = ?", ("Patient",))
    rows = await reads.search(conn, site.store.vault, [sight.group], [criterion], "", 500)
    if not rows:
        return None
    merged = patient_view(rows, sight.person_id, _first_org(sight), sight.allowed.masks)
    if resource_id == sight.person_id:
        return merged
    body = replaced_patient(resource_id, sight.person_id)
    return View("Patient", resource_id, merged.version, merged.updated_at, body, True)


def _first_org(sight: Sight) -> str:
    practices = [
        relationship.org
        for relationship in sight.held.facts.relationships
        if relationship.kind is RelationshipKind.REGISTERED_PRACTICE
    ]
    return min(practices, default="")


async def _is_gone(conn: Connection, site: Site, sight: Sight, resource_id: str) -> bool:
    """Whether the newest version is a deletion, and the caller could see the one before it."""
    owner = await reads.owner_of(conn, resource_id)
    found = await reads.versions(
        conn, site.store.vault, owner or "", resource_id, sight.allowed
    )
    return bool(found) and found[0][1] and any(not deleted for _, deleted in found)


async def _versions(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> list[tuple[View, bool]]:
    if resource_type == "Patient":
        now = await _patient(conn, site, sight, resource_id)
        return [(now, False)] if now else []
    owner = await reads.owner_of(conn, resource_id)
    found = await reads.versions(
        conn, site.store.vault, owner or "", resource_id, sight.allowed
    )
    found = [one for one in found if one[0].resource_type == resource_type]
    seen = await reads.visible(conn, [sight.group], targets([row for row, _ in found]))
    masks = sight.allowed.masks
    return [(_version_view(row, gone, sight, seen, masks), gone) for row, gone in found]


def _version_view(
    row: Opened, gone: bool, sight: Sight, seen: set[str], masks: Sequence[str]
) -> View:
    if gone:
        return View(row.resource_type, row.resource_id, row.version, row.updated_at, b"")
    return view(row, sight.person_id, seen, masks)


async def _searched(conn: Connection, site: Site, asking: Asking, query: Query) -> list[Sight]:
    """Whose records a search is over: those named, or the caller's caseload."""
    if query.numbers:
        people = await facts.persons_by_number(conn, query.numbers)
    elif query.people is not None:
        named = [await facts.person_of(conn, one) for one in query.people]
        people = [one for one in dict.fromkeys(named) if one]
    else:
        people = await facts.caseload_of(conn, asking.caller, MOST_PEOPLE + 1)
    if len(people) > MOST_PEOPLE:
        raise TooCostlyError
    return await sights(conn, site, asking, people, Action.SEARCH)


def _groups(seen: Sequence[Sight]) -> list[Group]:
    """People whose consents compile to the same Filter, together."""
    by_hash: dict[str, list[Sight]] = {}
    for sight in seen:
        if not sight.allowed.is_nothing:
            by_hash.setdefault(sight.allowed.hash, []).append(sight)
    if len(by_hash) > MOST_FILTERS:
        raise TooCostlyError
    return [
        Group(tuple(p for sight in same for p in sight.held.sources), same[0].allowed)
        for same in by_hash.values()
    ]


async def _page(
    conn: Connection, site: Site, seen: Sequence[Sight], groups: Sequence[Group], query: Query
) -> Page:
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
        criterion = Criterion(
            f"r.resource_id IN ({', '.join('?' * len(wanted))})", tuple(wanted)
        )
        if wanted:
            included = await reads.search(conn, vault, groups, [criterion], "", len(wanted))
    visible = await reads.visible(conn, groups, targets([*rows, *included]))

    def shown(row: Opened) -> View:
        sight = by_patient[row.patient_id]
        return view(row, sight.person_id, visible, sight.allowed.masks)

    last = rows[-1].resource_id if more else ""
    return Page(tuple(map(shown, rows)), tuple(map(shown, included)), total, last)


def _goals(rows: Sequence[Opened]) -> set[str]:
    return {
        ref.partition("/")[2] for row in rows for ref in row.refs if ref.startswith("Goal/")
    }


async def _patients(conn: Connection, site: Site, seen: Sequence[Sight], query: Query) -> Page:
    """A search of Patient: one for each person the caller may see."""
    of_type = Criterion("r.resource_type = ?", ("Patient",))
    groups = _groups(seen)
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
        views.append(patient_view(rows_of, person_id, _first_org(sight), sight.allowed.masks))
    last = page[-1] if page and page[-1] != people[-1] else ""
    return Page(tuple(views), (), len(people), last)


async def _record(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
) -> None:
    """The access, durable before its first byte leaves."""
    await site.store.log.append(_entry(site, asking, event, sight, served, query))


async def _record_many(
    site: Site, asking: Asking, seen: Sequence[Sight], served: Sequence[View], query: str
) -> None:
    """A search over several people: an entry for each whose record was served, or one."""
    by_person = _by_person(seen, served)
    touched = [sight for sight in seen if by_person.get(sight.person_id)]
    if not touched:
        await _record(site, asking, Event.SEARCH, None, [], query)
    for sight in touched:
        await _record(site, asking, Event.SEARCH, sight, by_person[sight.person_id], query)


def _by_person(seen: Sequence[Sight], served: Sequence[View]) -> Mapping[str, list[View]]:
    found: dict[str, list[View]] = {sight.person_id: [] for sight in seen}
    for one in served:
        for person_id, views in found.items():
            if person_id.encode() in one.body:
                views.append(one)
                break
    return found


def _entry(
    site: Site,
    asking: Asking,
    event: Event,
    sight: Sight | None,
    served: Sequence[View],
    query: str,
) -> AuditEntry:
    allowed = sight.allowed if sight else None
    nothing = not served and (allowed is None or allowed.is_nothing)
    outcome = Outcome.SERVED if served else Outcome.NOT_FOUND
    if nothing:
        outcome = Outcome.REFUSED
    owners = sorted(set(sight.held.sources.values())) if sight and served else []
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=tuple(str(reason) for reason in allowed.reasons) if allowed else ("no-such",),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        evidence=" ".join(allowed.evidence) if allowed else "",
        resources=tuple(part for one in served for part in one.parts),
        query=query,
        filter_hash=allowed.hash if allowed else "",
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        access_epoch=sight.held.epoch if sight else 0,
        consents=sight.held.consents if sight else (),
        detail=(("owners", "|".join(owners)),) if owners else (),
        sensitive=Sensitive(raw_query=asking.raw_query),
    )
