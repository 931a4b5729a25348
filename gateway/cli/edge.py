"""Where a command ends: an error becomes one line, a hint and an exit code.

Rule    0 done, 1 it could not be done or something is wrong, 2 usage or not the feed's format.
        The line is our own text, never that of an exception: those quote what they were given.
        `--debug` shows the traceback instead, without the values of variables.
"""

import sqlite3
from typing import Any, Final

from typer.core import TyperGroup

from consent.policy_reading import PolicyError
from gateway.cli.output import say
from gateway.errors import ConfigurationError, FaultyRequestError, GatewayError

FAILED: Final = 1
USAGE: Final = 2
_DATABASE_MODULES: Final = ("sqlite3", "asyncpg", "sqlalchemy")
_OWN_WORDS: Final = (ConfigurationError, PolicyError)
_HINTS: Final = {
    "database": "`care-gateway check` says more; `care-gateway db upgrade` makes the tables.",
    "internal": "`care-gateway --debug ...` shows where; please report it.",
    "settings": "`care-gateway config show` says where each setting comes from.",
}


class Edge(TyperGroup):
    """The whole command line, with its errors told in one line each."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Errors: typer.Exit with the code."""
        import typer

        try:
            return super().invoke(ctx)
        except Exception as fault:
            if ctx.params.get("_debug") or type(fault).__module__.split(".")[0] == "typer":
                raise
            line, hint, code = told(fault)
            say(f"error: {line}")
            if hint:
                say(f"hint: {hint}")
            raise typer.Exit(code) from None


def told(fault: Exception) -> tuple[str, str, int]:
    """The line, hint and exit code of an error."""
    if isinstance(fault, FaultyRequestError):
        lines = (f"{one.path}: {one.text}" if one.path else one.text for one in fault.faults)
        return "; ".join(lines), "", USAGE
    if isinstance(fault, _OWN_WORDS):
        hint = _HINTS["settings"] if "GATEWAY_" in fault.args[0] else ""
        return fault.args[0], hint, FAILED
    if isinstance(fault, GatewayError):
        said = fault.args[0] if fault.args else (type(fault).__doc__ or "").split("\n")[0]
        return said, "", FAILED
    if is_of_the_database(fault):
        return "the database cannot be used", _HINTS["database"], FAILED
    if isinstance(fault, OSError):
        return _file_line(fault), "", FAILED
    return f"an internal fault ({type(fault).__name__})", _HINTS["internal"], FAILED


def is_of_the_database(fault: Exception) -> bool:
    """Whether a database, its driver or the way to it failed."""
    module = type(fault).__module__.split(".")[0]
    network = isinstance(fault, ConnectionError | TimeoutError)
    return module in _DATABASE_MODULES or isinstance(fault, sqlite3.Error) or network


def _file_line(fault: OSError) -> str:
    name = f": {fault.filename}" if isinstance(fault.filename, str) else ""
    return f"{(fault.strerror or 'a file or connection failed').lower()}{name}"
