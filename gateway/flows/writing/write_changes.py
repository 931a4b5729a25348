"""A change to what stands: found as its writer sees it, held to the version that was named, joined
with what the writer cannot see.

Rule    Missing and hidden are one. What a 412 says has changed is what this writer can see of it.
Errors  RefusedError.
Source  http://hl7.org/fhir/R4/http.html#concurrency; docs/adr/0040-writing-over-rest.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from consent.labels import CATEGORY_SYSTEM
from consent.terms import Action
from gateway.errors import (
    Fault,
    GatewayError,
    GoneError,
    NotFoundError,
    NotSupportedError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.asking.edits_seen import as_seen
from gateway.flows.asking.sight import Sight, seen
from gateway.flows.asking.views import hidden_in, targets, view
from gateway.flows.reading.query_record import view_of
from gateway.flows.writing.write_merging import WordedError, rejoined
from gateway.flows.writing.write_patching import check_size, patched
from gateway.flows.writing.write_references import with_person
from gateway.flows.writing.write_stale import changes
from gateway.flows.writing.write_types import (
    check_resource,
    check_servers_own,
    labels_on,
    path_of_person,
    person_named,
)
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.access import facts
from gateway.store.clear import precise
from gateway.store.clear.columns import links
from gateway.store.clear.cutting import Cut, cut
from gateway.store.labels.label_union import raised
from gateway.store.record import reads
from gateway.store.record.reads import Opened
from gateway.store.writing import team_versions
from gateway.store.writing.team_versions import Standing

_STALE: Final = Fault("conflict", "", "The resource has changed; read it again")
_LINKS: Final = "has changed since that version was written; take entries out by a patch"
_APART: Final = ("meta", "text")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one resource: a whole body, or a patch; neither for a deletion."""

    resource_type: str
    resource_id: str
    body: Mapping[str, Any] | None = None
    patch: list[dict[str, Any]] | None = None
    match: int | None = None
    blind: bool = False
    """Whether it may go without naming a version."""
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What stands, as its writer finds it."""

    now: Standing
    sight: Sight
    looking: Sight
    row: Opened
    """The newest version that has content."""
    stored: dict[str, Any]
    """It, as far as its edits are the writer's to see; the person under the id that they know."""
    shown: Cut
    settled: bool
    writable: bool
    """Whether it passes the Filter of what the writer may write."""


async def held(unit: Unit, change: Change, action: Action) -> Held:
    """The resource, held until the transaction ends. Errors: RefusedError where the writer sees
    none."""
    conn, site, name = unit.conn, unit.site, change.resource_id
    now = await team_versions.standing(conn, name)
    whom = await facts.whom(conn, change.resource_type, name)
    if now is None or whom is None or now.resource_type != change.resource_type:
        raise RefusedError(_absent(change, action))
    person = await facts.held_of(conn, site.store.vault, site.known, [whom])
    (sight,) = await seen(conn, site, unit.asking, person.values(), action)
    (looking,) = await seen(conn, site, unit.asking, person.values(), Action.READ)
    row = await _last_seen(unit, looking, name, deleted=now.deleted)
    if row is None:
        raise RefusedError(_absent(change, action), looking)
    if now.deleted and change.patch is not None:
        raise RefusedError(GoneError(), looking)
    subject = looking.subject
    visible = await reads.visible(conn, [looking.group], targets([row]))
    body = as_seen(row, subject.denies, tell=True).body if row.apart else row.body
    stored = with_person(precise.loads(body), subject.patient_ids, subject.person_id)
    shown = cut(stored, set(hidden_in(row, subject, visible)), subject.masks)
    found = await view_of(conn, site, looking, change.resource_type, name)
    writable = now.deleted or name in await reads.visible(conn, [sight.group], {name})
    settled = found is None or found.settled
    writable = writable and not sight.allowed.is_nothing
    return Held(now, sight, looking, row, stored, shown, settled, writable)


