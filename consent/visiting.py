"""Visits to somebody's home, and who is told near one how to get in.

In      the policy's table `home_access`; visits, dated; the caller, the moment.
Out     HomeVisit, HomeAccessRules; whether a visit of the caller's organisation is near.
Errors  PolicyError.
Rule    A visit ends when it says, or so many hours after its start, and never later than so many.
        Without a start it opens nothing. It opens for roles that visit, in the organisation that
        comes, to look and not to keep.
Source  consent/policy.toml.
Pure    No clock: the moment is an argument.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from consent.periods import BEGINNING, FOREVER, after
from consent.policy_reading import Table


@dataclass(frozen=True, slots=True)
class HomeVisit:
    """A visit that is planned, goes on or was made: by which organisation, from when to when."""

    org: str
    start: datetime
    end: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class HomeAccessRules:
    """Which roles visit, and how long about a visit they are told how to get in."""

    roles: frozenset[str]
    before: timedelta
    after: timedelta
    assumed: timedelta
    longest: timedelta

    @classmethod
    def parse(cls, table: Table, known: Collection[str]) -> Self:
        """The rules of the policy's table; `known`: every role. Errors: PolicyError."""
        table.only({"roles", "minutes_before", "minutes_after", "hours_assumed", "hours_at_most"})
        return cls(
            frozenset(table.words("roles", known)),
            timedelta(minutes=table.number("minutes_before")),
            timedelta(minutes=table.number("minutes_after")),
            timedelta(hours=table.number("hours_assumed")),
            timedelta(hours=table.number("hours_at_most")),
        )

    def window(self, visit: HomeVisit) -> tuple[datetime, datetime]:
        """The moments about a visit, half-open; none where nobody knows when it begins."""
        if visit.start - BEGINNING < self.before:
            return BEGINNING, BEGINNING
        latest = after(visit.start, self.longest)
        end = after(visit.start, self.assumed) if visit.end >= FOREVER else visit.end
        return visit.start - self.before, after(min(end, latest), self.after)

    def is_near(self, visits: Collection[HomeVisit], org: str, at: datetime) -> bool:
        """Whether a visit of that organisation is near."""
        mine = (self.window(one) for one in visits if one.org == org)
        return any(first <= at < last for first, last in mine)
