"""Visits to people's homes, as rows that access is decided on: who comes, and when.

In      A FHIR R4 resource; a connection inside a writing, with versions that are written.
Out     Rows of `home_visit`, of the current versions alone; each moves the person's epoch.
Rule    An Encounter of the class home health that is planned, goes on or was made. Who comes is
        the organisation it names by ODS code, and otherwise who sent it. What began long before it
        was written, or before another was, opens nothing any more and goes: none is taken to last
        longer than a day (consent.visiting).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.feeds import ClosedFeed
from consent.periods import MIN_MICROS
from consent.terms import HomeVisit
from gateway.store.clear.ties import span
from gateway.store.database.engine import Connection, Delete, Insert, Row, placeholders
from mappings.core.model import systems

_COMING: Final = frozenset({"planned", "arrived", "triaged", "in-progress", "finished"})
_KEPT: Final = 30 * 24 * 3_600_000_000
"""Microseconds after its start for which a visit is kept."""


@dataclass(frozen=True, slots=True)
class Written:
    """An Encounter that is written; `comes`: it is a visit to somebody's home, by that one."""

    patient_id: str
    resource_id: str
    org: str
    starts: int
    ends: int
    at: int
    comes: bool
    first: bool

    @property
    def is_kept(self) -> bool:
        """Whether it may open something yet."""
        return self.comes and self.starts > max(MIN_MICROS, self.at - _KEPT)


def visited_by(resource: Mapping[str, Any]) -> str | None:
    """Whose visit to somebody's home this is: an ODS code, or nothing for who sent it; None where
    it is no such visit."""
    kind = resource.get("class")
    if resource.get("resourceType") != "Encounter" or not isinstance(kind, Mapping):
        return None
    if (kind.get("system"), kind.get("code")) != (systems.ACT_CODE, "HH"):
        return None
    return _organisation(resource) if resource.get("status") in _COMING else None


def _organisation(resource: Mapping[str, Any]) -> str:
    provider = resource.get("serviceProvider")
    named = provider.get("identifier") if isinstance(provider, Mapping) else None
    if not isinstance(named, Mapping) or named.get("system") != systems.ODS:
        return ""
    return str(named.get("value") or "")


_VISIT: Final = Insert("home_visit", "patient_id, resource_id, org, starts, ends, recorded_at")
_ONE: Final = Delete("home_visit", ("patient_id =", "resource_id ="))
_OVER: Final = Delete("home_visit", ("patient_id =", "starts <="))


def forgotten(several: Iterable[Written]) -> dict[Delete, list[tuple[str, str | int]]]:
    """What was kept of these, and what is over of those whose visits they are, to be taken away."""
    found = list(several)
    over = {one.patient_id: one.at - _KEPT for one in found if one.is_kept}
    gone = {(one.patient_id, one.resource_id) for one in found if not one.first}
    return {_ONE: sorted(gone), _OVER: sorted(over.items())}


async def write(conn: Connection, several: Iterable[Written]) -> None:
    """Keep the visits among these; what was kept of each before is gone."""
    found = {(one.patient_id, one.resource_id): one for one in several}
    await conn.add(
        _VISIT,
        [
            (*place, one.org, one.starts, one.ends, one.at)
            for place, one in found.items()
            if one.is_kept
        ],
    )


OF_PEOPLE: Final = (
    "SELECT s.person_id, h.org, h.starts, h.ends, h.resource_id, s.source_org, s.feed"
    " FROM source_record s JOIN home_visit h ON h.patient_id = s.patient_id"
    " WHERE s.person_id IN ({people}) ORDER BY h.resource_id"
)
"""The visits of people."""
OF_RECORDS: Final = (
    "SELECT '', h.org, h.starts, h.ends, h.resource_id, s.source_org, s.feed"
    " FROM source_record s JOIN home_visit h ON h.patient_id = s.patient_id"
    " WHERE h.patient_id IN ({owners}) AND h.recorded_at <= {at} ORDER BY h.resource_id"
)
"""The visits of records that had been written at a moment."""


def of_rows(
    rows: Iterable[Row], closed: Collection[ClosedFeed], off: Collection[str]
) -> Iterator[HomeVisit]:
    """The visits that rows say; none of a feed that has not joined, or is switched off."""
    shut = {(one.org, one.feed) for one in closed}
    for _, org, starts, ends, resource_id, sent_by, feed in rows:
        if (sent_by, feed) not in shut and feed not in off:
            yield HomeVisit(org, *span(starts, ends), f"Encounter/{resource_id}")


async def moved(conn: Connection, owners: Collection[str], at: int) -> bool:
    """Whether a visit of these records was written since: one before it may have been another."""
    rows = await conn.fetch(
        f"SELECT 1 FROM home_visit WHERE patient_id IN ({placeholders(len(owners))})"
        f" AND recorded_at > ${len(owners) + 1} LIMIT 1",
        [*owners, at],
    )
    return bool(rows)
