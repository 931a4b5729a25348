"""An environment of a judge's own: what it needs must not stand beside the project's packages.

In      a folder of tests/judges with requirements.txt.
Out     the Python of that environment, built once below the repository.
Errors  JudgeUnavailableError, with a reason, where it cannot be built.
"""

import fcntl
import subprocess
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
        venv.create(folder, with_pip=True)
        requirements = str(HERE / name / "requirements.txt")
        command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
        done = subprocess.run(
            [*command, "-r", requirements], capture_output=True, check=False, timeout=600
        )
        if done.returncode:
            raise JudgeUnavailableError(f"the packages of the judge {name} could not be installed")
        built.write_text(wanted, encoding="utf-8")
    return python
