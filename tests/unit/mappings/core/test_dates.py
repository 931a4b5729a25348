"""Dates and times keep their precision and their zone; what is not one is refused."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.model import dates
from mappings.core.model.outcome import UnreadableValueError

NOT_DATES = [
    "", "soon", "2026-02-30", "2026-13-01", "0000-01-01", "31/02/2026", "2026-01-023",
    "2026-01-02x", "2026-01-02T", "2026-01-02T9", "1/2/20261", "٢٠٢٦-٠١-٠٢", "2026/01/02",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1943-03-04", "1943-03-04"),
        (" 4/3/1943 ", "1943-03-04"),
        ("04/03/1943 00:00:00", "1943-03-04"),
        ("1943-03-04T10:11:12Z", "1943-03-04"),
        ("1943-03-04 10:11", "1943-03-04"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_date(text, date):
    assert dates.fhir_date(text) == date


@pytest.mark.parametrize("read", [dates.fhir_date, dates.fhir_date_time, dates.fhir_instant])
@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_not_a_date_is_refused_without_its_value(read, text):
    with pytest.raises(UnreadableValueError) as refused:
        read(text)
    assert refused.value.code == "invalid-date"
    assert len(text) < 4 or text not in refused.value.text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1943", "1943"),
        ("1943-03", "1943-03"),
        ("1943-03-04", "1943-03-04"),
        ("04/03/1943", "1943-03-04"),
        ("2026-07-01T10:00", "2026-07-01T10:00:00+01:00"),
        ("2026-01-01 10:00:05", "2026-01-01T10:00:05+00:00"),
        ("2026-01-01T10:00:05.25Z", "2026-01-01T10:00:05.250000Z"),
        ("2026-01-01T10:00:05-0330", "2026-01-01T10:00:05-03:30"),
        ("1840-01-01T00:00:00", "1840-01-01T00:01:15Z"),
    ],
)
def test_a_date_time_keeps_its_precision_and_says_its_zone(text, made):
    assert dates.fhir_date_time(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "1943-13",
        "1943-00",
        "2026-01-01T25:00",
        "2026-01-01T10:00+1500",
        "2026-01-01T10:61:00Z",
        "2026-01-01T10:00:00+01:75",
    ],
)
def test_a_time_that_cannot_be_is_refused(text):
    with pytest.raises(UnreadableValueError):
        dates.fhir_date_time(text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("2026-07-01T10:00:00", "2026-07-01T09:00:00Z"),
        ("2026-07-01", "2026-06-30T23:00:00Z"),
        ("2026-07-01T10:00:00+05:00", "2026-07-01T05:00:00Z"),
    ],
)
def test_an_instant_is_in_utc(text, made):
    assert dates.fhir_instant(text) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (None, ""),
        ("", ""),
        ("soon", ""),
        ("0001-01-01T00:00:00+14:00", ""),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000000Z"),
        ("2026-07-01T10:00:00.5", "2026-07-01T09:00:00.500000Z"),
        ("01/07/2026", "2026-06-30T23:00:00.000000Z"),
        ("01/07/2026 00:00:00", "2026-06-30T23:00:00.000000Z"),
        ("01/07/2026 9:05", "2026-07-01T08:05:00.000000Z"),
        ("01/07/2026 15:30:20.25", "2026-07-01T14:30:20.250000Z"),
        ("01/07/2026 25:00", ""),
    ],
)
def test_an_ordering_time(text, made):
    assert dates.ordering_time(text) == made


def test_a_uk_date_keeps_the_time_beside_it_and_at_midnight_is_a_day():
    assert dates.fhir_date_time("01/07/2026 10:15") == "2026-07-01T10:15:00+01:00"
    assert dates.fhir_date_time("01/07/2026 00:00") == "2026-07-01"
    assert dates.fhir_date("01/07/2026 10:15") == "2026-07-01"


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
def test_text_order_is_time_order(one, other):
    try:
        first, second = dates.utc_text(one), dates.utc_text(other)
    except UnreadableValueError:
        return
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first)
    assert (first < second) is (one < other) or one == other


@given(st.text())
def test_any_text_is_a_date_or_refused(text):
    for read in (dates.fhir_date, dates.fhir_date_time, dates.fhir_instant):
        with suppress(UnreadableValueError):
            assert read(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("09:15", "09:15"),
        (" 09:15:30 ", "09:15:30"),
        ("2026-10-05T09:15:30.5", "09:15:30"),
        ("05/10/2026 23:59", "23:59"),
    ],
)
def test_a_time_of_day_is_read(text, time):
    assert dates.clock(text) == time


@pytest.mark.parametrize(
    "text", ["", "9", "24:00", "12:60", "2026-10-05", "some words T10:00", "10:00Z", "٠٩:١٥"]
)
def test_what_is_no_time_of_day_is_none(text):
    with pytest.raises(UnreadableValueError):
        dates.clock(text)
