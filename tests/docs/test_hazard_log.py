"""Each hazard says what is done about it, and names tests that exist."""

import re
from typing import Final

import pytest

from tests.docs.fences import ROOT

PAGE: Final = (ROOT / "docs" / "hazard-log.md").read_text("utf-8")
ROWS: Final = [
    [cell.strip() for cell in line.strip()[1:-1].split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| H\d", line)
]
TESTS: Final = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
}


def test_hazards_are_numbered_without_gaps():
    assert [row[0] for row in ROWS] == [f"H{n + 1}" for n in range(len(ROWS))]
    assert len(ROWS) >= 11


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_hazard_names_tests_that_exist_or_none(row):
    _, hazard, cause, done, held, _ = row
    assert hazard
    assert cause
    assert done
    named = set(re.findall(r"`(test_\w+)`", held))
    assert named or held == "–"
    assert named - TESTS == set()
