"""A long return of a council, taken by the command as an operator would give it.

In      The settings of a store; how many rows.
Out     Rows a second from start to end of the command and of its processor time, and the most
        memory it had in hand.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gateway.settings import Settings


def measure(settings: Settings, rows: int) -> dict[str, Any]:
    """One file of that many rows, through `care-gateway ingest`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "return.csv"
        writer = [sys.executable, "-m", "tools.write_council_return", str(rows), str(file)]
        subprocess.run(writer, check=True)
        with file.open("rb") as written:
            there = sum(1 for _ in written) - 1
        began = time.perf_counter()
        code, used = _run(settings, file)
        seconds = time.perf_counter() - began
    return {
        "a second": round(there / seconds, 1),
        "a core second": round(there / (used.ru_utime + used.ru_stime), 1),
        "rows": there,
        "peak MB": round(used.ru_maxrss / 1024),
        "failures": int(code != 0),
    }


def _run(settings: Settings, file: Path) -> tuple[int, resource.struct_rusage]:
    """The command's exit code, and what it and its children used."""
    values = {
        "GATEWAY_DATABASE_URL": settings.database_url,
        "GATEWAY_KEY_FILE": str(settings.key_file),
    }
    program = Path(sys.executable).with_name("care-gateway")
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [program, "ingest", "social-care", file, "--org", "XK2", "--json"],
            env={**os.environ, **values},  # noqa: TID251 - not the product
            stdout=answer,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used
