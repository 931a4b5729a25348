"""`keys shred` and its backup: by command, as two operators would, with the copy of the night."""

import sqlite3

import pytest

from tests.unit.cli.running import PLAN, Commands


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A SQLite database: only of that copies are made by command."""
    made = Commands(tmp_path, monkeypatch)
    made.good("db", "upgrade")
    return made


@pytest.fixture
def anne(commands, monkeypatch):
    """The command line in the name of an operator."""

    def named(name: str):
        monkeypatch.setattr("gateway.cli.account.account_name", lambda: name)
        return commands

    return named


def _record(commands) -> str:
    commands.json("ingest", "social-care", PLAN, "--org", "X1K01")
    with sqlite3.connect(commands.folder / "care-gateway.db") as found:
        [(record,)] = found.execute("SELECT patient_id FROM source_record").fetchall()
    return str(record)


def _kept(commands, record: str) -> tuple[int, int]:
    with sqlite3.connect(commands.folder / "care-gateway.db") as found:
        [row] = found.execute(
            "SELECT (SELECT COUNT(*) FROM data_key WHERE owner = ?),"
            " (SELECT COUNT(*) FROM resource_version WHERE patient_id = ?)",
            (record, record),
        ).fetchall()
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("name", ["LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"])
def test_nobody_is_two_operators_by_saying_so(commands, monkeypatch, name):
    record = _record(commands)
    made = commands.json("keys", "shred", "ask", record, "--basis", "request", "--reason", "a file")
    monkeypatch.setenv(name, "somebody-else")
    assert "somebody else" in commands("keys", "shred", "confirm", made["request"]).stderr
    assert _kept(commands, record) != (0, 0)


def test_s65_two_operators_shred_and_the_copy_of_the_night_is_shredded_again(commands, anne):
    record = _record(commands)
    commands.good("db", "backup", "night.db")
    why = ("--basis", "request", "--reason", "file 112")
    made = anne("anne").json("keys", "shred", "ask", record, *why)
    refused = anne("anne")("keys", "shred", "confirm", made["request"])
    assert refused.exit_code == 2
    assert "somebody else" in refused.stderr
    [listed] = commands.json("keys", "shred", "list")["requests"]
    assert listed["asked_by"] == "anne"
    done = anne("ben").json("keys", "shred", "confirm", made["request"])
    assert done["shredded"]["keys"] == 1
    assert _kept(commands, record) == (0, 0)
    assert commands.json("keys", "shred", "list") == {"requests": [], "holds": [], "shredded": 1}
    before = commands.json("audit", "verify")
    assert before["ok"]
    commands.good("db", "restore", "night.db", "--yes")
    assert _kept(commands, record) == (0, 0)
    assert commands.json("audit", "verify")["ok"]
    again = commands("ingest", "social-care", PLAN, "--org", "X1K01", "--json")
    assert again.exit_code == 1
    assert '"shredded"' in again.stdout


def test_holds_are_set_and_lifted(commands, anne):
    record = _record(commands)
    why = ("--reason", "an inquiry")
    assert commands("keys", "shred", "hold", record, "--review", "soon", *why).exit_code == 2
    held = commands.json("keys", "shred", "hold", record, "--review", "2999-01-01", *why)
    asked = ("keys", "shred", "ask", record, "--basis", "court", *why)
    assert commands(*asked).exit_code == 2
    alone = commands("keys", "shred", "lift", held["hold"], *why)
    assert (alone.exit_code, "somebody else" in alone.stderr) == (2, True)
    assert commands(*asked).exit_code == 2
    anne("another").good("keys", "shred", "lift", held["hold"], *why)
    made = commands.json(*asked, "--only")
    assert made["records"] == 1
    commands.good("keys", "shred", "withdraw", made["request"], *why)
    assert commands("keys", "shred", "ask", record, "--basis", "whim", *why).exit_code == 2
    assert _kept(commands, record)[0] == 1


def test_the_index_key_is_rotated_by_command(commands):
    _record(commands)
    added = commands.good("keys", "rotate", "index").strip()
    rows = [one for one in commands.json("keys", "list")["keys"] if one["purpose"] == "index"]
    assert [one["current"] for one in rows] == [True, False]
    assert commands("keys", "rotate", "log-signing", "--rehash").exit_code == 2
    for purpose in (["index"], []):
        assert "hashed again" in commands("keys", "rotate", *purpose, "--rehash").stderr
    rows = [one for one in commands.json("keys", "list")["keys"] if one["purpose"] == "index"]
    assert [one["id"] for one in rows if one["current"]] == [added]
    again = commands.json("ingest", "social-care", PLAN, "--org", "X1K01")
    assert again["deliveries"][0]["duplicate"] is True


def test_retired_keys_are_destroyed_only_when_told_so(commands):
    _record(commands)
    (before,) = commands.good("keys", "rotate").split()
    commands.good("keys", "rotate", "--rewrap")
    assert commands("keys", "retire").exit_code == 2
    assert len(commands.good("keys", "retire", "--yes").splitlines()) == 2
    rows = commands.json("keys", "list")["keys"]
    assert [one["id"] for one in rows if one["purpose"] == "key-encryption"] == [before]
