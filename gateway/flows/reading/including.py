"""What goes with the matches of a search: what they refer to, and what refers to them.

In      Rows and people that were found; includes; everybody, each under their Filter.
Out     Rows and people beside them, each once, and never a match again.
Rule    What is included passes the Filter as if it were asked for itself, and a link is followed
        only where the caller is shown it. Two steps at most.
Errors  TooCostlyError where more would go with a page than an answer may hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import TooCostlyError
from gateway.flows.asking.sight import Sight, groups_of
from gateway.flows.reading import provenance_found
from gateway.flows.reading.people_found import People
from gateway.flows.reading.query import PERSON, Include
from gateway.store.record import finding, reads
from gateway.store.record.finding import Asked
from gateway.store.record.provenance_sql import TYPE, told_version
from gateway.store.record.reads import Opened

MOST_INCLUDED: Final = 1_000
_STEPS: Final = 2


@dataclass(slots=True)
class Included:
    """What is found so far, and what of it was found in the last step."""

    people: People
    rows: dict[str, Opened] = field(default_factory=dict)
    persons: dict[str, Sight] = field(default_factory=dict)

    async def follow(
        self,
        matches: Iterable[Opened],
        matched: Iterable[Sight],
        includes: Iterable[Include],
    ) -> None:
        """Everything that goes with these."""
        several = list(includes)
        rows = {row.resource_id: row for row in matches}
        persons = {one.subject.person_id: one for one in matched}
        known, met = set(rows), set(persons)
        for step in range(_STEPS):
            new_rows: dict[str, Opened] = {}
            new_persons: dict[str, Sight] = {}
            for one in several:
                if one.onward or not step:
                    found = await self._one(one, rows, persons)
                    new_rows |= {row.resource_id: row for row in found[0]}
                    new_persons |= {sight.subject.person_id: sight for sight in found[1]}
            rows = {name: row for name, row in new_rows.items() if name not in known}
            persons = {name: one for name, one in new_persons.items() if name not in met}
            known |= set(rows)
            met |= set(persons)
            self.rows |= rows
            self.persons |= persons
            if len(self.rows) + len(self.persons) > MOST_INCLUDED:
                raise TooCostlyError

    async def _one(
        self, asked: Include, rows: dict[str, Opened], persons: dict[str, Sight]
    ) -> tuple[list[Opened], list[Sight]]:
        if asked.back:
            return await self._back(asked, rows, persons), []
        owners = [row for row in rows.values() if row.resource_type == asked.parameter.owner]
        of = self.people.owner
        if asked.parameter.kind == "patient":
            return [], [of[row.patient_id] for row in owners]
        conn, groups = self.people.conn, groups_of(self.people.seen)
        ids = {row.resource_id for row in owners}
        linked = await finding.linked(conn, groups, ids, asked.parameter)
        if asked.parameter.name == "target":
            linked |= {told[:2] for told in map(told_version, owners) if told}
        wanted = {one for one in linked if asked.target in ("", one[0])}
        found = await self._opened({name for kind, name in wanted if kind != PERSON})
        named = {name for kind, name in wanted if kind == PERSON}
        sights = [of[row.patient_id] for row in owners if row.patient_id in named]
        return [row for row in found if (row.resource_type, row.resource_id) in wanted], sights

    async def _back(
        self, asked: Include, rows: dict[str, Opened], persons: dict[str, Sight]
    ) -> list[Opened]:
        told: list[Opened] = []
        if asked.parameter.owner == TYPE:
            told = await provenance_found.of_shown(self.people, rows, persons, asked)
        return [*told, *await self._sent_back(asked, rows, persons)]

    async def _sent_back(
        self, asked: Include, rows: dict[str, Opened], persons: dict[str, Sight]
    ) -> list[Opened]:
        parameter, conn = asked.parameter, self.people.conn
        if parameter.kind == "patient":
            found = await finding.page(
                conn, self.people.site.store.vault, groups_of(list(persons.values())),
                Asked((parameter.owner,)), None, MOST_INCLUDED + 1,
            )  # fmt: skip
            return [one.row for one in found.found]
        ids = {
            name
            for name, row in rows.items()
            if parameter.leads_to(row.resource_type) and asked.target in ("", row.resource_type)
        }
        if parameter.leads_to(PERSON) and asked.target in ("", PERSON):
            ids |= {one for sight in persons.values() for one in sight.group.patient_ids}
        groups = groups_of(self.people.seen)
        linking = await finding.linking(conn, groups, ids, parameter, MOST_INCLUDED + 1)
        return await self._opened(linking)

    async def _opened(self, ids: set[str]) -> list[Opened]:
        """Those of these that pass. How many do is what counts: what is hidden costs nobody."""
        people = self.people
        groups, vault = groups_of(people.seen), people.site.store.vault
        if len(ids) > MOST_INCLUDED:
            passing = await reads.visible(people.conn, groups, ids)
            if len(passing) > MOST_INCLUDED:
                raise TooCostlyError
            ids = passing
        return await reads.some(people.conn, vault, groups, ids)