def _absent(change: Change, action: Action) -> GatewayError:
    """Clients choose no ids: what is not there is not made by an update."""
    is_whole = action is Action.UPDATE and change.patch is None
    return NotSupportedError() if is_whole else NotFoundError()


async def _last_seen(
    unit: Unit, looking: Sight, resource_id: str, *, deleted: bool
) -> Opened | None:
    """The newest version with content, where the writer sees it."""
    conn, vault = unit.conn, unit.site.store.vault
    if not deleted:
        return await reads.find(conn, vault, looking.group, resource_id)
    found = await reads.versions(conn, vault, looking.group, resource_id)
    if len(found) < 2 or not found[0][1] or found[1][1]:
        return None
    return found[1][0] if found[1][0].version == found[0][0].version - 1 else None


async def check_match(unit: Unit, held: Held, change: Change) -> None:
    """The version that was named is the one that stands, a deletion too. Errors: RefusedError."""
    if change.match is None or change.match == held.now.version:
        return
    conn, group, subject = unit.conn, held.looking.group, held.looking.subject
    kept = await reads.versions(conn, unit.site.store.vault, group, change.resource_id)
    kept = [(row, gone) for row, gone in kept if row.version >= change.match]
    visible = await reads.visible(conn, [group], targets([row for row, _ in kept]))
    found = [view(row, subject, visible) for row, gone in kept if not gone]
    names = group.allowed.names_organisations
    faults = changes(found, change.match, names=names) if not held.now.deleted else []
    raise RefusedError(VersionConflictError([_STALE, *faults]), held.sight)


async def sent(unit: Unit, held: Held, change: Change) -> dict[str, Any]:
    """The whole body that the writer wants, valid. Errors: RefusedError."""
    subject, base_url = held.looking.subject, unit.site.base_url
    try:
        body: Any = change.body
        if change.patch is not None:
            seen_now = held.shown.resource
            body = patched(seen_now, change.patch)
            check_servers_own(seen_now, body)
            check_resource(body)
            check_size(body)
        names = {*subject.patient_ids, subject.person_id}
        made: dict[str, Any] = with_person(body, names, subject.person_id, base_url)
        if person_named(made) != subject.person_id:
            path, text = path_of_person(change.resource_type), "is for ever of the same person"
            raise UnprocessableError([Fault("business-rule", path, text)])
        _check_links(held, change, made)
    except GatewayError as fault:
        raise RefusedError(fault, held.sight) from None
    return made


def _check_links(held: Held, change: Change, made: Mapping[str, Any]) -> None:
    """Nothing that was linked since the version was written goes unread. Errors:
    VersionConflictError."""
    if held.settled or held.now.deleted or change.patch is not None:
        return
    kept = links(made)
    lost = [
        name
        for name, value in held.shown.resource.items()
        if name not in _APART and not links({name: value}) <= kept
    ]
    if lost:
        kind = change.resource_type
        raise VersionConflictError([Fault("conflict", f"{kind}.{one}", _LINKS) for one in lost])


def joined(held: Held, made: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent with what its writer cannot see. Errors: RefusedError."""
    stored, sent_now = _content(held.stored), _content(made)
    shown = replace(held.shown, resource=_content(held.shown.resource))
    head = {name: held.stored[name] for name in ("resourceType", "id")}
    try:
        return head | rejoined(stored, shown, sent_now)
    except WordedError as worded:
        path = f"{head['resourceType']}.{worded.element}"
        fault = Fault("business-rule", path, "holds what is not part of your view; leave it")
        raise RefusedError(UnprocessableError([fault]), held.sight) from None


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    apart = {"resourceType", "id", *_APART}
    return {name: value for name, value in body.items() if name not in apart}


def labels_after(held: Held, made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The labels that stand with those that were sent: they only rise, and the shelf stays."""
    shelf = next(
        one["code"] for one in held.stored["meta"]["security"] if one["system"] == CATEGORY_SYSTEM
    )
    meta = {"security": labels_on(made, shelf)}
    return raised(held.stored, {"meta": meta})
