"""The log is published for whoever wants to check it: signed checkpoints, and tiles of its hashes.

    head -> complete subtrees -> signed checkpoint -> kept

Out     The newest checkpoint, at most a minute or a thousand entries old; the bytes of a tile.
Rule    A checkpoint is served once all tiles of its size are. A log that no longer holds what was
        signed last (a restored backup, a cut tail) is not signed again: the last note stays, and
        the log line `log-forked` calls somebody. Hashes tell nothing of a record, so
        that no token is needed and nothing is recorded.
Errors  NotFoundError for a tile that the published log does not have.
Source  C2SP tlog-checkpoint and tlog-tiles.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.audit.checkpoint import Checkpoint, sign
from gateway.audit.merkle import Frontier
from gateway.audit.tiles import Tile
from gateway.clock import from_micros, to_micros
from gateway.errors import NotFoundError
from gateway.store import audit_reads, published
from gateway.store.engine import Connection
from gateway.store.published import Published
from gateway.store.units import Store

_log = structlog.get_logger()
EVERY: Final = timedelta(minutes=1)
ENTRIES: Final = 1_000


async def checkpoint(store: Store, origin: str, at: datetime) -> Published:
    """The newest checkpoint; a new one where it is due and the log has grown."""
    async with store.engine.reading() as conn:
        last = await published.latest(conn)
        size, stored = await audit_reads.head(conn)
        held = await published.root_at(conn, last.size) if last else b""
    if last is not None:
        if held != Checkpoint.from_text(last.note.partition("\n\n")[0] + "\n").root:
            _log.error("log-forked", signed=last.size, size=size)
            return last
        if not _is_due(last, size, at):
            return last
    await published.add_subtrees(store, size)
    root = Frontier.from_bytes(stored).root()
    note = sign(Checkpoint(origin, size, root), store.vault.provider.log_signing_key, origin)
    made = Published(size, note, to_micros(at))

    async def unit(conn: Connection) -> None:
        await published.add_checkpoint(conn, made)

    await store.write(unit)
    return made


async def tile(store: Store, path: str) -> bytes:
    """The tile of that path, of the log as far as it is published."""
    async with store.engine.reading() as conn:
        last = await published.latest(conn)
        try:
            found = Tile.from_path(path)
            start, end = found.hashes(last.size if last else 0)
        except ValueError:
            raise NotFoundError from None
        return b"".join(await published.hashes(conn, found.level, start, end))


def _is_due(last: Published, size: int, at: datetime) -> bool:
    old = at - from_micros(last.signed_at) >= EVERY
    return size > last.size and (old or size - last.size >= ENTRIES)
