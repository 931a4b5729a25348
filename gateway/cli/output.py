"""What a command writes: data to standard output, talk to standard error.

Rule    A table is drawn on a terminal and tab-separated in a pipe. NO_COLOR is honoured. JSON is
        one document, or one a line where it says so. Whoever stops reading (`| head`) is told
        nothing: the command ends there.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def data(text: str) -> None:
    """A line of the answer."""
    _write(text)


def raw(content: bytes) -> None:
    """Bytes of the answer, as they are."""
    _write(content, nl=False)


def as_json(value: Any) -> None:
    """The whole answer as one JSON document."""
    _write(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Talk: progress, hints, what comes next."""
    typer.echo(text, err=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under their heads."""
    cells = [[_cell(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _draw(heads, cells)
        return
    for line in (heads, *cells):
        _write("\t".join(line))


def _write(content: str | bytes, *, nl: bool = True) -> None:
    """Errors: typer.Exit where nobody reads any more."""
    try:
        typer.echo(content, nl=nl)
    except BrokenPipeError:
        with Path(os.devnull).open("wb") as nowhere:  # what is left goes there at exit
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise typer.Exit(1) from None


def _draw(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*heads, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        drawn.add_row(*row)
    Console(markup=False, highlight=False).print(drawn)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return " ".join(text.split())
