"""db upgrade | current | check | rights | backup | restore | verify-backup."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import Json

app = typer.Typer(help="Migrations and backups.", no_args_is_help=True, rich_markup_mode=None)

Copy = Annotated[Path, typer.Argument(help="The file of the copy.")]
Yes = Annotated[bool, typer.Option("--yes", help="Overwrite what is there.")]


@app.command()
def upgrade() -> None:
    """Bring the tables up to date; on a new database, make them.

    Example: care-gateway db upgrade
    """
    from gateway.cli import output
    from gateway.settings import Settings
    from gateway.store.database import schema

    settings = Settings()
    before = schema.current(settings.database_url)
    schema.upgrade(settings.database_url)
    after = schema.head()
    output.say(f"was at {before or 'nothing'}, is at {after}")


@app.command()
def current(json: Json = False) -> None:
    """Say at which revision the tables are, and which is the newest.

    Example: care-gateway db current
    """
    from gateway.cli import output
    from gateway.store.database import schema

    stands, newest = schema.current(_existing().database_url), schema.head()
    if json:
        output.as_json({"current": stands, "newest": newest})
    else:
        output.data(stands or "none")
    raise typer.Exit(0 if stands == newest else 1)


@app.command()
def check(json: Json = False) -> None:
    """Say whether the tables are those this version declares; exit 1 when not.

    Example: care-gateway db check
    """
    from gateway.cli import output
    from gateway.store.database import schema

    url = _existing().database_url
    stands, newest = schema.current(url), schema.head()
    found = [_difference(one) for one in schema.differences(url)]
    fits = stands == newest and not found
    if json:
        output.as_json({"ok": fits, "current": stands, "newest": newest, "differences": found})
    elif fits:
        output.data(f"at {newest}; the tables are as declared")
    else:
        output.data(f"at {stands or 'nothing'}, the newest is {newest}")
        for line in found:
            output.data(line)
    raise typer.Exit(0 if fits else 1)


@app.command()
def rights(
    role: Annotated[str, typer.Argument(help="The service's account, which owns no table.")],
) -> None:
    """Print the SQL that lets an account of PostgreSQL serve, and not change what is in the log.

    Run it as the tables' owner, after each `db upgrade`.

    Example: care-gateway db rights gateway_service | psql --single-transaction
    """
    from gateway.cli import output
    from gateway.store.database.rights import statements

    for statement in statements(role):
        output.data(f"{statement};")


@app.command()
def backup(path: Copy, yes: Yes = False) -> None:
    """Copy a SQLite database while it is in use; PostgreSQL has pg_dump.

    Keep the key file apart from the copy: without it nothing that was sealed opens.

    Example: care-gateway db backup copies/monday.db
    """
    from gateway.cli import output
    from gateway.store.database import backups

    backups.copy(_sqlite_file("pg_dump --format=custom"), path, over=yes)
    output.say(f"copied to {path}")


@app.command()
def restore(path: Copy, yes: Yes = False) -> None:
    """Put a copy in the place of the database; the service must be stopped.

    The copy is verified first: `db verify-backup` does the same alone. Who was shredded since it
    was made is shredded again, by the register of shreddings.

    Example: care-gateway db restore copies/monday.db --yes
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.store.database import backups, schema

    target = _sqlite_file("pg_restore")
    found = _verdict(path)
    if found["ok"]:
        backups.copy(path, target, over=yes)
        output.say(f"restored {path}")
        if schema.current(_existing().database_url) == schema.head():
            with_store(_nothing_more)
        return
    output.say(f"error: not restored: {found['reason']}")
    raise typer.Exit(1)


@app.command("verify-backup")
def verify_backup(path: Copy, json: Json = False) -> None:
    """Say whether a copy is whole: file, tables, keys and every entry of its log.

    Example: care-gateway db verify-backup copies/monday.db --json
    """
    from gateway.cli import output

    _sqlite_file("pg_restore, into a scratch database")
    found = _verdict(path)
    if json:
        output.as_json(found)
    else:
        output.data("whole" if found["ok"] else found["reason"])
        output.table(("table", "rows"), found["rows"].items())
    raise typer.Exit(0 if found["ok"] else 1)


async def _nothing_more(_settings: Any, _store: Any) -> None:
    """To open the store is enough: what was shredded is shredded again."""


def _verdict(path: Path) -> dict[str, Any]:
    """What is found out about a copy, without touching it."""
    import asyncio

    from gateway.cli.backup_check import verdict
    from gateway.cli.opening import read_keys
    from gateway.custody import wrapping_of
    from gateway.settings import Settings

    settings = Settings()
    keys = read_keys(settings)
    return asyncio.run(verdict(path, keys, wrapping_of(settings, keys)))


def _existing() -> Any:
    """The settings, of a database that is there: asking must not make one."""
    from gateway.cli.opening import check_is_there
    from gateway.settings import Settings

    settings = Settings()
    check_is_there(settings)
    return settings


def _sqlite_file(instead: str) -> Path:
    from gateway.cli.opening import sqlite_file
    from gateway.errors import ConfigurationError
    from gateway.settings import Settings

    file = sqlite_file(Settings())
    if file is None:
        raise ConfigurationError(f"the database is PostgreSQL: use {instead}")
    return file


def _difference(found: Any) -> str:
    """One difference in words: what, and of which table or column."""
    parts = found[0] if isinstance(found, list) else found
    names = [getattr(part, "name", part) for part in parts if part is not None]
    return " ".join(str(name) for name in names if isinstance(name, str))
