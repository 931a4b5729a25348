"""The first command works on a bare machine: the set-up script, over a tiny project."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import ROOT

PYPROJECT: Final = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"
"""

BACKEND: Final = """\
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, name), "w") as wheel:
        wheel.writestr("tiny.pth", str(Path.cwd() / "source"))
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
"""  # noqa: E501


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with nothing to download, to be set up by the real script."""
    for folder in ("tools", "source", "broken/ensurepip"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tools/setup.sh").write_bytes((ROOT / "tools/setup.sh").read_bytes())
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "backend.py").write_text(BACKEND)
    (tmp_path / "source/tiny.py").write_text("word = 'installed'\n")
    (tmp_path / "broken/ensurepip/__init__.py").write_text("raise ImportError('not here')\n")
    return tmp_path


def _set_up(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # TMPDIR and the like are kept; nothing that would send pip elsewhere is.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}  # noqa: TID251
    return subprocess.run(
        ["sh", str(project / "tools/setup.sh")],
        env={**kept, "PIP_NO_INDEX": "1", "PYTHON": sys.executable, **variables},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _word(project: Path) -> str:
    command = [str(project / ".venv/bin/python"), "-c", "import tiny; print(tiny.word)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def _with_a_bad_lock(project: Path) -> Path:
    (project / "requirements.lock").write_text("unhashed-package==1\n")
    return project


def test_set_up_and_set_up_again_and_a_failed_installation_is_a_failure(project):
    for _ in range(2):
        done = _set_up(project)
        assert done.returncode == 0, done.stderr
        assert _word(project) == "installed"
    assert "making" not in done.stderr, "the second time the environment is kept"
    assert _set_up(_with_a_bad_lock(project)).returncode != 0


def test_set_up_where_python_comes_without_ensurepip(project):
    without = {"PYTHONPATH": str(project / "broken")}
    done = _set_up(project, **without)
    assert done.returncode == 0, done.stderr
    assert _word(project) == "installed"
    assert not list((project / ".venv").glob("lib/python3*/site-packages/pip"))
    assert _set_up(_with_a_bad_lock(project), **without).returncode != 0


def test_an_unsuitable_python_is_refused_with_what_to_do(project):
    done = _set_up(project, PYTHON="false")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert not (project / ".venv").exists()


def test_the_scripts_stop_at_the_first_failure():
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert ci.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in ci
    assert "|| true" not in ci
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert ci.index("make check") < ci.index("make test")
    subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=True, timeout=120)


def test_continuous_integration_skips_nothing_it_can_install():
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "REQUIRE_POSTGRES=1" in ci
    assert "REQUIRE_JUDGES=1" in ci
