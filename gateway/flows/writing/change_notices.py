"""After one organisation changed a plan or a goal, the others are told that something has changed.

    the log since last time -> plans and goals that changed -> who has a part in the person's care
    -> does each who sees the notice see the change? -> Communication and Task -> record

Rule    A notice says whose change it was and refers to it; it repeats nothing. Of an edit of
        another's words it does not say whose: that may come to be kept from who sees the notice.
        It bears the labels of what changed, and is written only where no role of anybody with a
        part in the person's care would see the notice and not the change, so that it tells nobody
        of what is hidden from them. While one waits to be looked at, there is no second one.
Source  docs/adr/0045-an-edit-lies-over-what-a-feed-states.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from uuid_utils import uuid7

from consent.decision import compile_filter
from consent.filter import Filter
from consent.periods import MAX_MICROS, MIN_MICROS
from consent.policy import Role
from consent.terms import Action, Caller, CallerKind, Labels, Purpose, RelationshipKind, Request
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.flows.asking.edits_seen import edit_labels, is_denied
from gateway.flows.asking.search_log import Operator
from gateway.flows.site.service_open import desk_of, parsed
from gateway.flows.site.site import Site
from gateway.flows.writing.change_notice_words import AUTHOR, News, bodies
from gateway.store.access import facts
from gateway.store.access.held import Held
from gateway.store.audit import audit_reads, change_notices
from gateway.store.audit.change_notices import Changed
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.labels.labelling import TEAM
from gateway.store.site import site_data
from gateway.store.writing import claims, team_versions
from gateway.store.writing.team_versions import Hand

_AT_ONCE: Final = 2_000
"""Entries of the log."""
_SYSTEM: Final = "urn:care-gateway:change-notice"
_RELATED: Final = frozenset(
    {RelationshipKind.REGISTERED_PRACTICE, RelationshipKind.CASELOAD}
    | {RelationshipKind.CARE_TEAM, RelationshipKind.REFERRAL}
)
_Key = tuple[str, str, tuple[Any, ...]]
"""Person, who changed it, and the labels it bears."""


@dataclass(frozen=True, slots=True)
class _Notice:
    person_id: str
    news: News
    labels: tuple[Any, ...]
    """Category, level, sensitivities, holds, legal marks, and the organisation whose it is."""

    @property
    def identifier(self) -> tuple[str, str]:
        """The same for every change that one waiting notice stands for."""
        marks = "|".join(map(str, (self.person_id, self.news.by, self.news.to, *self.labels)))
        return _SYSTEM, sha256(marks.encode()).hexdigest()


async def tell_changes(site: Site, at: datetime) -> int:
    """Read the log to its end; how many notices were written."""
    written = 0
    while (more := await _tell_next(site, at)) is not None:
        written += more
    return written


async def _tell_next(site: Site, at: datetime) -> int | None:
    """The notices of the next stretch of the log; None where nothing new is left, or another reads
    it."""
    async with site.store.engine.reading() as conn:
        first = await change_notices.position(conn)
        size, _ = await audit_reads.head(conn)
        end = size if first is None else min(size, first + _AT_ONCE)
        if first is not None and first >= end:
            return None
        since = await change_notices.written(conn, first, end) if first is not None else {}
        if first is not None and not since and end - first < _AT_ONCE:
            return None
        notices = await _notices(conn, site, await change_notices.changed(conn, since), at)

    async def unit(conn: Connection) -> int | None:
        if not await change_notices.moves_on(conn, first, end):
            return None
        done = [await _write(conn, site, one, at) for one in notices]
        return sum(done)

    return await site.store.write(unit)


async def _notices(
    conn: Connection, site: Site, found: Sequence[Changed], at: datetime
) -> list[_Notice]:
    groups: dict[_Key, list[Changed]] = {}
    for one in found:
        groups.setdefault((one.person_id, one.by, one.labels[:6]), []).append(one)
    held = await facts.facts_about(
        conn, site.store.vault, site.known, {one.person_id for one in found}
    )
    people = {name: _Person(site, one, at) for name, one in held.items()}
    places = parsed(await site_data.entries(conn)) if groups else []
    made = []
    for (person_id, by, labels), changes in groups.items():
        named_by = "" if any(one.author for one in changes) else by
        person = people.get(person_id)
        if person is None or not _is_even(person, changes):
            continue
        for org in person.others(by):
            if _is_for(person, org, changes):
                named = tuple(f"{one.resource_type}/{one.resource_id}" for one in changes)
                news = News(person_id, named_by, org, named, desk_of(places, org, at), at)
                made.append(_Notice(person_id, news, labels))
    return made


@dataclass(slots=True)
class _Person:
    """Somebody whose record changed, and what each place sees of it: asked once."""

    site: Site
    held: Held
    at: datetime
    _at_place: dict[str, list[Filter]] = field(default_factory=dict)

    def others(self, by: str) -> list[str]:
        """The organisations that have a part in the person's care now, but for the one."""
        return sorted(
            {
                one.org
                for one in self.held.facts.relationships
                if one.kind in _RELATED
                and one.start <= self.at < one.end
                and one.org not in ("", by)
            }
        )

    def sights_at(self, org: str) -> list[Filter]:
        """What any role of an organisation sees of the person; of none, what the person sees."""
        if org not in self._at_place:
            found = filters_at(self.site, self.held, org, self.at)
            self._at_place[org] = list({one.hash: one for one in found}.values())
        return self._at_place[org]


