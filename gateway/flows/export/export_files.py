"""A file of a bulk export, made as it is fetched: so many people, so many resources at a time.

    job -> entry of the fetch -> each page: people -> facts -> Filter -> rows that pass -> views
      -> an entry for each person in it -> the page

Out     Pages of views, each only once its entries are on disk; of what was withdrawn, references.
Rule    Each page is filtered on the facts of its own moment: what changed since the kick-off, or
        since the page before, holds; so does that the job was called off, or is over. Nothing is
        written anywhere. What cannot be recorded ends the file where it is, and the receiver sees
        that it broke off.
Errors  NotFoundError for a file that is not on the job's list; NotEntitledError;
        AuditUnavailableError.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

import orjson

from consent.terms import Action
from gateway.clock import Clock
from gateway.errors import NotFoundError
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.sight import Sight, groups_of, sights
from gateway.flows.asking.views import View, deletion, targets, views
from gateway.flows.export.export_entitled import Entitled, refusal
from gateway.flows.export.export_jobs import DELETED, find, job_entry, standing
from gateway.flows.export.export_people import chunks
from gateway.flows.reading import provenance_found
from gateway.flows.reading.people_found import People
from gateway.flows.reading.query import PERSON
from gateway.flows.site.site import Asking, Site
from gateway.store.database.engine import Connection
from gateway.store.leaving import exports
from gateway.store.leaving.exports import Job
from gateway.store.record import reads
from gateway.store.record.conditions import Updated
from gateway.store.record.finding import Asked, Place
from gateway.store.record.reads import Opened
from gateway.store.record.spans import Span

_PAGE: Final = 500
_COMPOSED: Final = frozenset({"Patient", "Provenance"})
"""What no source withdraws: it is made from what stands, or speaks of it."""


async def open_file(site: Site, who: Entitled, job_id: str, name: str, clock: Clock) -> "File":
    """A file that is on the job's list; that it is fetched is in the log."""
    job = await find(site, who, job_id)
    of_deleted = name == DELETED and job.asked.since is not None
    if not of_deleted and name not in job.asked.found:
        raise NotFoundError
    if not of_deleted and name not in who.types:
        raise await refusal(site, who.asking, "scope")
    await site.store.log.append(job_entry(site, who.asking, job, f"$export {name}"))
    return File(site, who, job, name, clock)


class File:
    """One file on its way out."""

    def __init__(self, site: Site, who: Entitled, job: Job, name: str, clock: Clock) -> None:
        self.job, self.name = job, name
        self._site, self._who, self._clock = site, who, clock

    @property
    def of_deleted(self) -> bool:
        """Whether it tells what was withdrawn."""
        return self.name == DELETED

    async def pages(self) -> AsyncIterator[Sequence[View]]:
        """Everything in it, a page at a time, recorded."""
        async for people in chunks(self._site, self._who, self.job.asked):
            place: Place | None = None
            done = False
            while not done:
                asking = replace(self._who.at(self._who.asking), at=self._clock())
                async with self._site.store.engine.reading() as conn:
                    await standing(conn, self._site, self._who, self.job.job_id, asking.at)
                    shown = await sights(conn, self._site, asking, people.ids, Action.READ)
                    seen = [one for one in shown if people.meant(one)]
                    found = People(conn, self._site, seen, names_staff=True)
                    made, place = await self._page(found, seen, place)
                done = place is None
                await self._record(asking, seen, made)
                if made:
                    yield made

    async def _page(
        self, people: People, seen: Sequence[Sight], after: Place | None
    ) -> tuple[Sequence[View], Place | None]:
        """Some of these people's, as a search finds them, and where to go on; None at the end."""
        if self.of_deleted:
            return await self._withdrawn(people.conn, seen), None
        if self.name == PERSON:
            return await self._patients(people), None
        asked = Asked((self.name,), self._since())
        found, _ = await provenance_found.page(people, seen, asked, after, _PAGE)
        rows = [one.row for one in found]
        visible = await reads.visible(people.conn, groups_of(seen), targets(rows))
        subjects = {p: sight.subject for p, sight in people.owner.items()}
        made = views(rows, subjects, visible)
        return made, found[-1].place if len(found) == _PAGE else None

    async def _patients(self, people: People) -> Sequence[View]:
        made, since = await people.shown(), self.job.asked.since
        return [made[name] for name in sorted(made) if made[name].updated_at >= (since or 0)]

    async def _withdrawn(self, conn: Connection, seen: Sequence[Sight]) -> Sequence[View]:
        """What is gone since, of what the system could see the last version of."""
        found: list[View] = []
        wanted = self._who.types.intersection(self.job.asked.types) - _COMPOSED
        for sight in seen:
            if sight.allowed.is_nothing:
                continue
            gone = await exports.withdrawn(conn, sight.group, self.job.asked.since or 0)
            names = [name for kind, name in gone if kind in wanted]
            vault, kept = self._site.store.vault, dict[str, list[tuple[Opened, bool]]]()
            for row, is_gone in await reads.last_two(conn, vault, sight.group, names):
                kept.setdefault(row.resource_id, []).append((row, is_gone))
            found += [_deletion(kept[name], sight) for name in names if _is_told(kept.get(name))]
        return found

    def _since(self) -> tuple[Updated, ...]:
        since = self.job.asked.since
        return () if since is None else (Updated((Span("ge", since, since),)),)

    async def _record(self, asking: Asking, seen: Sequence[Sight], made: Sequence[View]) -> None:
        """An entry for each person in the page, on disk before the page leaves."""
        of_person: dict[str, list[View]] = {}
        for one in made:
            of_person.setdefault(one.person_id, []).append(one)
        owed = []
        for sight in seen:
            served = of_person.get(sight.subject.person_id)
            if served:
                entry = job_entry(self._site, asking, self.job, self.name, sight, served)
                owed.append(record_owing(self._site.store, sight.allowed.obligations, entry))
        await asyncio.gather(*owed)


def _is_told(kept: Sequence[tuple[Opened, bool]] | None) -> bool:
    """Whether the newest version is a deletion, and the one before it may be seen."""
    return [gone for _, gone in kept or ()] == [True, False]


def _deletion(kept: Sequence[tuple[Opened, bool]], sight: Sight) -> View:
    gone, made = kept[0][0], deletion(kept[0][0], sight.subject)
    part = (gone.resource_type, gone.resource_id, gone.version)
    return made._replace(body=_told(made), parts=(part,), orgs=frozenset((gone.source_org,)))


def _told(gone: View) -> bytes:
    """A deletion, as those who hold the resource apply it."""
    request = {"method": "DELETE", "url": f"{gone.resource_type}/{gone.resource_id}"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}
    return orjson.dumps(bundle)
