"""One resource is created, changed or deleted, in a transaction that is already open.

Rule    Who may: the role's write cell, before an edit and after it, in the database, by the same
        Filter that reads go by. What a feed states is its source's own. The person it is about
        never changes, labels only rise, and what the writer cannot see stays as it is.
Errors  RefusedError.
Source  docs/adr/0040-writing-over-rest.md.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Action, Reason, RelationshipKind
from gateway.errors import (
    Fault,
    FaultyRequestError,
    ForbiddenError,
    GatewayError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.asking.alerts import Kind
from gateway.flows.asking.sight import Sight, seen, sees_person
from gateway.flows.writing import write_asks, write_beside, write_changes, write_dissents
from gateway.flows.writing.team import members_of
from gateway.flows.writing.write_changes import Change, Held
from gateway.flows.writing.write_consents import check_kept
from gateway.flows.writing.write_proxies import check_recorder
from gateway.flows.writing.write_references import named_in, with_person
from gateway.flows.writing.write_types import (
    assembled,
    identifiers_of,
    kept_meta,
    labels_on,
    path_of_person,
    person_named,
    shelf_of,
)
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.access import caseload, facts, team_evidence
from gateway.store.identity import together
from gateway.store.labels.label_union import security
from gateway.store.record import reads
from gateway.store.record.reads import Opened
from gateway.store.writing import claims, team_versions
from gateway.store.writing.made import judged

_NOBODY: Final = "names nobody whose record you may write to"
_SOURCES: Final = "is its source's own: put a goal, a task or a note of your own beside it"
_UNMATCHED: Final = Fault("required", "If-Match", "names the version you changed, as its ETag does")


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done, under which sights."""

    sight: Sight
    """What the writer may write."""
    looking: Sight
    """What the writer may see."""
    version: int
    updated_at: int
    org: str = ""
    """Whose it is."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Path and reference of everything that it refers to, as its writer sent it."""
    stored: bool = True
    """Whether there was anything to do."""
    alert: Kind | None = None
    """What is looked at: that the writer put themselves on the team, which outlasts what they have
    now, or opened what the person had closed."""
    row: Opened | None = None
    """Of a new one: the row, if its writer sees it."""
    said: write_dissents.Detail = ()
    """What else the log is told."""


async def create(unit: Unit, sent: Mapping[str, Any], resource_id: str) -> Edit:
    """A new resource about somebody whose record is open to the writer."""
    conn, site, resource_type = unit.conn, unit.site, sent["resourceType"]
    sight, looking = await _open_person(unit, sent)
    subject, caller = looking.subject, unit.asking.caller
    body = with_person(sent, subject.patient_ids, subject.person_id, site.base_url)
    shelf = shelf_of(site.policy, caller.role, body)
    meta = kept_meta(body) | {"security": labels_on(body, shelf)}
    made = assembled(resource_type, resource_id, meta, body, subject.person_id)
    _check_said(None, (), made, caller.org, unit, sight)
    owner, vault = subject.person_id, site.store.vault
    version = await team_versions.write_first(conn, vault, owner, made, unit.hand)
    written = (resource_type, resource_id, version)
    await together.note(conn, written, subject.patient_ids, unit.at)
    alert = await _after(unit, owner, made, caller.org, new=True)
    alert = Kind.DISSENT_ENDED if write_dissents.opens(unit, looking, None, made) else alert
    may, row = await judged(conn, vault, owner, resource_id, sight.group, looking.group)
    if not may:
        raise RefusedError(ForbiddenError(), sight)
    said = write_dissents.said_of(None, made)
    return Edit(sight, looking, version, unit.at, caller.org, _named(body), True, alert, row, said)


async def _open_person(unit: Unit, sent: Mapping[str, Any]) -> tuple[Sight, Sight]:
    """What the writer may write and see of whom a new resource is about."""
    conn, site, resource_type = unit.conn, unit.site, sent["resourceType"]
    home = f"{site.base_url}/fhir/R4/"
    named = person_named(sent).removeprefix(home)
    whom = await facts.whom(conn, "Patient", named)
    people = [whom] if whom else []
    held = await facts.held_of(conn, site.store.vault, site.known, people)
    found = await seen(conn, site, unit.asking, held.values(), Action.CREATE)
    looking = await seen(conn, site, unit.asking, held.values(), Action.READ)
    is_open = bool(looking) and named in looking[0].subject.patient_ids
    is_open = is_open and await sees_person(conn, looking[0])
    if is_open and is_self_opened(resource_type, found[0], looking[0]):
        raise RefusedError(ForbiddenError(), found[0])
    if not is_open or found[0].allowed.is_nothing:
        fault = Fault("not-found", path_of_person(resource_type), _NOBODY)
        raise RefusedError(UnprocessableError([fault]), found[0] if found else None)
    return found[0], looking[0]


