"""docs/security-properties.md names tests that exist, and every test of an attack is named."""

import ast
import re
from typing import Final

from tests.architecture.repository import ROOT, modules, tree

PAGE: Final = (ROOT / "docs" / "security-properties.md").read_text(encoding="utf-8")


def _tests(*folders: str) -> set[str]:
    return {
        node.name
        for path in modules(*folders)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_every_named_test_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 50
    assert named - _tests("tests") == set()


def test_every_attack_that_is_tested_is_on_the_page():
    attacks = {one for name in _tests("tests/security") for one in re.findall(r"_(a\d+)_", name)}
    assert len(attacks) > 20
    missing = [one for one in attacks if not re.search(rf"\b{one.upper()}\b", PAGE)]
    assert missing == []


def test_every_property_is_held_by_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    for row in rows:
        if not row.startswith("| property"):
            assert "`test_" in row, row
