"""The log is published for whoever wants to check it: signed checkpoints, and tiles of its hashes.

    head -> complete subtrees -> signed checkpoint -> kept

Out     The newest checkpoint, at most a minute or a thousand entries old; the bytes of a tile.
Rule    A checkpoint is served once all tiles of its size are. A log that no longer holds what was
        signed last (a restored backup, a cut tail) is not signed again: the last note stays, and
        the log line `log-forked` calls somebody. Hashes tell nothing of a record, so
        that no token is needed and nothing is recorded.
        Whoever signs holds the log meanwhile, and takes the key whose size it is: after a new key
        took over none signs by the one before, and where the key file does not have the new
        one, nothing is signed (`log-key-missing`).
Errors  NotFoundError for a tile that the published log does not have; ConfigurationError for a new
        key that cannot take over, and where the key is missing.
Source  C2SP tlog-checkpoint and tlog-tiles.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from gateway.audit.checkpoint import Checkpoint, sign
from gateway.audit.merkle import Frontier
from gateway.audit.tiles import Tile
from gateway.clock import from_micros, to_micros
from gateway.errors import ConfigurationError, NotFoundError
from gateway.store import audit_reads, published
from gateway.store.engine import Connection
from gateway.store.keys import FileKeyProvider
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
        if held != _said(last).root:
            _log.error("log-forked", signed=last.size, size=size)
            return last
        if not _is_due(last, size, at):
            return last
    await published.add_subtrees(store, size)
    due = Checkpoint(origin, size, Frontier.from_bytes(stored).root())
    try:
        return await store.write(partial(_sign, store.vault.provider, due, at))
    except ConfigurationError:
        _log.error("log-key-missing", size=size)
        if last is None:
            raise
        return last


async def hand_over(
    store: Store, origin: str, size: int, at: datetime, add: Callable[[int], str]
) -> str:
    """Have a new key sign from that size of the log on, and sign that size by it; its id, as `add`
    gives it. Errors: ConfigurationError where the log was signed so far meanwhile, or is forked."""
    await published.add_subtrees(store, size)

    async def unit(conn: Connection) -> str:
        await published.alone(conn)
        last = await published.latest(conn)
        if last is not None and last.size >= size:
            raise ConfigurationError("the log was signed meanwhile: no key was added; do it again")
        if last is not None and await published.root_at(conn, last.size) != _said(last).root:
            raise ConfigurationError("the log no longer holds what was signed: no key was added")
        await published.signing_key(conn, store.vault.provider, size)  # or this file may add none
        made = add(size)
        root = await published.root_at(conn, size)
        await _sign(store.vault.provider, Checkpoint(origin, size, root), at, conn)
        return made

    return await store.write(unit)


async def _sign(
    provider: FileKeyProvider, due: Checkpoint, at: datetime, conn: Connection
) -> Published:
    """Sign and keep a checkpoint, unless somebody was faster; the newest."""
    await published.alone(conn)
    last = await published.latest(conn)
    if last is not None and last.size >= due.size:
        return last
    key = await published.signing_key(conn, provider, due.size)
    made = Published(due.size, sign(due, key, due.origin), to_micros(at))
    await published.add_checkpoint(conn, made)
    return made


def _said(made: Published) -> Checkpoint:
    return Checkpoint.from_text(made.note.partition("\n\n")[0] + "\n")


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
