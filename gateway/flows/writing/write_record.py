"""What members of a team, provider systems and people write over REST.

    scope -> role -> valid R4, strict profile -> one transaction (write_steps) -> answer

The version, what it proves, the identifiers it is found by and the audit entry are one
transaction; a refusal is recorded after it was undone. Ids are the server's own.

Errors  UnprocessableError with every path, also where the person named is not open to the
        caller (missing and hidden alike); ForbiddenError where role or scopes do not let this
        be written; VersionConflictError; NotFoundError, and for a whole body NotSupportedError.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from consent.terms import Action
from gateway.audit.events import Outcome
from gateway.errors import (
    Fault,
    FaultyRequestError,
    ForbiddenError,
    GatewayError,
    GoneError,
    NotFoundError,
)
from gateway.flows.asking.access_log import entry_of, failures_recorded, require_scope
from gateway.flows.asking.alerts import record_owing
from gateway.flows.site.site import Asking, Site
from gateway.flows.site.staff_seen import staff_numbers
from gateway.flows.writing.write_patching import operations
from gateway.flows.writing.write_references import is_settled, names_staff, with_staff
from gateway.flows.writing.write_steps import Done, Write, carry_out
from gateway.flows.writing.write_types import (
    check_deletable,
    check_resource,
    event_of,
    may_write_some,
    read_resource,
)
from gateway.flows.writing.write_unit import RefusedError
from gateway.store.access.held import HeldCache
from gateway.store.database.engine import Connection
from gateway.store.writing.claims import Identifier

_Seen = TypeVar("_Seen")


async def create(
    site: Site,
    asking: Asking,
    resource_type: str,
    body: bytes,
    identifier: Identifier | None = None,
    told: dict[str, Any] | None = None,
) -> Done:
    """A new resource; with an identifier only where the caller's organisation gave it to none."""
    await check_allowed(site, asking, Action.CREATE, resource_type)
    resource = read_resource(body, resource_type)
    check_resource(resource)
    write = Write(Action.CREATE, resource_type, body=resource, identifier=identifier, told=told)
    return (await perform(site, asking, [write]))[0]


async def update(site: Site, asking: Asking, write: Write, body: bytes) -> Done:
    """The resource with this body from now on; by identifier a new one where there is none."""
    await check_allowed(site, asking, Action.UPDATE, write.resource_type)
    if write.identifier is not None:
        await check_allowed(site, asking, Action.CREATE, write.resource_type)
    resource = read_resource(body, write.resource_type)
    check_id(resource, write)
    check_resource(resource)
    return (await perform(site, asking, [replace(write, body=resource)]))[0]


async def patch(site: Site, asking: Asking, write: Write, body: bytes) -> Done:
    """The resource after these operations."""
    await check_allowed(site, asking, Action.UPDATE, write.resource_type)
    listed = operations(body)
    return (await perform(site, asking, [replace(write, patch=listed)]))[0]


async def delete(site: Site, asking: Asking, write: Write) -> Done:
    """The resource is no more, and its earlier versions are kept."""
    check_deletable(write.resource_type)
    await check_allowed(site, asking, Action.DELETE, write.resource_type)
    return (await perform(site, asking, [write]))[0]


def check_id(resource: dict[str, Any], write: Write) -> None:
    """The body of an update says whose it is. Errors: FaultyRequestError."""
    if write.identifier is None and resource.get("id") != write.resource_id:
        raise FaultyRequestError([Fault("invalid", "id", "is to be the id in the address")])


def judged(write: Write) -> Write:
    """The same; what can be judged before references are resolved is valid. Errors:
    UnprocessableError."""
    if write.body is not None and is_settled(write.body):
        check_resource(write.body)
    return write


async def check_allowed(site: Site, asking: Asking, action: Action, resource_type: str) -> None:
    """Refuse a role that may write this about nobody, and a token whose scopes leave it out.
    Errors: ForbiddenError."""
    event = event_of(resource_type, action)
    if not may_write_some(site.policy, asking.caller.role, action, resource_type):
        entry = entry_of(site, asking, event, None, [], resource_type)
        await site.store.log.append(replace(entry, reasons=("role",)))
        raise ForbiddenError
    await require_scope(site, asking, event, action, resource_type)


