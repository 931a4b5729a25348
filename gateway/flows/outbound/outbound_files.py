"""Files in an organisation's folder: never half there, never to be read by others.

    a file without a name -> written through to the disk -> ready -> visible, in one step

Rule    A folder for each organisation (0700), files of mode 0600. What is ready is named by its
        hash and begins with a dot; what an ended run left is removed by the next one.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

_PART: Final = ".part"
_READY: Final = ".ready"
_AT_ONCE: Final = 1 << 20


def folder_of(folder: Path, org: str) -> Path:
    """The organisation's folder, made where it is not there."""
    made = folder / org
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    made.chmod(0o700)
    return made


def write_ready(folder: Path, name: str, fill: Callable[[BinaryIO], None]) -> str:
    """Write a file through to the disk; its hash, by which it is found again."""
    part = folder / f".{name}{_PART}"
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "w+b") as out:
        fill(out)
        out.flush()
        os.fsync(out.fileno())
        out.seek(0)
        found = sha256()
        while block := out.read(_AT_ONCE):
            found.update(block)
    part.rename(_ready(folder, found.hexdigest()))
    return found.hexdigest()


def show(folder: Path, file_hash: str, name: str) -> None:
    """Let the ready file be seen under its name."""
    _ready(folder, file_hash).rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_shown(folder: Path, name: str) -> bool:
    """Whether the file of that name can be seen."""
    return (folder / name).is_file()


def clear(folder: Path) -> None:
    """Remove what an ended run left."""
    for path in folder.glob(".*"):
        if path.name.endswith((_PART, _READY)):
            path.unlink(missing_ok=True)


def _ready(folder: Path, file_hash: str) -> Path:
    return folder / f".{file_hash}{_READY}"
