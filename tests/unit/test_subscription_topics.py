"""Which versions of a stay, and which days of a plan, a topic is about."""

import pytest

from consent.periods import first_moment
from gateway.clock import to_micros
from gateway.flows.subscriptions.subscription_topics import (
    BY_URL,
    Topic,
    Version,
    reviews_due,
    turned,
)

DAY = 86_400_000_000


def stay(number, status, code="IMP", **period):
    body = {"status": status, "class": {"code": code}, "period": period}
    return Version(number, number * 10, body)


GONE = Version(9, 90, None)
_BEGAN = {"start": "2026-11-20"}
_ENDED = {"start": "2026-11-20", "end": "2026-11-21"}


@pytest.mark.parametrize(
    ("versions", "admitted", "discharged"),
    [
        ([stay(1, "in-progress", **_BEGAN)], [1], []),
        ([stay(1, "planned"), stay(2, "in-progress", **_BEGAN)], [2], []),
        ([stay(1, "in-progress", **_BEGAN), stay(2, "onleave", **_BEGAN)], [1], []),
        ([stay(1, "in-progress", **_BEGAN), stay(2, "finished", **_ENDED)], [1], [2]),
        ([stay(1, "finished", **_ENDED), stay(2, "finished", **_ENDED)], [1], [1]),
        ([stay(1, "in-progress", "AMB", **_BEGAN)], [], []),
        ([stay(1, "cancelled", **_BEGAN)], [], []),
        (
            [
                stay(1, "finished", **_ENDED),
                stay(2, "in-progress", **_BEGAN),
                stay(3, "finished", **_ENDED),
            ],
            [1],
            [1, 3],
        ),
        ([GONE], [], []),
    ],
)
def test_a_stay_is_told_of_as_it_begins_and_as_it_ends(versions, admitted, discharged):
    assert [one.number for one in turned(Topic.ADMITTED, versions, 0)] == admitted
    assert [one.number for one in turned(Topic.DISCHARGED, versions, 0)] == discharged


def test_what_turned_before_is_not_told():
    versions = [stay(1, "in-progress", **_BEGAN), stay(2, "in-progress", **_BEGAN)]
    assert turned(Topic.ADMITTED, versions, 11) == []


def at(text):
    return to_micros(first_moment(text))


def plan(**detail):
    return {"resourceType": "CarePlan", "status": "active", "activity": [{"detail": detail}]}


REVIEW = {"description": "Review of the plan", "scheduledPeriod": {"end": "2026-11-24"}}
ASKED = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "code": {"text": "Review of the goal"},
    "occurrenceDateTime": "2026-11-24",
}


@pytest.mark.parametrize(
    ("resource", "due"),
    [
        (plan(**REVIEW), True),
        (plan(**REVIEW, status="scheduled"), True),
        (plan(**REVIEW, status="completed"), False),
        (plan(**REVIEW | {"description": "Bath rail"}), False),
        (plan(**REVIEW | {"scheduledPeriod": {"start": "2026-11-24"}}), False),
        (plan(**REVIEW | {"scheduledPeriod": {"end": "soon"}}), False),
        (plan(**REVIEW) | {"status": "revoked"}, False),
        (ASKED, True),
        (ASKED | {"code": {"text": "X-ray"}}, False),
        (ASKED | {"status": "completed"}, False),
    ],
)
def test_a_review_is_due_from_the_first_moment_of_its_last_day(resource, due):
    day = at("2026-11-24")
    assert reviews_due(resource, day - DAY, day) == ([day] if due else [])
    assert reviews_due(resource, day - 2 * DAY, day - 1) == []
    assert reviews_due(resource, day, day + DAY) == []


def test_each_topic_has_a_canonical_of_its_own_and_says_what_it_is_about():
    assert len(BY_URL) == len(Topic)
    assert all(topic.text and topic.types for topic in Topic)
