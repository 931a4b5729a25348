"""Scores: within their scale, never a number when not known, paired over code changes."""

import pytest

from mappings.core.model import systems
from mappings.core.shaping.snomed import is_snomed_code
from mappings.terms import scores
from mappings.terms.scales import SCALES

PHQ_9, PHQ_9_OLD = "720433000", "506701000000100"
HONOS_ITEM = "979641000000103"


def _codes(code, score):
    return [(issue.path, issue.code) for issue in scores.problems(code, score, "code", "score")]


def test_every_scale_is_a_code_with_a_range_that_runs_upwards():
    for code, scale in SCALES.items():
        assert code == scale.code
        assert is_snomed_code(code)
        assert scale.low < scale.high
        assert scale.better in ("", "lower", "higher")
        assert not scale.series or scale.series in SCALES


@pytest.mark.parametrize(
    ("code", "low", "high", "better"),
    [
        (PHQ_9, 0, 27, "lower"),
        ("445455005", 0, 21, "lower"),
        ("763264000", 1, 9, "lower"),
        ("1091071000000100", 0, 40, "higher"),
        ("959951000000108", 0, 10, "higher"),
        ("716618008", 0, 5, "higher"),
    ],
)
def test_known_instruments(code, low, high, better):
    scale = SCALES[code]
    assert (scale.low, scale.high, scale.better) == (low, high, better)


def _pair(code):
    return {coding["code"] for coding in scores.code_of(code)["coding"]}


def test_a_baseline_on_the_old_code_pairs_with_a_review_on_the_new():
    assert _pair(PHQ_9_OLD) & _pair(PHQ_9) == {PHQ_9}
    for old, new in (
        ("1037701000000108", "1833391000000107"),
        ("1037711000000105", "1833401000000105"),
    ):
        assert _pair(old) & _pair(new) == {new}


def test_a_code_that_is_none_stays_a_word():
    assert scores.code_of("12356848") == {"text": "12356848"}
    unknown = scores.code_of("218023008")
    assert unknown["coding"] == [{"system": systems.SNOMED_CT, "code": "218023008"}]


@pytest.mark.parametrize(("score", "value"), [("14", 14), ("2.5", 2.5), ("-1", -1)])
def test_a_score_is_the_number_sent(score, value):
    made = (scores.value_of(PHQ_9, score) or {})["value"]
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize("score", ["high", "1,5", "1e3", "", "12345678901"])
def test_a_score_that_is_no_number_is_refused(score):
    assert scores.value_of(PHQ_9, score) is None
    assert _codes(PHQ_9, score) == [("score", "invalid-score")]


def test_not_known_is_no_measurement():
    assert scores.value_of(HONOS_ITEM, "9") is None
    assert (scores.absent_reason(HONOS_ITEM, "9") or {})["coding"][0]["code"] == "unknown"
    assert _codes(HONOS_ITEM, "9") == []
    assert scores.absent_reason(HONOS_ITEM, "3") is None
    assert scores.absent_reason(PHQ_9, "9") is None
    assert (scores.value_of(PHQ_9, "9") or {})["value"] == 9


@pytest.mark.parametrize(
    ("code", "score", "found"),
    [
        (PHQ_9, "27", []),
        (PHQ_9, "28", [("score", "out-of-range")]),
        (PHQ_9, "-1", [("score", "out-of-range")]),
        ("763264000", "0", [("score", "out-of-range")]),
        ("1037651000000100", "8", [("score", "out-of-range")]),
        ("1037651000000100", "0", [("score", "out-of-range")]),
        ("1037701000000108", "8", [("score", "out-of-range")]),
        ("1833391000000107", "8", []),
        (HONOS_ITEM, "5", [("score", "out-of-range")]),
        ("218023008", "12345", [("code", "unknown-scale")]),
    ],
)
def test_a_score_fits_its_scale_or_is_refused(code, score, found):
    """DIALOG items 1 to 5: one source says 0 to 7, another 1 to 8; only 1 to 7 is taken."""
    assert _codes(code, score) == found
