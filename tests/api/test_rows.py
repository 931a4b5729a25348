"""Every behaviour of the list that concerns this version is in some test's name or docstring."""

import csv
import re
from pathlib import Path
from typing import Final

AREAS: Final = {
    *("read", "vread", "create", "ccreate", "update", "cupdate", "delete", "patch", "history"),
    *("search", "token", "string", "date", "reference", "chain", "include", "result", "compart"),
    *("ops", "tx", "cap", "neg", "err", "smart"),
}
ELSEWHERE: Final[dict[str, str]] = {}


def _named() -> set[str]:
    """`read-01` of `test_read_01_...`; `date_01_to_04` and `03_05` are all of those."""
    found: set[str] = set()
    tests = Path(__file__).parents[1]
    for path in (*tests.glob("api/test_*.py"), *tests.glob("security/test_*.py")):
        text = path.read_text(encoding="utf-8").replace("-", "_")
        for area, numbers in re.findall(r"([a-z]+)_(\d\d(?:(?:_to_|_|, _| to _)\d\d)*)", text):
            for first, last in re.findall(r"(\d\d)(?:(?:_to_| to _)(\d\d))?", numbers):
                found |= {f"{area}-{n:02}" for n in range(int(first), int(last or first) + 1)}
    return found


def test_every_row_of_these_areas_has_a_test(shared_folder):
    with (shared_folder / "rest-behaviours.tsv").open(encoding="utf-8") as lines:
        rows = {row["id"] for row in csv.DictReader(lines, delimiter="\t") if row["area"] in AREAS}
    missing = rows - _named() - set(ELSEWHERE)
    assert missing == set()
