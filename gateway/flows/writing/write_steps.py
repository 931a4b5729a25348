"""What is written over REST, inside its one transaction.

    conditions -> ids -> references -> deletions, creations, updates -> may these be written?
    -> does everything named stand, and is it seen? -> views -> audit entries, last

Rule    What somebody may not see is not there: no condition matches it, no reference reaches it,
        no id names it. The role's write cell holds before an edit and after it. All or nothing.
Errors  RefusedError with the answer and what the log is told of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Action
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Outcome
from gateway.errors import (
    Fault,
    FaultyRequestError,
    GatewayError,
    NotFoundError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.alerts import raise_alert
from gateway.flows.asking.sight import sight_of
from gateway.flows.asking.views import View
from gateway.flows.reading.query_record import row_shown, view_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing import write_edits, write_references, write_told
from gateway.flows.writing.write_changes import Change
from gateway.flows.writing.write_types import check_resource, event_of
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.record import reads
from gateway.store.writing import claims
from gateway.store.writing.claims import Identifier

_SEVERAL: Final = "several resources of yours bear this identifier"


@dataclass(frozen=True, slots=True)
class Write:
    """One thing that is to be written."""

    action: Action
    resource_type: str
    resource_id: str = ""
    body: dict[str, Any] | None = None
    patch: list[dict[str, Any]] | None = None
    identifier: Identifier | None = None
    """The condition: what is written to is what the writer's organisation gave this identifier."""
    match: int | None = None
    """The version that is changed; None: whichever there is."""
    only_new: bool = False
    """Nothing may be there yet."""
    full_url: str = ""
    """How other writings of the transaction name it."""
    place: int = 0
    """Which entry of the Bundle asks for it."""
    told: dict[str, Any] | None = None
    """What its writer says of where it comes from."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it."""

    status: int
    view: View


class _Turn(IntEnum):
    """What is done, in the order in which a transaction does it."""

    NOTHING = 0
    FOUND = 1
    DELETE = 2
    CREATE = 3
    UPDATE = 4


@dataclass(slots=True)
class _Step:
    """A writing on its way."""

    write: Write
    turn: _Turn
    resource_id: str
    done: write_edits.Edit | None = None
    told: str = ""
    """The id of what was told of where it comes from."""


async def carry_out(
    conn: Connection, site: Site, asking: Asking, writes: Sequence[Write], *, bundled: bool
) -> list[Done]:
    """All of it, or nothing; `bundled`: as one transaction, whose entries name each other."""
    unit = Unit(conn, site, asking)
    steps = [await _step(unit, write) for write in writes]
    if bundled:
        _check_apart(steps)
        await _renamed(unit, steps)
    for step in sorted(steps, key=lambda one: one.turn):
        await asyncio.sleep(0)  # let others on between two of many
        try:
            await _do(unit, step)
        except RefusedError as refused:
            raise _told(refused, step.write) from None
    for step in steps:
        if step.done and step.done.named:
            await _check_named(unit, step)
    return [await _answer(unit, step) for step in steps]


async def _step(unit: Unit, write: Write) -> _Step:
    """What is to be done, once conditions are resolved."""
    if write.identifier is None:
        if write.action is Action.CREATE:
            return _Step(write, _Turn.CREATE, str(uuid7()))
        turn = _Turn.DELETE if write.action is Action.DELETE else _Turn.UPDATE
        return _Step(write, turn, write.resource_id)
    found = await matching(unit, write.resource_type, write.identifier)
    if len(found) > 1:
        faults = [Fault("multiple-matches", "", _SEVERAL)]
        raise _told(RefusedError(VersionConflictError(faults)), write)
    try:
        return _conditional(write, found)
    except GatewayError as fault:
        raise _told(RefusedError(fault), write) from None


def _told(refused: RefusedError, write: Write) -> RefusedError:
    """The refusal of this one writing."""
    event = event_of(write.resource_type, write.action)
    return refused.at(write.place, event, write.resource_type)


def _conditional(write: Write, found: list[str]) -> _Step:
    if write.action is Action.CREATE:
        if found:
            return _Step(write, _Turn.FOUND, found[0])
        return _Step(write, _Turn.CREATE, str(uuid7()))
    if write.action is Action.DELETE:
        return _Step(write, _Turn.DELETE if found else _Turn.NOTHING, "".join(found))
    if write.patch is not None:
        if not found:
            raise NotFoundError
        return _Step(write, _Turn.UPDATE, found[0])
    named = (write.body or {}).get("id")
    if not found:
        if named is not None:
            raise FaultyRequestError([Fault("invalid", "id", "ids are the server's: send none")])
        if write.match is not None:
            raise VersionConflictError(
                [Fault("conflict", "If-Match", "names a version of nothing")]
            )
        return _Step(write, _Turn.CREATE, str(uuid7()))
    if named not in (None, found[0]):
        raise FaultyRequestError([Fault("invalid", "id", "is not the id of what was found")])
    return _Step(write, _Turn.UPDATE, found[0])


