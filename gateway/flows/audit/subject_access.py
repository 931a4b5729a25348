"""Everything that is held about a person and theirs to see, with who looked at it.

    who asks, for whom? -> the person's own Filter -> page: recorded, then told -> accesses

Rule    Whoever asks is given what the person is shown, and no more: what is held back from them
        (about somebody else, a safeguarding enquiry, what may do serious harm) is held back here,
        item by item and without a mark. How to get into their home is the person's to take away. A
        lead of an organisation answers for what that organisation holds, names the request, and
        raises an alert that another officer settles; nobody answers about themselves. Each page is
        in the log before its first byte leaves. The last line says how many there were: without it,
        it is not whole. It ends without it where the record stops being the person's to see on the
        way.
Errors  ForbiddenError; NotFoundError, the same for nobody and for nobody of the caller's.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from consent.filter import Clause, Filter, Node, Not
from consent.labels import HOME_ACCESS
from consent.suspension import is_suspended
from consent.terms import Action, Caller, CallerKind, Obligation, PersonFacts, Purpose, Reason
from consent.users import one_form
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import Clock, instant, to_micros
from gateway.errors import ForbiddenError, NotFoundError
from gateway.flows.asking import access_log
from gateway.flows.asking.alerts import Kind, raise_alert, record_owing
from gateway.flows.asking.governance import Looker
from gateway.flows.asking.sent_object import check_words
from gateway.flows.asking.sight import Sight, sight_of
from gateway.flows.audit.who_looked import Lines, is_of_the_person, lines_of
from gateway.flows.reading.assemble import Page, Part, everything_page
from gateway.flows.site.site import Asking, Site
from gateway.store.audit import shown
from gateway.store.database.engine import Connection

NAME: Final = "subject-access"
_PERSON: Final = "patient"
_PATIENT: Final = "Patient"
_PAGE: Final = 200
_LEAST: Final = 3
_MOST: Final = 200
_NOTICE: Final = (
    "What may be shared with the person. What is about somebody else, or is held back by law or"
    " by a professional's decision, is not part of it."
)
_NO_WAY_IN: Final = (
    " How to get into the person's home is not part of it either: they are shown that themselves."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose record, and for whom it is put together."""

    patient: str
    by_person: bool
    org: str | None = None
    """The organisation that answers for what it holds; None: all that is the person's to see."""
    reference: str = ""
    """What whoever answers calls the request."""


async def own(site: Site, asking: Asking) -> Subject:
    """The caller's own record, where the caller is a person. Errors: ForbiddenError."""
    caller = asking.caller
    if not is_of_the_person(site.policy, caller) or caller.patient is None:
        entry = access_log.entry_of(site, asking, Event.EXPORT, None, [], NAME)
        await site.store.log.append(replace(entry, outcome=Outcome.REFUSED))
        raise ForbiddenError
    return Subject(caller.patient, by_person=True)


def on_behalf(looker: Looker, patient: str, reference: str) -> Subject:
    """Somebody's record, for the governance that answers their request."""
    check_words("reference", reference, _LEAST, _MOST)
    return Subject(patient.removeprefix("Patient/"), False, looker.within_org, reference)


async def copy(site: Site, asking: Asking, subject: Subject, clock: Clock) -> AsyncIterator[bytes]:
    """Lines of JSON, after the first page was recorded; each later page is asked for when it is
    taken. Errors: NotFoundError."""
    first = await _page(site, asking, subject, "")
    if first is None or not first.matches:
        raise NotFoundError
    return _lines(site, asking, subject, first, clock)


async def _lines(
    site: Site, asking: Asking, subject: Subject, first: Page, clock: Clock
) -> AsyncIterator[bytes]:
    made, notice = instant(to_micros(asking.at)), _NOTICE
    notice += "" if subject.by_person else _NO_WAY_IN
    yield _line("about", person=first.matches[0].person_id, made=made, notice=notice)
    page: Page | None = first
    last, resources = first.last, 0
    while page is not None:
        for view in page.matches:
            yield b'{"part":"record","resource":' + view.body + b"}\n"
        last, resources = page.last, resources + len(page.matches)
        yield _line("progress", records=resources, of=page.total)
        asking = replace(asking, at=clock())
        page = await _page(site, asking, subject, last) if last else None
    if last:
        return
    found = await _accesses(site, asking, subject, None)
    accesses = 0
    while found is not None:
        for one in found.told:
            yield _line("access", **one)
        accesses += len(found.told)
        if found.last is None:
            yield _line("end", records=resources, accesses=accesses)
            return
        asking = replace(asking, at=clock())
        found = await _accesses(site, asking, subject, found.last)