def is_self_opened(resource_type: str, sight: Sight, looking: Sight) -> bool:
    """Whether the only ground is one the caller gave themselves: an emergency is for reading, and
    no team is made on a relationship that somebody claimed."""
    if sight.allowed.is_nothing:
        return Reason.BREAK_GLASS in looking.allowed.reasons
    return resource_type == "CareTeam" and Reason.SELF_CLAIM in sight.allowed.reasons


def _version_read(change: Change, sight: Sight) -> int:
    """The version that a resource says it was when it was read, or that a patch tests, where no
    If-Match names one: many clients send no header. Errors: RefusedError."""
    meta = (change.body or {}).get("meta")
    tests = {one["path"]: one["value"] for one in change.patch or () if one["op"] == "test"}
    said = meta.get("versionId") if isinstance(meta, dict) else tests.get("/meta/versionId")
    if not isinstance(said, str) or re.fullmatch(r"[0-9]{1,9}", said) is None:
        raise RefusedError(FaultyRequestError([_UNMATCHED]), sight)
    return int(said)


async def update(unit: Unit, change: Change) -> Edit:
    """The resource as it is to be from now on."""
    held = await write_changes.held(unit, change, Action.UPDATE)
    _check_open(unit, held, change)
    if change.only_new and not held.now.deleted:
        fault = Fault("conflict", "If-None-Match", "there is one already")
        raise RefusedError(VersionConflictError([fault]), held.sight)
    if change.match is None and not change.blind and not held.now.deleted:
        change = replace(change, match=_version_read(change, held.sight))
    await write_changes.check_match(unit, held, change)
    sent = await write_changes.sent(unit, held, change)
    alert: Kind | None = None
    org = held.now.source_org
    if held.now.is_teams:
        number, alert = await _write_next(unit, held, change, sent)
    else:
        whole = write_changes.joined(held, sent)
        _check_said(held.stored, (), whole, org, unit, held.sight)
        number = await write_beside.edit(unit, held, whole, sent, unit.hand)
    passing = await reads.visible(unit.conn, [held.sight.group], {change.resource_id})
    if change.resource_id not in passing and held.writable:
        raise RefusedError(ForbiddenError(), held.sight)
    at = held.now.updated_at if number == held.now.version else unit.at
    said = write_dissents.said_of(held.stored, sent)
    return Edit(held.sight, held.looking, number, at, org, _named(sent), alert=alert, said=said)


async def _write_next(
    unit: Unit, held: Held, change: Change, sent: Mapping[str, Any]
) -> tuple[int, Kind | None]:
    """The next version of what a team wrote, and what is to be looked at about it."""
    whole = write_changes.joined(held, sent)
    authors = await write_dissents.writers_of(unit, held)
    _check_said(held.stored, authors, whole, held.now.source_org, unit, held.sight)
    await write_dissents.check_said_so(unit, held, whole)
    opened = write_dissents.opens(unit, held.looking, held.stored, whole)
    subject, owner = held.looking.subject, held.now.patient_id
    labels = write_changes.labels_after(held, sent) if held.writable else security(held.stored)
    meta = kept_meta(sent) | {"security": labels}
    made = assembled(change.resource_type, change.resource_id, meta, whole, subject.person_id)
    names = {*subject.patient_ids, subject.person_id}
    made, before = (with_person(one, names, owner) for one in (made, held.stored))
    vault, conn = unit.site.store.vault, unit.conn
    number = await team_versions.write_next(conn, vault, held.now, before, made, unit.hand)
    written = (change.resource_type, change.resource_id, number)
    records = {*subject.patient_ids, owner}
    await together.note_next(conn, written, held.now.version, records, unit.at)
    alert = await _after(unit, owner, made, held.now.source_org)
    return number, Kind.DISSENT_ENDED if opened else alert


