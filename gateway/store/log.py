"""Append to the audit log: in a writing's own transaction, or a batch of reads at once.

In      AuditEntry values.
Out     Their sequence numbers; the entries are durable when the writing commits.
Rule    The head row is locked last and for as short as possible; numbers have no gap and no
        fork. An entry that cannot be written is AuditUnavailableError: then nothing is answered.
Source  Design decision D7; docs/audit-format.md.
"""

import asyncio
from collections.abc import Sequence

from gateway.audit.canonical import EntryFormatError
from gateway.audit.entry import DEPLOYMENT, NONCE_BYTES, AuditEntry, encode
from gateway.audit.merkle import Frontier, leaf_hash
from gateway.clock import to_micros
from gateway.errors import AuditUnavailableError
from gateway.store.engine import Connection, Engine
from gateway.store.keys import random_bytes
from gateway.store.vault import Keys, Vault

_LARGEST_BATCH = 200
_Waiting = tuple[AuditEntry, asyncio.Future[int]]

_INSERT = (
    "INSERT INTO audit_entry (seq, record, leaf_hash, root_after, recorded_at, event, outcome,"
    " org, user_id, person_id, owner_orgs)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
)


async def append(
    conn: Connection, vault: Vault, entries: Sequence[AuditEntry], keys: Keys | None = None
) -> int:
    """Append to the log as the transaction's last act; the first entry's number."""
    records = [(entry, await _record(conn, vault, entry, keys)) for entry in entries]
    rows = await conn.fetch(f"SELECT size, frontier FROM audit_head WHERE id = 1{conn.lock_rows}")
    if not rows:
        raise AuditUnavailableError("the log has no head; run `care-gateway db upgrade`")
    frontier = Frontier.from_bytes(bytes(rows[0][1]))
    first = frontier.size
    written = []
    for entry, record in records:
        leaf = leaf_hash(record)
        seq = frontier.size
        frontier, root = frontier.append(leaf)
        written.append((seq, record, leaf, root, *_columns(entry)))
    await conn.executemany(_INSERT, written)
    await conn.execute(
        "UPDATE audit_head SET size = $1, frontier = $2 WHERE id = 1",
        (frontier.size, frontier.to_bytes()),
    )
    return first


async def _record(conn: Connection, vault: Vault, entry: AuditEntry, keys: Keys | None) -> bytes:
    nonce = random_bytes(NONCE_BYTES)
    if not entry.sensitive:
        return encode(entry, nonce, _never)
    owner = entry.patient_ids[0] if entry.patient_ids else DEPLOYMENT
    held = keys if keys and owner in keys.by_owner else await vault.ensure(conn, [owner])
    return encode(entry, nonce, lambda plain, aad: held.seal(owner, plain, aad), owner)


def _never(_plain: bytes, _aad: bytes) -> bytes:
    raise AssertionError("an entry without a sensitive part seals nothing")


def _columns(entry: AuditEntry) -> tuple[int, str, str, str, str, str, str]:
    owners = dict(entry.detail).get("owners", "")
    return (
        to_micros(entry.recorded),
        str(entry.event),
        str(entry.outcome),
        entry.agent.org,
        entry.agent.user_id,
        entry.person_id,
        f"|{owners}|" if owners else "",
    )


class Appender:
    """Records reads: everyone who waits at the same moment shares one commit."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def append(self, entry: AuditEntry) -> int:
        """The entry's number, once it is durable. Errors: AuditUnavailableError."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        return await done

    async def _drain(self) -> None:
        while self._waiting:
            batch = self._waiting[:_LARGEST_BATCH]
            del self._waiting[:_LARGEST_BATCH]
            try:
                await self._write(batch)
            except EntryFormatError:  # one of them cannot be written: each on its own
                for one in batch:
                    try:
                        await self._write([one])
                    except Exception:  # noqa: BLE001
                        _fail([one])
            except Exception:  # noqa: BLE001 - whatever it was, none of these may be answered
                _fail(batch)

    async def _write(self, batch: list[_Waiting]) -> None:
        async with self._engine.writing() as conn:
            first = await append(conn, self._vault, [entry for entry, _ in batch])
        for place, (_, done) in enumerate(batch):
            if not done.done():
                done.set_result(first + place)


def _fail(batch: list[_Waiting]) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(AuditUnavailableError("the access could not be recorded"))
