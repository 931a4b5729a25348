"""Files for organisations without FHIR: what changed of their own people since the last one.

    hold -> finish what an ended run left -> each person: what changed -> a file, ready
      -> ONE transaction: what was given, the access to each person, the run -> the file is visible

Rule    The file is for a role of direct care of that organisation, under the Filter that a caller
        of that role has today, person by person. It can be seen only once every access in it is
        in the log. Where access changed between reading and recording, it is read again. What is
        compared is what was given with what would be given: no clock and no order of commits
        decides.
        One run at a time; of a run that was killed either the file is whole, or nothing is left.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Action
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import Clock, from_micros, to_micros
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.sight import sights
from gateway.flows.audit.recall_tasks import to_fhir
from gateway.flows.outbound import outbound_files
from gateway.flows.outbound.outbound_forms import Written, begin
from gateway.flows.outbound.outbound_look import Change, change_of
from gateway.flows.outbound.outbound_profiles import Outbound, Profile
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.audit import recalls
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.leaving import outbound
from gateway.store.leaving.outbound import Given, Run

HELD: Final = "held"
"""Another run is at work for the organisation."""
MOVED: Final = "access moved"
"""Access changed while the file was made, every time: it is left to the next look."""
VISIBLE: Final = "visible"
_HOLD: Final = timedelta(hours=2)
_ATTEMPTS: Final = 3
_MOST_PEOPLE: Final = 1_000_000


async def run_due(site: Site, given_to: Outbound, clock: Clock) -> list[dict[str, Any]]:
    """A file for each organisation whose time has come."""
    async with site.store.engine.reading() as conn:
        runs = await outbound.runs(conn)
    done = []
    for profile in given_to.profiles:
        last = runs[profile.org].finished_at if profile.org in runs else 0
        if last < to_micros(profile.last_due(clock())):
            done.append(await run(site, given_to, profile, clock))
    return done


async def run(site: Site, given_to: Outbound, profile: Profile, clock: Clock) -> dict[str, Any]:
    """One organisation's next file: its name, and how much is in it."""
    who, at = str(uuid7()), clock()
    until = to_micros(at + _HOLD)
    held = await site.store.write(
        lambda conn: outbound.hold(conn, profile.org, who, to_micros(at), until)
    )
    if held is None:
        return {"organisation": profile.org, "status": HELD}
    try:
        return await _Running(site, given_to, profile, clock, who).run(held)
    finally:
        await site.store.write(lambda conn: outbound.let_go(conn, profile.org, who))


async def listed(site: Site, given_to: Outbound) -> list[dict[str, Any]]:
    """How each organisation's files stand."""
    async with site.store.engine.reading() as conn:
        runs = await outbound.runs(conn)
    return [_listed(profile, runs.get(profile.org)) for profile in given_to.profiles]


def _listed(profile: Profile, last: Run | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "organisation": profile.org,
        "role": profile.role,
        "form": str(profile.form),
        "at": f"{profile.at:%H:%M}",
    }
    if last is None or not last.number:
        return told | {"file": None, "state": "none", "finished": None, "changed": 0, "gone": 0}
    return told | {
        "file": last.file,
        "state": last.state,
        "finished": from_micros(last.finished_at).isoformat(),
        "changed": last.changed,
        "gone": last.gone,
    }


