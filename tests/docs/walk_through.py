"""The page of the walk-through, from a real run: `python -m tests.docs.walk_through` writes it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.docs.fences import ROOT

PAGE: Final = ROOT / "docs" / "walk-through.md"
PEOPLE: Final = 20
_HEAD: Final = f"""# A walk through the demo

What `care-gateway demo --once --people {PEOPLE}` says, as it says it. It makes a small borough of
invented people on a database of its own, pushes their messages through the five feeds over HTTP,
and then follows one of them, Norma, through everything the gateway is for. `make demo ONCE=1` does
the same with 200 people; without `ONCE=1` it goes on serving, and prints tokens to try.

The people, and so the counts, are the same in every run; ids, times and the log's root are new each
time. A test compares the rest of this page with a run, and `python -m tests.docs.walk_through`
writes it again.

Two things may puzzle a first reader. A type of resource is not an access category, the shelf it
stands on: the home-care worker is shown Observations that are baselines and reviews of a support
plan, from the shelf `support-plan`, and nothing from the shelf `observations`. And nothing says how
much was withheld: a view names the shelves closed to its role, the same for every person.

```text
"""


def said(folder: Path) -> str:
    """What the demo writes to standard output."""
    command = [
        str(Path(sys.executable).with_name("care-gateway")),
        *("demo", "--once", "--people", str(PEOPLE)),
    ]
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}  # noqa: TID251
    done = subprocess.run(
        command, cwd=folder, env={**kept, "COLUMNS": "80"}, capture_output=True, timeout=300
    )
    if done.returncode:
        raise SystemExit(f"the demo failed: {done.stderr.decode()}")
    return done.stdout.decode()


def page(output: str) -> str:
    """The page that shows this output."""
    lines = [line.rstrip() for line in output.splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return _HEAD + "\n".join(kept).strip("\n") + "\n```\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(page(said(Path(scratch))), encoding="utf-8")
