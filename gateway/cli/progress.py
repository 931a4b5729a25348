"""How far a long command is: bars on standard error where that is a terminal, nothing in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bars:
    """What is told of how far a command is; nothing of it is shown in a pipe."""

    is_shown = False

    def __call__(self, name: str, number: int) -> None:
        """So much more of it is done."""

    def expect(self, name: str, number: int) -> None:
        """So much more of it is to come, which the bar had no end for before."""


class _Shown(Bars):
    is_shown = True

    def __init__(self, progress: "Progress", tasks: dict[str, "TaskID"]) -> None:
        self._progress = progress
        self._tasks = tasks

    def __call__(self, name: str, number: int) -> None:
        self._progress.advance(self._tasks[name], number)

    def expect(self, name: str, number: int) -> None:
        task = self._tasks[name]
        total = number + (self._progress.tasks[task].total or 0)
        self._progress.update(task, total=total, of=_of(total))


def _of(total: float | None) -> str:
    return "" if total is None else f"of {total:,.0f}"


@contextmanager
def progress(**totals: int | None) -> Iterator[Bars]:
    """A bar for each, of so many; without an end for None, until it is known what to expect."""
    if not sys.stderr.isatty():
        yield Bars()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[of]}"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks = {
            name: shown.add_task(name, total=total, of=_of(total)) for name, total in totals.items()
        }
        yield _Shown(shown, tasks)
