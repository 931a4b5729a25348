"""The people that a search asks about, among those the caller may see anything of.

    sights -> each question: ids, what is shown of them, their Patient as shown -> source records

In      Sights; the questions of a query, in their order.
Out     For each question the source records of those who are so.
Rule    What is judged on a person is judged on the Patient this caller is shown; who is not shown
        at all is not found.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from consent.terms import Caller, CallerKind
from gateway.flows.asking.sight import MOST_PEOPLE, OF_PATIENTS, Sight, first_org, groups_of
from gateway.flows.asking.views import View, patient_view
from gateway.flows.reading.person_tests import Having, Named, Own, PersonTest, holds
from gateway.flows.reading.query import PERSON, Query
from gateway.flows.site.site import Site
from gateway.store.database.engine import Connection
from gateway.store.record import finding, provenance, reads
from gateway.store.record.conditions import OfPeople
from gateway.store.record.finding import Asked
from gateway.store.record.provenance_sql import TYPE
from gateway.store.record.reads import Opened

_MOST_ROWS: Final = MOST_PEOPLE * 8


@dataclass(slots=True)
class People:
    """Everybody a search is over, and what was found out about them."""

    conn: Connection
    site: Site
    seen: Sequence[Sight]
    names_staff: bool = False
    """Whether the caller is told who of a team wrote something."""
    owner: dict[str, Sight] = field(init=False)
    """By source record."""
    found: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By the number of a question: the source records of those who are so."""
    _shown: dict[str, View] | None = None

    def __post_init__(self) -> None:
        self.owner = {p: sight for sight in self.seen for p in sight.held.sources}

    async def ask(self, query: Query) -> None:
        """Answer each question; a later one may rest on those before it."""
        for number, test in enumerate(query.about):
            kept = await self._kept(test)
            ids = [one for sight in kept for one in sight.group.patient_ids]
            self.found[number] = tuple(sorted(ids))

    async def _kept(self, test: PersonTest) -> list[Sight]:
        if isinstance(test, Named):
            ids = set(test.ids)
            return [one for one in self.seen if _is_named(one, ids)]
        if isinstance(test, Having):
            asked = Asked((test.resource_type,), test.inner, people=self.found)
            records = await finding.owners(self.conn, groups_of(self.seen), asked)
            if test.resource_type == TYPE:
                records |= await provenance.owners(self.conn, groups_of(self.seen), asked)
            return [one for one in self.seen if not records.isdisjoint(one.held.sources)]
        return await self._own(test)

    async def _own(self, test: Own) -> list[Sight]:
        shown = await self.shown()
        kept = []
        for sight in self.seen:
            view = shown.get(sight.subject.person_id)
            if view and holds(test, self._parsed(view), view.updated_at):
                kept.append(sight)
        return kept

    def _parsed(self, view: View) -> Mapping[str, Any]:
        parsed: dict[str, Any] = orjson.loads(view.body)
        return parsed

    async def shown(self) -> dict[str, View]:
        """The Patient of everybody who is shown, by the id they are shown under."""
        if self._shown is None:
            self._shown = await self.views(self.seen)
        return self._shown

    async def views(self, people: Collection[Sight]) -> dict[str, View]:
        """The Patients of these, as far as they are shown."""
        by_person: dict[str, list[Opened]] = {}
        for row in await self.rows(people):
            by_person.setdefault(self.owner[row.patient_id].subject.person_id, []).append(row)
        made = {}
        for person_id, several in by_person.items():
            sight = self.owner[several[0].patient_id]
            made[person_id] = patient_view(several, sight.subject, first_org(sight))
        return made

    async def rows(self, people: Collection[Sight]) -> list[Opened]:
        """What each source that may be seen says of these people."""
        groups, vault = groups_of(list(people)), self.site.store.vault
        return await reads.search(self.conn, vault, groups, [OF_PATIENTS], "", _MOST_ROWS)

    async def listed(self) -> dict[str, Sight]:
        """Everybody who is shown, by the id they are shown under; unopened."""
        groups = groups_of(self.seen)
        rows = await reads.outlines(self.conn, groups, [OF_PATIENTS], _MOST_ROWS)
        found = {}
        for row in rows:
            sight = self.owner[row.patient_id]
            found[sight.subject.person_id] = sight
        return found

    def named(self, query: Query) -> tuple[str, ...]:
        """Whom every question at the first step found: what a link may name instead."""
        numbers = [one.number for one in query.conditions if isinstance(one, OfPeople)]
        kept: Iterable[Sight] = self.seen
        for number in numbers:
            records = set(self.found[number])
            kept = [one for one in kept if not records.isdisjoint(one.held.sources)]
        return tuple(sorted({one.subject.person_id for one in kept}))


def _is_named(sight: Sight, ids: set[str]) -> bool:
    subject = sight.subject
    return subject.person_id in ids or not ids.isdisjoint(subject.patient_ids)


def is_told_of_staff(site: Site, caller: Caller) -> bool:
    """Whether the caller is told who of a team wrote something: professional staff are, among
    themselves."""
    names = (caller.role, *(one.role for one in caller.present))
    lay = any(site.policy.roles[name].lay for name in names)
    return caller.kind is CallerKind.STAFF and not lay


def is_of_person(types: Sequence[str]) -> bool:
    """Whether a search is for people."""
    return tuple(types) == (PERSON,)
