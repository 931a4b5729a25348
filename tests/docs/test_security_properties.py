"""docs/security-properties.md names tests that exist, and every test of an attack is named."""

import ast
import re
from typing import Final

from tests.architecture.repository import ROOT, modules, tree
from tools import security_page

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


def test_every_attack_and_scenario_has_a_test_that_bears_its_id():
    attacks = [f"A{number}" for number in range(1, 47)]
    scenarios = [f"S{number:02}" for number in range(1, 73)]
    listed = security_page.expectations()
    assert list(listed["attacks"]) == attacks
    assert list(listed["scenarios"]) == scenarios
    borne = security_page.tests_by_id()
    assert [one for one in (*attacks, *scenarios) if one not in borne] == []
    assert sorted(borne.keys() - {*attacks, *scenarios}) == []


def test_how_a_run_ended_is_told_by_id(tmp_path):
    cases = (
        '<testcase name="test_a3_no_history_of_a_type_or_of_everything_is_offered[x]"/>'
        '<testcase name="test_a3_no_history_of_a_type_or_of_everything_is_offered[y]"><failure/>'
        '</testcase><testcase name="test_a10_of_nobody"><skipped/></testcase>'
    )
    file = tmp_path / "tests.xml"
    suite = f'<testsuite timestamp="2026-11-22T10:00:00">{cases}</testsuite>'
    file.write_text(f"<testsuites>{suite}</testsuites>")
    told = security_page.results(file)
    assert told.startswith("# Attacks and scenarios: the run of 2026-11-22T10:00:00")
    (row,) = [line for line in told.splitlines() if line.startswith("| A3 ")]
    assert row.endswith("| 1 failed, 1 passed |")
    (row,) = [line for line in told.splitlines() if line.startswith("| S08 ")]
    assert row.endswith("not run |")


def test_every_property_is_held_by_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    for row in rows:
        if not row.startswith("| property"):
            assert "`test_" in row, row
