"""Until when section 117 aftercare stands, as a plan document says it."""

import pytest

from mappings.plan_document.rows.aftercare import status

WRITTEN = "2026-11-01T09:00:00Z"


@pytest.mark.parametrize(
    ("ended_on", "stands"),
    [(None, "active"), ("2026-10-31", "inactive"), ("2026-11-01", "inactive"),
     ("2026-11-02", "active"), ("soon", "active"), ("", "active")],
)  # fmt: skip
def test_aftercare_ends_on_a_day_that_has_come(ended_on, stands):
    assert status("2026-01-01", ended_on, WRITTEN) == stands


def test_a_plan_that_says_not_when_it_was_written_ends_nothing():
    assert status("2026-01-01", "2026-10-31", None) == "active"
