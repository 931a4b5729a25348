"""What can be subscribed to, and which changes of a resource each topic is about.

    plan-changed, goal-changed, consent-changed    every new version, a withdrawal too
    admitted, discharged                           the version with which an inpatient stay is so
    review-due                                     the day named for a review has come

Rule    Whether a topic is about a version is decided on what the subscriber may see of it and of
        those before it, and on nothing else.
Source  HL7 Subscriptions R5 Backport 1.1 (canonicals of topics stand in `criteria`).
Pure    Resources in, values out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from consent.periods import MIN_MICROS, micros_covered
from mappings.core.model import systems

_URL: Final = f"{systems.OWN}/SubscriptionTopic/"
_DAY: Final = 86_400_000_000
_INPATIENT: Final = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
_THERE: Final = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished"})
_OPEN: Final = frozenset({"", "not-started", "scheduled", "in-progress", "on-hold", "unknown"})
_REVIEW: Final = "review"


class Topic(StrEnum):
    """What can be subscribed to."""

    PLAN_CHANGED = "plan-changed"
    GOAL_CHANGED = "goal-changed"
    REVIEW_DUE = "review-due"
    ADMITTED = "admitted"
    DISCHARGED = "discharged"
    CONSENT_CHANGED = "consent-changed"

    @property
    def url(self) -> str:
        """Its canonical URL."""
        return _URL + self

    @property
    def types(self) -> frozenset[str]:
        """What a notice of it names."""
        return _ABOUT[self].types

    @property
    def text(self) -> str:
        """What it is about, in words."""
        return _ABOUT[self].text


@dataclass(frozen=True, slots=True)
class _About:
    types: frozenset[str]
    text: str


_ABOUT: Final[Mapping[Topic, _About]] = {
    Topic.PLAN_CHANGED: _About(frozenset({"CarePlan"}), "A plan was made, changed or withdrawn"),
    Topic.GOAL_CHANGED: _About(frozenset({"Goal"}), "A goal was set, changed or withdrawn"),
    Topic.REVIEW_DUE: _About(
        frozenset({"CarePlan", "ServiceRequest"}),
        "The day has come by which a plan, a decision or a goal is to be reviewed",
    ),
    Topic.ADMITTED: _About(frozenset({"Encounter"}), "Somebody was admitted to hospital"),
    Topic.DISCHARGED: _About(frozenset({"Encounter"}), "Somebody was discharged from hospital"),
    Topic.CONSENT_CHANGED: _About(
        frozenset({"Consent"}), "A consent to the sharing of the record was recorded or changed"
    ),
}
BY_URL: Final[Mapping[str, Topic]] = {topic.url: topic for topic in Topic}
CHANGING: Final = frozenset(Topic) - {Topic.REVIEW_DUE}
"""Those that are about a change; the other is about the time."""
CHANGED_TYPES: Final = frozenset(kind for topic in CHANGING for kind in topic.types)
STAYS: Final = frozenset({Topic.ADMITTED, Topic.DISCHARGED})
"""Those that are about how a version differs from the one before."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a stay, as the subscriber may see it; without a body where it is withdrawn."""

    number: int
    updated_at: int
    body: Mapping[str, Any] | None


def turned(topic: Topic, versions: Sequence[Version], since: int) -> list[Version]:
    """Of versions in their order, those since a moment with which the topic came to be true."""
    found, before = [], False
    for one in versions:
        now = one.body is not None and _is_true(topic, one.body)
        if now and not before and one.updated_at >= since:
            found.append(one)
        before = now
    return found


def _is_true(topic: Topic, stay: Mapping[str, Any]) -> bool:
    period = stay.get("period", {})
    if stay.get("class", {}).get("code") not in _INPATIENT or stay.get("status") not in _THERE:
        return False
    over = bool(stay["status"] == "finished" or period.get("end"))
    return over if topic is Topic.DISCHARGED else bool(period.get("start")) or not over


def reviews_due(resource: Mapping[str, Any], after: int, until: int) -> list[int]:
    """The moments after the one and not after the other at which a review falls due: as the last
    day begins on which it is to be made."""
    if resource.get("status") in ("revoked", "completed", "entered-in-error"):
        return []
    moments = {_last_day(end) for end in _review_ends(resource)}
    return sorted(one for one in moments if after < one <= until)


def _review_ends(resource: Mapping[str, Any]) -> Iterator[str]:
    """Until when something of this is to be reviewed, as FHIR says it."""
    if resource["resourceType"] == "ServiceRequest":
        if _is_review(resource.get("code", {}).get("text", "")):
            yield resource.get("occurrencePeriod", {}).get("end", "")
            yield resource.get("occurrenceDateTime", "")
        return
    for activity in resource.get("activity", ()):
        detail = activity.get("detail", {})
        said = (detail.get("description", ""), detail.get("code", {}).get("text", ""))
        if any(map(_is_review, said)) and detail.get("status", "") in _OPEN:
            yield detail.get("scheduledPeriod", {}).get("end", "")


def _is_review(words: str) -> bool:
    return words.casefold().startswith(_REVIEW)


def _last_day(end: str) -> int:
    try:
        return micros_covered(end)[1] - _DAY
    except (ValueError, OverflowError):
        return MIN_MICROS
