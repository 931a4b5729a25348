"""`care-gateway site` over a real database."""

from pathlib import Path

import pytest

import gateway.cli.demo
from tests.unit.cli.running import Commands

SITE = Path(gateway.cli.demo.__file__).parent / "site"


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    return made


def test_a_site_is_tried_loaded_shown_and_switched(commands, tmp_path):
    tried = commands.json("site", "load", SITE, "--dry-run")
    assert (tried["loaded"], tried["added"]) == (False, 44)
    assert commands.json("site", "show")["practice"] == []
    assert commands.json("site", "load", SITE)["added"] == 44
    shown = commands.good("site", "show")
    assert "Elm Crescent Surgery" in shown
    assert "open at all hours" in shown
    for file in SITE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    borough = tmp_path / "borough.toml"
    off = 'name = "Chessington"\nfeeds_off = ["mental-health"]\nfeatures_off = ["own-record"]'
    borough.write_text(borough.read_text("utf-8").replace('name = "Chessington"', off), "utf-8")
    told = commands.good("site", "load", tmp_path)
    assert "changed\tlocality\tchessington\tChessington\tfeatures_off, feeds_off" in told
    assert "chessington\tChessington\tmental-health\town-record" in commands.good("site", "show")
    assert commands.json("db", "check")["differences"] == []
    assert commands.json("audit", "verify")["ok"] is True


def test_a_site_with_faults_is_refused_with_each_of_them(commands, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text('reviewed = "me"\n[borough]\nid = "b"\n[[practice]]\nods = "zebra"\n', "utf-8")
    done = commands("site", "load", file)
    assert (done.exit_code, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert "bad.toml, borough 1: name is needed: a name" in lines
    assert "bad.toml, practice 1: ods must be an ODS code, in capitals" in lines
    assert "error: the files have 4 faults; nothing was loaded" in lines
    assert "zebra" not in done.stderr
    assert commands.json("site", "show")["borough"] == []


def test_a_folder_without_files_is_refused(commands, tmp_path):
    (tmp_path / "empty").mkdir()
    assert commands("site", "load", tmp_path / "empty").exit_code == 2
