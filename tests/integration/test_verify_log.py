"""The one-file verifier, run as its user would: a process of its own over exported files."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.integration.taking import upgraded

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "deploy" / "verify_log.py"


def _care_gateway(*arguments: str) -> str:
    found = CliRunner().invoke(app, list(arguments))
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture
def folder(exported, tmp_path, monkeypatch) -> Path:
    """A copy of what was exported, and of the database, of the test's own."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    _work_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """An exported log, two checkpoints somebody kept, a proof, and the key."""
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        _work_in(folder, patch)
        _export_to(folder)
    return folder


def _work_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    patch.setenv("GATEWAY_DATABASE_URL", upgraded(f"sqlite:///{folder}/gateway.db"))
    patch.setenv("GATEWAY_KEY_FILE", str(folder / "keys.json"))


def _export_to(folder: Path) -> None:
    _care_gateway("db", "upgrade")
    for _ in range(5):
        _care_gateway("audit", "search", "--json")
    made = json.loads(_care_gateway("audit", "checkpoint", "--json"))
    (folder / "first.txt").write_text(made["checkpoint"])
    (folder / "key").write_text(made["verifier_keys"][-1])
    for _ in range(4):
        _care_gateway("audit", "search", "--json")
    (folder / "proof.json").write_text(_care_gateway("audit", "prove", "3", "--json"))
    (folder / "second.txt").write_text(_care_gateway("audit", "checkpoint"))
    (folder / "log.jsonl").write_text(_care_gateway("audit", "export"))


def _verify(folder: Path, *arguments: str) -> tuple[int, str]:
    key = (folder / "key").read_text()
    found = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *arguments, "--key", key],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in found.stderr, found.stderr
    return found.returncode, found.stdout.strip()


KEPT = ("--checkpoint", "first.txt", "--checkpoint", "second.txt")


def test_a_log_as_it_was_written_verifies_with_the_checkpoints_that_were_kept(folder):
    code, told = _verify(folder, "log", "log.jsonl", *KEPT)
    assert code == 0
    assert told.startswith("ok: 11 entries")
    assert told.endswith("2 checkpoints")


def _rewritten(folder: Path, change) -> None:
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    lines = [json.dumps(row) + "\n" for row in change(rows)]
    (folder / "log.jsonl").write_text("".join(lines))


def _forged(rows, start):
    """The log written again from `start` on, right in itself."""
    import base64

    from gateway.audit.merkle import Frontier, leaf_hash

    frontier = Frontier()
    for number, row in enumerate(rows):
        record = base64.b64decode(row["record"])
        if number == start:
            record = record.replace(b"limit", b"LIMIT")
            row["record"] = base64.b64encode(record).decode()
        frontier, root = frontier.append(leaf_hash(record))
        row["leaf"], row["root"] = leaf_hash(record).hex(), root.hex()
    return rows


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: [*rows[:2], {**rows[2], "record": rows[3]["record"]}, *rows[3:]], "entry 2:"),
        (lambda rows: [*rows[:4], *rows[5:]], "entry 4:"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], "entry 1:"),
        (lambda rows: rows[:7], "entry 7:"),
        (lambda rows: _forged(rows, 1), "entry 0:"),
        (lambda rows: _forged(rows, 7), "entry 5:"),
        (lambda rows: [*rows[:2], {**rows[2], "root": rows[3]["root"]}, *rows[3:]], "entry 2:"),
    ],
    ids=["edited", "deleted", "reordered", "cut", "rewritten", "forked-later", "another-root"],
)
def test_a30_s60_the_first_entry_that_is_not_as_it_was_written_is_named(folder, change, told):
    _rewritten(folder, change)
    code, said = _verify(folder, "log", "log.jsonl", *KEPT)
    assert (code, said[: len(told)]) == (1, told), said


def test_one_entry_is_proved_offline_and_another_is_not(folder):
    code, said = _verify(folder, "record", "proof.json")
    first, record = said.splitlines()
    assert (code, first) == (0, "ok: entry 3 is in the log")
    assert json.loads(record)["event"] == "audit-view", "who was given it can read it"
    proof = json.loads((folder / "proof.json").read_text())
    for name, value in (("seq", 2), ("record", "AAAA"), ("proof", proof["proof"][:-1])):
        (folder / "bad.json").write_text(json.dumps({**proof, name: value}))
        assert _verify(folder, "record", "bad.json") == (1, "the proof does not hold"), name
    code, _ = _verify(folder, "record", "proof.json", "--checkpoint", "first.txt")
    assert code == 1, "the proof is for another size"


def test_s60_a_note_of_another_key_and_a_file_that_is_none_are_told(folder):
    text = (folder / "first.txt").read_text()
    (folder / "first.txt").write_text(text.replace("\n5\n", "\n6\n"))
    assert _verify(folder, "log", "log.jsonl", *KEPT)[0] == 2
    assert _verify(folder, "log", "key")[0] == 2
    assert _verify(folder, "log", "none")[0] == 2


def test_a_folder_that_holds_no_checkpoint_is_told_and_not_taken_for_none(folder):
    (folder / "empty").mkdir()
    code, said = _verify(folder, "log", "log.jsonl", "--checkpoint", "empty")
    assert (code, said) == (2, "cannot be read: a folder without a checkpoint (*.txt)")
    found = CliRunner().invoke(app, ["audit", "verify", "--checkpoint", "empty"])
    assert found.exit_code == 2
