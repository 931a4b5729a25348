"""The demo from start to end: a gateway of its own, the walk, what is printed.

In      Settings, how many people, a port. The database is a temporary file, unless the command
        line named one; a database that the environment names is left alone.
Out     The walk-through on stdout, as text or JSON; progress on stderr; the exit code.
Errors  ConfigurationError where the gateway cannot be started.
"""

import asyncio
import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import orjson
from rich.console import Console

from gateway.cli.demo.cast import borough_of
from gateway.cli.demo.findings import Findings
from gateway.cli.demo.gateway_client import Gateway, StepFailedError
from gateway.cli.demo.report import show, show_onward
from gateway.cli.demo.running import Running, running
from gateway.cli.demo.walkthrough import AT_ONCE, WalkThrough
from gateway.cli.opening import log_to_stderr, sqlite_file
from gateway.settings import Settings, origin_of

SEED: Final = 1
_PROGRAM: Final = "care-gateway"
_SECONDS: Final = 120.0


def perform(settings: Settings, *, once: bool, as_json: bool, people: int, port: int) -> int:
    """The demo; the exit code."""
    log_to_stderr()
    with _ended_as_by_ctrl_c(), tempfile.TemporaryDirectory(prefix="care-gateway-demo-") as folder:
        file = (_named_file(settings) or Path(folder) / "demo.db").absolute()
        return asyncio.run(
            _demo(settings, once=once, as_json=as_json, people=people, port=port, file=file)
        )


@contextlib.contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Whoever asks the process to end leaves no folder behind; nor where it was started in the
    background of a script, and ignores Ctrl-C."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    term = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, term)
        signal.signal(signal.SIGINT, interrupt)


def _named_file(settings: Settings) -> Path | None:
    """The database file the command line named."""
    given = "database_url" in settings.model_fields_set
    from_outside = origin_of("database_url") != "default"
    if not given or (from_outside and settings.database_url == Settings().database_url):
        return None
    return sqlite_file(settings)


async def _demo(
    settings: Settings, *, once: bool, as_json: bool, people: int, port: int, file: Path
) -> int:
    talk = Console(stderr=True, highlight=False)
    out = Console(highlight=False)
    async with running(settings, file, port) as gateway:
        try:
            found = await _walk(gateway, people, talk)
        except StepFailedError as failed:
            talk.print(f"The walk-through failed. {failed}", markup=False)
            return 1
        except httpx.HTTPError as failed:
            kind = type(failed).__name__
            talk.print(f"The walk-through failed: no answer ({kind})", markup=False)
            return 1
        if as_json:
            out.file.write(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode())
            out.file.write("\n")
            out.file.flush()
        else:
            show(out, found)
        for fault in found.faults:
            talk.print(f"The walk-through failed: {fault}.", markup=False)
        if not once and not found.faults:
            await _go_on(gateway, talk if as_json else out)
        return 1 if found.faults else 0


async def _walk(gateway: Running, people: int, talk: Console) -> Findings:
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(
        base_url=gateway.base_url, timeout=_SECONDS, limits=limits, trust_env=False
    ) as http:
        walk = WalkThrough(
            Gateway(http, gateway.token),
            borough_of(SEED, people),
            gateway.policy,
            gateway,
            lambda text: talk.print(f"{text} ...", markup=False),
        )
        return await walk.walk()


async def _go_on(gateway: Running, out: Console) -> None:
    """Serve until interrupted."""
    org = borough_of(SEED, 0).by_role["norma"].practice.code
    program = sys.argv[0] if Path(sys.argv[0]).name == _PROGRAM else _PROGRAM
    show_onward(out, gateway.base_url, str(gateway.settings.key_file), org, program)
    with contextlib.suppress(asyncio.CancelledError):  # Ctrl-C is how it ends
        await gateway.stopped
