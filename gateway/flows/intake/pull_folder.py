"""A folder that files land in is emptied: each whole file is one delivery.

    files that are whole -> ours, by a rename -> push -> the answer beside it -> put away

Out     `taken` or `refused` in the folder: the file under a name of ours, and the answer as JSON
        of the same name. Older ones go after `keep_days`.
Rule    The sender's name of a file stands in the answer alone. Links are not followed. A file that
        was ours when a puller stopped is taken up first by the next.
Errors  None raised for a file: one that could not be applied stays ours, and is tried again.
"""

import asyncio
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from uuid_utils import uuid7

from gateway.errors import GatewayError
from gateway.flows.intake.pulling import Holding, Puller
from gateway.flows.intake.push_file import MEDIA_TYPES, TOO_LARGE, media_type_of, refusal
from gateway.sources import FolderSource
from gateway.store.intake.sources import Ended

TAKING: Final = "taking"
TAKEN: Final = "taken"
REFUSED: Final = "refused"
DONE: Final = ".done"
_UNFINISHED: Final = (".part", ".tmp", ".filepart", DONE)
_log = structlog.get_logger()


async def pull_folder(puller: Puller, source: FolderSource, holding: Holding) -> Ended:
    """Take every file that is whole."""
    try:
        await asyncio.to_thread(_prepare, source, puller.clock())
        files, waiting = await asyncio.to_thread(_ours, source, puller.clock())
    except OSError:
        return Ended("failed", "folder-not-usable")
    ended = Ended("done", waiting=waiting)
    for number, file in enumerate(files):
        if holding.lost:
            return replace(ended, outcome="partly", waiting=waiting + len(files) - number)
        ended = await _take(puller, source, file, ended)
    return ended


async def _take(puller: Puller, source: FolderSource, file: Path, ended: Ended) -> Ended:
    try:
        body = await asyncio.to_thread(_read, file, puller.largest_bytes)
        if body is None:
            answer = refusal([TOO_LARGE])
        else:
            answer = await puller.pushed(source, body, media_type_of(file.name))
        await asyncio.to_thread(_put_away, source, file, answer)
    except FileNotFoundError:
        return ended  # another puller put it away
    except (GatewayError, OSError) as fault:
        _log.error("file-not-taken", feed=source.feed, fault=type(fault).__name__)
        return replace(ended, outcome="partly", reason="not-applied", failed=ended.failed + 1)
    if answer["status"] == "refused":
        return replace(ended, refused=ended.refused + 1)
    if answer["duplicate"]:
        return replace(ended, duplicates=ended.duplicates + 1)
    return replace(ended, taken=ended.taken + 1)


def _prepare(source: FolderSource, at: datetime) -> None:
    """Make the folders in the folder, and clear out what was kept long enough."""
    for name in (TAKING, TAKEN, REFUSED):
        inner = source.folder / name
        inner.mkdir(exist_ok=True)
        if not stat.S_ISDIR(inner.lstat().st_mode):
            raise NotADirectoryError
    oldest = (at - timedelta(days=source.keep_days)).timestamp()
    for name in (TAKEN, REFUSED):
        for entry in os.scandir(source.folder / name):
            if entry.is_file(follow_symlinks=False) and _changed(entry) < oldest:
                Path(entry.path).unlink(missing_ok=True)


def _ours(source: FolderSource, at: datetime) -> tuple[list[Path], int]:
    """Files that are ours to take, the longest here first; how many are not whole yet."""
    taking = source.folder / TAKING
    left = {entry.name for entry in _files(taking)}
    found = list(_files(source.folder))
    names = {entry.name for entry in found}
    waiting = 0
    for entry in sorted(found, key=lambda one: (_changed(one), one.name)):
        if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
            continue
        if not _is_whole(source, entry, names, at) or entry.name in left:
            waiting += 1
            continue
        Path(entry.path).rename(taking / entry.name)
        if f"{entry.name}{DONE}" in names:
            (source.folder / f"{entry.name}{DONE}").unlink(missing_ok=True)
    ours = sorted(_files(taking), key=lambda one: (_changed(one), one.name))
    return [Path(entry.path) for entry in ours], waiting


def _is_whole(
    source: FolderSource, entry: "os.DirEntry[str]", names: set[str], at: datetime
) -> bool:
    if source.ready == "done":
        return f"{entry.name}{DONE}" in names
    return _changed(entry) + source.settle_seconds <= at.timestamp()


def _files(folder: Path) -> Iterator["os.DirEntry[str]"]:
    return (entry for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))


def _changed(entry: "os.DirEntry[str]") -> float:
    """When a file was last written to: the file system's own word, which no sender can set."""
    found = entry.stat(follow_symlinks=False)
    return max(found.st_mtime, found.st_ctime)


def _read(file: Path, largest: int) -> bytes | None:
    """The bytes of a file that is no link; None where it is too large."""
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as opened:
        body = opened.read(largest + 1)
    return body if len(body) <= largest else None


def _put_away(source: FolderSource, file: Path, answer: dict[str, Any]) -> None:
    """The answer first: a file that is put away has been answered."""
    place = source.folder / (REFUSED if answer["status"] == "refused" else TAKEN)
    name = str(uuid7())
    written = place / f".{name}"
    told = {"file": os.fsencode(file.name).decode(errors="replace")} | answer
    written.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")
    written.rename(place / f"{name}.answer.json")
    suffix = file.suffix.lower()
    file.rename(place / f"{name}{suffix if suffix in MEDIA_TYPES else ''}")
