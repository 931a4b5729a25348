"""Accesses as misuse triage looks at them, and how users usually work.

    accesses, and how many people each user saw a day before them -> what is usual

In      Accesses: one user's looks at one person on one day; the days before them.
Out     Habits: what an unusual day is held against.
Pure    Values in, values out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median


@dataclass(frozen=True, slots=True)
class Access:
    """One user's looks at one person on one day; `number` is the first one's in the log, `at` its
    moment by the clock where they work."""

    number: int
    at: datetime
    user_id: str
    org: str
    role: str
    person_id: str
    reasons: frozenset[str] = frozenset()
    break_glass: bool = False
    acting_for: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """How users work: people a day, days since the look before, looks that found nobody."""

    own: Mapping[str, float]
    """Median of people a day; absent where never seen before."""
    role: Mapping[str, tuple[float, float]]
    """Its median and spread, by role."""
    per_day: Mapping[tuple[str, date], int]
    failed: Mapping[tuple[str, date], int]
    idle: Mapping[tuple[str, date], int]
    """Days that a user had not been seen before that day; absent where never seen before."""


def habits_of(
    accesses: Sequence[Access],
    failed: Iterable[tuple[str, datetime]],
    seen_before: Mapping[str, date],
    before: Mapping[tuple[str, date], int],
) -> Habits:
    """How these users work. Usual is what was before these accesses, people a day; for a role of
    which nobody was seen then, what these days show."""
    per_day = Counter((one.user_id, one.at.date()) for one in accesses)
    roles = {one.user_id: one.role for one in accesses}
    idle: dict[tuple[str, date], int] = {}
    last = dict(seen_before)
    for user, day in sorted(per_day, key=lambda one: one[1]):
        if user in last:
            idle[user, day] = (day - last[user]).days
        last[user] = day
    usual = {**_by(roles, per_day), **_by(roles, before)}
    own = _by({user: user for user in roles}, before)
    return Habits(
        own={user: median(numbers) for user, numbers in own.items()},
        role={role: _spread(numbers) for role, numbers in usual.items()},
        per_day=per_day,
        failed=Counter((user, at.date()) for user, at in failed),
        idle=idle,
    )


def _by(names: Mapping[str, str], days: Mapping[tuple[str, date], int]) -> dict[str, list[int]]:
    """The numbers of days by what their users are named here."""
    found: dict[str, list[int]] = {}
    for (user, _), number in days.items():
        if user in names:
            found.setdefault(names[user], []).append(number)
    return found


def _spread(numbers: Sequence[int]) -> tuple[float, float]:
    middle = median(numbers)
    return middle, median(abs(one - middle) for one in numbers)
