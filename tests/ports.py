"""Ports of this machine for the programs that tests start.

None is one that the system itself gives away: what is free now could otherwise be somebody else's
connection by the time that a program listens there.
"""

import itertools
import os
import socket
from contextlib import suppress
from typing import Final

_FIRST: Final = 20_000
_EACH: Final = 100
"""Ports of one process, so that the workers of a run do not look for the same ones."""
_ports = itertools.count(_FIRST + os.getpid() % 120 * _EACH)


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, and that was not given before."""
    for port in _ports:
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("numbers do not end")