def _line(part: str, **said: Any) -> bytes:
    return orjson.dumps({"part": part, **said}) + b"\n"


async def _page(site: Site, asking: Asking, subject: Subject, after: str) -> Page | None:
    """A page of the record, recorded; None where nothing of it may be seen."""
    async with (
        access_log.failures_recorded(site, asking, Event.EXPORT, NAME),
        site.store.engine.reading() as conn,
    ):
        sight = await _sight(conn, site, asking, subject)
        page = await everything_page(conn, site, sight, Part(), _PAGE, after) if sight else None
    views = page.matches if page else ()
    entry = access_log.entry_of(site, asking, Event.EXPORT, sight, views, NAME)
    entry = replace(entry, sensitive=Sensitive(free_text=subject.reference))
    for one in access_log.ways_in(entry, views):
        await site.store.log.append(one)
    if not subject.by_person and views and not after:
        await _record(site, entry)
    else:
        await record_owing(site.store, sight.allowed.obligations if sight else (), entry)
    return page


async def _record(site: Site, entry: AuditEntry) -> None:
    """The entry, with the alert that another officer looks at: once for each copy."""

    async def unit(conn: Connection) -> None:
        await raise_alert(conn, site.store.vault, Kind.SUBJECT_ACCESS, entry)

    await site.store.write(unit)


async def _accesses(
    site: Site, asking: Asking, subject: Subject, before: int | None
) -> Lines | None:
    """A page of who looked, recorded; None where the record is not to be seen any more."""
    await shown.catch_up(site.store)
    user_id = asking.caller.user_id if subject.by_person else ""
    async with site.store.engine.reading() as conn:
        sight = await _sight(conn, site, asking, subject)
        if sight is None or sight.allowed.is_nothing:
            return None
        found = await lines_of(conn, site.policy, sight, user_id, _PAGE, before)
    entry = access_log.entry_of(site, asking, Event.AUDIT_VIEW, sight, [], NAME)
    entry = replace(
        entry, outcome=Outcome.SERVED, detail=(("shown", str(len(found.told))),),
        sensitive=Sensitive(free_text=subject.reference),
    )  # fmt: skip
    await site.store.log.append(entry)
    return found


async def _sight(conn: Connection, site: Site, asking: Asking, subject: Subject) -> Sight | None:
    """What the person sees of their record now; of what one organisation holds, where one asks."""
    if subject.by_person:
        return await sight_of(conn, site, asking, _PATIENT, subject.patient, Action.READ)
    asked = replace(asking, caller=as_person(asking.caller, subject.patient))
    sight = await sight_of(conn, site, asked, _PATIENT, subject.patient, Action.READ)
    if sight is None or _is_kept_away(asking, sight.held.facts):
        return None
    allowed = answered(sight.allowed, sight.held.facts, asking.caller.user_id, subject.org)
    if allowed.is_nothing or subject.org is None:
        return replace(sight, allowed=allowed)
    sight = Sight(sight.held, allowed, subject.org)
    named = {*sight.subject.patient_ids, sight.person_id}
    return sight if sight.subject.patient_ids and subject.patient in named else None


def _is_kept_away(asking: Asking, person: PersonFacts) -> bool:
    caller = asking.caller
    return is_suspended(person.suspensions, caller.user_id, caller.org, asking.at)


def as_person(caller: Caller, patient: str) -> Caller:
    """Whoever answers, as the person whose copy it is."""
    return replace(
        caller, kind=CallerKind.PATIENT, role=_PERSON, org="", purpose=Purpose.PATIENT_REQUEST,
        patient=patient, scopes=frozenset(),
    )  # fmt: skip


def answered(allowed: Filter, person: PersonFacts, user_id: str, org: str | None) -> Filter:
    """Of what the person is shown, what whoever answers is given: what their organisation holds
    (None: all), but no way into the person's home, and nothing about themselves."""
    if one_form(user_id) in person.staff_ids:
        alert = (Obligation.ALERT_STAFF_OWN_RECORD,)
        return Filter.nothing(Reason.STAFF_OWN_RECORD, obligations=alert)
    if allowed.is_nothing:
        return allowed
    kept_out: list[Node] = [Clause(sensitivities_any=HOME_ACCESS)]
    if org is not None:
        kept_out.append(Not(Clause(source_orgs=frozenset({org}))))
    return replace(allowed, denies=(*allowed.denies, *kept_out))
