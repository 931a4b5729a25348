"""Everyone who was shown something wrong, by exact version; and a task to each organisation.

    who may ask -> what was wrong -> the log, as far as it is about those records -> who saw it
      -> record the look -> answer | a task for each organisation, recorded

Out     Ids, codes, counts, versions: nothing of what was shown. Each caller with how often, from
        when to when, which versions, and whether they may see all of it today.
Rule    The log says what was served; what was only counted or searched for is not in it. Only data
        of the asking organisation is answered for, unless the role is of the borough. Where two
        people were one by mistake, who was shown one of them alone may have asked for the other:
        they are told of too. What is of the asker's own record, somebody else asks about.
Errors  NotFoundError, FaultyRequestError, ForbiddenError, AuditUnavailableError.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

import orjson

from consent.terms import Action, Caller, CallerKind, Obligation, Purpose, Reason
from gateway.audit.canonical import to_text
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import NotFoundError
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.governance import Looker, own_names
from gateway.flows.asking.sight import sights
from gateway.flows.audit.recall_subject import Place, Question, Subject, subject_of
from gateway.flows.site.site import Asking, Site
from gateway.store.audit import recalls, shown
from gateway.store.audit.recalls import TaskRow
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.record import reads

DUE_DAYS: Final = 14
_FEW: Final = 50
Who = tuple[str, str, str, str, str]
"""Organisation, user, role, kind, purpose: who was shown something, as the log names them."""


@dataclass(slots=True)
class Seen:
    """What one caller was shown of it."""

    number: int = 0
    first: str = ""
    last: str = ""
    versions: set[tuple[str, str, int]] = field(default_factory=set)

    def add(self, recorded: str, versions: Iterable[tuple[str, str, int]]) -> None:
        """Another access, later than those before."""
        self.number += 1
        self.first, self.last = self.first or recorded, recorded
        self.versions.update(versions)


@dataclass(frozen=True, slots=True)
class Found:
    """What was wrong, and who was shown it."""

    subject: Subject
    seen: Mapping[Who, Seen]


async def find(site: Site, looker: Looker, found: Found) -> dict[str, Any]:
    """Who was shown it. The look is in the log first."""
    subject, seen = found.subject, found.seen
    sees = await _who_sees_it_now(site, looker.at, seen)
    entry = looker.entry(Event.AUDIT_VIEW, Outcome.SERVED, "recall")
    detail = (("shown", str(len(seen))), ("reason", str(subject.reason)))
    await site.store.log.append(replace(entry, patient_ids=_owners(subject), detail=detail))
    return {
        "reason": str(subject.reason),
        "wrong": [
            {"reference": f"{kind}/{name}", "versions": sorted(versions)}
            for (kind, name), versions in sorted(subject.wrong.items())
        ],
        "shown": [_row(who, one, sees[who]) for who, one in sorted(seen.items())],
        "organisations": sorted({who[0] for who in seen if who[0]}),
    }


async def notify(site: Site, looker: Looker, found: Found, days: int = DUE_DAYS) -> list[TaskRow]:
    """A task for each organisation whose staff were shown it; those that are new. Asking again
    makes none twice, and one more where its staff were shown other versions since."""
    subject, by_org = found.subject, _by_org(found.seen)
    at, due = to_micros(looker.at), to_micros(looker.at + timedelta(days=days))
    hasher, owner = site.store.vault.hasher, min(subject.patient_ids, default="")
    tasks = [
        TaskRow(
            owner, hasher.keyed_uuid("recall", org, f"{subject.reason} {refs}"), 1, org,
            str(subject.reason), refs, "requested", due, at, at, "",
        )
        for org, versions in sorted(by_org.items())
        for refs in [" ".join(map(_reference, sorted(versions)))]
    ]  # fmt: skip

    async def unit(conn: Connection) -> list[TaskRow]:
        new = await recalls.add_tasks(conn, tasks)
        entries = [
            replace(
                looker.entry(Event.NOTIFY, Outcome.STORED, "recall"),
                patient_ids=_owners(subject),
                resources=tuple(sorted(by_org[one.org])),
                detail=(("task", one.task_id), ("organisation", one.org), ("reason", one.reason)),
            )
            for one in new
        ]
        entries = entries or [looker.entry(Event.NOTIFY, Outcome.NOT_FOUND, "recall")]
        await append(conn, site.store.vault, entries)
        return new

    return await site.store.write(unit)


def _by_org(seen: Mapping[Who, Seen]) -> dict[str, set[tuple[str, str, int]]]:
    """The versions that each organisation's staff were shown."""
    found: dict[str, set[tuple[str, str, int]]] = {}
    for who, one in seen.items():
        if who[0]:
            found.setdefault(who[0], set()).update(one.versions)
    return found


def _owners(subject: Subject) -> tuple[str, ...]:
    return tuple(sorted(subject.patient_ids))


