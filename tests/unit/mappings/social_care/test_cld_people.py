"""What a council's row says of who a person is."""

import pytest

from mappings.social_care.rows.cld_shaping import birth_date


@pytest.mark.parametrize("ends", ["2026-06-30", "", None])
@pytest.mark.parametrize(("day", "found"), [("1900-01-01", None), ("1951-06-22", "1951-06-22")])
def test_a_dummy_is_no_birth_date_also_where_the_row_names_no_period(day, ends, found):
    assert birth_date({"Date of Birth": day, "Reporting Period End Date": ends}) == found
