"""feed pull, worker and feed list over a sources file, as an operator runs them."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.integration.taking import upgraded
from tests.unit.cli.running import PLAN, Commands

SOURCES = """
[[source]]
name = "drop"
reviewed = "this test"
kind = "folder"
feed = "social-care"
org = "X1K01"
folder = "{folder}"
ready = "done"
every_minutes = 5

[[hospital]]
name = "Odd"
reviewed = "this test"
applications = ["ODD"]
time_zone = "UTC"
"""


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A deployment whose folder holds one whole file."""
    folder = tmp_path / "drop"
    folder.mkdir()
    (tmp_path / "sources.toml").write_text(SOURCES.format(folder=folder), encoding="utf-8")
    made = Commands(tmp_path, monkeypatch)
    url = upgraded(f"sqlite:///{tmp_path}/x.db")
    made.set(database_url=url, sources_file=str(tmp_path / "sources.toml"))
    shutil.copy(PLAN, folder / "plan.json")
    (folder / "plan.json.done").touch()
    return made


def test_a_pull_takes_what_is_there_and_the_list_says_so(commands):
    found = commands.json("feed", "pull", "--once", "--source", "drop")
    assert [(one["source"], one["outcome"], one["taken"]) for one in found["sources"]] == [
        ("drop", "done", 1)
    ]
    told = commands.json("feed", "list")
    assert [(one["source"], one["taken"]) for one in told["sources"]] == [("drop", 1)]
    assert [(one["name"], one["time_zone"]) for one in told["senders"]] == [("Odd", "UTC")]
    assert "Norma" not in json.dumps(told)
    shown = commands.good("feed", "list")
    assert "every 5 minutes" in shown
    assert "UTC" in shown
    assert "1 pulled, 1 profiles" in commands("check").output


def test_a_source_that_a_killed_puller_still_holds_is_said_to_be(commands, tmp_path):
    commands.good("feed", "pull", "--once")
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as database:
        database.execute("UPDATE pull_source SET held_by = 'gone', held_until = 1 << 62")
    done = commands("feed", "pull", "--once")
    assert done.exit_code == 1
    assert "drop: not pulled, for another puller is at it" in done.output


def test_a_worker_pulls_what_is_due(commands):
    commands.good("worker", "--once")
    told = commands.json("feed", "list")
    assert [(one["outcome"], one["taken"]) for one in told["sources"]] == [("done", 1)]
    (folder,) = (path for path in commands.folder.iterdir() if path.name == "drop")
    assert len(list((folder / "taken").iterdir())) == 2


def test_a_refused_file_and_an_unknown_source_end_otherwise(commands):
    assert commands("feed", "pull", "--once", "--source", "nobody").exit_code == 2
    folder = commands.folder / "drop"
    (folder / "letter.txt").write_text("Dear all")
    (folder / "letter.txt.done").touch()
    assert commands("feed", "pull", "--once").exit_code == 1
    (commands.folder / "sources.toml").write_text("x = = 1")
    done = commands("feed", "list")
    assert done.exit_code != 0
    assert "GATEWAY_SOURCES_FILE is not TOML" in done.output
