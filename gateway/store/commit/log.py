"""Append to the audit log: in a writing's own transaction, or a batch of reads at once.

In      AuditEntry values, noted while a transaction runs and written together at its end.
Out     Their sequence numbers; the entries are durable when the writing commits.
Rule    The head row is locked last and for as short as possible; numbers have no gap and no
        fork. An entry that cannot be written is AuditUnavailableError: then nothing is answered.
Source  Design decision D7; docs/audit-format.md.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from consent.terms import Reason
from gateway.audit.entry import NONCE_BYTES, AuditEntry, encode, owner_of
from gateway.audit.events import Event, Outcome
from gateway.audit.merkle import Frontier, leaf_hash
from gateway.clock import to_micros
from gateway.errors import AuditUnavailableError
from gateway.store.database.engine import Connection, Insert, Update, after_commit
from gateway.store.keyring.keys import random_bytes
from gateway.store.sealed.vault import Keys, Vault

_log = structlog.get_logger()
_NOTED: Final = "noted audit entries"
_PROCESS: Final = "process that serves"
PROCESS: Final = "process"
"""The detail of an entry that names the process which served what it is about."""
_BREAKING_GLASS: Final = frozenset(
    {Event.BREAK_GLASS_OPEN, Event.BREAK_GLASS_USE, Event.BREAK_GLASS_CLOSE}
)

_ENTRY: Final = Insert(
    "audit_entry",
    "seq, record, leaf_hash, root_after, recorded_at, event, outcome, org, user_id, person_id,"
    " owner_orgs, purpose, break_glass",
)
_HEAD: Final = Update("audit_head", "size, frontier", "id = 1")


Noting = Callable[[Connection], Awaitable[list["Noted"]]]
_Result = TypeVar("_Result")


@dataclass(slots=True)
class Outcomes:
    """What is recorded on behalf of one request, once it is durable, in order."""

    outcomes: list[Outcome] = field(default_factory=list)
    """How it ended."""
    partly: bool = False
    """Whether somebody was asked about by name, beside those who are shown, who is not."""
    refusal: AuditEntry | None = None
    """What a flow says of its refusal of somebody who proved nothing: whoever answers records it,
    within bounds."""
    numbers: list[int] = field(default_factory=list)
    """Of the entries."""


OUTCOMES: Final[ContextVar[Outcomes | None]] = ContextVar("outcomes", default=None)
"""Set for the length of a request by whoever must know whether it left an entry."""


def note_partly() -> None:
    """Whoever answers is told that somebody who was named is not among those shown."""
    told = OUTCOMES.get()
    if told is not None:
        told.partly = True


@dataclass(slots=True)
class Noted:
    """An entry that is written as its transaction ends; its number is known from then on."""

    entry: AuditEntry
    record: bytes
    number: int = -1
    told: Outcomes | None = None


def begin_entries(conn: Connection, process_id: str = "") -> None:
    """Let this transaction note entries, as the process that serves, if it does; whoever calls this
    writes them at its end."""
    conn.own[_NOTED], conn.own[_PROCESS] = [], process_id


def told_of(
    unit: Callable[[Connection], Awaitable[_Result]],
) -> Callable[[Connection], Awaitable[_Result]]:
    """The unit; whoever asked for it is told what it noted, though another task runs it."""
    told = OUTCOMES.get()
    if told is None:
        return unit

    async def telling(conn: Connection) -> _Result:
        before = len(conn.own[_NOTED])
        result = await unit(conn)
        for one in conn.own[_NOTED][before:]:
            one.told = told
        return result

    return telling


async def append(
    conn: Connection, vault: Vault, entries: Sequence[AuditEntry], keys: Keys | None = None
) -> list[Noted]:
    """Note entries for the log: they are written as the last act of the transaction."""
    noted = [Noted(entry, await _record(conn, vault, entry, keys)) for entry in entries]
    conn.own[_NOTED] += noted
    return noted


async def write_entries(conn: Connection) -> None:
    """Write what was noted, in order, as the transaction's last act."""
    noted: list[Noted] = conn.own.pop(_NOTED)
    if not noted:
        return
    try:
        await _write(conn, noted)
    except AuditUnavailableError:
        raise
    except conn.busy:
        raise
    except Exception as fault:  # whatever it was, nothing of the transaction stands
        raise AuditUnavailableError("what was done could not be recorded") from fault


