"""One Python range, one set of locked packages, named alike wherever they are named."""

import re
import tomllib
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.repository import ROOT, relative, text_files

PYPROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT: Final = PYPROJECT["project"]
LOWEST: Final = "3.11"
HIGHEST: Final = "3.13"
LOCKS: Final = ("requirements.lock", "requirements-runtime.lock")
SYSTEMS: Final = [
    {"sys_platform": system, "python_version": python, "python_full_version": f"{python}.4"}
    for system in ("linux", "darwin")
    for python in ("3.11", "3.12", "3.13")
]
RUNTIME: Final = [Requirement(text) for text in PROJECT["dependencies"]]
DEVELOPMENT: Final = [
    *(Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]),
    *(Requirement(text) for text in PYPROJECT["build-system"]["requires"]),
]


def _locked(name: str) -> dict[str, Requirement]:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split("--hash")[0].strip() for line in text.splitlines()]
    pinned = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in pinned}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("requirements.lock", [*RUNTIME, *DEVELOPMENT]), ("requirements-runtime.lock", RUNTIME)],
    ids=["all", "runtime"],
)
def test_the_lock_satisfies_what_the_project_asks_for(lock, wanted):
    locked = _locked(lock)
    for requirement in wanted:
        pin = locked[canonicalize_name(requirement.name)]
        version = str(pin.specifier).removeprefix("==")
        assert requirement.specifier.contains(version), f"{requirement} but {pin}: make lock"
        for system in SYSTEMS:
            asked = requirement.marker is None or requirement.marker.evaluate(system)
            assert not asked or pin.marker is None or pin.marker.evaluate(system)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock):
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        assert re.match(r"[a-z0-9.-]+==\S+ ", line), line[:80]
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line)) >= 1, line[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_host(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" + "-url" not in text
    assert "find" + "-links" not in text


def test_the_image_runs_what_was_tested():
    everything, runtime = (_locked(name) for name in LOCKS)
    assert {name: str(everything.get(name)) for name in runtime} == {
        name: str(requirement) for name, requirement in runtime.items()
    }
    assert len(runtime) < len(everything)


def test_the_python_range_is_the_same_everywhere():
    supported = SpecifierSet(PROJECT["requires-python"])
    assert supported.contains(LOWEST)
    assert supported.contains(HIGHEST)
    assert not supported.contains("3.10")
    assert not supported.contains("3.14")
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{LOWEST.replace('.', '')}"
    assert f"--python-version {LOWEST} " in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_no_file_names_another_python():
    supported = SpecifierSet(PROJECT["requires-python"])
    named = re.compile(r"\bpython(?:-version)?[ :=@-]?\"?(3\.\d{1,2})\b", re.IGNORECASE)
    wrong = [
        f"{relative(path)}: {found}"
        for path in text_files()
        if path.suffix not in (".lock", ".py", ".json")
        for found in named.findall(path.read_text(encoding="utf-8", errors="replace"))
        if not supported.contains(Version(found))
    ]
    assert wrong == []


def test_the_image_is_built_on_the_lowest_python():
    first = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    images = re.findall(r"^FROM (\S+)", first, re.MULTILINE)
    assert images
    assert all(i.startswith(f"python:{LOWEST}.") or i == "build" for i in images), images
