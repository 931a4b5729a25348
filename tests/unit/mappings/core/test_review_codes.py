"""What codes of a record say of the person's own access to what is new in it."""

import itertools

import pytest

from mappings.core.shaping.review_codes import INDICATED, LIFTED, review_from

SNOMED = "http://snomed.info/sct"


def entry(code, day="", **more):
    dated = {"effectiveDateTime": day} if day else {}
    return {"code": {"coding": [{"system": SNOMED, "code": code}]}, **dated, **more}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], ""),
        ([entry("38341003", "2026-01-01")], ""),
        ([entry(INDICATED, "2026-01-02T10:00:00Z")], "2026-01-02"),
        ([entry(INDICATED, "2026-01-02"), entry(INDICATED, "2026-03-04")], "2026-01-02"),
        ([entry(INDICATED, "2026-01-02"), entry(LIFTED, "2026-03-04")], "no"),
        ([entry(LIFTED, "2026-03-04")], "no"),
        (
            [
                entry(INDICATED, "2025-01-02"),
                entry(LIFTED, "2025-03-04"),
                entry(INDICATED, "2026-05-06"),
            ],
            "2026-05-06",
        ),
        ([entry(INDICATED, "2026-01-02"), entry(LIFTED, "2026-01-02")], "2026-01-02"),
        ([entry(INDICATED), entry(LIFTED, "2026-03-04")], "0001-01-01"),
        ([entry(INDICATED, "2026-01-02"), entry(LIFTED)], "2026-01-02"),
        ([entry(INDICATED, "not a day")], "0001-01-01"),
        ([entry(INDICATED, "not a day", issued="2026-01-02T09:00:00Z")], "2026-01-02"),
        ([entry(INDICATED, "2026-01-02", status="entered-in-error")], ""),
        ([entry(INDICATED, "2026-01-02", verificationStatus="entered-in-error")], ""),
        ([{"code": {"coding": [{"system": "urn:x", "code": INDICATED}]}}], ""),
        ([7, {"code": 7}, {"code": {"coding": 7}}, {"code": {"coding": [7]}}], ""),
    ],
)
def test_s36_the_latest_word_counts_and_the_stricter_of_one_day(entries, said):
    for order in itertools.permutations(entries):
        assert review_from(order) == said
