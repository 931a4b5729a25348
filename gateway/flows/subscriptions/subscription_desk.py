"""Subscriptions as their owners write and ask about them.

    may the caller have one? -> read what was sent -> how it begins -> kept, and recorded

Rule    A subscription is of one user, or system, in one role and organisation; to everybody else it
        is not there. It stands under the purpose and the scopes that it was last written with, and
        ends by itself: writing it again, with a token that holds, is how it goes on.
Errors  ForbiddenError; NotFoundError; UnprocessableError; VersionConflictError.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Action, CallerKind, Purpose
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import (
    Fault,
    ForbiddenError,
    NotFoundError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.asking.access_log import require_scope
from gateway.flows.asking.alerts import append_owing
from gateway.flows.site.site import Asking, Site
from gateway.flows.subscriptions.subscription_notice import (
    QUERY_EVENT,
    entries_of,
    notice,
    status_of,
)
from gateway.flows.subscriptions.subscription_resource import EMPTY, Asked, read, shown, stored
from gateway.flows.subscriptions.subscription_sight import Shown, told_of
from gateway.flows.subscriptions.subscription_terms import Terms, is_registered, owner_of
from gateway.flows.subscriptions.subscription_topics import Topic
from gateway.store.audit import audit_reads
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.leaving import subscription_events, subscriptions
from gateway.store.leaving.subscriptions import ACTIVE, OFF, REQUESTED, Content, Kept
from gateway.store.leaving.subscriptions import Standing as Standing
from gateway.store.record.reads import is_id

TYPE: Final = "Subscription"
MOST: Final = 50
"""Of one owner."""
MOST_EVENTS: Final = 200
"""In one answer to `$events`."""
_KEY_BYTES: Final = 32
_NOT_FOR: Final = frozenset({Purpose.EMERGENCY, Purpose.BREAK_GLASS})

Json = dict[str, Any]


async def create(site: Site, terms: Terms, asking: Asking, resource: Json) -> tuple[Standing, Json]:
    """A new one; with the key of its notices, which is told this once."""
    await _check_may(site, asking, Event.CREATE, Action.CREATE)
    asked = read(resource, terms.reach, asking.at, asking.at + terms.longest)
    row = _bound(_first(asking), terms, asking, asked)
    row = replace(row, **_begun(asked, resource, None, None))
    content = Content(resource, secrets.token_bytes(_KEY_BYTES) if asked.endpoint else b"")

    async def unit(conn: Connection) -> None:
        if await subscriptions.count_of(conn, asking.caller) >= MOST:
            raise UnprocessableError([Fault("too-costly", TYPE, f"at most {MOST} are yours")])
        await _start_reading(conn)
        await subscriptions.add(conn, site.store.vault, row, content)
        await append(conn, site.store.vault, [_entry(asking, Event.CREATE, row)])

    await site.store.write(unit)
    return row, shown(row, resource, content.key)


async def update(
    site: Site, terms: Terms, asking: Asking, name: str, resource: Json, match: int | None
) -> tuple[Standing, Json]:
    """It as it is sent, under the authority of this moment; with a key where that is a new one."""
    await _check_may(site, asking, Event.UPDATE, Action.UPDATE)
    asked = read(resource, terms.reach, asking.at, asking.at + terms.longest)

    async def unit(conn: Connection) -> tuple[Standing, Json]:
        before, content = await _own(conn, site, asking, name)
        if match not in (None, before.version):
            raise VersionConflictError([Fault("conflict", "If-Match", "another version stands")])
        was = stored(content.resource, terms.reach)
        row = replace(_bound(before, terms, asking, asked), version=before.version + 1)
        row = replace(row, **_begun(asked, resource, before, was))
        moved = asked.endpoint != was.endpoint
        key = content.key
        if moved:
            key = secrets.token_bytes(_KEY_BYTES) if asked.endpoint else b""
        if row.topic != before.topic:
            await subscription_events.drop_all(conn, name)
        await subscription_events.record_anew(conn, name)
        await _start_reading(conn)
        await subscriptions.change(conn, site.store.vault, row, Content(resource, key))
        await append(conn, site.store.vault, [_entry(asking, Event.UPDATE, row)])
        return row, shown(row, resource, key if moved else b"")

    return await site.store.write(unit)


async def delete(site: Site, asking: Asking, name: str) -> None:
    """It is no more."""
    await _check_may(site, asking, Event.DELETE, Action.DELETE)

    async def unit(conn: Connection) -> None:
        row = await _standing(conn, asking, name)
        await subscriptions.remove(conn, name)
        await append(conn, site.store.vault, [_entry(asking, Event.DELETE, row)])

    await site.store.write(unit)


async def one(site: Site, asking: Asking, name: str) -> tuple[Standing, Json]:
    """One of the caller's."""
    await _check_may(site, asking, Event.READ, Action.READ)
    async with site.store.engine.reading() as conn:
        row, content = await _own(conn, site, asking, name)
    return row, shown(row, content.resource)


async def standing(site: Site, asking: Asking, name: str) -> Standing:
    """How one of the caller's stands, though it opens no more."""
    await _check_may(site, asking, Event.READ, Action.READ)
    async with site.store.engine.reading() as conn:
        return await _standing(conn, asking, name)


async def standings(site: Site, asking: Asking) -> list[Standing]:
    """How each of the caller's stands, the oldest first."""
    await _check_may(site, asking, Event.SEARCH, Action.SEARCH)
    async with site.store.engine.reading() as conn:
        return await subscriptions.standings(conn, asking.caller)


