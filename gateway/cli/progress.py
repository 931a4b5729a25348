"""How far a long command is: bars on standard error where that is a terminal, nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[str, int], None]
"""Called with what went on, and by how much."""


@contextmanager
def progress(**totals: int | None) -> Iterator[Advance]:
    """A bar for each, of so many; without an end for None."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[of]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks = {
            name: shown.add_task(name, total=total, of="" if total is None else f"of {total:,}")
            for name, total in totals.items()
        }
        yield lambda name, number: shown.advance(tasks[name], number)


def _silent(_name: str, _number: int) -> None:
    """In a pipe nothing is said on the way."""