async def matching(unit: Unit, resource_type: str, identifier: Identifier) -> list[str]:
    """What the writer's organisation gave this identifier, as far as the writer sees it."""
    conn, site, asking = unit.conn, unit.site, unit.asking
    hasher, org = site.store.vault.hasher, asking.caller.org
    found = []
    bearing = await claims.bearing(conn, hasher, org, resource_type, identifier, unit.numbers)
    for resource_id in bearing:
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        if sight and await reads.visible(conn, [sight.group], {resource_id}):
            found.append(resource_id)
    return found


def _check_apart(steps: Sequence[_Step]) -> None:
    """No two may be about one resource. Errors: RefusedError."""
    known: set[str] = set()
    conditions: set[tuple[str, Identifier]] = set()
    for step in steps:
        condition = (step.write.resource_type, step.write.identifier)
        again = step.write.identifier is not None and condition in conditions
        if again or (step.resource_id and step.resource_id in known):
            fault = Fault("invalid", "", "is about the same resource as another entry")
            raise _told(RefusedError(FaultyRequestError([fault])), step.write)
        known.add(step.resource_id)
        if step.write.identifier is not None:
            conditions.add((step.write.resource_type, step.write.identifier))


async def _renamed(unit: Unit, steps: Sequence[_Step]) -> None:
    """References between entries, and those by identifier, become references to resources."""
    named = {
        step.write.full_url: f"{step.write.resource_type}/{step.resource_id}"
        for step in steps
        if step.write.full_url and step.resource_id
    }
    for step in steps:
        body = step.write.body
        if body is None:
            continue
        try:
            made = await write_references.resolved(unit, body, named, matching, step.write.full_url)
            if made != body or not write_references.is_settled(body):
                check_resource(made)
        except GatewayError as fault:
            raise _told(RefusedError(fault), step.write) from None
        step.write = replace(step.write, body=made)


async def _do(unit: Unit, step: _Step) -> None:
    write = step.write
    if step.turn is _Turn.CREATE:
        step.done = await write_edits.create(unit, write.body or {}, step.resource_id)
    elif step.turn is _Turn.UPDATE:
        asked = Change(
            write.resource_type, step.resource_id, write.body, write.patch, write.match,
            write.identifier is not None, write.only_new,
        )  # fmt: skip
        step.done = await write_edits.update(unit, asked)
    elif step.turn is _Turn.DELETE:
        asked = Change(write.resource_type, step.resource_id, match=write.match)
        step.done = await write_edits.delete(unit, asked)
    elif step.turn is _Turn.FOUND:
        step.done = await _found(unit, step)
    if write.told and step.done and step.done.stored:
        step.told = await write_told.tell(unit, write.told, step.done, step.resource_id)


async def _found(unit: Unit, step: _Step) -> write_edits.Edit:
    kind = step.write.resource_type
    sight = await sight_of(unit.conn, unit.site, unit.asking, kind, step.resource_id, Action.READ)
    if sight is None:
        raise RefusedError(NotFoundError())
    return write_edits.Edit(sight, sight, 0, 0, stored=False)


async def _check_named(unit: Unit, step: _Step) -> None:
    """Everything a writing names stands, and its writer sees it. Errors: RefusedError."""
    edit = step.done
    if edit is None:
        return
    unseen = await write_references.unseen(unit.conn, edit.looking, edit.named)
    if unseen:
        faults = [Fault("not-found", path, write_references.NO_DATA) for path in unseen]
        raise _told(RefusedError(UnprocessableError(faults), edit.sight), step.write)


_STATUS: Final = {
    _Turn.NOTHING: 204,
    _Turn.FOUND: 200,
    _Turn.DELETE: 204,
    _Turn.CREATE: 201,
    _Turn.UPDATE: 200,
}


async def _answer(unit: Unit, step: _Step) -> Done:
    """What is told of it; its entry is noted."""
    kind, edit = step.write.resource_type, step.done
    event = event_of(kind, step.write.action)
    if edit is None:
        entry = entry_of(unit.site, unit.asking, event, None, [], kind)
        await _note(unit, replace(entry, outcome=Outcome.NOT_FOUND))
        return Done(204, View(kind, "", 0, 0, b""))
    view = None
    if step.turn is _Turn.CREATE and edit.row:
        view = await row_shown(unit.conn, unit.site, edit.looking, edit.row)
    elif step.turn not in (_Turn.CREATE, _Turn.DELETE):
        view = await view_of(unit.conn, unit.site, edit.looking, kind, step.resource_id)
    if view is None:
        view = View(kind, step.resource_id, edit.version, edit.updated_at, b"")
    parts = view.parts or ((kind, step.resource_id, edit.version),)
    parts += (("Provenance", step.told, 1),) if step.told else ()
    told = view._replace(parts=parts, orgs=frozenset({edit.org}) if edit.org else view.orgs)
    entry = entry_of(unit.site, unit.asking, event, edit.sight, [told], kind)
    outcome = Outcome.STORED if edit.stored else Outcome.SERVED
    noted = replace(entry, outcome=outcome, detail=(*entry.detail, *edit.said))
    if edit.alert is not None:
        await raise_alert(unit.conn, unit.site.store.vault, edit.alert, noted)
    else:
        await _note(unit, noted)
    return Done(_STATUS[step.turn], view)


async def _note(unit: Unit, entry: AuditEntry) -> None:
    await append(unit.conn, unit.site.store.vault, [entry])
