"""An environment of a judge's own: what it needs must not stand beside the project's packages.

In      a folder of tests/judges with requirements.txt.
Out     the Python of that environment, built once below the repository.
Errors  JudgeUnavailableError, with a reason, where it cannot be built.
"""

import fcntl
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = HERE.parent.parent / ".venv-judge" / "apart"


class JudgeUnavailableError(Exception):
    """The judge cannot be had on this machine."""


def python_of(name: str) -> Path:
    """Make the environment, unless it stands already; one process at a time."""
    folder, wanted = FOLDER / name, (HERE / name / "requirements.txt").read_text(encoding="utf-8")
    python, built = folder / "bin" / "python", folder / "built-from"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if built.is_file() and built.read_text(encoding="utf-8") == wanted:
            return python
        if not installed(folder, HERE / name / "requirements.txt", "--require-hashes"):
            raise JudgeUnavailableError(f"the packages of the judge {name} could not be installed")
        built.write_text(wanted, encoding="utf-8")
    return python


def installed(folder: Path, requirements: Path, *more: str) -> bool:
    """Whether a new environment there holds what is required. Our own pip installs into it: one
    of its own takes longer to set up than most judges, and so does compiling what nobody runs."""
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    command = [*pip, "--quiet", "--no-compile", *more, "-r", str(requirements)]
    return not subprocess.run(command, capture_output=True, check=False, timeout=600).returncode
