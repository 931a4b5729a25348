"""One thing under two first days: a service whose first day was set anew with the financial year.

In      Items of a rolling return, each where it stands in the newest file that holds it.
Out     Whether a service that is no longer named goes on under another first day; since when a
        service that began on 1 April really runs.
Rule    Only where there is one candidate on either side: two services of one kind that both went
        on and both vanished are left as they are.
Pure    Values in, values out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

NEW_YEAR: Final = "-04-01"


@dataclass(frozen=True, slots=True)
class Service:
    """Where an item stands in the newest file that holds it."""

    ends: str
    """The last day of that file's period."""
    falls: str
    lasts: bool
    begins: str
    thread: str


def goes_on(old: Service, among: Iterable[Service]) -> Service | None:
    """The service that this one, no longer named, goes on as."""
    mine = _newest(one for one in among if one.thread == old.thread)
    later = [one for one in mine if _may_follow(old, one)]
    if not later:
        return None
    first = min(later, key=lambda one: one.begins)
    rivals = [one for one in mine if _may_follow(one, first)]
    return first if len(rivals) == 1 else None


def begun_on(new: Service, among: Collection[Service]) -> str:
    """The first day of what goes on as this service; empty where nothing does."""
    mine = _newest(one for one in among if one.thread == new.thread)
    before = [one for one in mine if goes_on(one, mine) == new]
    if not new.thread or len(before) != 1:
        return ""
    return begun_on(before[0], mine) or before[0].begins


def _may_follow(old: Service, new: Service) -> bool:
    """Whether the older was named to the end of a financial year, and the newer begins the next."""
    return (
        old.lasts
        and new.begins.endswith(NEW_YEAR)
        and old.begins < new.begins
        and old.ends < new.ends
        and old.ends == _eve(new.begins)
    )


def _eve(day: str) -> str:
    """The 31 March before a 1 April."""
    return f"{day[:4]}-03-31"


def _newest(services: Iterable[Service]) -> list[Service]:
    """Each service once, as the newest file that holds it says."""
    found: dict[str, Service] = {}
    for one in services:
        before = found.get(one.begins)
        if before is None or before.ends < one.ends:
            found[one.begins] = one
    return list(found.values())
