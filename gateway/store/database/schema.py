"""Bring a database's schema up to date, and say where it stands.

In      A database URL (`sqlite:///file` or `postgresql://...`).
Out     Revision ids; `differences` between the tables as declared and as they are.
Errors  Those of the database driver: the callers turn them into ConfigurationError.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from gateway.store.tables import (  # noqa: F401 - register the tables
    absence_rows,
    claim_rows,
    export_rows,
    grant_rows,
    identity_rows,
    key_rows,
    label_rows,
    outbound_rows,
    published_rows,
    recall_rows,
    rows,
    saved_search_rows,
    search_rows,
    serving_rows,
    session_rows,
    sign_in_rows,
    site_rows,
    source_rows,
    subscription_rows,
)

PAGE_BYTES: Final = 8192
"""Of a SQLite file, fixed when its first table is made: most sealed rows fit one."""
_HERE: Final = Path(__file__).parent.parent / "migrations"
_Result = TypeVar("_Result")


def upgrade(url: str) -> None:
    """Apply every change that is missing."""
    _run(url, lambda connection: command.upgrade(_config(connection), "head"))


def current(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    return _run(
        url, lambda connection: MigrationContext.configure(connection).get_current_revision()
    )


def head() -> str:
    """The newest revision there is."""
    found = ScriptDirectory(str(_HERE)).get_current_head()
    if found is None:
        raise LookupError("no revisions")
    return found


def differences(url: str) -> list[Any]:
    """What the declared tables and the database's differ in; empty when they agree."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, SQLModel.metadata)
        return found

    return _run(url, compare)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def _run(url: str, work: Callable[[Connection], _Result]) -> _Result:
    if url.startswith("sqlite:"):
        engine = create_engine(url)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"PRAGMA page_size = {PAGE_BYTES}")
                return work(connection)
        finally:
            engine.dispose()
    return asyncio.run(_run_async(url.replace("postgresql://", "postgresql+asyncpg://"), work))


async def _run_async(url: str, work: Callable[[Connection], _Result]) -> _Result:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
