"""Copies of a SQLite database, made while it is in use, and what they hold.

Rule    A copy is complete or not there: it is written beside its place and then moved. Files
        are open to their owner only. PostgreSQL has its own tools (pg_dump, pg_restore).
Errors  ConfigurationError for a file that is there already, or is no database of ours.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from gateway.errors import ConfigurationError

TABLES: Final = (
    "source_record",
    "person",
    "data_key",
    "delivery",
    "item",
    "resource",
    "resource_version",
    "audit_entry",
)
"""What is counted, so that a copy can be compared with its original."""


def copy(source: Path, target: Path, *, over: bool = False) -> None:
    """A consistent copy of a database; over an existing file only when told so."""
    if not source.is_file():
        raise ConfigurationError(f"there is no such file: {source}")
    if target.exists() and not over:
        raise ConfigurationError(f"a file is already there: {target}")
    beside = target.with_name(f"{target.name}.part")
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_open(source)) as old, closing(sqlite3.connect(beside)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
        _check_whole(beside)
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        beside.replace(target)
    except sqlite3.DatabaseError:
        raise ConfigurationError(f"not a whole SQLite database: {source}") from None
    finally:
        beside.unlink(missing_ok=True)


def check(path: Path) -> dict[str, int]:
    """Rows by table of a whole database of this gateway. Errors: ConfigurationError."""
    if not path.is_file():
        raise ConfigurationError(f"there is no such file: {path}")
    try:
        _check_whole(path)
        with closing(_open(path)) as found:
            return {
                table: int(found.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])
                for table in TABLES
            }
    except sqlite3.DatabaseError:
        raise ConfigurationError(f"not a whole database of this gateway: {path}") from None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _check_whole(path: Path) -> None:
    with closing(_open(path)) as found:
        if found.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError
