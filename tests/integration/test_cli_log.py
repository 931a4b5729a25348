"""The log's desk at the command line: kept searches, and an export that is gone on with."""

import stat

import pytest

from gateway.cli import taking
from gateway.cli.progress import progress
from tests.unit.cli.running import PLAN, Commands


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    """The command line over a database with Norma's plan, from two organisations."""
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    for org in ("X1K01", "X1K02"):
        made.good("ingest", "social-care", PLAN, "--org", org)
    return made


def _kept(commands) -> list[dict]:
    return commands.json("audit", "searches", "list")["searches"]


def test_a_search_is_kept_run_changed_and_deleted(commands):
    searches = ("audit", "searches")
    commands.good(*searches, "keep", "what X1K01 sent", "--event", "push", "--org", "X1K01")
    found = commands.json(*searches, "run", "what X1K01 sent")["entries"]
    assert [(one["event"], one["organisation"]) for one in found] == [("push", "X1K01")]
    assert found == commands.json("audit", "search", "--event", "push", "--org", "X1K01")["entries"]
    commands.good(*searches, "keep", "what X1K01 sent", "--event", "push", "--days", "7")
    assert _kept(commands) == [{"name": "what X1K01 sent", "query": "event=push", "days": 7}]
    assert len(commands.json(*searches, "run", "what X1K01 sent")["entries"]) == 2
    commands.good(*searches, "keep", "old", "--until", "2020-01-31")
    assert commands.json(*searches, "run", "old")["entries"] == []
    commands.good(*searches, "delete", "what X1K01 sent")
    assert [one["name"] for one in _kept(commands)] == ["old"]
    assert commands(*searches, "run", "what X1K01 sent").exit_code == 1
    assert commands(*searches, "delete", "what X1K01 sent").exit_code == 1
    events = [one["event"] for one in commands.json("audit", "search")["entries"]]
    assert {"create", "update", "delete", "audit-view"} <= set(events)


def test_what_an_operator_kept_who_left_is_deleted_by_another(commands, monkeypatch):
    searches = ("audit", "searches")
    monkeypatch.setattr("gateway.cli.account.account_name", lambda: "anne")
    commands.good(*searches, "keep", "hers", "--event", "push")
    monkeypatch.setattr("gateway.cli.account.account_name", lambda: "ben")
    commands.good(*searches, "keep", "his", "--event", "push")
    assert commands(*searches, "forget", "anne", "--org", "X1K01").exit_code == 1
    commands.good(*searches, "forget", "anne")
    assert [one["name"] for one in _kept(commands)] == ["his"]
    monkeypatch.setattr("gateway.cli.account.account_name", lambda: "anne")
    assert _kept(commands) == []


def test_what_is_no_search_is_not_kept(commands):
    keep = ("audit", "searches", "keep")
    for wrong in (
        ("a", "--event", "looked"),
        ("a", "--days", "3", "--since", "2026-01-01"),
        ("a", "--days", "4000"),
        (" ", "--event", "push"),
    ):
        assert commands(*keep, *wrong).exit_code == 2
    assert _kept(commands) == []


def test_an_export_into_a_file_goes_on_where_it_was_cut(commands):
    log = commands.folder / "log.jsonl"
    commands.good("audit", "export", "--to", log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    whole = log.read_bytes()
    assert whole.count(b"\n") == 3
    log.write_bytes(whole[:-7])
    commands.good("audit", "export", "--to", log)
    assert log.read_bytes().startswith(whole)
    found = commands.json("audit", "verify", "--file", log)
    assert (found["ok"], found["size"]) == (True, 4)
    commands.good("audit", "export", "--to", log)
    assert commands.json("audit", "verify", "--file", log)["size"] == 5
    assert commands.good("audit", "export").encode().startswith(log.read_bytes())


def test_what_is_no_exported_log_is_left_as_it_is(commands):
    for held in (b"a letter, without an end of line", b"a letter\n", b'{"no": 1}\n', b"[1]\ncut"):
        path = commands.folder / "letter.txt"
        path.write_bytes(held)
        assert commands("audit", "export", "--to", path).exit_code == 2
        assert path.read_bytes() == held


def test_lines_longer_than_what_is_read_at_once_are_found(commands, monkeypatch):
    monkeypatch.setattr(taking, "_PIECE", 16)
    log = commands.folder / "log.jsonl"
    for size in (3, 4):
        commands.good("audit", "export", "--to", log)
        assert commands.json("audit", "verify", "--file", log)["size"] == size


def test_an_export_that_breaks_off_has_a_completion_entry(commands, monkeypatch):
    def broken(_content: bytes) -> None:
        raise BrokenPipeError

    with monkeypatch.context() as patched:
        patched.setattr("gateway.cli.output.raw", broken)
        assert commands("audit", "export").exit_code == 1
    first, second = commands.json("audit", "search", "--limit", "3")["entries"][1:]
    assert (first["event"], first["reasons"]) == ("completion", ["broke-off"])
    assert second["event"] == "audit-export"


def test_how_far_it_is_is_shown_on_a_terminal_and_in_a_pipe_nothing(monkeypatch, capfd):
    for terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda shown=terminal: shown, raising=False)
        with progress(entries=4) as advance:
            advance("entries", 3)
        said = capfd.readouterr()
        assert ("3 of 4" in said.err) is terminal
        assert said.out == ""


def test_what_was_without_an_end_has_one_once_it_is_known(monkeypatch, capfd):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress(items=None) as advance:
        advance.expect("items", 2_000)
        advance.expect("items", 2_000)
        advance("items", 1_000)
    said = capfd.readouterr().err
    assert ("1,000 of 4,000" in said, "25%" in said, "left:" in said) == (True, True, True)


def test_the_retention_of_the_log_is_a_setting_that_is_told(commands):
    def told() -> dict:
        (row,) = commands.json("config", "show", "audit_retention_years")["settings"]
        return row

    assert told()["from"] == "default"
    commands.set(audit_retention_years="40")
    assert (told()["value"], told()["from"]) == (40, "environment")
    commands.set(audit_retention_years="7")
    assert commands("config", "show").exit_code == 1
