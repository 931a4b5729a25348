"""When a service is open: by the clock on the wall in London, summer time and all."""

from datetime import UTC, datetime

import pytest

from gateway.flows.site.site_hours import closed_of, opening, shift_of, to_fhir


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = ["mon-fri 09:00-17:00"]
NIGHT = ["daily 22:00-07:00"]
ALWAYS = ["daily 00:00-24:00"]


@pytest.mark.parametrize(
    ("hours", "moment", "is_open", "changes"),
    [
        (OFFICE, "2026-11-23T08:59", False, "2026-11-23T09:00"),  # a Monday in winter
        (OFFICE, "2026-11-23T09:00", True, "2026-11-23T17:00"),
        (OFFICE, "2026-11-23T17:00", False, "2026-11-24T09:00"),
        (OFFICE, "2026-11-27T17:30", False, "2026-11-30T09:00"),  # Friday evening
        (OFFICE, "2026-07-06T07:59", False, "2026-07-06T08:00"),  # summer: 09:00 is 08:00 UTC
        (OFFICE, "2026-07-06T08:00", True, "2026-07-06T16:00"),
        (OFFICE, "2026-03-27T17:30", False, "2026-03-30T08:00"),  # over the change in spring
        (OFFICE, "2026-10-23T16:30", False, "2026-10-26T09:00"),  # and in autumn
        (NIGHT, "2026-03-28T23:00", True, "2026-03-29T06:00"),  # a night of eight hours
        (NIGHT, "2026-10-24T23:00", True, "2026-10-25T07:00"),  # and one of ten
        (NIGHT, "2026-11-24T03:00", True, "2026-11-24T07:00"),
        (NIGHT, "2026-11-24T12:00", False, "2026-11-24T22:00"),
        (["sun 00:30-01:30"], "2026-10-25T01:15", True, "2026-10-25T01:30"),  # 01:15 again
        (["sun 01:15-03:00"], "2026-03-29T01:05", False, "2026-03-29T01:15"),  # left out
        (["sun 00:30-01:30"], "2026-03-29T01:15", True, "2026-03-29T01:30"),
        (["mon 09:00-12:00", "mon 12:00-15:00"], "2026-11-23T10:00", True, "2026-11-23T15:00"),
        (["sat,sun 10:00-13:00"], "2026-11-23T10:00", False, "2026-11-28T10:00"),
        (["fri-mon 10:00-13:00"], "2026-11-25T10:00", False, "2026-11-27T10:00"),
    ],
)
def test_hours_are_those_of_london(hours, moment, is_open, changes):
    found = opening(hours, [], at(moment))
    assert (found.is_open, found.changes) == (is_open, at(changes))


def test_what_never_closes_says_no_end_and_what_has_no_hours_no_beginning():
    assert opening(ALWAYS, [], at("2026-10-24T12:00")).changes is None
    assert opening(ALWAYS, [], at("2026-10-24T12:00")).is_open
    assert opening([], [], at("2026-10-24T12:00")).changes is None
    assert not opening([], [], at("2026-10-24T12:00")).is_open


def test_no_shift_begins_on_a_closed_day_and_the_night_before_goes_on():
    closed = ["2026-12-25 to 2026-12-27", "2026-12-28"]
    found = opening(OFFICE, closed, at("2026-12-24T18:00"))
    assert (found.is_open, found.changes) == (False, at("2026-12-29T09:00"))
    night = opening(NIGHT, closed, at("2026-12-25T03:00"))
    assert (night.is_open, night.changes) == (True, at("2026-12-25T07:00"))
    assert not opening(NIGHT, closed, at("2026-12-25T23:00")).is_open
    shut = opening(OFFICE, ["2026-11-01 to 2027-11-01"], at("2026-11-23T10:00"))
    assert (shut.is_open, shut.changes) == (False, None)


@pytest.mark.parametrize(
    "line",
    [
        "", "mon", "mon 9-17", "mon 09:00-25:00", "mon 09:60-17:00", "someday 09:00-17:00",
        "mon-someday 09:00-17:00", "mon 24:00-07:00", "mon 00:00-00:00", "mon 09:00-17:00 late",
    ],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_refused_without_being_repeated(line):
    with pytest.raises(ValueError, match="days and times") as refused:
        shift_of(line)
    assert "someday" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "Christmas", "2026-12-32", "2026-12-26 to 2026-12-25"])
def test_closed_days_that_cannot_be_read_are_refused(text):
    with pytest.raises(ValueError, match=r"date|day"):
        closed_of(text)


def test_fhir_is_told_of_a_night_in_two_parts():
    made = to_fhir([*NIGHT, "mon,wed 09:00-24:00"], ["2026-12-25"])
    every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    def row(days, start, end):
        return {"daysOfWeek": days, "availableStartTime": start, "availableEndTime": end}

    assert made == {
        "availableTime": [
            row(every, "22:00:00", "23:59:59"),
            row(every, "00:00:00", "07:00:00"),
            row(["mon", "wed"], "09:00:00", "23:59:59"),
        ],
        "notAvailable": [
            {"description": "Closed", "during": {"start": "2026-12-25", "end": "2026-12-25"}}
        ],
    }
    assert to_fhir(ALWAYS, []) == {"availableTime": [{"daysOfWeek": every, "allDay": True}]}
    assert to_fhir(["sun 22:00-02:00"], [])["availableTime"][1]["daysOfWeek"] == ["mon"]
