"""docs/cli.md: every command as its own help says it.

Out     Markdown; the same command line gives the same page on every machine.
"""

from collections.abc import Iterator
from typing import Any, Final

from typer.main import get_command
from typer.testing import CliRunner

from gateway.cli import app

_HEAD: Final = """\
# The command line

Generated from `gateway/cli`; change it there, then run `python -m tools.write_docs`.

`care-gateway` writes data to standard output and talk to standard error, so that output can be
piped; every reading command has `--json`. Without a terminal, tables are tab-separated and there is
no progress bar. `NO_COLOR` is honoured.

| Exit | Means |
| --- | --- |
| 0 | done; for a check: all is well |
| 1 | not done, or something is wrong: a red line, a quarantined item, a log that does not verify |
| 2 | usage, or a file that is not the feed's format |

An error is one line and, where there is one, a hint. `care-gateway --debug COMMAND` shows the
traceback instead, without the values of variables.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(path) for path in _paths(get_command(app), ()))])


def _paths(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The command itself, then each below it, in the order of its help."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _paths(inner, (*path, name))


def _section(path: tuple[str, ...]) -> str:
    done = CliRunner().invoke(
        app,
        [*path, "--help"],
        prog_name="care-gateway",
        env={"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )
    if done.exit_code:
        raise RuntimeError(f"no help for {path}")
    title = " ".join(("care-gateway", *path))
    text = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
    return f"## `{title}`\n\n```text\n{text}\n```\n"
