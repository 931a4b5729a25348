"""`care-gateway labels`, `terminology` and `feed state` over a real database."""

import pytest

from tests.api.world import EXAMPLE
from tests.unit.cli.running import Commands

SNOMED = "http://snomed.info/sct"
RF2 = (
    "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\n"
    "u1\t20260401\t1\t1\t700\t38341003\n"
)


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    """A database with a support plan of which one goal is shared by a word nobody knows."""
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    text = EXAMPLE.read_text("utf-8").replace(
        '"state": "working on"', '"state": "working on", "sharing": ["nobody knows it"]', 1
    )
    file = tmp_path / "plan.json"
    file.write_text(text, "utf-8")
    made.good("ingest", "social-care", str(file), "--org", "XK1")
    return made


def test_what_waits_is_listed_decided_and_gone(commands):
    found = commands.json("labels", "pending")
    one, *others = found["items"]
    assert found["waiting"] == 1 + len(others)
    assert (one["owner"], one["feed"], one["overdue"]) == ("XK1", "social-care", False)
    assert one["resource"] in commands.good("labels", "pending", "--org", "XK1")
    assert commands.json("labels", "pending", "--org", "RAX")["items"] == []
    made = commands.json(
        "labels", "decide", one["resource"], "--add", "NOPAT", "--level", "R", "--reason", "read it"
    )
    assert "REVIEW" in made["before"]
    assert set(made["after"]) == {"R", "support-plan", "NOPAT"}
    shown = commands.good("labels", "decide", one["resource"], "--release", "--reason", "again")
    assert "NOPAT" in shown
    assert commands.json("labels", "pending")["waiting"] == len(others)
    assert commands.json("labels", "relabel") == {"looked_at": 0, "changed": 0}
    assert commands.json("audit", "verify")["ok"] is True


def test_a_set_is_loaded_and_a_worker_labels_what_stands(commands, tmp_path):
    file = tmp_path / "set.txt"
    file.write_text(RF2, "utf-8")
    told = commands.json("terminology", "import", str(file), "--as", "700=violence")
    assert told["sets"][0]["added"] == 1
    assert "violence" in commands.good("terminology", "import", str(file), "--as", "violence")
    assert commands.json("labels", "rules")["version"]
    assert "SDV, SAFEG" in commands.good("labels", "rules")
    commands.good("worker", "--once")
    assert "looked at: 0" in commands.good("labels", "relabel")


def test_a_feed_is_put_in_a_state_and_listed_with_it(commands):
    made = commands.json("feed", "state", "XK1", "social-care", "down", "--reason", "rang us")
    assert (made["before"], made["state"]) == ("open", "down")
    shown = commands.good("feed", "state", "*", "*", "sandbox", "--reason", "as agreed")
    assert "sandbox" in shown
    found = {(one["organisation"], one["feed"]): one for one in _standing(commands)}
    assert found["XK1", "social-care"]["state"] == "down"
    assert found["XK1", "social-care"]["last_source"].startswith("2026-")
    assert "XK1\tsocial-care\tdown" in commands.good("feed", "list")


def _standing(commands):
    return commands.json("feed", "list")["standing"]


def test_a_first_load_is_marked_and_joins_nothing(commands, tmp_path):
    commands.good("ingest", "social-care", str(EXAMPLE), "--org", "XK9", "--back-fill")
    (one,) = [one for one in _standing(commands) if one["organisation"] == "XK9"]
    assert one["joined"] is None
    assert one["last_received"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("labels", "decide", "Goal/none", "--release", "--reason", "x"), 1),
        (("labels", "decide", "Goal/none", "--release", "--reason", " "), 2),
        (("feed", "state", "XK1", "social-care", "shut", "--reason", "x"), 2),
        (("feed", "state", "XK1", "nothing", "open", "--reason", "x"), 2),
        (("terminology", "import", "no-such-file", "--as", "violence"), 2),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(commands, args, code):
    result = commands(*args)
    assert result.exit_code == code
