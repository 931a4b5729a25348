"""An operator looks through the log, takes it away, or proves one entry of it.

    record the look -> search | export | prove | sign a checkpoint

Rule    Who looks at the log is in the log before anything of it is shown. Entries hold ids,
        codes and counts; their sealed parts stay sealed.
Errors  AuditUnavailableError; NotFoundError for an entry that is not there.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from gateway.audit.checkpoint import Checkpoint, sign
from gateway.audit.entry import Agent, AuditEntry, AuditRecord, decode
from gateway.audit.events import Event, Outcome
from gateway.audit.merkle import Frontier, inclusion_proof, tree_root
from gateway.errors import NotFoundError
from gateway.store import audit_reads, operations, published
from gateway.store.audit_reads import Wanted
from gateway.store.operations import LogRow
from gateway.store.units import Store

OPERATOR: Final = "operator"
"""The role of whoever is at the command line; the policy has none of that name."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody with the keys of the deployment at its command line, at one moment."""

    name: str
    at: datetime

    @property
    def agent(self) -> Agent:
        """The operator as the log names them."""
        return Agent(self.name, "staff", OPERATOR, client_id="command-line")


async def record(store: Store, operator: Operator, event: Event, *detail: tuple[str, str]) -> int:
    """Put what an operator is about to do into the log; the entry's number."""
    entry = AuditEntry(operator.at, event, Outcome.SERVED, operator.agent, detail=detail)
    return await store.log.append(entry)


async def search(
    store: Store, operator: Operator, wanted: Wanted, count: int
) -> list[dict[str, Any]]:
    """Entries, newest first, as rows of ids, codes and counts."""
    await record(store, operator, Event.AUDIT_VIEW, ("limit", str(count)))
    async with store.engine.reading() as conn:
        found = await audit_reads.search(conn, wanted, count)
    return [row_of(seq, decode(stored)) for seq, stored in found]


async def begin_export(store: Store, operator: Operator, first: int) -> int:
    """Record that the log is taken away, from `first` on; the number of that entry, which is the
    last that is exported."""
    return await record(store, operator, Event.AUDIT_EXPORT, ("first", str(first)))


async def export(
    store: Store, operator: Operator, first: int, last: int, write: Callable[[bytes, int], None]
) -> None:
    """Give the entries from `first` to `last` to `write`, some at a time: lines of JSON, which
    `audit verify --file` takes, and how many. What breaks off has a completion entry."""
    try:
        async for rows in operations.log_rows(store.engine, last + 1, first):
            write(b"".join(map(_line, rows)), len(rows))
    except BaseException:
        made = AuditEntry(
            operator.at, Event.COMPLETION, Outcome.FAILED, operator.agent,
            reasons=("broke-off",), detail=(("entry", str(last)),),
        )  # fmt: skip
        await store.log.append(made)
        raise


def _line(row: LogRow) -> bytes:
    line = {
        "seq": row.seq,
        "record": base64.b64encode(row.record).decode(),
        "leaf": row.leaf_hash.hex(),
        "root": row.root_after.hex(),
    }
    return orjson.dumps(line) + b"\n"


async def prove(store: Store, operator: Operator, number: int, name: str) -> dict[str, Any]:
    """An entry and that it is in the log, for somebody who holds the log's key and nothing else.

    The record as it is (its sealed part stays sealed), the inclusion proof, and a checkpoint of the
    log's size and root, signed under that name.
    """
    async with store.engine.reading() as conn:
        size, _ = await audit_reads.head(conn)
    if not 0 <= number < size:
        raise NotFoundError
    looked = await record(store, operator, Event.AUDIT_VIEW, ("entry", str(number)))
    found, leaves = b"", []
    async for rows in operations.log_rows(store.engine, looked + 1):
        leaves += [row.leaf_hash for row in rows]
        found = next((row.record for row in rows if row.seq == number), found)
    root = tree_root(leaves)
    async with store.engine.reading() as conn:
        key = await published.signing_key(conn, store.vault.provider, len(leaves))
    note = sign(Checkpoint(name, len(leaves), root), key, name)
    return {
        "seq": number,
        "size": len(leaves),
        "record": base64.b64encode(found).decode(),
        "leaf": leaves[number].hex(),
        "proof": [step.hex() for step in inclusion_proof(leaves, number)],
        "root": root.hex(),
        "checkpoint": note,
    }


async def checkpoint(store: Store, name: str) -> str:
    """The log's size and root now, signed, for somebody outside to keep."""
    async with store.engine.reading() as conn:
        size, stored, _ = await operations.log_end(conn)
        key = await published.signing_key(conn, store.vault.provider, size)
    root = Frontier.from_bytes(stored).root()
    return sign(Checkpoint(name, size, root), key, name)


def row_of(seq: int, found: AuditRecord) -> dict[str, Any]:
    """An entry as a row of ids, codes and counts."""
    entry = found.entry
    return {
        "seq": seq,
        "recorded": entry.recorded.isoformat(),
        "event": str(entry.event),
        "outcome": str(entry.outcome),
        "organisation": entry.agent.org,
        "caller": entry.agent.user_id,
        "role": entry.agent.role,
        "purpose": entry.agent.purpose,
        "person": entry.person_id,
        "resources": len(entry.resources),
        "reasons": list(entry.reasons),
        "request_id": entry.request_id,
        "delivery": entry.delivery_id,
    }


def origin(base_url: str) -> str:
    """The log's name in its checkpoints: the deployment's address without its scheme."""
    return f"{base_url.partition('://')[2]}/log"