def _is_even(person: _Person, changes: Sequence[Changed]) -> bool:
    """Whether nobody, wherever they work, sees the notice and not what changed."""
    orgs = {one.org for one in person.held.facts.relationships} | {changes[0].by, ""}
    notice = _of_notice(changes[0])
    filters = chain.from_iterable(person.sights_at(org) for org in orgs)
    return all(_sees(one, changes) for one in filters if one.allows(notice))


def _is_for(person: _Person, org: str, changes: Sequence[Changed]) -> bool:
    """Whether somebody there sees what changed."""
    notice = _of_notice(changes[0])
    return any(one.allows(notice) and _sees(one, changes) for one in person.sights_at(org))


def _sees(allowed: Filter, changes: Sequence[Changed]) -> bool:
    """Whether all of it passes; where somebody else edited it, what is theirs too."""
    if not all(allowed.allows(_of(one)) for one in changes):
        return False
    edits = [edit_labels(_of(one), one.by, one.author, one.at) for one in changes if one.author]
    return not any(is_denied(either, allowed.denies) for either in edits)


def filters_at(site: Site, held: Held, org: str, at: datetime) -> Iterator[Filter]:
    """What each role of the organisation sees of the person; without one, the person."""
    kind = CallerKind.STAFF if org else CallerKind.PATIENT
    users = {one.user_id or AUTHOR for one in held.facts.relationships if one.org == org}
    for role in site.policy.roles.values():
        for user in sorted(users) if org else (AUTHOR,):
            if role.kind is kind:
                yield _filter(site, held, role, user, org, at)


def _filter(site: Site, held: Held, role: Role, user: str, org: str, at: datetime) -> Filter:
    facts_of = held.facts
    purpose = Purpose.TREATMENT
    if purpose not in role.purposes:
        purpose = Purpose(min(role.purposes))
    patient = facts_of.person_id if role.kind is CallerKind.PATIENT else None
    caller = Caller(
        user, role.kind, role.id, org, purpose, "", frozenset(), frozenset(), patient, "", "",
    )  # fmt: skip
    return compile_filter(caller, facts_of, Request(Action.READ, purpose, at, None), site.policy)


def _of(one: Changed) -> Labels:
    category, level, sensitivities, holds, legal, org, author, starts, ends, _, feed = one.labels
    return Labels(
        category, level, sensitivities, holds, legal, org, author, starts, ends,
        one.resource_type, one.resource_id, feed,
    )  # fmt: skip


def _of_notice(one: Changed) -> Labels:
    return replace(
        _of(one), author=AUTHOR, start=MIN_MICROS, end=MAX_MICROS, resource_type="Task",
        resource_id="", feed=TEAM,
    )  # fmt: skip


async def _write(conn: Connection, site: Site, notice: _Notice, at: datetime) -> int:
    """Write it, unless one waits already."""
    vault, owner = site.store.vault, notice.person_id
    by, whose = notice.news.by, notice.labels[-1]
    numbers: claims.Numbers = {}
    given = notice.identifier
    before = await claims.bearing(conn, vault.hasher, whose, "Task", given, numbers)
    if await change_notices.is_waiting(conn, owner, before):
        return 0
    names = (str(uuid7()), str(uuid7()))
    source = f"urn:care-gateway:notice:{by}"
    hand = Hand(whose, AUTHOR, source, change_notices.QUERY, to_micros(at))
    for body in bodies(notice.news, names, given, notice.labels):
        await team_versions.write_first(conn, vault, owner, body, hand)
    place = ("Task", owner, names[1])
    await claims.give(conn, vault.hasher, whose, place, [given], numbers)
    entry = AuditEntry(
        at, Event.SYSTEM, Outcome.STORED, Operator("worker", at).agent,
        query=change_notices.QUERY, person_id=owner, patient_ids=(owner,),
        resources=(("Communication", names[0], 1), ("Task", names[1], 1)),
    )  # fmt: skip
    await append(conn, vault, [entry])
    return 1
