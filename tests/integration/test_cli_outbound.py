"""Files for organisations, and recalls, from the command line and the worker."""

import zipfile

from tests.integration.test_cli import PERSON, commands
from tests.unit.cli.running import PLAN

__all__ = ["commands"]
PROFILE = """
folder = "files"
[[organisation]]
org = "X1K01"
reviewed = "an operator, 2026-11-22"
role = "social-worker"
"""


def test_a_file_is_made_when_asked_for_and_when_it_is_due_and_a_recall_finds_it(commands):
    commands.good("ingest", "social-care", PLAN, "--org", "X1K01")
    assert commands("outbound", "run").exit_code == 2
    (commands.folder / "outbound.toml").write_text(PROFILE)
    commands.set(outbound_file=str(commands.folder / "outbound.toml"))
    (before,) = commands.json("outbound", "list")["organisations"]
    assert (before["file"], before["at"]) == (None, "02:00")
    commands.good("worker", "--once")
    (listed,) = commands.json("outbound", "list")["organisations"]
    assert (listed["file"], listed["state"]) == ("X1K01-000001.zip", "visible")
    commands.good("worker", "--once")
    assert commands.json("outbound", "list")["organisations"] == [listed]
    with zipfile.ZipFile(commands.folder / "files/X1K01/X1K01-000001.zip") as archive:
        items = archive.read("items.csv").decode()
    goal = next(line.split(",")[1] for line in items.splitlines() if line.startswith("Goal,"))
    found = commands.json("recall", f"Goal/{goal}", "--notify")
    assert [one["caller"] for one in found["shown"]] == ["outbound:X1K01"]
    assert [one["owner"]["identifier"]["value"] for one in found["tasks"]] == ["X1K01"]
    text = commands.good("recall", f"Goal/{goal}")
    assert not [one for one in PERSON if one in text]
    (run,) = commands.json("outbound", "run", "--org", "X1K01")["runs"]
    assert (run["file"], run["changed"]) == ("X1K01-000002.zip", 0)
    assert commands("outbound", "run", "--org", "X9").exit_code == 2
    assert commands("recall").exit_code == 2
    assert commands("recall", "Goal/none").exit_code == 1


def test_nothing_leaves_under_a_policy_that_a_controller_has_not_signed(commands):
    (commands.folder / "outbound.toml").write_text(PROFILE)
    (commands.folder / "signed.toml").write_text('controllers = ["X1K01"]\n')
    commands.set(
        outbound_file=str(commands.folder / "outbound.toml"),
        policy_sign_offs=str(commands.folder / "signed.toml"),
        mllp__listeners='[{"host": "127.0.0.1", "sources": [{"system": "a", "org": "RAX"}]}]',
    )
    commands.good("ingest", "social-care", PLAN, "--org", "X1K01")
    for asked in (
        ("outbound", "run"), ("worker", "--once"), ("recall", "Goal/none"), ("mllp",),
    ):  # fmt: skip
        done = commands(*asked)
        assert done.exit_code == 1
        assert "is not signed by X1K01" in done.stderr
    assert not (commands.folder / "files").exists()
    assert "X1K01: not signed" in commands.good("policy", "show")
