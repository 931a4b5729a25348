"""Every behaviour of the list is in some test's name or docstring; what is answered otherwise than
the list would like is a decision that stands.
"""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DECIDED: Final = {
    "history-06": "0071",  # no history of a type
    "history-07": "0071",
    "search-15": "0071",  # no _tag, _profile, _security
    "token-07": "0071",  # no :text
    "reference-04": "0071",  # no :identifier
    "update-02": "0071",  # ids are the server's
    "update-06": "0040",  # without If-Match the version in the body counts
    "patch-01": "0040",  # a patch names the version it is of
    "ccreate-01": "0054",  # of every type that is written; no Patient is
    "cupdate-01": "0054",
    "tx-01": "0054",
    "delete-06": "0054",
    "create-16": "0071",  # a narrative is never kept
    "ops-06": "0054",  # what a profile demands, not what it advises
}
"""Rows that are answered by a decision, each with the record of it."""


def _words() -> Iterator[str]:
    """What each test says of itself: its name, and what stands under it."""
    tests = ROOT / "tests"
    for path in (*tests.glob("api/test_*.py"), *tests.glob("security/test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{node.name} {ast.get_docstring(node) or ''}"


def _named() -> set[str]:
    """`read-01` of `test_read_01_...`; `date_01_to_04` and `03_05` are all of those."""
    found: set[str] = set()
    for words in _words():
        text = words.replace("-", "_")
        for area, numbers in re.findall(r"([a-z]+)_(\d\d(?:(?:_to_|_|, _| to _)\d\d)*)", text):
            for first, last in re.findall(r"(\d\d)(?:(?:_to_| to _)(\d\d))?", numbers):
                found |= {f"{area}-{n:02}" for n in range(int(first), int(last or first) + 1)}
    return found


def _rows(shared_folder: Path) -> set[str]:
    with (shared_folder / "rest-behaviours.tsv").open(encoding="utf-8") as lines:
        return {row["id"] for row in csv.DictReader(lines, delimiter="\t")}


def test_every_row_has_a_test(shared_folder):
    rows = _rows(shared_folder)
    assert len(rows) > 200
    assert rows - _named() == set()


def test_a_row_that_is_answered_otherwise_rests_on_a_record(shared_folder):
    assert set(DECIDED) <= _rows(shared_folder)
    for number in set(DECIDED.values()):
        assert list(ROOT.glob(f"docs/adr/{number}-*.md")), number