async def everyone(site: Site, asking: Asking) -> list[tuple[Standing, Json]]:
    """All of the caller's that open, the oldest first."""
    await _check_may(site, asking, Event.SEARCH, Action.SEARCH)
    async with site.store.engine.reading() as conn:
        found = await subscriptions.of_owner(conn, site.store.vault, asking.caller)
    return [(row, shown(row, content.resource)) for row, content in found]


async def events(
    site: Site, terms: Terms, asking: Asking, name: str, numbers: tuple[int, int], content: str
) -> bytes:
    """What it was told under these numbers, as far as the caller may be told of it now. Of one
    without an address what waits is told by asking, and has its number from then on."""
    await _check_may(site, asking, Event.OPERATION, Action.READ)

    async def unit(conn: Connection) -> bytes:
        row, kept = await _own(conn, site, asking, name)
        asked = stored(kept.resource, terms.reach)
        if not asked.endpoint and row.status != OFF:
            row = await _number_waiting(conn, site, terms, row, asking)
        several = await subscription_events.told(conn, name, *numbers, MOST_EVENTS)
        may, _ = await told_of(conn, site, asking.caller, Topic(row.topic), several, asking.at)
        for owed, entry in entries_of(site, asking, row, may, Event.OPERATION):
            await append_owing(conn, site.store.vault, owed, entry)
        level = EMPTY if EMPTY in (asked.content, content) else asked.content
        status = status_of(site, row, QUERY_EVENT, may, level)
        return notice(site, status, row, asking.at)

    return await site.store.write(unit)


async def _number_waiting(
    conn: Connection, site: Site, terms: Terms, row: Standing, asking: Asking
) -> Standing:
    """Number what waits and may be told. What may not is told to nobody: it is dropped before,
    so that as many are told as though it had never been. Where nobody has the authority now it
    waits on."""
    owner, topic = owner_of(row, terms, asking.at), Topic(row.topic)
    if owner is None:
        return row
    while True:
        waiting = await subscription_events.waiting(conn, row.subscription_id, MOST_EVENTS)
        may = (await told_of(conn, site, owner, topic, waiting, asking.at))[0]
        hidden = unseen(waiting, may)
        if not hidden:
            break
        await subscription_events.drop(conn, hidden)
    numbered = [replace(one.event, number=number) for number, one in enumerate(may, row.told + 1)]
    await subscription_events.number(conn, numbered)
    row = replace(row, told=row.told + len(numbered))
    await subscriptions.count_told(conn, row.subscription_id, row.told)
    return row


def unseen(
    events: Sequence[subscription_events.Event], may: Sequence[Shown]
) -> list[subscription_events.Event]:
    """Those that may not be told."""
    kept = {one.event for one in may}
    return [event for event in events if event not in kept]


async def _standing(conn: Connection, asking: Asking, name: str) -> Standing:
    found = await subscriptions.standings(conn, asking.caller)
    row = next((one for one in found if one.subscription_id == name), None)
    if row is None:
        raise NotFoundError
    return row


async def _own(conn: Connection, site: Site, asking: Asking, name: str) -> Kept:
    found = None
    if is_id(name):
        found = await subscriptions.find(conn, site.store.vault, asking.caller, name)
    if found is None:
        raise NotFoundError
    return found


async def _check_may(site: Site, asking: Asking, event: Event, action: Action) -> None:
    """Errors: ForbiddenError for people, for lay roles, and in an emergency."""
    caller = asking.caller
    role = site.policy.roles.get(caller.role)
    if caller.kind not in (CallerKind.STAFF, CallerKind.SYSTEM) or role is None or role.lay:
        raise ForbiddenError
    if caller.purpose in _NOT_FOR:
        raise ForbiddenError
    await require_scope(site, asking, event, action, TYPE)


async def _start_reading(conn: Connection) -> None:
    """The first one is told of what comes after it; what the log held before is not read."""
    if not await subscriptions.is_any_live(conn):
        size, _ = await audit_reads.head(conn)
        await subscription_events.read_to(conn, size)


def _first(asking: Asking) -> Standing:
    caller, at = asking.caller, to_micros(asking.at)
    return Standing(
        str(uuid7()), caller.org, caller.user_id, str(caller.kind), caller.role, "", "", "", 0, "",
        REQUESTED, "", 1, at, at, at,
    )  # fmt: skip


def _bound(row: Standing, terms: Terms, asking: Asking, asked: Asked) -> Standing:
    """Under the authority of who writes it now."""
    caller = asking.caller
    return replace(
        row,
        purpose=str(caller.purpose),
        client_id=caller.client_id,
        scopes=" ".join(sorted(caller.scopes)),
        registered=int(is_registered(caller, terms)),
        topic=str(asked.topic),
        updated_at=to_micros(asking.at),
        ends_at=asked.ends_at,
    )


def _begun(
    asked: Asked, resource: Json, before: Standing | None, was: Asked | None
) -> dict[str, Any]:
    """How it stands as it is written: an address that is new has to take a handshake first."""
    goes_on = (
        before is not None
        and was is not None
        and (asked.endpoint, asked.headers) == (was.endpoint, was.headers)
        and (before.status, resource["status"]) == (ACTIVE, ACTIVE)
    )
    made = {"fault": "", "posted": int(bool(asked.endpoint))}
    if asked.off:
        return made | {"status": OFF, "shaken": 0}
    if goes_on or not asked.endpoint:
        return made | {"status": ACTIVE, "shaken": 1}
    return made | {"status": REQUESTED, "shaken": 0}


def _entry(asking: Asking, event: Event, row: Standing) -> AuditEntry:
    return AuditEntry(
        asking.at, event, Outcome.STORED, asking.agent,
        request_id=asking.request_id, query=TYPE,
        resources=((TYPE, row.subscription_id, row.version),), detail=(("topic", row.topic),),
    )  # fmt: skip
