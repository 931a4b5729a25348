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
from typing import Final

import structlog

from gateway.audit.checkpoint import Checkpoint, sign
from gateway.audit.tiles import Tile
from gateway.clock import from_micros, to_micros
from gateway.errors import ConfigurationError, NotFoundError
from gateway.store.audit import audit_reads, published
from gateway.store.audit.published import Published
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.keyring.keys import FileKeyProvider

_log = structlog.get_logger()
EVERY: Final = timedelta(minutes=1)
ENTRIES: Final = 1_000


class ForkedLogError(ConfigurationError):
    """The log no longer holds what was signed of it, or what its head says."""

    def __init__(self) -> None:
        super().__init__("the log no longer holds what was signed")


async def checkpoint(store: Store, origin: str, at: datetime) -> Published:
    """The newest checkpoint; a new one where it is due and the log has grown."""
    async with store.engine.reading() as conn:
        last = await published.latest(conn)
        size, _ = await audit_reads.head(conn)
        if last is not None and not _is_due(last, size, at) and await _holds(conn, last):
            return last
    try:
        return await signed(store, origin, at)
    except ConfigurationError as reason:
        event = "log-forked" if isinstance(reason, ForkedLogError) else "log-key-missing"
        _log.error(event, signed=last.size if last else 0, size=size)
        if last is None:
            raise
        return last


async def signed(store: Store, origin: str, at: datetime) -> Published:
    """A checkpoint of all that the log holds now, kept with the others: no key takes over a size
    that another one signed for anybody. Errors: ConfigurationError."""
    async with store.engine.reading() as conn:
        await _newest(conn)
        size, _ = await audit_reads.head(conn)
    await published.add_subtrees(store, size)

    async def unit(conn: Connection) -> Published:
        await published.alone(conn)
        last = await _newest(conn)
        if last is not None and last.size >= size:
            return last
        due = await _due(conn, origin, size)
        return await _sign(conn, store.vault.provider, last, due, at)

    return await store.write(unit)


async def hand_over(
    store: Store, origin: str, size: int, at: datetime, add: Callable[[int], str]
) -> str:
    """Have a new key sign from that size of the log on, and sign that size by it; its id, as `add`
    gives it. Errors: ConfigurationError where the log was signed so far meanwhile, or is forked."""
    await published.add_subtrees(store, size)

    async def unit(conn: Connection) -> str:
        await published.alone(conn)
        last = await _newest(conn)
        if last is not None and last.size >= size:
            raise ConfigurationError("the log was signed meanwhile: no key was added; do it again")
        published.signing_key(store.vault.provider, last, size)  # or this file may add none
        due = await _due(conn, origin, size)
        made = add(size)
        await _sign(conn, store.vault.provider, last, due, at)
        return made

    return await store.write(unit)


async def _newest(conn: Connection) -> Published | None:
    """The newest checkpoint. Errors: ForkedLogError."""
    last = await published.latest(conn)
    if last is not None and not await _holds(conn, last):
        raise ForkedLogError
    return last


async def _holds(conn: Connection, made: Published) -> bool:
    """Whether the log has the root that was signed."""
    said = Checkpoint.from_note(made.note)
    return await published.root_at(conn, made.size) == said.root


async def _sign(
    conn: Connection,
    provider: FileKeyProvider,
    after: Published | None,
    due: Checkpoint,
    at: datetime,
) -> Published:
    """Sign and keep a checkpoint, after the newest: both of them under one hold of the log."""
    key = published.signing_key(provider, after, due.size)
    made = Published(due.size, sign(due, key, due.origin), to_micros(at))
    await published.add_checkpoint(conn, made)
    return made


async def _due(conn: Connection, origin: str, size: int) -> Checkpoint:
    """What is to be signed of that size. Errors: ForkedLogError where the log does not have it."""
    root = await published.root_at(conn, size)
    if not root:
        raise ForkedLogError
    return Checkpoint(origin, size, root)


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
