"""The README's tour does what it shows; its commands exist; the walk-through is a real one."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs import walk_through
from tests.docs.fences import ROOT, blocks, missing, stable, tour
from tests.ports import free_port

README: Final = (ROOT / "README.md").read_text("utf-8")
TOUR: Final = tour(README)
_MARK: Final = "----- step -----"
_SECONDS: Final = 300


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each step of the tour writes, run as one script in a copy of what it needs."""
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.skip("the tour needs bash and curl")
    folder = tmp_path_factory.mktemp("tour")
    (folder / "examples").symlink_to(ROOT / "examples")
    port = str(free_port())
    script = f"\necho '{_MARK}'\n".join(step.commands for step in TOUR)
    kept = {name: os.environ[name] for name in ("LANG", "HOME") if name in os.environ}  # noqa: TID251
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # noqa: TID251
    process = subprocess.Popen(
        ["bash", "-u", "-c", script.replace(":8000", f":{port}")],
        cwd=folder,
        env=kept | {"PATH": path, "GATEWAY_PORT": port, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, talk = process.communicate(timeout=_SECONDS)
    finally:
        if process.poll() is None:  # with what it started, which shares its group
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, talk.decode()
    return out.decode().split(_MARK)


def test_the_tour_is_there():
    assert len([step for step in TOUR if step.shown]) >= 7
    for word in ("404", "$lineage", "AuditEvent", "audit verify", "care-gateway map"):
        assert word in "".join(step.commands + (step.shown or "") for step in TOUR)


@pytest.mark.parametrize("place", range(len(TOUR)), ids=lambda n: f"line-{TOUR[n].line}")
def test_a_step_of_the_tour_says_what_the_page_shows(said, place):
    assert len(said) == len(TOUR)
    shown = TOUR[place].shown
    if shown is not None:
        line = missing(shown, said[place])
        assert line is None, f"not said, or said and not shown: {line}"


def test_the_two_commands_are_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = [line for block in blocks(README, "sh") for line in block.splitlines()]
    made = [line.split()[1] for line in commands if line.startswith("make ")]
    assert made == ["demo", "test"]
    for target in made:
        assert re.search(rf"^{target}:.*\n(?:if.*\n)?\t", makefile, re.MULTILINE), target


def test_the_layout_names_every_package_of_the_project():
    packages = {path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")}
    assert packages
    assert {name for name in packages if f"`{name}/`" not in README} == set()


def test_what_is_not_there_yet_is_not_there():
    """The list is kept honest: who builds one of these takes it off."""
    assert not (ROOT / "gateway" / "web").exists()


def test_the_walk_through_is_what_the_demo_says(tmp_path):
    shown = walk_through.PAGE.read_text("utf-8")
    now = walk_through.page(walk_through.said(tmp_path))
    assert stable(shown) == stable(now), "run: python -m tests.docs.walk_through"


def test_comparing_finds_what_is_wrong():
    said_text = "one\n01a20084-578a-71c2-800a-e06ece909939\n three  x\nfour\n"
    assert missing("one\n...\nfour", said_text) is None
    assert missing("...\n00000000-578a-71c2-800a-e06ece909939\nthree x\n...", said_text) is None
    assert missing("one\nfour", said_text) == "four"
    assert missing("one\n...\nfive", said_text) == "five"
    assert missing("one", said_text) == "<id>"
    assert stable("at 2026-11-22T00:05:05.308571Z") == stable("at 2025-01-02T00:00:00Z")
    assert stable("root 2d94398de768669916") != stable("root 17")


def test_only_marked_blocks_are_run():
    page = "```sh\nmake x\n```\n\n```sh tour\necho a\n```\n\n```text\na\n```\n"
    (step,) = tour(page)
    assert (step.commands, step.shown, step.line) == ("echo a\n", "a\n", 5)
    assert tour(page.replace("```\n\n```text", "```\n\nwords\n\n```text"))[0].shown is None
