"""A safeguarding adviser suspends somebody named as a source of harm from all sight of a person.

    whose record: seen by the adviser, or named in a concern of the desk -> for each user that the
    named go by, a row on each record of the person -> the database moves their epoch -> from the
    next request they see nothing

Rule    The suspended are answered as somebody without a tie, by every way, in an emergency too;
        the log says the same of them. It ends by a decision alone, and is due to be looked at
        again by a date. It stays on every record that it was ordered of, whoever's that is found
        to be. Nobody decides on a person from whose sight they are suspended. Who acts for others
        may be named by an NHS number: nobody knows the id they sign in by, and none is kept.
Errors  ForbiddenError; NotFoundError; FaultyRequestError; AuditUnavailableError.
Source  consent.suspension, docs/adr/0060-concerns-go-one-way.md.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from uuid_utils import uuid7

from consent.periods import MAX_MICROS, first_moment
from consent.terms import Action
from consent.users import one_form
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.access.concerns import entry_of
from gateway.flows.access.safeguarding_desk import check_desk, desk_of, is_own
from gateway.flows.asking.alerts import alert_of, check_reason
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.asking.sight import sees_person, sights
from gateway.flows.site.site import Asking, Site
from gateway.store.access import alerts, facts, grants
from gateway.store.access.alerts import DISMISSED, JUSTIFIED, OPEN, AlertRow
from gateway.store.access.grants import GrantRow, Suspended
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.sealed.staff_book import proxy_by_number
from mappings.core.shaping.identifiers import is_usable_nhs_number

QUERY: Final = "suspension"
_MOST: Final = 50
_LONGEST_NAME: Final = 200
_TEXTS: Final = ("patient", "concern", "organisation", "review", "reason")
_LISTS: Final = ("users", "nhs_numbers")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to keep from whose record, until when at least, and why."""

    patient: str
    concern: str
    users: tuple[str, ...]
    numbers: tuple[str, ...]
    org: str
    review: int
    reason: str


@dataclass(frozen=True, slots=True)
class Of:
    """Whose sight is kept: the person, and every record that is theirs as it is ordered."""

    person_id: str
    records: tuple[str, ...]


