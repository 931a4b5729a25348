"""Copies of the database: made in use, verified, put back; PostgreSQL is told its own tools."""

import sqlite3
from contextlib import closing

import pytest

from gateway.store.keyring.keys import create_key_file
from tests.unit.cli.running import PLAN, Commands, changed_plan


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """The command line over a SQLite database with one plan."""
    made = Commands(tmp_path, monkeypatch)
    made.good("db", "upgrade")
    made.good("ingest", "social-care", PLAN, "--org", "X1K01")
    return made


def test_a_copy_is_whole_and_can_be_put_back(commands):
    commands.good("db", "backup", "copy.db")
    assert (commands.folder / "copy.db").stat().st_mode & 0o777 == 0o600
    found = commands.json("db", "verify-backup", "copy.db")
    assert found["ok"] is True
    assert found["rows"]["delivery"] == 1
    assert found["audit"] == commands.json("audit", "verify")
    changed = changed_plan(commands.folder, title="Another")
    commands.good("ingest", "social-care", changed, "--org", "X1K01")
    assert commands.json("audit", "verify")["size"] == 2
    assert commands("db", "restore", "copy.db").exit_code == 1, "not over a database unasked"
    commands.good("db", "restore", "copy.db", "--yes")
    assert commands.json("audit", "verify")["size"] == 1
    commands.good("ingest", "social-care", changed, "--org", "X1K01")
    assert commands.json("audit", "verify")["size"] == 2


def test_a_copy_is_not_made_over_a_file_unasked(commands):
    (commands.folder / "copy.db").write_text("precious")
    assert commands("db", "backup", "copy.db").exit_code == 1
    assert (commands.folder / "copy.db").read_text() == "precious"
    commands.good("db", "backup", "copy.db", "--yes")
    assert commands("db", "verify-backup", "copy.db").stdout.startswith("whole\n")


def test_a_copy_whose_log_was_altered_is_refused(commands):
    commands.good("db", "backup", "copy.db")
    with closing(sqlite3.connect(commands.folder / "copy.db")) as connection:
        connection.execute("DROP TRIGGER audit_entry_no_update")
        connection.execute("UPDATE audit_entry SET org = 'X9'")
        connection.commit()
    found = commands.json("db", "verify-backup", "copy.db", code=1)
    assert found["reason"].startswith("entry 0 of its log")
    done = commands("db", "restore", "copy.db", "--yes")
    assert done.exit_code == 1
    assert commands.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_what_is_no_database_is_no_copy(commands, content):
    if content is not None:
        (commands.folder / "copy.db").write_bytes(content)
    assert commands.json("db", "verify-backup", "copy.db", code=1)["ok"] is False
    assert commands("db", "restore", "copy.db", "--yes").exit_code == 1
    assert commands.json("audit", "verify")["size"] == 1


def test_a_copy_cut_short_is_refused(commands):
    commands.good("db", "backup", "copy.db")
    path = commands.folder / "copy.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert commands.json("db", "verify-backup", "copy.db", code=1)["ok"] is False


def test_a_copy_without_its_keys_is_refused(commands):
    commands.good("db", "backup", "copy.db")
    (commands.folder / "keys.json").unlink()
    create_key_file(commands.folder / "keys.json", development=True)
    found = commands.json("db", "verify-backup", "copy.db", code=1)
    assert "data keys" in found["reason"]


@pytest.mark.parametrize(
    ("command", "tool"),
    [("backup", "pg_dump"), ("restore", "pg_restore"), ("verify-backup", "pg_restore")],
)
def test_postgresql_is_told_its_own_tools(commands, command, tool):
    commands.set(database_url="postgresql://a:hunter2@127.0.0.1:1/d")
    done = commands("db", command, "copy.db")
    assert done.exit_code == 1
    assert tool in done.stderr
    assert "hunter2" not in done.output
    assert not (commands.folder / "copy.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("feed", "list"),
        ("db", "current"),
        ("audit", "verify"),
        ("ingest", "gp", PLAN, "--org", "A"),
    ],
)
def test_a_command_does_not_make_a_database_by_looking(commands, arguments):
    commands.set(database_url="sqlite:///elsewhere.db")
    done = commands(*arguments)
    assert done.exit_code == 1
    assert "care-gateway db upgrade" in done.stderr
    assert not (commands.folder / "elsewhere.db").exists()


def test_a_server_that_does_not_answer_is_a_line_and_a_hint(commands):
    commands.set(database_url="postgresql://a:hunter2@127.0.0.1:1/d")
    done = commands("feed", "list")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == "error: the database cannot be used"
    assert "hunter2" not in done.output
