"""How much memory a process holds."""

import re
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """How much memory it holds (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) * 1024 if found else 0
