"""Words and habits that no file of the project may hold, whichever linter is switched off.

A pattern is written here in pieces, so that this file does not trip over itself.
"""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import PRODUCT, modules, nodes, relative, text_files, tree

MACHINE_PATHS: Final = re.compile(
    r"(?<![\w.:/])/(?:" + "|".join(("ho" "me", "Us" "ers", "ro" "ot", "wo" "rk")) + r")/\w"
)  # fmt: skip
REGISTRY_HOSTS: Final = re.compile(
    "|".join(
        (
            r"pyp" r"i\.org",
            r"python" r"hosted\.org",
            r"registry\.npm" r"js\.org",
            r"crates" r"\.io",
            r"proxy\.gol" r"ang",
            r"maven\.(?:org|apa" r"che)",
            r"deb\.deb" r"ian\.org",
            r"--(?:extra-)?index" r"-url[ =]",
        )
    )
)
WORKING_NOTES: Final = re.compile(
    r"\b(?:iss" r"ue|tick" r"et|sess" r"ion|spri" r"nt)s?\s+(?:no\.?\s*|number\s+)?#?\d+\b"
    r"|\b(?:T" r"ODO|F" r"IXME)\b|#\s*X" r"XX\b",
    re.IGNORECASE,
)  # fmt: skip
VAGUE_NAMES: Final = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (MACHINE_PATHS, "/ho" "me/ann/gateway"),
        (REGISTRY_HOSTS, "https://files.python" "hosted.org/packages"),
        (REGISTRY_HOSTS, "--index" "-url https://mirror"),
        (WORKING_NOTES, "see iss" "ue #12"),
        (WORKING_NOTES, "# T" "ODO: later"),
    ],
)  # fmt: skip
def test_the_pattern_finds_its_example(pattern, example):
    assert pattern.search(example)


@pytest.mark.parametrize(
    "pattern",
    [MACHINE_PATHS, REGISTRY_HOSTS, WORKING_NOTES],
    ids=["machine-paths", "registry-hosts", "working-notes"],
)
def test_no_file_holds(pattern):
    found = [
        f"{relative(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(_lines(path), 1)
        if pattern.search(line)
    ]
    assert found == []


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def test_nothing_prints():
    """Data goes to standard output through the command line's console, talk through the log."""
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in modules(*PRODUCT)
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("print", "breakpoint", "eval", "exec", "input")
    ]
    assert found == []


def test_only_one_module_reads_the_clock_and_one_the_environment():
    banned = {
        ("datetime", "now"): "gateway/clock.py",
        ("datetime", "utcnow"): "",
        ("datetime", "today"): "gateway/clock.py",
        ("date", "today"): "gateway/clock.py",
        ("time", "time"): "gateway/clock.py",
        ("os", "environ"): "gateway/settings.py",
        ("os", "getenv"): "gateway/settings.py",
        ("uuid", "uuid4"): "",
    }
    found = [
        f"{relative(path)}:{node.lineno} {node.value.id}.{node.attr}"
        for path in modules(*PRODUCT)
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and banned.get((node.value.id, node.attr), relative(path)) != relative(path)
    ]
    assert found == []


def test_no_mock_of_our_own_code():
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in modules("tests", *PRODUCT)
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom | ast.Import)
        and "mock" in f"{getattr(node, 'module', '')} {[a.name for a in node.names]}".lower()
    ]
    assert found == [], "write a fake that satisfies the Protocol"


def test_every_module_of_the_product_says_what_it_is():
    silent = [
        relative(path)
        for path in modules(*PRODUCT, "tools", "bench")
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing():
    vague = [relative(p) for p in modules(*PRODUCT) if VAGUE_NAMES & {p.stem, p.parent.name}]
    assert vague == []


def test_no_error_text_repeats_what_was_sent():
    """`str(error)` and tracebacks quote the input; our own texts do not."""
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in modules(*PRODUCT)
        for handler in nodes(path)
        if isinstance(handler, ast.ExceptHandler) and handler.name
        for node in ast.walk(handler)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("str", "repr")
        and any(isinstance(a, ast.Name) and a.id == handler.name for a in node.args)
    ]
    assert found == []