async def delete(unit: Unit, change: Change) -> Edit:
    """The resource is no more; one that was deleted before stays so."""
    held = await write_changes.held(unit, change, Action.DELETE)
    now = held.now
    if now.deleted:
        return Edit(
            held.sight, held.looking, now.version, now.updated_at, now.source_org, stored=False
        )
    _check_open(unit, held, change)
    if now.source_org != unit.asking.caller.org:
        raise RefusedError(ForbiddenError(), held.sight)
    await write_changes.check_match(unit, held, change)
    conn, vault = unit.conn, unit.site.store.vault
    last = with_person(held.stored, held.looking.subject.patient_ids, now.patient_id)
    number = await team_versions.write_deletion(conn, vault, now, last, unit.hand)
    place = (now.resource_type, now.patient_id, change.resource_id)
    await claims.replace(conn, vault.hasher, now.source_org, place, [], unit.numbers)
    if now.resource_type == "CareTeam":
        evidence = f"CareTeam/{change.resource_id}"
        await team_evidence.replace(conn, now.patient_id, evidence, [], unit.at)
    return Edit(held.sight, held.looking, number, unit.at, now.source_org)


def _check_open(unit: Unit, held: Held, change: Change) -> None:
    """A writer who sees it may change it; what was deleted only its own organisation makes
    anew, and nobody lifts a consent on a relationship they claimed. Errors: RefusedError."""
    if not held.now.is_teams and not write_beside.may_edit(held, change):
        fault = Fault("business-rule", change.resource_type, _SOURCES)
        raise RefusedError(UnprocessableError([fault]), held.sight)
    mine = is_self_opened(change.resource_type, held.sight, held.looking)
    kind, reasons = held.now.resource_type, held.sight.allowed.reasons
    mine = mine or (kind == "Consent" and Reason.SELF_CLAIM in reasons)
    mine = mine or (held.now.deleted and held.now.source_org != unit.asking.caller.org)
    mine = mine or write_asks.is_left_alone(held.stored)
    if (
        mine
        or not (held.writable or _is_asked(unit, held))
        or write_dissents.is_persons_own(unit, held)
    ):
        raise RefusedError(ForbiddenError(), held.sight)


def _is_asked(unit: Unit, held: Held) -> bool:
    """Whether this is asked of the writer's organisation, and they write about the person at all:
    then an answer is theirs to give, on whatever shelf the ask stands."""
    by = unit.asking.caller.org
    is_asked = write_asks.may_answer(held.stored, held.now.source_org, by)
    return is_asked and held.now.is_teams and not held.sight.allowed.is_nothing


def _check_said(
    before: Mapping[str, Any] | None,
    authors: Collection[str],
    after: Mapping[str, Any],
    org: str,
    unit: Unit,
    sight: Sight,
) -> None:
    """What is asked of another organisation, and who acts for the person, is said by who is to say
    it; and of whom a Consent speaks is known here. Errors: RefusedError."""
    caller = unit.asking.caller
    try:
        if before is None:
            write_asks.check_new(after, org)
        else:
            write_asks.check_next(before, after, org, caller.org)
        check_recorder(before, after, caller, sight, unit.site)
        check_kept(after, unit.site.policy, unit.asking.at)
        write_dissents.check_two(before, authors, after, caller, unit.site)
    except GatewayError as fault:
        raise RefusedError(fault, sight) from None


def _named(body: Mapping[str, Any]) -> dict[str, str]:
    return dict(named_in(body, str(body["resourceType"])))


async def _after(
    unit: Unit, owner: str, body: Mapping[str, Any], org: str, *, new: bool = False
) -> Kind | None:
    """What follows from a written resource: who it puts in touch, and what it is found by; the
    alert where the writer is among the former. Of a new one nothing yet could be replaced."""
    conn, kind, name = unit.conn, body["resourceType"], body["id"]
    place = (kind, owner, name)
    hasher, named = unit.site.store.vault.hasher, identifiers_of(body)
    give = claims.give if new else claims.replace
    await give(conn, hasher, org, place, named, unit.numbers)
    if kind != "CareTeam":
        return None
    evidence = f"CareTeam/{name}"
    entries = [
        caseload.Entry(
            owner, str(uuid7()), member.org, member.user_id, str(RelationshipKind.CARE_TEAM),
            member.starts, member.ends, evidence, "member of the care team", unit.at,
        )
        for member in members_of(body, unit.asking.at)
    ]  # fmt: skip
    added = await team_evidence.replace(conn, owner, evidence, entries, unit.at, new=new)
    mine = (unit.asking.caller.org, unit.asking.caller.user_id)
    joined = any((one.org, one.user_id) == mine for one in added)
    return Kind.SELF_CLAIM if joined else None
