"""Dates and times as real senders write them."""

import re

import pytest

from mappings.core.model.outcome import UnreadableValueError
from mappings.hospital.message import times


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2004", "2004"),
        ("200411", "2004-11"),
        ("20041100", "2004-11"),
        ("19620000", "1962"),
        ("20041129", "2004-11-29"),
        ("2020050813", "2020-05-08T13:00:00+01:00"),
        ("202005081306", "2020-05-08T13:06:00+01:00"),
        ("20200508130643", "2020-05-08T13:06:43+01:00"),
        ("20200108130643.123", "2020-01-08T13:06:43+00:00"),
        ("2004062916460000", "2004-06-29T16:46:00+01:00"),
        ("20290801070624+0115", "2029-08-01T07:06:24+01:15"),
        ("20120918173931-0500", "2012-09-18T17:39:31-05:00"),
        ("2025-05-05 23:23:32", "2025-05-05T23:23:32+01:00"),
        ("20000101+^D", "2000-01-01"),
        ("^D", None),
    ],
)
def test_times(written, meant):
    assert times.when(written) == meant


@pytest.mark.parametrize(
    "written", ["196513121515", "20040231", "200413", "00000101", "tomorrow", "2004-99-01"]
)
def test_what_is_no_time_is_refused_without_its_value(written):
    with pytest.raises(UnreadableValueError) as refused:
        times.when(written)
    assert written not in refused.value.text


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("19650612233000", "1965-06-12"),
        ("198808181126+0215", "1988-08-18"),
        ("19650612", "1965-06-12"),
        ("196506", None),
        ("196513121515", None),
        ("", None),
    ],
)
def test_a_date_of_birth_is_the_day_as_written(written, day):
    assert times.whole_day(written) == day


def test_order_is_by_the_first_time_that_can_be_read():
    assert times.ordering(None, "x", "20260701120000") == "2026-07-01T11:00:00.000000Z"
    assert times.ordering("2026", "") == ""


def test_parts_of_a_second_put_messages_in_order():
    assert times.ordering("20260701120000.25") == "2026-07-01T11:00:00.250000Z"
    assert times.ordering("2026070112000025+0100") == "2026-07-01T11:00:00.250000Z"
    assert times.when("20260701120000.25") == "2026-07-01T12:00:00+01:00"


def test_a_day_alone_is_taken_at_the_time_another_field_says_of_that_day():
    assert times.ordering("20260701", "20260701120000") == "2026-07-01T11:00:00.000000Z"
    assert times.ordering("20260701", "20260702120000") == "2026-06-30T23:00:00.000000Z"
    assert times.ordering("20260701", "", "20260701") == "2026-06-30T23:00:00.000000Z"


def test_a_day_that_never_comes_is_no_time_to_put_in_order():
    assert times.ordering("99991231235959", "20260701120000") == "2026-07-01T11:00:00.000000Z"
    assert times.ordering("9999-12-31T00:00:00Z") == ""
    assert times.when("99991231") == "9999-12-31"


def _at(kind="ADT^A08", **header):
    return times.in_order(
        "2026-10-05T09:20:00.000000Z",
        {"9": kind, **{name[1:]: value for name, value in header.items()}},
        takes_back=kind == "ADT^A11",
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"_13": "9"}, {"_13": "10"}),
        ({"_13": "9", "_10": "2"}, {"_13": "10", "_10": "1"}),
        ({"_13": "9", "kind": "ADT^A11"}, {"_13": "10"}),
        ({"_13": "9"}, {"kind": "ADT^A11"}),
        ({}, {"_13": "9", "kind": "ADT^A11"}),
        ({"_10": "9"}, {"_10": "10"}),
        ({"_10": "MSG00099"}, {"_10": "MSG00100"}),
        ({"_10": "no number"}, {"_10": "1"}),
        ({"_7": "20261005102010", "_10": "2"}, {"_7": "20261005102011", "_10": "1"}),
        ({"_7": "20261005102011", "_10": "2"}, {"kind": "ADT^A11", "_7": "20261005102010"}),
        ({"_13": "0", "_10": "1"}, {"_13": "0", "_10": "2"}),
        ({"_13": "-1", "_10": "1"}, {"_13": "-1", "_10": "2"}),
    ],
)
def test_messages_of_one_time_are_in_the_order_that_their_sender_counts(earlier, later):
    assert _at(**earlier) < _at(**later)


@pytest.mark.parametrize("number", ["9" * 40, "٣", "1.5", "x", '""', "1~2"])
def test_a_number_that_counts_nothing_harms_no_order(number):
    made = (_at(_13=number), _at(_10=number))
    assert all(re.fullmatch(r"[^Z]+Z[0-9]+", one) and len(one) in (46, 66) for one in made)


def test_what_says_no_time_has_no_order():
    assert times.in_order("", {"10": "1", "13": "2"}, takes_back=True) == ""
