"""A member of the team, or the person, looks at a record: read, history, search, everything.

    scope -> person -> facts -> Filter -> rows that pass -> redact -> record -> answer

The rows come back filtered: totals, pages and includes count only what the caller may see. The
audit entry is durable before anything is returned, for refusals and failures as for answers. A
person who does not exist and one the caller may not see give the same answer; the log tells
them apart.

Errors  NotFoundError; GoneError for a deletion to whoever saw the last version; ForbiddenError
        where the token's scopes leave the type out; TooCostlyError; ThrottledError for a search
        that names somebody; AuditUnavailableError: then nothing is answered.
"""

from dataclasses import dataclass, replace

from consent.terms import Action
from gateway.audit.events import Event
from gateway.auth.rates import Kind
from gateway.errors import GoneError, NotFoundError
from gateway.flows.asking.access_log import failures_recorded, record, record_many, require_scope
from gateway.flows.asking.sight import Sight, searched, sight_of
from gateway.flows.asking.throttle import check_caller
from gateway.flows.asking.views import View, deletion, is_shown, settled, targets, view
from gateway.flows.reading.assemble import Page, Part, everything_page, page_of, patient_of
from gateway.flows.reading.provenance_found import owner_named, told_view
from gateway.flows.reading.query import Query
from gateway.flows.reading.withheld import is_withheld, is_withheld_of_one
from gateway.flows.site.site import Asking, Site
from gateway.store.commit.log import note_partly
from gateway.store.database.engine import Connection
from gateway.store.record import lineage as lineage_of
from gateway.store.record import reads


@dataclass(frozen=True, slots=True)
class Versions:
    """A page of one resource's versions, newest first, each with whether it is a deletion."""

    shown: tuple[tuple[View, bool], ...]
    total: int
    last: int | None
    """The version before which the next page begins; None on the last page."""


async def read(site: Site, asking: Asking, resource_type: str, resource_id: str) -> View:
    """The current version of one resource."""
    await require_scope(site, asking, Event.READ, Action.READ, resource_type)
    async with (
        failures_recorded(site, asking, Event.READ, resource_type),
        site.store.engine.reading() as conn,
    ):
        named = owner_named(resource_type, resource_id)
        sight = await sight_of(conn, site, asking, resource_type, named, Action.READ)
        found = await view_of(conn, site, sight, resource_type, resource_id) if sight else None
        if sight and named != resource_id:
            found = found or await told_view(conn, site, asking.caller, sight, resource_id)
        gone = bool(sight) and not found
        gone = gone and await _is_gone(conn, site, sight, resource_type, resource_id)
    await record(site, asking, Event.READ, sight, [found] if found else [], resource_type)
    if gone:
        raise GoneError
    if not found:
        raise NotFoundError
    return found


async def version(
    site: Site, asking: Asking, resource_type: str, resource_id: str, number: int
) -> View:
    """One version of a resource (vread). Errors: GoneError where it is a deletion."""
    found = await _kept_versions(site, asking, resource_type, resource_id, Event.VREAD)
    sight, versions = found
    kept = [one for one in versions if one[0].version == number]
    served = [one for one, gone in kept if not gone]
    await record(site, asking, Event.VREAD, sight, served, resource_type)
    if not kept:
        raise NotFoundError
    if not served:
        raise GoneError
    return served[0]


async def history(
    site: Site,
    asking: Asking,
    resource_type: str,
    resource_id: str,
    count: int,
    since: int | None = None,
    before: int | None = None,
) -> Versions:
    """A page of the versions of one resource, newest first."""
    sight, found = await _kept_versions(site, asking, resource_type, resource_id, Event.HISTORY)
    kept = [one for one in found if since is None or one[0].updated_at >= since]
    rest = [one for one in kept if before is None or one[0].version < before]
    page = rest[:count]
    served = [one for one, gone in page if not gone]
    await record(site, asking, Event.HISTORY, sight, served, resource_type)
    if not found:
        raise NotFoundError
    last = page[-1][0].version if page and len(page) < len(rest) else None
    return Versions(tuple(page), len(kept), last)


async def search(site: Site, asking: Asking, query: Query) -> Page:
    """One page of a search."""
    for resource_type in query.types:
        await require_scope(site, asking, Event.SEARCH, Action.SEARCH, resource_type)
    if query.private:
        await check_caller(site, asking, Kind.PEOPLE, Event.SEARCH, query.label)
    async with (
        failures_recorded(site, asking, Event.SEARCH, query.label),
        site.store.engine.reading() as conn,
    ):
        seen = await searched(conn, site, asking, query.people, query.numbers)
        page = await page_of(conn, site, asking.caller, seen, query)
        told = await is_withheld_of_one(conn, site, asking, seen, query)
    served = [*page.matches, *page.included]
    found = len(page.matches) if page.total is None else page.total
    people = {one.person_id for one in served}
    if query.named > max(1, len(people)) or query.items > max(1, found):
        note_partly()
    counted = bool(page.total)
    if len(seen) == 1:
        await record(
            site, asking, Event.SEARCH, seen[0], served, query.label, counted=counted, told=told
        )
    else:
        await record_many(site, asking, seen, served, query.label, counted=counted, told=told)
    return replace(page, withheld=True) if told else page


