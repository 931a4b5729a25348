"""The register of shredded records: a file apart from the database and its copies.

In      Ids of source records, which hold nothing of anybody; when the last key of each was made.
Out     A line of JSON for each, on disk before this returns; mode 0600.
Rule    It is only ever added to. A copy of the database from before a shredding does not know of
        it; this file does. A line that was cut short was not followed by a shredding: it is passed
        over, and what comes next takes its place.
Errors  ConfigurationError for a file that cannot be read or written.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

import orjson

from gateway.errors import ConfigurationError


def read(path: Path) -> dict[str, int]:
    """Every record in it and the latest moment; none where there is no file yet."""
    found: dict[str, int] = {}
    for line in _whole(path).splitlines():
        try:
            said = orjson.loads(line)
            name, at = said["record"], said["keys_until"]
        except (ValueError, TypeError, KeyError):
            raise ConfigurationError(f"not a register of shreddings: {path}") from None
        if not isinstance(name, str) or type(at) is not int:
            raise ConfigurationError(f"not a register of shreddings: {path}")
        found[name] = max(at, found.get(name, 0))
    return found


def add(path: Path, shredded: Mapping[str, int]) -> None:
    """Note these, but for those that stand there already."""
    if not _new(path, shredded):
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # else one would write over what another adds
            end = len(_whole(path))
            file.truncate(end)
            file.seek(end)
            for name, at in _new(path, shredded).items():
                file.write(orjson.dumps({"record": name, "keys_until": at}) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except OSError:
        raise ConfigurationError(
            f"GATEWAY_SHRED_REGISTER: the register of shreddings cannot be written: {path}"
        ) from None


def _new(path: Path, shredded: Mapping[str, int]) -> dict[str, int]:
    before = read(path)
    return {name: at for name, at in shredded.items() if before.get(name, -1) < at}


def _whole(path: Path) -> bytes:
    """The file up to the end of its last whole line."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError:
        raise ConfigurationError(f"the register of shreddings cannot be read: {path}") from None
    return content[: content.rfind(b"\n") + 1]


def _sync(folder: Path) -> None:
    """Have the file's own name on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
