"""An operator looks through the log, or takes it away.

    record the look -> search | export

Rule    Who looks at the log is in the log before anything of it is shown. Entries hold ids,
        codes and counts; their sealed parts stay sealed.
Errors  AuditUnavailableError.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from gateway.audit.entry import Agent, AuditEntry, AuditRecord, decode
from gateway.audit.events import Event, Outcome
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.commit.units import Store
from gateway.store.upkeep import operations
from gateway.store.upkeep.operations import LogRow

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
