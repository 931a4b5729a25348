"""Imports go one way: the contracts of import-linter, run as a test so that none is skipped.

The contracts stand in pyproject.toml under [tool.importlinter].
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import ROOT, modules, relative

CONTRACTS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]


def _lint(*, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=cwd,
        env={"PATH": "", "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_contract_is_kept():
    done = _lint(cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_is_there():
    assert len(CONTRACTS) >= 7
    assert {c["type"] for c in CONTRACTS} == {
        "layers",
        "forbidden",
        "independence",
        "protected",
    }
    assert all(c.get("exhaustive") for c in CONTRACTS if c["type"] == "layers")


def test_every_module_with_a_table_is_protected():
    """And is known to the schema, which compares the tables as declared with the database's."""
    declaring = {
        path.stem: relative(path.parent)
        for path in modules("gateway")
        if "table=True" in path.read_text()
    }
    protected = {one for c in CONTRACTS for one in c.get("protected_modules", ())}
    assert protected == {one.replace("/", ".") for one in declaring.values()}
    registering = (ROOT / "gateway/store/database/schema.py").read_text()
    assert all(f"    {name},\n" in registering for name in declaring)


BREACHES: Final = [
    ("mappings.core", "import gateway.clock", "know nothing of the gateway"),
    ("mappings.core", "import consent", "know nothing of each other"),
    ("consent.policy", "import os", "are pure"),
    ("mappings.gp", "import mappings.hospital", "independent of one another"),
    ("mappings.core", "import mappings.gp", "independent of one another"),
    ("mappings.extra", "", "independent of one another"),
    ("gateway.store", "import gateway.flows", "go one way"),
    ("gateway.store.tables", "import gateway.store.audit", "rooms of the store"),
    ("gateway.store.extra", "", "rooms of the store"),
    ("gateway.auth", "import gateway.identity", "go one way"),
    ("gateway.extra", "", "go one way"),
    ("gateway.flows.reading.query_record", "import fastapi", "stays at the edge"),
    ("gateway.flows.reading.query_record", "import gateway.store.tables", "touches its tables"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """The real contracts, over empty packages of the same names, which keep them."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in _named_modules():
        _write(folder, name, "")
    assert _lint(cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize(("module", "line", "contract"), BREACHES)
def test_a_breach_is_caught(sound, tmp_path, module, line, contract):
    """The same with one line too many."""
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    _write(tmp_path, module, line)
    done = _lint(cwd=tmp_path)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), done.stdout


def _named_modules() -> set[str]:
    """Every module that a contract names, and so must exist."""
    tables = {one for contract in CONTRACTS for one in contract.get("protected_modules", ())}
    names = {"gateway", "mappings", "consent", *tables}
    for contract in CONTRACTS:
        for container in contract.get("containers", ()):
            words = re.findall(r"\w+", " ".join(contract["layers"]))
            names |= {f"{container}.{word}" for word in words}
    return names


def _write(folder: Path, module: str, text: str) -> None:
    """The module as a package, and every package above it."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        package = folder.joinpath(*parts[:depth])
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    (package / "__init__.py").write_text(f"{text}\n")


def test_every_folder_of_code_is_a_package():
    bare = {
        relative(path.parent)
        for path in modules("gateway", "mappings", "consent", "tests", "tools", "bench")
        if not (path.parent / "__init__.py").exists()
    }
    # Alembic runs its scripts by path, so its folders are not packages; neither is a judge that
    # runs in an environment of its own.
    bare -= {"gateway/store/migrations", "gateway/store/migrations/versions"}
    bare -= {"tests/judges/google"}
    assert bare == set()
