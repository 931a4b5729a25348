"""When a power under the Mental Health Act lapses at the latest, where no end was sent.

In      Days and times of a row, its legal status, when the submission was made.
Out     The last day, or moment, the law allows; the words that say it was worked out here.
Errors  UnreadableValueError, without the value.
Rule    A day that is sent is the one that counts. Of a power that can be renewed, the next day on
        which it would lapse after the submission was made: it said that the power was in force.
        Days are counted with the first. Powers without a limit in time get no end.
Source  Mental Health Act 1983, sections 2(4), 4(4), 5(2), 5(4), 7 and 20, 17C and 20A, 17F(6), 20,
        35(7), 36(6), 37 and 40, 38(5), 47, 135(3ZA), 136(2A) and 136B.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.sets.national import day_and_time
from mappings.mental_health.rows.mhsds_shaping import until

DERIVED_END: Final = f"{systems.OWN}/StructureDefinition/derived-end"
"""Extension of a period: why it ends so, where no end was sent."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a power lasts at most, and again when renewed."""

    words: str
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    """From the start to each day on which it lapses unless renewed."""

    def __str__(self) -> str:
        parts = (("hours", self.hours), ("days", self.days), ("months", self.months))
        after = (f"{', '.join(map(str, said))} {unit}" for unit, said in parts if said)
        return f"{self.words}: after {'; '.join(after)}"


_DETENTION: Final = Limit("six months, renewed by six and then by twelve", months=(6, 12))
_REMAND: Final = Limit("28 days, at most twelve weeks", days=(28, 56, 84))
LIMITS: Final[Mapping[str, Limit]] = {
    "02": Limit("28 days (section 2)", days=(28,)),
    "03": _DETENTION,
    "04": Limit("72 hours (section 4)", hours=(72,)),
    "05": Limit("72 hours (section 5(2))", hours=(72,)),
    "06": Limit("six hours (section 5(4))", hours=(6,)),
    "07": _REMAND,
    "08": _REMAND,
    "10": _DETENTION,
    "12": Limit("twelve weeks, renewed by 28 days", days=tuple(range(84, 366, 28))),
    "16": _DETENTION,
    "19": Limit("24 hours, at most 36 (section 135)", hours=(24, 36)),
    "20": Limit("24 hours, at most 36 (section 136)", hours=(24, 36)),
    "35": _DETENTION,
    "36": _DETENTION,
}
"""By legal status classification (MHS401)."""
COMMUNITY_ORDER: Final = _DETENTION
RECALL: Final = Limit("72 hours (section 17F)", hours=(72,))
_MOST_YEARS: Final = 60


class Ends:
    """A named function: when a power ends, by what was sent or else by law."""

    def __init__(self, limit: Limit | None = None) -> None:
        self.limit = limit
        self.__name__ = f"ends_by_law({limit.words})" if limit else "ends_by_legal_status"
        limits = {"always": limit} if limit else LIMITS
        self.rules = {status: str(one) for status, one in limits.items()}

    def __call__(self, ended: Any, lapses: Any, *of: Any) -> str | None:
        """The day or moment."""
        return until(ended, lapses) or self.derived(*of)

    def derived(self, start: Any, made: Any, time: Any = None, status: Any = None) -> str | None:
        """What the law allows at the latest; None without a limit or a start."""
        limit = self.of(status)
        if limit is None or start is None:
            return None
        said = dates.ordering_time(str(made)) if made else ""
        found = [*_moments(limit, start, time), *_days(limit, start)]
        later = [one for one, order in found if order > said]
        return later[0] if later else found[-1][0]

    def of(self, status: Any = None) -> Limit | None:
        """The limit of a power: its own, or that of the legal status."""
        return self.limit or LIMITS.get(str(status).zfill(2))


class Why:
    """A named function: that the end was worked out here; nothing where it was sent."""

    def __init__(self, ends: Ends) -> None:
        self.ends = ends
        self.__name__ = f"why_{ends.__name__}"
        self.rules = ends.rules

    def __call__(self, ended: Any, lapses: Any, *of: Any) -> dict[str, str] | None:
        """The extension of the period."""
        limit = self.ends.of(*of[3:])
        if ended or lapses or limit is None or self.ends.derived(*of) is None:
            return None
        words = f"Worked out here, not sent: the law allows {limit.words}."
        return {"url": DERIVED_END, "valueString": words}


def _moments(limit: Limit, start: Any, time: Any) -> list[tuple[str, str]]:
    """Ends by the hour; the end of the day where the row has no time."""
    if not limit.hours:
        return []
    begun = dates.instant(str(day_and_time(start, time)))
    if time is None:
        first = begun.astimezone(dates.LONDON).date()
        days = [first + timedelta(days=-(-hours // 24)) for hours in limit.hours]
        return [_of_day(day) for day in days]
    ends = [_after(begun, hours) for hours in limit.hours]
    return [(dates.fhir_date_time(one.isoformat()), dates.utc_text(one)) for one in ends]


def _after(begun: datetime, hours: int) -> datetime:
    """So many hours later, as the clock in London shows it."""
    return datetime.fromtimestamp(begun.timestamp() + hours * 3600, dates.LONDON)


def _days(limit: Limit, start: Any) -> list[tuple[str, str]]:
    """Ends by the day, the first day counted."""
    first = date.fromisoformat(dates.fhir_date(str(start)))
    days = [first + timedelta(days=number - 1) for number in limit.days]
    if limit.months:
        yearly = range(limit.months[-1] + 12, _MOST_YEARS * 12, 12)
        days += [_last_of(first, n) for n in (*limit.months, *yearly)]
    return [_of_day(day) for day in days]


def _last_of(first: date, months: int) -> date:
    """The last day of so many months that begin with a day: the eve of the day of that number, or
    the last of a month that has none."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    days = monthrange(year, month)[1]
    if first.day > days:
        return date(year, month, days)
    return date(year, month, first.day) - timedelta(days=1)


def _of_day(day: date) -> tuple[str, str]:
    """The day, and the moment at which it is over."""
    following = datetime(day.year, day.month, day.day, tzinfo=dates.LONDON) + timedelta(days=1)
    return day.isoformat(), dates.utc_text(following)