async def found_by(site: Site, looker: Looker, question: Question) -> Found:
    """What the question is about, and who was shown it; nothing of it is told yet."""
    await shown.catch_up(site.store)
    async with site.store.engine.reading() as conn:
        subject = await subject_of(conn, question, looker.within_org)
        own = await own_names(conn, site.store, looker.agent.user_id)
    if not subject.patient_ids.isdisjoint(own):
        await _refuse(site, looker, subject, own[0])
    seen: dict[Who, Seen] = {}
    wanted = _Wanted(subject)
    engine = site.store.engine
    async for _, record in shown.entries(engine, subject.patient_ids, together=subject.together):
        wanted.take(record, seen)
    if subject.together:
        async with engine.reading() as conn:
            subject, seen = await _of_both(conn, subject, seen, looker.within_org)
    return Found(subject, seen)


async def _refuse(site: Site, looker: Looker, subject: Subject, own: str) -> NoReturn:
    """Who was shown one's own record is asked as the person, under the person's rules."""
    entry = replace(
        looker.entry(Event.AUDIT_VIEW, Outcome.REFUSED, "recall"),
        person_id=own,
        patient_ids=_owners(subject),
        reasons=(str(Reason.STAFF_OWN_RECORD),),
    )
    await record_owing(site.store, (Obligation.ALERT_STAFF_OWN_RECORD,), entry)
    raise NotFoundError


@dataclass(slots=True)
class _Wanted:
    """Picks what a recall is about out of entries of the log."""

    subject: Subject
    _ids: tuple[bytes, ...] = ()
    _since: str = ""

    def __post_init__(self) -> None:
        ids = [name.encode() for _, name in self.subject.wrong]
        self._ids = tuple(ids) if len(ids) <= _FEW else ()
        self._since = to_text(from_micros(self.subject.since)) if self.subject.since else ""

    def take(self, record: bytes, seen: dict[Who, Seen]) -> None:
        """Note what the entry showed of it, to whom."""
        if self._ids and not any(one in record for one in self._ids):
            return
        entry = orjson.loads(record)
        if entry["outcome"] != Outcome.SERVED or entry["recorded"] < self._since:
            return
        versions = [
            (kind, name, number)
            for kind, name, number in entry.get("resources", ())
            if self.subject.together or number in self.subject.wrong.get((kind, name), ())
        ]
        if versions:
            agent = entry["agent"]
            who = tuple(agent.get(name, "") for name in _AGENT)
            seen.setdefault(who, Seen()).add(entry["recorded"], versions)


_AGENT: Final = ("org", "user_id", "role", "kind", "purpose")


async def _of_both(
    conn: Connection, subject: Subject, seen: Mapping[Who, Seen], org: str | None
) -> tuple[Subject, dict[Who, Seen]]:
    """Of what was shown of two records together, what is of either, and whose to ask about."""
    ids = {name for one in seen.values() for _, name, _ in one.versions}
    owners = await recalls.owners(conn, ids)
    own = {
        name
        for name, (patient_id, _, source_org) in owners.items()
        if patient_id in subject.patient_ids and org in (None, source_org)
    }
    wrong: dict[Place, frozenset[int]] = {}
    kept: dict[Who, Seen] = {}
    for who, one in seen.items():
        one.versions = {part for part in one.versions if part[1] in own}
        for kind, name, number in one.versions:
            wrong[kind, name] = wrong.get((kind, name), frozenset()) | {number}
        if one.versions:
            kept[who] = one
    return replace(subject, wrong=wrong), kept


async def _who_sees_it_now(
    site: Site, at: datetime, seen: Mapping[Who, Seen]
) -> dict[Who, bool | None]:
    """Whether each of them may see today all that they were shown; None where that hangs on more
    than the log holds."""
    async with site.store.engine.reading() as conn:
        ids = {name for one in seen.values() for _, name, _ in one.versions}
        owners = await recalls.owners(conn, ids)
        found: dict[Who, bool | None] = {}
        for who, one in seen.items():
            wanted = {name for _, name, _ in one.versions}
            people = {owners[name][1] for name in wanted if name in owners}
            found[who] = await _sees(conn, site, at, who, people, wanted)
    return found


async def _sees(
    conn: Connection,
    site: Site,
    at: datetime,
    who: Who,
    people: Collection[str],
    wanted: Collection[str],
) -> bool | None:
    org, user, role, kind, purpose = who
    if kind not in (CallerKind.STAFF, CallerKind.SYSTEM) or purpose not in set(Purpose):
        return None
    caller = Caller(
        user, CallerKind(kind), role, org, Purpose(purpose), "", frozenset(), frozenset(), None,
        "", "",
    )  # fmt: skip
    found = await sights(conn, site, Asking(caller, at, ""), sorted(people), Action.READ)
    groups = [one.group for one in found]
    return await reads.visible(conn, groups, wanted) == set(wanted)


def _row(who: Who, one: Seen, sees: bool | None) -> dict[str, Any]:
    org, user, role, kind, purpose = who
    return {
        "organisation": org,
        "caller": user,
        "role": role,
        "kind": kind,
        "purpose": purpose,
        "times": one.number,
        "first": one.first,
        "last": one.last,
        "versions": [_reference(part) for part in sorted(one.versions)],
        "sees_now": sees,
    }


def _reference(part: tuple[str, str, int]) -> str:
    return f"{part[0]}/{part[1]}/_history/{part[2]}"
