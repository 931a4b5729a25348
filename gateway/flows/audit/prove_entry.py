"""An operator proves one entry of the log to somebody who has the log's key and nothing else.

    record the look -> sign the log -> leaves -> inclusion proof

Rule    Who looks at an entry is in the log before it is shown; its sealed part stays sealed. What
        is signed is a checkpoint like every other, and is kept with them.
Errors  AuditUnavailableError; NotFoundError for an entry that is not there; ConfigurationError
        where the log cannot be signed, or its entries are not what was signed.
"""

import base64
from typing import Any

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.events import Event
from gateway.audit.merkle import inclusion_proof, tree_root
from gateway.errors import NotFoundError
from gateway.flows.asking.search_log import Operator, record
from gateway.flows.audit import publish_log
from gateway.store.audit import audit_reads
from gateway.store.commit.units import Store
from gateway.store.upkeep import operations


async def prove(store: Store, operator: Operator, number: int, origin: str) -> dict[str, Any]:
    """The record as it is, the proof that it is in the log, and a signed checkpoint of the log."""
    async with store.engine.reading() as conn:
        size, _ = await audit_reads.head(conn)
    if not 0 <= number < size:
        raise NotFoundError
    await record(store, operator, Event.AUDIT_VIEW, ("entry", str(number)))
    made = await publish_log.signed(store, origin, operator.at)
    found, leaves = b"", []
    async for rows in operations.log_rows(store.engine, made.size):
        leaves += [row.leaf_hash for row in rows]
        found = next((row.record for row in rows if row.seq == number), found)
    root = tree_root(leaves)
    if root != Checkpoint.from_note(made.note).root:
        raise publish_log.ForkedLogError
    return {
        "seq": number,
        "size": made.size,
        "record": base64.b64encode(found).decode(),
        "leaf": leaves[number].hex(),
        "proof": [step.hex() for step in inclusion_proof(leaves, number)],
        "root": root.hex(),
        "checkpoint": made.note,
    }
