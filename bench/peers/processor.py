"""Processor time that a process has used, every thread of it, as Linux tells it.

In      A process by its id.
Out     Seconds, in the program and in the kernel for it; 0 where the system does not tell.
"""

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PARENT, _OWN, _ENDED = 1, slice(11, 13), slice(13, 15)


def seconds(pid: int) -> float:
    """Of the process alone."""
    return sum(map(int, _fields(str(pid))[_OWN])) / _TICKS


def seconds_of_all(pid: int) -> float:
    """Of the process and its children, those that have ended as well."""
    of_ended = sum(map(int, _fields(str(pid))[_ENDED])) / _TICKS
    children = (
        int(one.name)
        for one in Path("/proc").glob("[0-9]*")
        if _fields(one.name)[_PARENT : _PARENT + 1] == [str(pid)]
    )
    return seconds(pid) + of_ended + sum(map(seconds, children))


def _fields(pid: str) -> list[str]:
    """What stands behind the name in the process's line; nothing of one that has gone."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
