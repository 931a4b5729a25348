"""What ties organisations to a person, as rows say it: what they sent, and caseload entries.

Rule    A feed that has not joined yet, or is switched off where the person is registered, ties
        nobody to anybody.
Pure    Rows in, values out.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final

from consent.feeds import ClosedFeed
from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS
from consent.terms import Relationship, RelationshipKind
from gateway.clock import from_micros
from gateway.store.database.engine import Row

GP_FEED: Final = "gp"
"""What practices send of their registered patients."""


def relationships(
    sources: Iterable[Row],
    caseload: Iterable[Row],
    closed: Collection[ClosedFeed],
    off: Collection[str],
) -> Iterator[Relationship]:
    """A practice has its registered patients; any source holds what it sent; and the caseload."""
    shut = {(one.org, one.feed) for one in closed}
    for _, patient_id, org, feed, practice, *_ in sources:
        if (org, feed) in shut or feed in off:
            continue
        kinds = [RelationshipKind.RECORD_HOLDER]
        if feed == GP_FEED and practice == org:
            kinds.append(RelationshipKind.REGISTERED_PRACTICE)
        for kind in kinds:
            yield Relationship(kind, org, None, BEGINNING, FOREVER, f"source-record/{patient_id}")
    for _, stated, org, user_id, starts, ends, entry_id in caseload:
        yield Relationship(
            RelationshipKind(stated), org, user_id or None, *span(starts, ends),
            f"caseload/{entry_id}",
        )  # fmt: skip


def practices_of(sources: Collection[Row], closed: Collection[ClosedFeed]) -> set[str]:
    """The practice that was named last; also those that feeds name which have not joined, as
    what such a feed says may only restrict."""
    shut = {(one.org, one.feed) for one in closed}
    named = [((row[2], row[3]) in shut, row[5], row[4]) for row in sources if row[4]]
    latest = max((one[1:] for one in named if not one[0]), default=("", ""))
    return {practice for is_shut, _, practice in named if is_shut} | {latest[1]}


def span(starts: int, ends: int) -> tuple[datetime, datetime]:
    """A period of the store as moments."""
    return (
        BEGINNING if starts <= MIN_MICROS else from_micros(starts),
        FOREVER if ends >= MAX_MICROS else from_micros(ends),
    )