async def everything(
    site: Site,
    asking: Asking,
    patient_id: str,
    part: Part,
    count: int,
    after: str,
) -> Page:
    """A page of all of one person's record the caller may see; the Patient comes first.

    A Provenance is there only where all it speaks of is.
    """
    await require_scope(site, asking, Event.OPERATION, Action.SEARCH, "Patient")
    async with (
        failures_recorded(site, asking, Event.OPERATION, "$everything"),
        site.store.engine.reading() as conn,
    ):
        sight = await sight_of(conn, site, asking, "Patient", patient_id, Action.SEARCH)
        page, told = None, False
        if sight and patient_id in sight.subject.patient_ids:
            page = await everything_page(conn, site, sight, part, count, after)
            told = page is not None and await is_withheld(conn, site, asking, sight)
    served = page.matches if page else ()
    await record(site, asking, Event.OPERATION, sight, served, "$everything", told=told)
    if page is None:
        raise NotFoundError
    return replace(page, withheld=True) if told else page


async def lineage(
    site: Site, asking: Asking, resource_type: str, resource_id: str
) -> tuple[View, bytes | None]:
    """A resource the caller may see, and where each of its elements came from (None where that was
    altered); of one that its source took back, why, where the caller could see the last version."""
    await require_scope(site, asking, Event.OPERATION, Action.READ, resource_type)
    async with (
        failures_recorded(site, asking, Event.OPERATION, "$lineage"),
        site.store.engine.reading() as conn,
    ):
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await view_of(conn, site, sight, resource_type, resource_id) if sight else None
        stored: bytes | None = None
        if sight and not found and await _is_gone(conn, site, sight, resource_type, resource_id):
            (gone, _), *_ = await _versions(conn, site, sight, resource_type, resource_id)
            found = gone._replace(parts=((resource_type, resource_id, gone.version),))
        if found:
            _, leading, number = found.parts[0]
            owners = sight.subject.patient_ids if sight else ()
            vault = site.store.vault
            stored = await lineage_of.stored(conn, vault, owners, leading, number, found.linking)
    unmarked = [found._replace(marks=0)] if found else []  # it tells whence, and no content
    await record(site, asking, Event.OPERATION, sight, unmarked, "$lineage")
    if not found:
        raise NotFoundError
    return found, stored


async def view_of(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> View | None:
    """The resource as the caller may see it now."""
    if resource_type == "Patient":
        return await patient_of(conn, site, sight, resource_id)
    row = await reads.find(conn, site.store.vault, sight.group, resource_id)
    if row is None or row.resource_type != resource_type:
        return None
    return await row_shown(conn, site, sight, row)


async def row_shown(conn: Connection, site: Site, sight: Sight, row: reads.Opened) -> View | None:
    """A row that passes, as the caller may see it now."""
    vault, group, subject = site.store.vault, sight.group, sight.subject
    earlier = await reads.earlier_linkings(conn, vault, group, row) if row.linking else []
    met = await reads.met(conn, group, targets([row, *earlier]))
    seen = {name for name, one in met.items() if one.stands}
    if not is_shown(row, seen):
        return None
    return settled(view(row, subject, seen), row, earlier, met, subject)


async def _is_gone(
    conn: Connection, site: Site, sight: Sight | None, resource_type: str, resource_id: str
) -> bool:
    """Whether the newest version is a deletion, and the caller could see the one before it."""
    if sight is None or resource_type == "Patient":
        return False
    found = await _versions(conn, site, sight, resource_type, resource_id)
    if len(found) < 2 or not found[0][1]:
        return False
    last, gone = found[1]
    return not gone and last.version == found[0][0].version - 1


async def _kept_versions(
    site: Site, asking: Asking, resource_type: str, resource_id: str, event: Event
) -> tuple[Sight | None, list[tuple[View, bool]]]:
    await require_scope(site, asking, event, Action.HISTORY, resource_type)
    async with (
        failures_recorded(site, asking, event, resource_type),
        site.store.engine.reading() as conn,
    ):
        named = owner_named(resource_type, resource_id)
        sight = await sight_of(conn, site, asking, resource_type, named, Action.HISTORY)
        if sight is None:
            return None, []
        if named != resource_id:
            told = await told_view(conn, site, asking.caller, sight, resource_id)
            return sight, [(told, False)] if told else []
        return sight, await _versions(conn, site, sight, resource_type, resource_id)


async def _versions(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> list[tuple[View, bool]]:
    """What may be seen of a resource's versions; of a Patient the one that is composed now."""
    if resource_type == "Patient":
        now = await patient_of(conn, site, sight, resource_id)
        return [(now, False)] if now else []
    found = await reads.versions(conn, site.store.vault, sight.group, resource_id)
    found = [one for one in found if one[0].resource_type == resource_type]
    seen = await reads.visible(conn, [sight.group], targets([row for row, _ in found]))
    return [
        (deletion(row, sight.subject) if gone else view(row, sight.subject, seen), gone)
        for row, gone in found
        if is_shown(row, seen)
    ]