async def perform(
    site: Site, asking: Asking, writes: Sequence[Write], *, bundled: bool = False
) -> list[Done]:
    """All of it in one transaction, or nothing."""
    first = writes[0]
    event = event_of(first.resource_type, first.action)
    async with failures_recorded(site, asking, event, first.resource_type):
        done = await _written(site, asking, writes, bundled=bundled)
    if isinstance(done, RefusedError):
        await _record_refusal(site, asking, done)
        raise _answer_of(done, bundled=bundled)
    return done


async def _written(
    site: Site, asking: Asking, writes: Sequence[Write], *, bundled: bool
) -> list[Done] | RefusedError:
    named = await _with_staff(site, asking, writes)
    try:
        return await site.store.write(
            lambda conn: carry_out(conn, site, asking, named, bundled=bundled)
        )
    except RefusedError as refused:
        return refused


async def _with_staff(site: Site, asking: Asking, writes: Sequence[Write]) -> Sequence[Write]:
    """The same, with staff named by number. They are looked up before the transaction."""
    base = site.base_url
    try:
        if not any(names_staff([one.body, one.patch, one.told], base) for one in writes):
            return writes
        staff = await staff_numbers(site, asking, Action.READ)
        return [
            replace(
                one,
                body=with_staff(one.body, staff, base),
                patch=with_staff(one.patch, staff, base),
                told=with_staff(one.told, staff, base),
            )
            for one in writes
        ]
    except RecursionError:  # it is judged later, and found to be nested too deep
        return writes


async def _record_refusal(site: Site, asking: Asking, refused: RefusedError) -> None:
    """What was refused is in the log before it is answered, with the alert that it asks for."""
    entry = entry_of(site, asking, refused.event, refused.sight, [], refused.resource_type)
    missing = isinstance(refused.answer, NotFoundError | GoneError)
    outcome = Outcome.NOT_FOUND if missing else Outcome.REFUSED
    owed = refused.sight.allowed.obligations if refused.sight else ()
    await record_owing(site.store, owed, replace(entry, outcome=outcome))


def _answer_of(refused: RefusedError, *, bundled: bool) -> GatewayError:
    """The answer; of a transaction with the entry that it is about."""
    answer = refused.answer
    if not bundled or not isinstance(answer, FaultyRequestError):
        return answer
    entry, kind = f"Bundle.entry[{refused.place}]", f"{refused.resource_type}."
    return type(answer)(
        [
            replace(one, path=f"{entry}.resource.{one.path.removeprefix(kind)}")
            if one.path.startswith(kind)
            else replace(one, path=entry)
            for one in answer.faults
        ]
    )


async def tried(
    site: Site, asking: Asking, write: Write, look: Callable[[Connection], Awaitable[_Seen]]
) -> tuple[_Seen, _Seen]:
    """What `look` sees before this is written and after it; the writing is undone. It is refused
    and recorded as the writing would be."""

    async def unit(conn: Connection) -> None:
        before = await look(conn)
        await carry_out(conn, site, asking, named, bundled=False)
        raise _UndoneError(before, await look(conn))

    event = event_of(write.resource_type, write.action)
    async with failures_recorded(site, asking, event, write.resource_type):
        named = await _with_staff(site, asking, [write])
        try:
            await site.store.write(unit)
        except RefusedError as fault:
            refused = fault
        except _UndoneError as done:
            return done.before, done.after
    await _record_refusal(site, asking, refused)
    raise refused.answer


class _UndoneError(Exception):
    """What was seen, and that nothing of it is to last."""

    def __init__(self, before: Any, after: Any) -> None:
        super().__init__()
        self.before, self.after = before, after


def implied(site: Site) -> Site:
    """The site as if permission were implied: only to ask who may record a permission."""
    settings = replace(
        site.policy.settings, permission=type(site.policy.settings.permission).IMPLIED
    )
    policy = replace(site.policy, settings=settings)
    return replace(site, policy=policy, known=HeldCache())  # what is decided so is not kept
