"""The judge's own environment: built once below the repository, used as a process that stays.

In      requirements.txt; the resources to judge.
Out     one verdict per resource: None where accepted, else the judge's reason. The judge takes
        longer to sit down than to judge, so that it is called once.
Errors  JudgeUnavailableError, with a reason, where the environment cannot be built.
"""

import fcntl
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.judges.apart import JudgeUnavailableError, installed

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = HERE.parent.parent.parent / ".venv-judge"
REQUIREMENTS: Final = HERE / "requirements.txt"
PYTHON: Final = FOLDER / "bin" / "python"
BUILT: Final = FOLDER / "built-from"

_LOCAL: Final = re.compile(r"urn:source:([A-Z][A-Za-z]+):(.+)", re.DOTALL)


def build() -> None:
    """Make the environment, unless it stands already; one process at a time."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if BUILT.is_file() and BUILT.read_text(encoding="utf-8") == wanted:
            return
        if sys.version_info[:2] != (3, 11):
            raise JudgeUnavailableError("google-fhir-r4 with protobuf 3.20 wants Python 3.11")
        if not installed(FOLDER, REQUIREMENTS):
            raise JudgeUnavailableError("google-fhir-r4 could not be installed with pip")
        BUILT.write_text(wanted, encoding="utf-8")


@contextmanager
def sitting() -> Iterator[Callable[[Iterable[Mapping[str, Any]]], list[str | None]]]:
    """What the judge says of each of some resources, while it sits; local references are judged
    as the store will write them."""
    command: list[str | Path] = [PYTHON, "-W", "ignore", HERE / "verdicts.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asked, answers = process.stdin, process.stdout
        assert asked
        assert answers

        def verdict(resource: Mapping[str, Any]) -> str | None:
            asked.write(json.dumps(stored_form(resource)) + "\n")
            asked.flush()
            said: str | None = json.loads(answers.readline())  # an end of file is no JSON
            return said

        yield lambda resources: [verdict(one) for one in resources]


def stored_form(value: Any) -> Any:
    """The same JSON with `urn:source:Type:key` as `Type/id`, as the store answers it."""
    if isinstance(value, Mapping):
        return {name: stored_form(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [stored_form(inner) for inner in value]
    found = _LOCAL.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    return f"{found[1]}/{hashlib.sha256(found[2].encode()).hexdigest()[:32]}"
