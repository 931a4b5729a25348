"""What commands open: the settings, the keys, the policy, the store, a provider's files.

Errors  ConfigurationError, which says what to change.
"""

import asyncio
import io
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import typer

from gateway.cli.output import say
from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from gateway.flows.asking.search_log import Operator
    from gateway.settings import Settings
    from gateway.store.commit.units import Store
    from gateway.store.keyring.keys import FileKeyProvider
    from mappings.core.model.rows import Feed

_Result = TypeVar("_Result")
STDIN: Final = Path("-")
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)  # an archive of the same files is the same bytes


def sqlite_file(settings: "Settings") -> Path | None:
    """The file of a SQLite database; None where the database is a server."""
    url = settings.database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None


def check_is_there(settings: "Settings") -> None:
    """Errors: ConfigurationError for a SQLite file that is not there; looking would make it."""
    file = sqlite_file(settings)
    if file is not None and not file.is_file():
        raise ConfigurationError(f"no database yet: run `care-gateway db upgrade` ({file})")


def check_is_current(settings: "Settings") -> None:
    """Errors: ConfigurationError for tables that are not of this version."""
    from gateway.store.database import schema

    check_is_there(settings)
    stands, newest = schema.current(settings.database_url), schema.head()
    if stands != newest:
        raise ConfigurationError(
            f"the tables are at {stands or 'nothing'}, not {newest}: run `care-gateway db upgrade`"
        )


def read_keys(settings: "Settings") -> "FileKeyProvider":
    """The deployment's keys; in development a key file is made where there is none."""
    from gateway.custody import keys_of

    missing = not settings.key_file.exists()
    if missing and settings.production:
        raise ConfigurationError(f"GATEWAY_KEY_FILE: there is no such file: {settings.key_file}")
    provider = keys_of(settings)
    if missing:
        say(f"made a key file for development: {settings.key_file}")
    return provider


@asynccontextmanager
async def opened_store(settings: "Settings") -> "AsyncIterator[Store]":
    """The store, closed at the end of the block."""
    from gateway.clock import now
    from gateway.custody import wrapping_of
    from gateway.flows.identity.shred_again import shred_again
    from gateway.setting_parts import StaffFile
    from gateway.store.commit.units import Store
    from gateway.store.database.revision import check_revision

    check_is_there(settings)
    staff = StaffFile.read(settings.staff_file)
    keys = read_keys(settings)
    store = await Store.open(settings.database_url, keys, now, wrapping_of(settings, keys))
    try:
        await check_revision(store.engine)
        await shred_again(store, settings.shredded_file)
        store.vault.staff.know(staff.numbers)
        yield store
    finally:
        await store.close()


def with_store(work: "Callable[[Settings, Store], Awaitable[_Result]]") -> _Result:
    """Run the work over the deployment's store, to its end."""
    from gateway.settings import Settings

    settings = Settings()
    log_to_stderr()
    connect(settings)

    async def run() -> _Result:
        async with opened_store(settings) as store:
            return await work(settings, store)

    return asyncio.run(run())


def connect(settings: "Settings") -> None:
    """Read messages as the profiles of this deployment's senders say."""
    from gateway.flows.intake.connect_senders import connect_senders
    from gateway.sources import read_sources

    connect_senders(read_sources(settings.sources_file, production=settings.production))


def log_to_stderr() -> None:
    """Log lines are talk: a command's standard output is its data."""
    import structlog

    from gateway import logs

    logs.configure()
    structlog.configure(logger_factory=lambda *_: _Talk(), cache_logger_on_first_use=False)


class _Talk:
    """Writes each log line where standard error is at that moment."""

    def msg(self, line: str) -> None:
        """Write the line."""
        say(line)

    debug = info = warning = error = critical = msg


def operator() -> "Operator":
    """Who is at this command line, and when."""
    from gateway.cli.account import account_name
    from gateway.clock import now
    from gateway.flows.asking.search_log import Operator

    return Operator(account_name(), now())


def feed_named(name: str) -> "Feed":
    """The feed of that name. Errors: typer.BadParameter, which lists the feeds."""
    from mappings.registry import FEEDS

    if name not in FEEDS:
        raise typer.BadParameter(f"the feeds are {', '.join(sorted(FEEDS))}")
    return FEEDS[name]


def check_path(path: Path) -> None:
    """Errors: typer.BadParameter for what is neither a file nor a folder."""
    if path != STDIN and not path.is_dir() and not path.is_file():
        raise typer.BadParameter(f"there is no such file or folder: {path}")


def read_body(path: Path) -> tuple[bytes, str]:
    """A delivery and its media type: a file, standard input, or the files under a folder."""
    if path == STDIN:
        return sys.stdin.buffer.read(), ""
    check_path(path)
    if path.is_dir():
        return _packed(path), "application/zip"
    from gateway.flows.intake.push_file import media_type_of

    return path.read_bytes(), media_type_of(path.name)


def _packed(folder: Path) -> bytes:
    found = {one.relative_to(folder): one for one in folder.rglob("*") if one.is_file()}
    files = {
        name.as_posix(): file
        for name, file in sorted(found.items())
        if not any(part.startswith(".") for part in name.parts)
    }
    if not files:
        raise typer.BadParameter(f"the folder holds no files: {folder}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, file in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ALWAYS), file.read_bytes())
    return packed.getvalue()
