"""Moments and periods, across the days when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from consent.fhir_values import UnsupportedConsentError, period
from consent.periods import (
    BEGINNING,
    FOREVER,
    LONDON,
    MAX_MICROS,
    MIN_MICROS,
    age_on,
    first_moment,
    micros_covered,
    next_moment,
    to_micros,
)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
        ("2026-12", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
        ("2026-02", "2026-02-01T00:00Z", "2026-03-01T00:00Z"),
        ("2026-03-29", "2026-03-29T00:00Z", "2026-03-29T23:00Z"),
        ("2026-10-25", "2026-10-24T23:00Z", "2026-10-26T00:00Z"),
        ("2026-06-23T17:32:33+10:00", "2026-06-23T07:32:33Z", "2026-06-23T07:32:34Z"),
    ],
)
def test_a_fhir_date_covers_its_precision_in_london(text, first, after):
    assert first_moment(text) == datetime.fromisoformat(first)
    assert next_moment(text) == datetime.fromisoformat(after)
    assert micros_covered(text) == (to_micros(first_moment(text)), to_micros(next_moment(text)))


def test_a_fraction_covers_a_microsecond():
    assert next_moment("2026-01-01T00:00:00.5Z") - first_moment(
        "2026-01-01T00:00:00.5Z"
    ) == timedelta(microseconds=1)


@pytest.mark.parametrize("text", ["", "26", "2026-1", "2026-02-30", "2026-01-01T10:00Z", "٢٠٢٦"])
def test_what_is_no_fhir_date_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        first_moment(text)


def test_the_far_ends_are_the_sentinels():
    assert (to_micros(BEGINNING), to_micros(FOREVER)) == (MIN_MICROS, MAX_MICROS)
    assert to_micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005


@pytest.mark.parametrize(
    "text", ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z"]
)
def test_the_last_day_of_the_calendar_never_ends(text):
    assert next_moment(text) == FOREVER
    assert first_moment(text) < FOREVER or text.endswith(".999999Z")
    assert micros_covered(text)[1] == MAX_MICROS


@pytest.mark.parametrize("text", ["9998", "9999-11", "9999-12-30", "9999-12-31T23:59:58Z"])
def test_a_day_before_it_ends(text):
    assert first_moment(text) < next_moment(text) < FOREVER


def test_a_period_may_be_open_at_one_end():
    assert period({"start": "2026"}, "p") == (first_moment("2026"), FOREVER)
    assert period({"end": "2026"}, "p") == (BEGINNING, next_moment("2026"))
    with pytest.raises(UnsupportedConsentError, match="p: "):
        period({}, "p")


def test_an_age_changes_at_midnight_in_london():
    born = date(2013, 6, 10)
    evening = datetime(2026, 6, 9, 23, 59, 59, tzinfo=LONDON)
    assert (age_on(born, evening), age_on(born, evening + timedelta(seconds=1))) == (12, 13)
    assert age_on(date(2012, 2, 29), datetime(2025, 2, 28, 12, tzinfo=UTC)) == 12


@pytest.mark.parametrize(
    ("at", "micros"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 3, 0, 0, 1, 5, tzinfo=UTC), 172_801_000_005),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1_000_000),
        (datetime(2026, 3, 10, 12, tzinfo=UTC), 1_773_144_000_000_000),
    ],
)
def test_microseconds_are_counted_from_1970(at, micros):
    assert to_micros(at) == micros