@dataclass(slots=True)
class _File:
    """What was gathered for one file."""

    written: Written
    epochs: dict[str, int] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    now: list[Given] = field(default_factory=list)
    gone: list[Given] = field(default_factory=list)
    changed: int = 0
    dropped: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Running:
    """One run for one organisation."""

    site: Site
    given_to: Outbound
    profile: Profile
    clock: Clock
    who: str

    async def run(self, held: Run) -> dict[str, Any]:
        org = self.profile.org
        folder = outbound_files.folder_of(self.given_to.folder, org)
        await self._finish_before(held)
        number = held.number + 1
        name = f"{org}-{number:06d}.{self.profile.form.suffix}"
        for _ in range(_ATTEMPTS):
            at = self.clock()
            file = await self._gathered(Asking(self.profile.caller, at, self.who))
            fill = file.written.finish
            part = f"{name}.{self.who}"
            found = await asyncio.to_thread(outbound_files.write_ready, folder, part, fill)
            made = Run(
                org, number, "recorded", name, found, file.changed, len(file.dropped),
                to_micros(at), self.who, 0,
            )  # fmt: skip
            recorded = await self.site.store.write(partial(self._record, file, made))
            if recorded:
                await self._show(made)
                return self._told(made)
            outbound_files.clear(folder)
        return {"organisation": org, "status": MOVED}

    def _told(self, made: Run) -> dict[str, Any]:
        return {
            "organisation": made.org,
            "status": VISIBLE,
            "file": made.file,
            "changed": made.changed,
            "gone": made.gone,
        }

    async def _finish_before(self, held: Run) -> None:
        """Settle what an ended run recorded; where nobody saw its file, begin anew: access may
        have changed since."""
        folder = outbound_files.folder_of(self.given_to.folder, held.org)
        if held.state == "recorded":
            if outbound_files.is_shown(folder, held.file):
                await self._settle(held)
            else:
                await self.site.store.write(partial(self._begin_anew, held))
        outbound_files.clear(folder)

    async def _begin_anew(self, held: Run, conn: Connection) -> None:
        await outbound.forget(conn, held.org)
        await outbound.settle(conn, held.org, held.number, "none")
        await append(conn, self.site.store.vault, [self._entry(held, Outcome.FAILED)])

    async def _show(self, made: Run) -> None:
        folder = outbound_files.folder_of(self.given_to.folder, made.org)
        outbound_files.show(folder, made.file_hash, made.file)
        await self._settle(made)

    async def _settle(self, made: Run) -> None:
        async def unit(conn: Connection) -> None:
            await outbound.settle(conn, made.org, made.number, VISIBLE)
            await outbound.dropped(conn, made.org)

        await self.site.store.write(unit)

    async def _gathered(self, asking: Asking) -> _File:
        """Everything that changed, of everyone."""
        engine, org = self.site.store.engine, self.profile.org
        async with engine.reading() as conn:
            people = await facts.caseload_of(conn, asking.caller, asking.at, _MOST_PEOPLE)
            people += await outbound.people_given(conn, org)
            tasks = await recalls.tasks_of(conn, org, still_open=True)
            shredded = await outbound.ownerless(conn, org)
        folder = outbound_files.folder_of(self.given_to.folder, org)
        file = _File(begin(self.profile.form, folder))
        for person_id in dict.fromkeys(people):
            async with engine.reading() as conn:
                found = await sights(conn, self.site, asking, [person_id], Action.READ)
                for sight in found:
                    file.epochs[person_id] = sight.held.epoch
                    self._put(file, asking, await change_of(conn, self.site, self.profile, sight))
        file.gone += shredded
        file.dropped |= {f"{one.resource_type}/{one.resource_id}" for one in shredded}
        for reference in sorted(file.dropped):
            file.written.drop(reference)
        for row in tasks:
            file.written.recall(to_fhir(row))
        return file

    def _put(self, file: _File, asking: Asking, change: Change) -> None:
        for one in change.shown:
            file.written.show(one.body)
        file.changed += len(change.shown)
        file.now += change.now
        file.gone += change.gone
        shown = {one.resource_id for one in change.now}
        dropped = {one for one in change.gone if one.resource_id not in shown}
        file.dropped |= {f"{one.resource_type}/{one.resource_id}" for one in dropped}
        if change.shown or dropped:
            entry = entry_of(
                self.site, asking, Event.EXPORT, change.sight, change.shown, "outbound"
            )
            detail = (*entry.detail, ("no-longer-shown", str(len(dropped))))
            file.entries.append(replace(entry, outcome=Outcome.SERVED, detail=detail))

    async def _record(self, file: _File, made: Run, conn: Connection) -> bool:
        """The run, what was given and each access, together; not where access changed since."""
        if await outbound.moved(conn, file.epochs) or not await outbound.record(conn, made):
            return False
        await outbound.give(conn, made.org, file.now, file.gone)
        entries = [*file.entries, self._entry(made, Outcome.SERVED)]
        await append(conn, self.site.store.vault, entries)
        return True

    def _entry(self, of: Run, outcome: Outcome) -> AuditEntry:
        """Of the file as such: which, and of what content."""
        return AuditEntry(
            self.clock(),
            Event.EXPORT,
            outcome,
            Agent.of(self.profile.caller),
            request_id=self.who,
            query="outbound",
            detail=(("file", of.file), ("sha256", of.file_hash)),
        )