async def _write(conn: Connection, noted: Sequence[Noted]) -> None:
    rows = await conn.fetch(f"SELECT size, frontier FROM audit_head WHERE id = 1{conn.lock_rows}")
    if not rows:
        raise AuditUnavailableError("the log has no head; run `care-gateway db upgrade`")
    frontier = Frontier.from_bytes(bytes(rows[0][1]))
    written = []
    for one in noted:
        leaf = leaf_hash(one.record)
        one.number = frontier.size
        frontier, root = frontier.append(leaf)
        written.append((one.number, one.record, leaf, root, *columns_of(one.entry)))
    await conn.add(_ENTRY, written)
    await conn.add(_HEAD, [(frontier.size, frontier.to_bytes())])
    await conn.settle()
    after_commit(conn, lambda: _tell(noted))


def _tell(noted: Sequence[Noted]) -> None:
    for one in noted:
        if one.told:
            one.told.outcomes.append(one.entry.outcome)
            one.told.numbers.append(one.number)


async def _record(conn: Connection, vault: Vault, entry: AuditEntry, keys: Keys | None) -> bytes:
    nonce = random_bytes(NONCE_BYTES)
    process = ((PROCESS, conn.own[_PROCESS]),)
    if not entry.sensitive:
        return encode(entry, nonce, _never, more=process)
    owner = owner_of(entry)
    held = keys if keys and owner in keys.by_owner else await vault.ensure(conn, [owner])
    return encode(entry, nonce, lambda plain, aad: held.seal(owner, plain, aad), owner, process)


def _never(_plain: bytes, _aad: bytes) -> bytes:
    raise AssertionError("an entry without a sensitive part seals nothing")


def columns_of(entry: AuditEntry) -> tuple[int, str, str, str, str, str, str, str, int]:
    """The columns searches read beside an entry's record: recorded_at (microseconds UTC), event,
    outcome, org, user_id, person_id, owner_orgs, purpose, break_glass."""
    owners = dict(entry.detail).get("owners", "")
    return (
        to_micros(entry.recorded),
        str(entry.event),
        str(entry.outcome),
        entry.agent.org,
        entry.agent.user_id,
        entry.person_id,
        f"|{owners}|" if owners else "",
        entry.agent.purpose,
        int(is_break_glass(entry)),
    )


def is_break_glass(entry: AuditEntry) -> bool:
    """Whether it opened, used or closed an emergency access, or rested on one."""
    return entry.event in _BREAKING_GLASS or str(Reason.BREAK_GLASS) in entry.reasons


class Appender:
    """Records reads: everyone who waits at the same moment shares one commit."""

    def __init__(self, note: Callable[[Noting], Awaitable[list[Noted]]], vault: Vault) -> None:
        self._note = note
        self._vault = vault
        self.failing = False
        """Whether the last entry could not be written: then the service is not ready."""

    async def append(self, entry: AuditEntry) -> int:
        """The entry's number, once it is durable. Errors: AuditUnavailableError."""
        try:
            (noted,) = await self._note(lambda conn: append(conn, self._vault, [entry]))
        except Exception as fault:  # noqa: BLE001 - whatever it was, nothing may be answered
            if not self.failing:
                _log.error("audit-log-unavailable", fault=type(fault.__cause__ or fault).__name__)
            self.failing = True
            raise AuditUnavailableError("the access could not be recorded") from None
        if self.failing:
            _log.warning("audit-log-available")
        self.failing = False
        return noted.number
