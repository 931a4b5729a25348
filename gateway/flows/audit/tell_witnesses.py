"""Checkpoints leave the building: every witness is given the newest one, until it takes it.

    newest checkpoint -> each witness that lacks it -> a file, a POST, a mail -> how far it is

Rule    What a witness did not take is tried again, later and later, and always the newest: it
        proves all before it. A checkpoint holds a size, a root and a signature, of nobody.
        A witness that lacks an entry which is minutes old is said to lag, in `/status` and in the
        log line `witness-lags`. A folder that holds a later checkpoint, or another one of that
        size, is given nothing: this log is a restored copy or a forked one, as `log-forked` says.
Errors  None of a witness's: they are counted. Redirections are not followed, and proxies of the
        environment not used.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from gateway.clock import to_micros
from gateway.flows.audit import publish_log
from gateway.flows.audit.mail_checkpoint import mail_checkpoint
from gateway.setting_parts import Witness
from gateway.store.audit import audit_reads, witnesses
from gateway.store.audit.published import Published
from gateway.store.audit.witnesses import Witnessed
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection

LAGS: Final = timedelta(minutes=5)
_SOONEST: Final = timedelta(seconds=30)
_LATEST: Final = timedelta(hours=1)
_SECONDS: Final = 10.0
_log = structlog.get_logger()


async def tell_witnesses(
    store: Store, origin: str, given_to: Sequence[Witness], at: datetime
) -> Published:
    """Make the checkpoint that is due, and give the newest to whoever does not have it."""
    made = await publish_log.checkpoint(store, origin, at)
    async with store.engine.reading() as conn:
        known = await witnesses.standing(conn)
        waiting = [
            (one, stands, await _lags(conn, stands, at - one.pause))
            for one in given_to
            if (stands := known.get(one.name, Witnessed(one.name))).size < made.size
            and max(stands.again_at, _next(one, stands)) <= to_micros(at)
        ]
    taken = await asyncio.gather(*(_give(one, made) for one, _, _ in waiting))
    for (_, stands, lags), was_taken in zip(waiting, taken, strict=True):
        now_stands = _after(stands, made, at, taken=was_taken)
        if lags and not was_taken:
            failures, size = now_stands.failures, stands.size
            _log.error("witness-lags", witness=stands.name, failures=failures, size=size)
        await store.write(partial(_note, now_stands))
    return made


def _next(one: Witness, stands: Witnessed) -> int:
    """When it may be given the next one."""
    pause = one.pause // timedelta(microseconds=1)
    return stands.taken_at + pause if stands.taken_at else 0


async def _lags(conn: Connection, stands: Witnessed, at: datetime) -> bool:
    """Whether the first entry that the witness lacks has been there for minutes."""
    came = await audit_reads.came_at(conn, stands.size)
    return came is not None and to_micros(at) - came > LAGS // timedelta(microseconds=1)


async def _note(one: Witnessed, conn: Connection) -> None:
    await witnesses.note(conn, one)


def _after(stands: Witnessed, made: Published, at: datetime, *, taken: bool) -> Witnessed:
    moment = to_micros(at)
    if taken:
        return replace(stands, size=made.size, taken_at=moment, failures=0, again_at=0)
    failures = stands.failures + 1
    pause = min(_SOONEST * 2 ** min(failures - 1, 10), _LATEST)
    return replace(stands, failures=failures, again_at=to_micros(at + pause))


async def _give(one: Witness, made: Published) -> bool:
    """Whether the witness took it."""
    try:
        if one.folder is not None:
            return await asyncio.to_thread(_drop, one.folder, one.name, made)
        if one.mail_to:
            await asyncio.to_thread(mail_checkpoint, one, made)
            return True
        return await _post(one, made)
    except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL):
        return False


def _drop(folder: Path, name: str, made: Published) -> bool:
    """A file of its own, whole at once; one that is there already stays as it is. Not where what
    was kept is of another log than this one has become."""
    file = folder / f"checkpoint-{made.size:012}.txt"
    newest = max((one.name for one in folder.glob("checkpoint-*.txt")), default="")
    held = file.read_text(encoding="utf-8") if file.exists() else made.note
    if newest > file.name or held.rpartition("\n\n")[0] != made.note.rpartition("\n\n")[0]:
        _log.error("log-forked", witness=name, size=made.size)
        return False
    if file.exists():
        return True
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as written:
        written.write(made.note)
        written.flush()
        os.fsync(written.fileno())
    part.replace(file)
    return True


async def _post(one: Witness, made: Published) -> bool:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if one.token_file is not None:
        token = one.token_file.read_text(encoding="utf-8").strip()
        headers["Authorization"] = f"Bearer {token}"
    body = made.note.encode()
    async with (
        asyncio.timeout(_SECONDS),
        httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", one.url, content=body, headers=headers) as answer,
    ):
        return answer.is_success


async def standing(store: Store, given_to: Sequence[Witness], at: datetime) -> list[dict[str, Any]]:
    """Each witness: how far it is, how many entries behind the log, and whether it lags."""
    async with store.engine.reading() as conn:
        known = await witnesses.standing(conn)
        size, _ = await audit_reads.head(conn)
        return [
            {
                "name": one.name,
                "size": stands.size,
                "behind": size - stands.size,
                "lags": await _lags(conn, stands, at - one.pause),
            }
            for one in given_to
            for stands in [known.get(one.name, Witnessed(one.name))]
        ]
