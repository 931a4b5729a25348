"""docs/security-ids.md: every attack and scenario by its id, and the tests that bear it.

    python -m tools.security_page build/tests.xml    the same with how each ended in that run

In      tests/security/ids.toml; the names of tests below tests/; a JUnit file of a run.
Out     The page. Of a run: to standard output, with the time of the run.
Errors  An id without a test, or a test with an unknown id, is listed as such; tests/docs asks that
        there is none.
"""

import ast
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).resolve().parent.parent
_IDS: Final = ROOT / "tests" / "security" / "ids.toml"
_ID: Final = re.compile(r"[as]\d{1,2}")
_HEAD: Final = """# Attacks and scenarios, by id

Every attack and scenario that access is built against, what must be seen, and the tests that bear
its id. [Security properties](security-properties.md) says the same by property, with what is not
promised.

This page is printed from `tests/security/ids.toml` and the names of the tests (`make docs`). It
holds no result: one that is written down is old. `make test` writes this table with how each test
ended, and when, to `build/security-results.md`.
"""
_TITLES: Final = {"attacks": "Attacks", "scenarios": "Scenarios"}
_WORST: Final = ("failed", "error", "skipped", "passed")


@cache
def expectations() -> Mapping[str, Mapping[str, str]]:
    """By part: id -> what must be seen."""
    parts: dict[str, dict[str, str]] = tomllib.loads(_IDS.read_text(encoding="utf-8"))
    return parts


def ids_of(name: str) -> set[str]:
    """The ids that a test's name bears, as the page writes them."""
    return {one.upper() for one in name.split("_") if _ID.fullmatch(one)}


@cache
def tests_by_id() -> Mapping[str, tuple[str, ...]]:
    """Id -> the names of its tests, by where they stand."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in _names(path):
            for one in ids_of(name):
                found[one].append(name)
    return {one: tuple(names) for one, names in found.items()}


def _names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test_"):
                    yield name
            case _:
                pass


def page() -> str:
    """The page without results."""
    return _HEAD + "".join(_part(part, None) for part in _TITLES)


def results(junit: Path) -> str:
    """The same tables with how the tests of a run ended."""
    suite = ElementTree.parse(junit).getroot().find("testsuite")  # noqa: S314 - our own file
    ended: dict[str, Counter[str]] = defaultdict(Counter)
    for case in suite.iter("testcase") if suite is not None else ():
        name = case.get("name", "").partition("[")[0]
        ended[name][_ending(case)] += 1
    at = suite.get("timestamp", "") if suite is not None else ""
    head = f"# Attacks and scenarios: the run of {at}\n"
    return head + "".join(_part(part, ended) for part in _TITLES)


def _ending(case: ElementTree.Element) -> str:
    return next(
        (said for child, said in (("failure", "failed"), ("error", "error"), ("skipped", "skipped"))
         if case.find(child) is not None),
        "passed",
    )  # fmt: skip


def _part(part: str, ended: Mapping[str, Counter[str]] | None) -> str:
    columns = ["id", "what must be seen", "tests", *(["result"] if ended is not None else [])]
    lines = [f"\n## {_TITLES[part]}\n", _row(columns), _row(["---"] * len(columns))]
    for one, said in expectations()[part].items():
        tests = tests_by_id().get(one, ())
        cells = [one, said, ", ".join(f"`{name}`" for name in tests) or "none"]
        lines.append(_row([*cells, *([_result(tests, ended)] if ended is not None else [])]))
    return "\n".join(lines) + "\n"


def _result(tests: Iterable[str], ended: Mapping[str, Counter[str]]) -> str:
    told: Counter[str] = Counter()
    for name in tests:
        told += ended.get(name, Counter({"not run": 1}))
    return ", ".join(f"{told[how]} {how}" for how in (*_WORST, "not run") if told[how]) or "not run"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Print the results of a run."""
    sys.stdout.write(results(Path(sys.argv[1])))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
