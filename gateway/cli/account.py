"""Who is at the command line, by the account that they came to the machine with.

Rule    The kernel is asked, never the environment: whoever may set a variable could be two people.
        Where the machine notes who signed in (Linux: loginuid, which stays what it is through
        `sudo`), it is that account; else the one of the process.
"""

import os
import pwd
from pathlib import Path
from typing import Final

_SIGNED_IN: Final = Path("/proc/self/loginuid")
_NOBODY: Final = 2**32 - 1
"""What the kernel notes where nobody signed in: a service, a container."""


def account_name(signed_in: Path = _SIGNED_IN) -> str:
    """The account's name; `uid-NUMBER` where the machine has none for it."""
    uid = _noted(signed_in)
    uid = os.getuid() if uid is None else uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def _noted(signed_in: Path) -> int | None:
    try:
        noted = int(signed_in.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if noted == _NOBODY else noted