async def suspend(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """One suspension for each user that those who are named go by."""
    await check_desk(site, asking, QUERY)
    asked = _parsed(body, _latest(site, asking))
    person_id = await _person(site, asking, asked)
    if not person_id:
        await site.store.log.append(entry_of(asking, Outcome.NOT_FOUND, QUERY))
        raise NotFoundError

    users = _users(site, asked)

    async def unit(conn: Connection) -> list[str]:
        now = await facts.person_of(conn, person_id)
        if now is None:
            raise NotFoundError
        of = Of(now, tuple(await source_records.records(conn, "person_id", [now])))
        return [await _keep(conn, site, asking, asked, of, *one) for one in users.items()]

    names = await site.store.write(unit)
    return {"suspensions": names, "patient": person_id, "review": instant(asked.review)}


def _users(site: Site, asked: Asked) -> dict[str, str]:
    """Every id that the named go by, and where they are suspended: a number is of somebody as a
    person, wherever they work or act."""
    staff, hasher = site.store.vault.staff, site.store.vault.hasher
    by_id = {same: asked.org for one in asked.users for same in staff.ids_of(one)}
    proxies = [proxy_by_number(hasher, one) for one in asked.numbers]
    return by_id | {same: "" for one in proxies for same in staff.ids_of(one)}


async def _keep(
    conn: Connection,
    site: Site,
    asking: Asking,
    asked: Asked,
    of: Of,
    user: str,
    org: str,
) -> str:
    """The rows that the decision reads, what makes it due, and the entry."""
    at, day = to_micros(asking.at), asking.at.date().isoformat()
    name, length = str(uuid7()), len(asked.reason)
    await grants.suspend(conn, [
        GrantRow(
            one, name, grants.SUSPENSION, org, user, "", "", "", length, day, 0, at, MAX_MICROS
        )
        for one in of.records
    ])  # fmt: skip
    entry = _entry(asking, of.person_id, name, asked.reason, ("of", user), ("at", org))
    row = alert_of(grants.SUSPENSION, entry, alert_id=name)
    mine_too = replace(row, due_at=asked.review, told_at=at, posted_at=at)
    await alerts.add(conn, [mine_too])
    await append(conn, site.store.vault, [entry])
    return name


async def listing(site: Site, asking: Asking, count: int, *, ended: bool) -> list[dict[str, Any]]:
    """The desk's suspensions, what is due to be looked at first at the top."""
    await check_desk(site, asking, QUERY)
    async with site.store.engine.reading() as conn:
        desk = desk_of(asking)
        rows = await alerts.of_desk(conn, desk, grants.SUSPENSION, count, settled=ended)
        found = await grants.suspensions(conn, [row.alert_id for row in rows])
    entry = entry_of(asking, Outcome.SERVED, QUERY)
    known = tuple(sorted({one for each in found.values() for one in each.people}))
    await site.store.log.append(replace(entry, patient_ids=known))
    return [_told(row, found[row.alert_id], asking) for row in rows if row.alert_id in found]


async def lift(site: Site, asking: Asking, name: str, reason: str) -> dict[str, Any]:
    """It ends now."""
    await check_desk(site, asking, QUERY)
    check_reason(reason)
    return await _decide(site, asking, name, reason, None)


async def keep(site: Site, asking: Asking, name: str, reason: str, review: str) -> dict[str, Any]:
    """It stands, and is looked at again by another date."""
    await check_desk(site, asking, QUERY)
    check_reason(reason)
    due, faults = _review(review, *_latest(site, asking))
    if faults:
        raise FaultyRequestError(faults)
    return await _decide(site, asking, name, reason, due)


async def _decide(
    site: Site, asking: Asking, name: str, reason: str, due: int | None
) -> dict[str, Any]:
    at, who = to_micros(asking.at), asking.caller.user_id

    async def unit(conn: Connection) -> tuple[AlertRow, Suspended] | None:
        row = await alerts.one_of_desk(conn, desk_of(asking), grants.SUSPENSION, name)
        held = (await grants.suspensions(conn, [name])).get(name)
        if row is None or row.status != OPEN or held is None:
            await append(conn, site.store.vault, [entry_of(asking, Outcome.NOT_FOUND, QUERY)])
            return None
        if due is None:
            await grants.close(conn, held.grant, at, who)
            await alerts.move(conn, row, JUSTIFIED, at, who)
            row = replace(row, status=JUSTIFIED)
            held = replace(held, grant=replace(held.grant, ends=at))
        else:
            await alerts.defer(conn, row, due, at, who)
            row = replace(row, due_at=due)
        step = ("step", "lift" if due is None else "keep")
        entry = _entry(asking, row.patient_id, name, reason.strip(), step)
        await append(conn, site.store.vault, [entry])
        return row, held

    decided = await site.store.write(unit)
    if decided is None:
        raise NotFoundError
    return _told(*decided, asking)


def _told(row: AlertRow, held: Suspended, asking: Asking) -> dict[str, Any]:
    at, grant = to_micros(asking.at), held.grant
    return {
        "suspension": grant.grant_id,
        "patients": list(held.people),
        "user": grant.user_id,
        "organisation": grant.org,
        "since": instant(grant.starts),
        "review": instant(row.due_at),
        "overdue": row.status == OPEN and row.due_at < at,
        "ended": instant(grant.ends) if grant.ends <= at else None,
    }


async def _person(site: Site, asking: Asking, asked: Asked) -> str:
    """Whose record: one that the adviser sees, or that a concern of their desk names, which
    somebody else raised and nobody closed."""
    async with site.store.engine.reading() as conn:
        if asked.concern:
            row = await alerts.one_of_desk(conn, desk_of(asking), alerts.CONCERN, asked.concern)
            unfit = row is None or row.status == DISMISSED or is_own(site, asking, row)
            owner = "" if row is None or unfit else row.patient_id
            return (await facts.person_of(conn, owner) if owner else None) or ""
        known = await facts.person_of(conn, asked.patient)
        for sight in await sights(conn, site, asking, [known] if known else [], Action.READ):
            if await sees_person(conn, sight):
                return sight.person_id
    return ""


def _entry(
    asking: Asking, person_id: str, name: str, reason: str, *detail: tuple[str, str]
) -> AuditEntry:
    return replace(
        entry_of(asking, Outcome.STORED, QUERY),
        person_id=person_id,
        patient_ids=(person_id,),
        detail=(("alert", name), *(pair for pair in detail if pair[1])),
        sensitive=Sensitive(free_text=reason),
    )


def _latest(site: Site, asking: Asking) -> tuple[date, date]:
    today = asking.at.date()
    return today, today + timedelta(days=site.policy.safeguarding.review_days)


def _parsed(body: bytes, between: tuple[date, date]) -> Asked:
    """Errors: FaultyRequestError."""
    sent = sent_object(body)
    texts, lists = {n: sent.get(n, "") for n in _TEXTS}, [sent.get(n, []) for n in _LISTS]
    faults = []
    if sent.keys() - {*_TEXTS, *_LISTS} or not all(isinstance(t, str) for t in texts.values()):
        faults.append(Fault("structure", "", "texts of known names; users, nhs_numbers as lists"))
        raise FaultyRequestError(faults)
    if not all(map(_are_names, lists)) or not any(lists):
        faults.append(Fault("required", "users", f"ids of users, or nhs_numbers; at most {_MOST}"))
    elif any(map(is_usable_nhs_number, lists[0])):
        faults.append(Fault("value", "users", "ids; an NHS number stands under nhs_numbers"))
    elif not all(map(is_usable_nhs_number, lists[1])):
        faults.append(Fault("value", "nhs_numbers", "ten digits of an NHS number, each"))
    if bool(texts["patient"]) == bool(texts["concern"]):
        faults.append(Fault("required", "patient", "the id of the person, or of a concern"))
    review, more = _review(texts["review"], *between)
    if faults or more:
        raise FaultyRequestError([*faults, *more])
    check_reason(texts["reason"])
    users, numbers = (tuple(dict.fromkeys(one.strip() for one in each)) for each in lists)
    patient = texts["patient"].removeprefix("Patient/")
    org = texts["organisation"].strip().upper()
    return Asked(patient, texts["concern"], users, numbers, org, review, texts["reason"].strip())


def _are_names(named: object) -> bool:
    return (
        isinstance(named, list)
        and len(named) <= _MOST
        and all(
            isinstance(one, str) and one_form(one) and len(one) <= _LONGEST_NAME for one in named
        )
    )


def _review(text: str, first: date, last: date) -> tuple[int, list[Fault]]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not first < day <= last:
        words = f"a day (YYYY-MM-DD) after today and until {last.isoformat()}"
        return 0, [Fault("value", "review", words)]
    return to_micros(first_moment(text)), []
