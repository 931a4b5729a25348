"""A safeguarding adviser suspends somebody named as a source of harm from all sight of a person.

    whose record: seen by the adviser, or named in a concern of the desk -> a row for each user ->
    the database moves the person's epoch -> from the next request they see nothing

Rule    The suspended are answered as somebody without a tie, by every way, in an emergency too;
        the log says the same of them. It ends by a decision alone, and is due to be looked at
        again by a date. Nobody decides on a person from whose sight they are suspended.
Errors  ForbiddenError; NotFoundError; FaultyRequestError; AuditUnavailableError.
Source  consent.suspension, docs/adr/0060-concerns-go-one-way.md.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from uuid_utils import uuid7

from consent.periods import MAX_MICROS, first_moment
from consent.terms import Action
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.access.concerns import entry_of
from gateway.flows.access.safeguarding_desk import check_desk, check_words, kept_away, mine
from gateway.flows.asking.alerts import alert_of
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.asking.sight import sees_person, sights
from gateway.flows.site.site import Asking, Site
from gateway.store import alerts, facts, grants
from gateway.store.alerts import JUSTIFIED, OPEN, AlertRow
from gateway.store.engine import Connection
from gateway.store.grants import GrantRow
from gateway.store.log import append

_QUERY: Final = "suspension"
_MOST: Final = 50
_LONGEST_NAME: Final = 200
_NAMED: Final = frozenset({"patient", "concern", "users", "organisation", "review", "reason"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to keep from whose record, until when at least, and why."""

    patient: str
    concern: str
    users: tuple[str, ...]
    org: str
    review: int
    reason: str


