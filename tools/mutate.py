"""Mutation testing: `consent/` is changed in thousands of small ways; a test has to notice each.

In      The names of modules to change, such as `residual standing`; none: all of consent/.
Out     The share that was noticed, by module, and the changes that were not; exit 1 below 95 %.
Errors  Exit 2, with the reason, where nothing was measured: the tests fail by themselves, before
        any change or after the last, or a change was not tried.
Rule    Works on a copy, with mutmut in an environment of its own that sees this one's packages. A
        change that ended by the clock counts as noticed; one that ended in any way but a failed
        test or the clock does not. Pages printed for people are left out.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ENVIRONMENT: Final = ROOT / ".venv-mutate"
COPY: Final = ROOT / ".mutate"
MUTMUT: Final = "mutmut==3.8.1"
WANTED: Final = 95.0
_COPIED: Final = ("consent", "gateway", "mappings", "docs", "examples", "tests")
_PAGES: Final = ("policy_page", "label_page")
_TESTS: Final = ("tests/unit/consent",)
_FAILED: Final = 1
_BY_THE_CLOCK: Final = frozenset({-24, 24, 36, 152, 255})
_CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["consent"]
only_mutate = {modules}
do_not_mutate = {pages}
also_copy = ["gateway", "mappings", "docs", "examples", "tools"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tools.cold_caches"]
pytest_add_cli_args_test_selection = {tests}
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the changes of one module."""

    noticed: tuple[str, ...]
    missed: tuple[str, ...]
    untried: tuple[str, ...]

    @classmethod
    def of(cls, codes: Mapping[str, int | None]) -> "Tally":
        """By the exit code each change ended with; None: it never ran."""
        tried = {change: code for change, code in codes.items() if code is not None}
        seen = {one for one, code in tried.items() if code == _FAILED or code in _BY_THE_CLOCK}
        return cls(
            tuple(one for one in tried if one in seen),
            tuple(one for one in tried if one not in seen),
            tuple(one for one in codes if one not in tried),
        )


def main(modules: list[str]) -> int:
    """Prepare, run, tell."""
    _prepare(modules)
    mutmut = [str(ENVIRONMENT / "bin" / "mutmut"), "run", "--max-children", "1"]
    ran = subprocess.run(mutmut, cwd=COPY, check=False, stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        return _unmeasured(f"the run did not end well:\n{ran.stdout[-2000:]}")
    return _told(_tallies(modules))


def _unmeasured(why: str) -> int:
    sys.stdout.write(f"nothing is measured: {why}\n")
    return 2


def _prepare(modules: list[str]) -> None:
    if not (ENVIRONMENT / "bin" / "mutmut").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        inside = next((ENVIRONMENT / "lib").glob("python*")) / "site-packages"
        ours = next(Path(one) for one in sys.path if one.endswith("site-packages"))
        (inside / "project.pth").write_text(f"{ours}\n", encoding="utf-8")
        subprocess.run([str(ENVIRONMENT / "bin" / "pip"), "install", "-q", MUTMUT], check=True)
    shutil.rmtree(COPY, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__", "judges", "samples", "golden")
    for name in (*_COPIED, "tools"):
        shutil.copytree(ROOT / name, COPY / name, ignore=leave)
    names = [f"consent/{one}.py" for one in modules] or ["consent/*.py"]
    pages = [f"consent/{one}.py" for one in _PAGES]
    more = _CONFIGURATION.format(**_lists(modules=names, pages=pages, tests=_TESTS))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (COPY / "pyproject.toml").write_text(project + more, encoding="utf-8")


def _lists(**values: Sequence[str]) -> dict[str, str]:
    return {name: json.dumps(list(value)) for name, value in values.items()}


def _tallies(modules: list[str]) -> dict[str, Tally]:
    found = {}
    for path in sorted((COPY / "mutants" / "consent").glob("*.meta")):
        name = path.name.removesuffix(".py.meta")
        codes = json.loads(path.read_text(encoding="utf-8")).get("exit_code_by_key", {})
        if codes and (not modules or name in modules):
            found[name] = Tally.of(codes)
    return found


def _told(tallies: Mapping[str, Tally]) -> int:
    noticed = missed = 0
    for name, tally in tallies.items():
        noticed, missed = noticed + len(tally.noticed), missed + len(tally.missed)
        made = len(tally.noticed) + len(tally.missed)
        sys.stdout.write(f"{name}\t{len(tally.noticed)} of {made}\n")
        sys.stdout.writelines(f"    {one}\n" for one in tally.missed)
    if any(tally.untried for tally in tallies.values()) or not noticed + missed:
        return _unmeasured("changes were not tried")
    if not _still_pass():
        return _unmeasured("the tests fail without a change")
    share = 100 * noticed / (noticed + missed)
    sys.stdout.write(f"noticed {noticed} of {noticed + missed}: {share:.1f} %\n")
    return 0 if share >= WANTED else 1


def _still_pass() -> bool:
    """Whether the tests pass on what was changed, with every change switched off."""
    unchanged = ["env", "MUTANT_UNDER_TEST=", str(ENVIRONMENT / "bin" / "python")]
    pytest = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "tools.cold_caches"]
    at, told = COPY / "mutants", subprocess.DEVNULL
    ran = subprocess.run([*unchanged, *pytest, *_TESTS], cwd=at, check=False, stdout=told)
    return ran.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
