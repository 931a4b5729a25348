"""A bulk export from kick-off to its end: begun, looked through, told of, called off.

    entitled -> a row, its entry -> 202
    each look -> some more people: of which types is there anything -> 202, or the list of files

Rule    A job is a row and no more: nothing is copied, and each file is made, filtered and recorded
        as it is fetched (export_files). Looks do the work, some people each, so that no task of its
        own has to outlive anything. It is there for the system that began it; to everybody else it
        is not found. How far a look got is told by no number: the people of a caseload whom the
        system may see nothing of are among those looked through. Which types there are tells of
        those who have them: each has an entry, on disk before the answer leaves.
Errors  NotEntitledError; TooManyExportsError; NotFoundError.
Source  HL7 Bulk Data Access IG 2.0.0, Group/Patient export.
"""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any, Final

from consent.terms import Action
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import NotFoundError, TooManyExportsError
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.alerts import record_owing, to_micros_of
from gateway.flows.asking.sight import Sight, groups_of, sights
from gateway.flows.asking.views import View
from gateway.flows.export.export_entitled import Entitled, refusal
from gateway.flows.export.export_people import People, chunks
from gateway.flows.export.export_request import Wanted
from gateway.flows.site.site import Asking, Site
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.leaving import exports
from gateway.store.leaving.exports import Asked, Job
from gateway.store.record.provenance_sql import TYPE

_SETTLING: Final = timedelta(minutes=1)
"""What was being written at the kick-off may have an earlier time: the next one begins before."""
_LOOK: Final = 20
"""Chunks of people that one look goes through."""
DELETED: Final = "deleted"


@dataclass(frozen=True, slots=True)
class Exports:
    """How long a job lasts, and how many a system may have."""

    lasts: timedelta
    most: int


async def start(
    site: Site, who: Entitled, rules: Exports, request: str, wanted: Wanted, group: str = ""
) -> Job:
    """A new job."""
    types = tuple(sorted(wanted.types or who.types))
    if not who.types.issuperset(types):
        raise await refusal(site, who.asking, "scope")
    caller, at = who.asking.caller, who.asking.at
    asked = Asked(request, types, group, wanted.since, wanted.elements, wanted.patients)
    job = Job(
        secrets.token_hex(16), caller.client_id, caller.org, to_micros(at),
        to_micros(at + rules.lasts), asked,
    )  # fmt: skip
    await site.store.write(partial(_begin, site, who, rules, job))
    return job


async def _begin(site: Site, who: Entitled, rules: Exports, job: Job, conn: Connection) -> None:
    over = await exports.standing(conn, job.client_id, job.started_at)
    if len(over) >= rules.most:
        raise TooManyExportsError(ceil((over[0] - job.started_at) / 1_000_000))
    await exports.add(conn, site.store.vault, job)
    await append(conn, site.store.vault, [job_entry(site, who.asking, job, "$export")])


def job_entry(
    site: Site,
    asking: Asking,
    job: Job,
    what: str,
    sight: Sight | None = None,
    served: Sequence[View] = (),
) -> AuditEntry:
    """That a system did this with its job; of whom it was told something by it, if of anybody."""
    entry = entry_of(site, asking, Event.EXPORT, sight, served, what)
    reasons = entry.reasons if sight else ()
    detail = (*entry.detail, ("job", job.job_id))
    return replace(entry, outcome=Outcome.SERVED, reasons=reasons, detail=detail)


async def find(site: Site, who: Entitled, job_id: str) -> Job:
    """The system's job of that id."""
    async with site.store.engine.reading() as conn:
        return await standing(conn, site, who, job_id, who.asking.at)


async def standing(conn: Connection, site: Site, who: Entitled, job_id: str, at: datetime) -> Job:
    """The same at some moment: as others left it, if it was not called off and is not over."""
    caller, vault = who.asking.caller, site.store.vault
    job = await exports.find(conn, vault, job_id, caller.client_id, caller.org, to_micros(at))
    if job is None:
        raise NotFoundError
    return job


async def look(site: Site, who: Entitled, job_id: str) -> Job:
    """The job, looked through some further; ready once everybody was."""
    job = await find(site, who, job_id)
    if job.asked.ready:
        return job
    asked = job.asked
    found, after, seen = set(asked.found), asked.after, 0
    async for people in chunks(site, who, asked, asked.after):
        found |= await _types(site, who, job, people)
        after, seen = people.last, seen + 1
        if seen == _LOOK:
            break
    types = tuple(one for one in asked.types if one in found)
    done = replace(asked, found=types, after=after, ready=seen < _LOOK)
    return await site.store.write(partial(_keep, site, who, job, done))


async def _types(site: Site, who: Entitled, job: Job, people: People) -> set[str]:
    """The types that something is shown of; of whom it is, is in the log first."""
    asking = who.at(who.asking)
    async with site.store.engine.reading() as conn:
        seen = await sights(conn, site, asking, people.ids, Action.READ)
        seen = [one for one in seen if people.meant(one)]
        told = await exports.types_shown(conn, groups_of(seen), job.asked.since or 0)
    found: set[str] = set()
    owed = []
    for sight in seen:
        shown = {kind for record in sight.subject.patient_ids for kind in told.get(record, ())}
        shown |= {TYPE} if shown else set()  # of each version that is shown
        shown.intersection_update(job.asked.types)
        if shown:
            what = f"$export types {' '.join(sorted(shown))}"
            entry = job_entry(site, asking, job, what, sight)
            owed.append(record_owing(site.store, sight.allowed.obligations, entry))
            found |= shown
    await asyncio.gather(*owed)
    return found


async def _keep(site: Site, who: Entitled, job: Job, done: Asked, conn: Connection) -> Job:
    """The job as it was looked through; where another look was first, as that one left it."""
    now = await standing(conn, site, who, job.job_id, who.asking.at)
    if now.asked != job.asked:
        return now
    looked = replace(job, asked=done)
    await exports.keep(conn, site.store.vault, looked)
    return looked


async def cancel(site: Site, who: Entitled, job_id: str) -> None:
    """The job is called off: nothing of it can be fetched any more."""
    job = await find(site, who, job_id)

    entry = job_entry(site, who.asking, job, "$export cancelled")

    async def unit(conn: Connection) -> None:
        await exports.remove(conn, job.job_id)
        await append(conn, site.store.vault, [entry])

    await site.store.write(unit)


def manifest(job: Job, address: str, types: Collection[str]) -> dict[str, Any]:
    """The list of files, as others read it; of these types alone."""
    asked = job.asked
    found = [one for one in asked.found if one in types]
    told: dict[str, Any] = {
        "transactionTime": instant(job.started_at - to_micros_of(_SETTLING)),
        "request": asked.request,
        "requiresAccessToken": True,
        "output": [{"type": one, "url": f"{address}/{one}.ndjson"} for one in found],
        "error": [],
    }
    if asked.since is not None:
        told["deleted"] = [{"type": "Bundle", "url": f"{address}/{DELETED}.ndjson"}]
    return told