async def suspend(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """One suspension for each user."""
    await check_desk(site, asking, _QUERY)
    asked = _parsed(body, _latest(site, asking))
    person_id = await _person(site, asking, asked)
    if not person_id:
        await site.store.log.append(entry_of(asking, Outcome.NOT_FOUND, _QUERY))
        raise NotFoundError

    async def unit(conn: Connection) -> list[str]:
        return [await _keep(conn, site, asking, asked, person_id, one) for one in asked.users]

    names = await site.store.write(unit)
    return {"suspensions": names, "patient": person_id, "review": instant(asked.review)}


async def _keep(
    conn: Connection, site: Site, asking: Asking, asked: Asked, person_id: str, user: str
) -> str:
    """The row that the decision reads, what makes it due, and the entry."""
    at, day = to_micros(asking.at), asking.at.date().isoformat()
    number = await grants.last_number(conn, grants.SUSPENSION, user, day) + 1
    name, length = str(uuid7()), len(asked.reason)
    await grants.insert(conn, GrantRow(
        person_id, name, grants.SUSPENSION, asked.org, user, "", "", "", length, day, number, at,
        MAX_MICROS,
    ))  # fmt: skip
    entry = _entry(asking, person_id, name, asked.reason, ("of", user), ("at", asked.org))
    row = alert_of(alerts.SUSPENSION, entry, alert_id=name)
    mine_too = replace(row, due_at=asked.review, told_at=at, posted_at=at)
    await alerts.add(conn, [mine_too])
    await append(conn, site.store.vault, [entry])
    return name


async def listing(site: Site, asking: Asking, count: int, *, ended: bool) -> list[dict[str, Any]]:
    """The desk's suspensions, what is due to be looked at first at the top."""
    await check_desk(site, asking, _QUERY)
    async with site.store.engine.reading() as conn:
        rows = await alerts.of_desk(
            conn, asking.caller.org, alerts.SUSPENSION, count, settled=ended
        )
        away = await kept_away(conn, asking)
        found = [
            (row, await grants.find(conn, row.alert_id))
            for row in rows
            if row.patient_id not in away
        ]
    entry = entry_of(asking, Outcome.SERVED, _QUERY)
    known = tuple(sorted({row.patient_id for row, _ in found}))
    await site.store.log.append(replace(entry, patient_ids=known))
    return [_told(row, grant, asking) for row, grant in found if grant]


async def lift(site: Site, asking: Asking, name: str, reason: str) -> dict[str, Any]:
    """It ends now."""
    check_words(reason)
    return await _decide(site, asking, name, reason, None)


async def keep(site: Site, asking: Asking, name: str, reason: str, review: str) -> dict[str, Any]:
    """It stands, and is looked at again by another date."""
    check_words(reason)
    due, faults = _review(review, *_latest(site, asking))
    if faults:
        raise FaultyRequestError(faults)
    return await _decide(site, asking, name, reason, due)


async def _decide(
    site: Site, asking: Asking, name: str, reason: str, due: int | None
) -> dict[str, Any]:
    await check_desk(site, asking, _QUERY)
    at, who = to_micros(asking.at), asking.caller.user_id

    async def unit(conn: Connection) -> tuple[AlertRow, GrantRow] | None:
        row = await mine(conn, asking, alerts.SUSPENSION, name)
        grant = await grants.find(conn, name) if row and row.status == OPEN else None
        if row is None or grant is None:
            await append(conn, site.store.vault, [entry_of(asking, Outcome.NOT_FOUND, _QUERY)])
            return None
        if due is None:
            await grants.close(conn, grant, at, who)
            await alerts.move(conn, row, JUSTIFIED, at, who)
            row, grant = replace(row, status=JUSTIFIED), replace(grant, ends=at)
        else:
            await alerts.defer(conn, row, due, at, who)
            row = replace(row, due_at=due)
        step = ("step", "lift" if due is None else "keep")
        entry = _entry(asking, grant.patient_id, name, reason.strip(), step)
        await append(conn, site.store.vault, [entry])
        return row, grant

    decided = await site.store.write(unit)
    if decided is None:
        raise NotFoundError
    return _told(*decided, asking)


def _told(row: AlertRow, grant: GrantRow, asking: Asking) -> dict[str, Any]:
    at = to_micros(asking.at)
    return {
        "suspension": grant.grant_id,
        "patient": grant.patient_id,
        "user": grant.user_id,
        "organisation": grant.org,
        "since": instant(grant.starts),
        "review": instant(row.due_at),
        "overdue": row.status == OPEN and row.due_at < at,
        "ended": instant(grant.ends) if grant.ends <= at else None,
    }


async def _person(site: Site, asking: Asking, asked: Asked) -> str:
    """Whose record: one that the adviser sees, or that a concern of their desk names."""
    async with site.store.engine.reading() as conn:
        if asked.concern:
            row = await mine(conn, asking, alerts.CONCERN, asked.concern)
            owner = row.patient_id if row else ""
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
        entry_of(asking, Outcome.STORED, _QUERY),
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
    users, texts = sent.get("users"), {n: sent.get(n, "") for n in _NAMED - {"users"}}
    faults = []
    if set(sent) - _NAMED or not all(isinstance(one, str) for one in texts.values()):
        faults.append(Fault("structure", "", "texts of known names, and users as a list"))
        raise FaultyRequestError(faults)
    if not _are_names(users):
        faults.append(Fault("required", "users", f"one to {_MOST} ids of users"))
    if bool(texts["patient"]) == bool(texts["concern"]):
        faults.append(Fault("required", "patient", "the id of the person, or of a concern"))
    review, more = _review(texts["review"], *between)
    if faults or more:
        raise FaultyRequestError([*faults, *more])
    check_words(texts["reason"])
    named = tuple(dict.fromkeys(one.strip() for one in users or ()))
    patient = texts["patient"].removeprefix("Patient/")
    org = texts["organisation"].strip().upper()
    return Asked(patient, texts["concern"], named, org, review, texts["reason"].strip())


def _are_names(users: object) -> bool:
    return (
        isinstance(users, list)
        and 1 <= len(users) <= _MOST
        and all(isinstance(one, str) and 0 < len(one.strip()) <= _LONGEST_NAME for one in users)
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
