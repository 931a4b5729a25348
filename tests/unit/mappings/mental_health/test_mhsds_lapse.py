"""When a power under the Mental Health Act lapses, where no end was sent."""

import pytest

from mappings.mental_health.rows.mhsds_lapse import COMMUNITY_ORDER, RECALL, Ends, Why

BY_STATUS = Ends()


@pytest.mark.parametrize(
    ("status", "start", "time", "made", "ends"),
    [
        ("02", "2026-11-20", None, "2026-12-04T08:00:00", "2026-12-17"),
        ("2", "2026-11-20", None, "2026-12-04T08:00:00", "2026-12-17"),
        ("03", "2026-08-31", None, "2026-12-04T08:00:00", "2027-02-28"),
        ("03", "2025-12-01", None, "2026-07-04T08:00:00", "2026-11-30"),
        ("03", "2024-12-01", None, "2026-07-04T08:00:00", "2026-11-30"),
        ("04", "2026-12-01", "10:30:00", "2026-12-01T12:00:00", "2026-12-04T10:30:00Z"),
        ("05", "2026-12-01", None, "2026-12-01T12:00:00", "2026-12-04"),
        ("06", "2026-12-01", "23:00:00", "2026-12-01T23:10:00", "2026-12-02T05:00:00Z"),
        ("20", "2026-12-01", "10:00:00", "2026-12-01T12:00:00", "2026-12-02T10:00:00Z"),
        ("20", "2026-12-01", "10:00:00", "2026-12-02T12:00:00", "2026-12-02T22:00:00Z"),
        ("20", "2026-12-01", "10:00:00", "2026-12-09T12:00:00", "2026-12-02T22:00:00Z"),
        ("05", "2026-10-24", "10:30:00", "2026-10-24T12:00:00", "2026-10-27T09:30:00Z"),
        ("09", "2026-12-01", None, "2026-12-02T12:00:00", None),
        ("01", "2026-12-01", None, "2026-12-02T12:00:00", None),
        ("02", None, None, "2026-12-02T12:00:00", None),
    ],
)
def test_the_day_the_law_allows_at_the_latest(status, start, time, made, ends):
    """A restricted patient's detention has no limit; the clocks go back on 25 October."""
    assert BY_STATUS(None, None, start, made, time, status) == ends


def test_a_day_that_was_sent_counts_and_is_not_called_worked_out():
    said = ("2026-12-01", "2026-12-04T08:00:00", None, "02")
    assert BY_STATUS(None, "2026-12-20", *said) == "2026-12-20"
    assert BY_STATUS("2026-12-10", "2026-12-20", *said) == "2026-12-10"
    assert Why(BY_STATUS)(None, "2026-12-20", *said) is None
    assert "28 days" in _words(Why(BY_STATUS)(None, None, *said))


def test_orders_and_recalls_have_limits_of_their_own():
    assert Ends(COMMUNITY_ORDER)(None, None, "2026-11-20", "2026-12-04T08:00:00") == "2027-05-19"
    recalled = ("2026-12-01", "2026-12-01T12:00:00", "09:00:00")
    assert Ends(RECALL)(None, None, *recalled) == "2026-12-04T09:00:00Z"
    assert _words(Why(Ends(RECALL))(None, None, *recalled)).endswith("(section 17F).")


def _words(extension):
    assert extension is not None
    return extension["valueString"]
