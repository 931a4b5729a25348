"""Where an exported log goes: standard output, or a file that is gone on with.

Errors  typer.BadParameter for a file that holds something else.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import orjson
import typer

from gateway.cli import output

_PIECE: Final = 64 * 1024


@contextmanager
def opened(path: Path | None) -> Iterator[tuple[int, Callable[[bytes], object]]]:
    """The number of the first entry that is wanted, and what writes lines."""
    if path is None:
        yield 0, output.raw
        return
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        yield _next(file), file.write


def _next(file: BinaryIO) -> int:
    """The number after the last whole line's entry; what was cut after it goes."""
    size = file.seek(0, os.SEEK_END)
    end = _after_last(file, size)
    if not size:
        return 0
    start = _after_last(file, max(0, end - 1))
    file.seek(start)
    try:
        number = int(orjson.loads(file.read(end - start))["seq"]) + 1
    except (ValueError, KeyError, TypeError):
        raise typer.BadParameter("the file holds something else than an exported log") from None
    file.truncate(end)
    file.seek(end)
    return number


def _after_last(file: BinaryIO, end: int) -> int:
    """The place after the last line's end before `end`; 0 where there is none."""
    while end:
        start = max(0, end - _PIECE)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
