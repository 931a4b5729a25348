"""`care-gateway identity` over a real database: look at what waits, decide, look at the history."""

import pytest

from tests.integration.test_ingest_identity import NORMA, seen_by
from tests.unit.cli.running import Commands


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    """A database with two hospitals' records of one number and two dates, which do not link."""
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    for org, born in (("RAX", "19430304"), ("RJ7", "19430403")):
        file = tmp_path / f"{org}.hl7"
        file.write_bytes(seen_by(org, NORMA, born).body)
        made.good("ingest", "hospital", str(file), "--org", org)
    return made


def test_what_waits_is_ranked_decided_and_kept_as_history(commands):
    (row,) = commands.json("identity", "queue")["queue"]
    one, other = row["record"]["source_record"], row["other"]["source_record"]
    shown = commands.good("identity", "queue")
    assert all(text in shown for text in (one, other, "date-conflict", "born near +4.9"))
    assert "ASHDOWN" not in shown.upper()
    assert NORMA not in shown

    made = commands.json("identity", "merge", one, other, "--reason", "the ward rang")
    assert {found["state"] for found in made["records"]} == {"linked"}
    assert commands.json("identity", "queue") == {"queue": [], "unsettled": []}
    assert "told-apart" not in commands.good("identity", "show", one)

    commands.good("identity", "unmerge", one, other, "--reason", "it was the twin")
    commands.good("identity", "open", one, other, "--reason", "asked again")
    told = commands.json("identity", "show", one)
    assert [said["verdict"] for said in told["statements"]] == ["same", "different", "open"]
    assert "different" in commands.good("identity", "show", one)
    assert commands.json("identity", "queue")["queue"] == [row]
    assert commands.json("audit", "verify")["ok"] is True


def test_what_stands_on_a_person_is_stated_shown_and_taken_back(commands):
    (row,) = commands.json("identity", "queue")["queue"]
    one = row["record"]["source_record"]
    made = commands.json("identity", "state", one, "--pds", "R", "--reason", "a letter")
    assert made["stands"] == {"pds": "R"}
    assert "\tpds\tR" in commands.good("identity", "show", one)
    shown = commands.good("identity", "state", one, "--deceased", "yes", "--reason", "a letter")
    assert "deceased" in shown
    made = commands.json("identity", "state", one, "--pds", "open", "--reason", "moved")
    assert made["stands"] == {"deceased": "yes"}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("show", "nobody"), 1),
        (("merge", "nobody", "else", "--reason", "x"), 1),
        (("merge", "same", "same", "--reason", "x"), 2),
        (("merge", "one", "other", "--reason", " "), 2),
        (("unmerge", "one", "other"), 2),
        (("state", "nobody", "--pds", "R", "--reason", "x"), 1),
        (("state", "one", "--pds", "S", "--reason", "x"), 2),
        (("state", "one", "--pds", "R", "--deceased", "no", "--reason", "x"), 2),
        (("state", "one", "--reason", "x"), 2),
        (("settle", "nothing", "--reason", "x"), 1),
        (("settle", "nothing", "--reason", " "), 2),
    ],
)
def test_a_decision_that_cannot_be_made_is_one_line_and_a_code(commands, args, code):
    done = commands("identity", *args)
    assert done.exit_code == code
    assert "Traceback" not in done.stderr
