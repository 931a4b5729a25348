"""A member of the team, or the person, looks at a record: read, history, search, everything.

    person -> facts -> Filter -> rows that pass -> redact -> record the access -> answer

The rows come back filtered: totals, pages and includes count only what the caller may see. The
audit entry is durable before anything is returned, for refusals as for answers. A person who does
not exist and one the caller may not see give the same answer; the log tells them apart.

Errors  NotFoundError; GoneError for a deletion to whoever saw the last version; TooCostlyError;
        AuditUnavailableError: then nothing is answered.
"""

from consent.terms import Action
from gateway.audit.events import Event
from gateway.errors import GoneError, NotFoundError
from gateway.flows.access_log import record, record_many
from gateway.flows.assemble import (
    Page,
    Query,
    everything_page,
    page_of,
    patient_of,
    patients_page,
)
from gateway.flows.sight import Sight, searched, sight_of
from gateway.flows.site import Asking, Site
from gateway.flows.views import View, targets, view
from gateway.store import reads
from gateway.store.engine import Connection
from gateway.store.reads import Opened


async def read(site: Site, asking: Asking, resource_type: str, resource_id: str) -> View:
    """The current version of one resource."""
    async with site.store.engine.reading() as conn:
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await _view_of(conn, site, sight, resource_type, resource_id) if sight else None
        gone = sight and not found and await _is_gone(conn, site, sight, resource_id)
    await record(site, asking, Event.READ, sight, [found] if found else [], resource_type)
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
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.HISTORY)
        found = await _versions(conn, site, sight, resource_type, resource_id) if sight else []
    kept = [one for one in found if version in (None, one[0].version)]
    served = [one for one, deleted in kept if not deleted]
    await record(site, asking, event, sight, served, resource_type)
    if not kept:
        raise NotFoundError
    return kept


async def search(site: Site, asking: Asking, query: Query) -> Page:
    """One page of a search."""
    async with site.store.engine.reading() as conn:
        seen = await searched(conn, site, asking, query.people, query.numbers)
        of_type = patients_page if query.resource_type == "Patient" else page_of
        page = await of_type(conn, site, seen, query)
    served = [*page.matches, *page.included]
    if len(seen) == 1:
        await record(site, asking, Event.SEARCH, seen[0], served, query.resource_type)
    else:
        await record_many(site, asking, seen, served, query.resource_type)
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
        sight = await sight_of(conn, site, asking, "Patient", patient_id, Action.SEARCH)
        page = await everything_page(conn, site, sight, types, count, after) if sight else None
    served = page.matches if page else ()
    await record(site, asking, Event.OPERATION, sight, served, "$everything")
    if not page or not page.total:
        raise NotFoundError
    return page


async def lineage(
    site: Site, asking: Asking, resource_type: str, resource_id: str
) -> tuple[View, bytes]:
    """A resource the caller may see, and where each of its elements came from."""
    async with site.store.engine.reading() as conn:
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await _view_of(conn, site, sight, resource_type, resource_id) if sight else None
        stored = b""
        owner = await reads.owner_of(conn, resource_id)
        if found and owner:
            part = found.parts[0]
            stored = await reads.lineage(conn, owner, part[1], part[2])
    await record(site, asking, Event.OPERATION, sight, [found] if found else [], "$lineage")
    if not found:
        raise NotFoundError
    return found, stored


async def _view_of(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> View | None:
    if resource_type == "Patient":
        return await patient_of(conn, site, sight, resource_id)
    owner = await reads.owner_of(conn, resource_id)
    row = await reads.find(conn, site.store.vault, owner or "", resource_id, sight.allowed)
    if row is None or row.resource_type != resource_type:
        return None
    seen = await reads.visible(conn, [sight.group], targets([row]))
    return view(row, sight.person_id, seen, sight.allowed.masks)


async def _is_gone(conn: Connection, site: Site, sight: Sight, resource_id: str) -> bool:
    """Whether the newest version is a deletion, and the caller could see the one before it."""
    owner = await reads.owner_of(conn, resource_id)
    found = await reads.versions(conn, site.store.vault, owner or "", resource_id, sight.allowed)
    return bool(found) and found[0][1] and any(not deleted for _, deleted in found)


async def _versions(
    conn: Connection, site: Site, sight: Sight, resource_type: str, resource_id: str
) -> list[tuple[View, bool]]:
    if resource_type == "Patient":
        now = await patient_of(conn, site, sight, resource_id)
        return [(now, False)] if now else []
    owner = await reads.owner_of(conn, resource_id)
    found = await reads.versions(conn, site.store.vault, owner or "", resource_id, sight.allowed)
    found = [one for one in found if one[0].resource_type == resource_type]
    seen = await reads.visible(conn, [sight.group], targets([row for row, _ in found]))
    masks = sight.allowed.masks
    return [(_version_view(row, gone, sight, seen, masks), gone) for row, gone in found]


def _version_view(
    row: Opened, gone: bool, sight: Sight, seen: set[str], masks: tuple[str, ...]
) -> View:
    if gone:
        return View(row.resource_type, row.resource_id, row.version, row.updated_at, b"")
    return view(row, sight.person_id, seen, masks)
