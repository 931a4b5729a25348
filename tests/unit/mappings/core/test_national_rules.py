"""The publisher's rules: told by row with their id; followed where a row contradicts itself."""

import pytest

from mappings.core.model.outcome import Severity
from mappings.core.sets.national_rules import rules_of

LINES = """
R1|row|T1|A|blank|
R2|warn|T1|B|form|an2..3
R3|row|T1|N|form|n2..2
R4|row|T1|D|date|
R5|row|T1|T|time|
R6|row|T1|M|moment|
R7|warn|T1|C|codes|01 02
R8|row|T1|S|snomed|
R9|group|T1|E|from|T1.D
R10|row|T1|E|until|H.End
R11|warn|T1|F|with|T1.G
R12|warn|T1|K|without|T1.L
R13|row|T2|E|from|T1.D
R14|warn|T1|W|from|T1.D
R15|warn|T1|X|clock|
"""
RULES = rules_of("6", "H.Version", LINES)
SOUND = {"A": "1", "K": "1"}


def _broken(row, version="6.0", **more):
    facts = {"H": {"Version": version, "End": "2026-10-31"}, "T1": SOUND | row} | more
    return list(RULES.broken("T1", facts))


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ({"A": None}, "A", "R1"),
        ({"B": "1"}, "B", "R2"),
        ({"N": "1x"}, "N", "R3"),
        ({"D": "01/02/2026"}, "D", "R4"),
        ({"T": "09:15"}, "T", "R5"),
        ({"M": "2026-10-01T09:15:00"}, "M", "R6"),
        ({"C": "03"}, "C", "R7"),
        ({"S": "12345"}, "S", "R8"),
        ({"D": "2026-10-05", "E": "2026-10-04"}, "E", "R9"),
        ({"E": "2026-11-01"}, "E", "R10"),
        ({"G": "1"}, "F", "R11"),
        ({"K": None}, "K", "R12"),
        ({"D": "2026-10-05", "W": "2026-10-04"}, "W", "R14"),
        ({"X": "2026-10-05"}, "X", "R15"),
        ({"X": "25:00"}, "X", "R15"),
        ({"X": "noon"}, "X", "R15"),
        ({"X": ""}, "X", "R15"),
    ],
)
def test_a_broken_rule_is_told_at_its_column_with_its_id(row, column, rule):
    row = {name: value for name, value in (SOUND | row).items() if value is not None}
    facts = {"H": {"Version": "6.0", "End": "2026-10-31"}, "T1": row}
    (issue,) = RULES.broken("T1", facts)
    assert issue.path == f"T1.{column}"
    assert f"(rule {rule})" in issue.text
    assert issue.code == ("publisher-warns" if "warns" in issue.text else "publisher-refuses")


@pytest.mark.parametrize(
    "row",
    [
        {"B": "abc", "N": "12", "D": "2026-10-05", "T": "09:15:00"},
        {"M": "2026-10-01T09:15:00+01:00", "C": "02", "S": "45411003:1=2"},
        {"D": "2026-10-05", "E": "2026-10-05", "F": "1", "G": "1", "L": "1"},
        {"E": "no date"},
        {"X": "09:15"},
        {"X": "2026-10-05T09:15:00.0"},
    ],
)
def test_a_sound_row_breaks_nothing(row):
    assert _broken(row) == []


def test_only_a_row_that_contradicts_itself_is_refused():
    contradiction, period, warned = (
        _broken(row)
        for row in (
            {"D": "2026-10-05", "E": "2026-10-04"},
            {"E": "2026-11-05"},
            {"D": "2026-10-05", "W": "2026-10-04"},
        )
    )
    assert [issue.severity for issue in contradiction] == [Severity.ERROR]
    assert [issue.severity for issue in (*period, *warned)] == [Severity.WARNING] * 2


def test_a_row_below_is_told_by_its_place_and_never_refuses_its_parent():
    (issue,) = _broken({"D": "2026-10-05"}, T2=[{"E": "2026-10-06"}, {"E": "2026-10-01"}])
    assert (issue.path, issue.severity) == ("T2[1].E", Severity.WARNING)


def test_rules_of_one_version_are_not_those_of_another():
    assert _broken({"B": "1"}, version="5.0") == []
