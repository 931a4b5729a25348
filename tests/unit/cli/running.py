"""Run the command line in this process, in a folder and environment of its own."""

import json
import os
from pathlib import Path
from typing import Any, Final

from typer.testing import CliRunner

from gateway.cli import app
from tests.architecture.repository import ROOT

PLAN: Final = ROOT / "examples/social-care/norma-support-plan.json"


class Commands:
    """`commands("feed", "list")`: the exit code, standard output and standard error."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        for name in [one for one in os.environ if one.startswith("GATEWAY_")]:  # noqa: TID251
            monkeypatch.delenv(name)

    def set(self, **settings: str) -> None:
        """Set `GATEWAY_...` variables for what runs after."""
        for name, value in settings.items():
            self._monkeypatch.setenv(f"GATEWAY_{name.upper()}", value)

    def __call__(self, *arguments: object) -> Any:
        """Run one command to its end."""
        return CliRunner().invoke(app, [str(one) for one in arguments])

    def good(self, *arguments: object) -> str:
        """The output of a command that must end with 0."""
        done = self(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *arguments: object, code: int = 0) -> Any:
        """The JSON document of a command that must end with that code."""
        done = self(*arguments, "--json")
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)


def changed_plan(folder: Path, **changes: Any) -> Path:
    """The example support plan with other members of its plan, in a file of its own."""
    content = json.loads(PLAN.read_text("utf-8"))
    content["plan"] |= changes
    path = folder / "changed-plan.json"
    path.write_text(json.dumps(content))
    return path
